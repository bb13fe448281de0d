//! Installs manifests, as `kubectl apply --server-side` does.

use http::Request;
use kube::client::Body;
use seaworthy_collect::cluster::Server;
use serde_json::Value;

use crate::FleetError;

/// Who the fields belong to that are set here.
const MANAGER: &str = "seaworthy";

/// The kinds that manifests of this project have, where they are served, and whether they are in a namespace.
const KINDS: [(&str, &str, bool); 11] = [
    ("Namespace", "api/v1/namespaces", false),
    ("ServiceAccount", "api/v1/serviceaccounts", true),
    ("ConfigMap", "api/v1/configmaps", true),
    ("NetworkPolicy", "apis/networking.k8s.io/v1/networkpolicies", true),
    ("ClusterRole", "apis/rbac.authorization.k8s.io/v1/clusterroles", false),
    ("ClusterRoleBinding", "apis/rbac.authorization.k8s.io/v1/clusterrolebindings", false),
    ("Role", "apis/rbac.authorization.k8s.io/v1/roles", true),
    ("RoleBinding", "apis/rbac.authorization.k8s.io/v1/rolebindings", true),
    ("DaemonSet", "apis/apps/v1/daemonsets", true),
    ("Job", "apis/batch/v1/jobs", true),
    ("CronJob", "apis/batch/v1/cronjobs", true),
];

/// Applies objects in their order, and calls `done` for each that is. What is there already is brought to what the object says; fields
/// that somebody else owns are not taken from them.
///
/// # Errors
/// [`FleetError::Right`] and [`FleetError::Api`] name the object that was refused; those before it stay.
pub fn apply(server: &Server, objects: &[Value], done: &mut dyn FnMut(&str)) -> Result<(), FleetError> {
    for object in objects {
        let name = format!(
            "{} {}",
            object["kind"].as_str().unwrap_or("object without a kind"),
            object["metadata"]["name"].as_str().unwrap_or_default()
        );
        let path = path(object)
            .ok_or_else(|| FleetError::Api(format!("{name}: it is not known where such objects are served")))?;
        let body = serde_json::to_vec(object).map_err(|error| FleetError::Api(format!("{name}: {error}")))?;
        let request = Request::patch(format!("/{path}?fieldManager={MANAGER}"))
            .header(http::header::CONTENT_TYPE, "application/apply-patch+yaml")
            .header(http::header::ACCEPT, "application/json")
            .body(Body::from(body))
            .map_err(|error| FleetError::Api(format!("{name}: {error}")))?;
        let answer = server.runtime().block_on(server.client().send(request));
        let answer = answer.map_err(|error| FleetError::Api(format!("{name}: {}", crate::pod::words(&error))))?;
        let code = answer.status();
        if !code.is_success() {
            let message = server.runtime().block_on(message(answer));
            let words = format!("{name} was refused: {} {message}", code.as_u16());
            return Err(if code.as_u16() == 403 { FleetError::Right(words) } else { FleetError::Api(words) });
        }
        done(&name);
    }
    Ok(())
}

/// The server's own word on why it refused.
async fn message(answer: http::Response<Body>) -> String {
    use http_body_util::BodyExt;
    let Ok(body) = http_body_util::Limited::new(answer.into_body(), 1 << 20).collect().await else {
        return String::new();
    };
    let status: Value = serde_json::from_slice(&body.to_bytes()).unwrap_or_default();
    status["message"].as_str().unwrap_or_default().to_owned()
}

/// Where an object is served.
fn path(object: &Value) -> Option<String> {
    let kind = object["kind"].as_str()?;
    let name = object["metadata"]["name"].as_str()?;
    let (_, place, namespaced) = KINDS.iter().find(|(known, ..)| *known == kind)?;
    let version = object["apiVersion"].as_str()?;
    let (root, plural) = place.rsplit_once('/')?;
    // The object's own version must be the one that is served there.
    let served = root.strip_prefix("apis/").or(root.strip_prefix("api/"))?;
    if served != version || [kind, name].iter().any(|word| word.contains('/')) {
        return None;
    }
    if *namespaced {
        let namespace = object["metadata"]["namespace"].as_str()?;
        Some(format!("{root}/namespaces/{namespace}/{plural}/{name}"))
    } else {
        Some(format!("{place}/{name}"))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn objects_go_where_they_are_served() {
        let of = |version: &str, kind: &str, namespace: Option<&str>| {
            path(&json!({"apiVersion": version, "kind": kind, "metadata": {"name": "a", "namespace": namespace}}))
        };
        assert_eq!(of("v1", "Namespace", None).as_deref(), Some("api/v1/namespaces/a"));
        assert_eq!(of("batch/v1", "CronJob", Some("n")).as_deref(), Some("apis/batch/v1/namespaces/n/cronjobs/a"));
        assert_eq!(
            of("rbac.authorization.k8s.io/v1", "ClusterRole", None).as_deref(),
            Some("apis/rbac.authorization.k8s.io/v1/clusterroles/a")
        );
        assert_eq!(of("batch/v1beta1", "CronJob", Some("n")), None);
        assert_eq!(of("batch/v1", "CronJob", None), None);
        assert_eq!(of("v1", "Secret", Some("n")), None);
    }
}
