//! What the caller may do, asked before anything is made: a scan that would stop half-way does not begin.

use kube::api::{Api, PostParams};

use crate::FleetError;
use crate::object::AccessReview;

/// What a scan does in its namespace: verb, resource, subresource.
const NEEDED: [(&str, &str, &str); 5] = [
    ("create", "pods", ""),
    ("get", "pods", ""),
    ("delete", "pods", ""),
    ("create", "pods", "exec"),
    ("get", "pods", "exec"),
];

/// Whether the caller may do what a scan does.
///
/// # Errors
/// [`FleetError::Right`] names all that is missing at once.
pub(crate) async fn check(client: &kube::Client, namespace: Option<&str>) -> Result<(), FleetError> {
    let api: Api<AccessReview> = Api::all(client.clone());
    let mut missing = Vec::new();
    let spaces: &[&str] = if namespace.is_none() { &["create", "delete"] } else { &[] };
    for verb in spaces {
        if !may(&api, verb, "namespaces", "", None).await? {
            missing.push(format!("{verb} namespaces"));
        }
    }
    for (verb, resource, subresource) in NEEDED {
        if !may(&api, verb, resource, subresource, namespace).await? {
            let slash = if subresource.is_empty() { "" } else { "/" };
            missing.push(format!("{verb} {resource}{slash}{subresource}"));
        }
    }
    if missing.is_empty() {
        return Ok(());
    }
    let place = namespace.map_or_else(
        || "; or give --namespace, one that is there and in which you may".to_owned(),
        |namespace| format!(" in namespace {namespace}"),
    );
    Err(FleetError::Right(format!("you may not {}{place}", missing.join(", "))))
}

async fn may(
    api: &Api<AccessReview>,
    verb: &str,
    resource: &str,
    subresource: &str,
    namespace: Option<&str>,
) -> Result<bool, FleetError> {
    let attributes = serde_json::json!({
        "verb": verb, "resource": resource, "subresource": subresource, "namespace": namespace.unwrap_or_default(),
    });
    let review =
        AccessReview { spec: serde_json::json!({ "resourceAttributes": attributes }), ..AccessReview::default() };
    let answer = api
        .create(&PostParams::default(), &review)
        .await
        .map_err(|error| FleetError::Api(crate::pod::words(&error)))?;
    Ok(answer.status.allowed)
}
