//! What the caller may do, asked before anything is made: a scan that would stop half-way does not begin.

use k8s_openapi::api::authorization::v1::{ResourceAttributes, SelfSubjectAccessReview, SelfSubjectAccessReviewSpec};
use kube::api::{Api, PostParams};

use crate::FleetError;

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
    let api: Api<SelfSubjectAccessReview> = Api::all(client.clone());
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
    api: &Api<SelfSubjectAccessReview>,
    verb: &str,
    resource: &str,
    subresource: &str,
    namespace: Option<&str>,
) -> Result<bool, FleetError> {
    let attributes = ResourceAttributes {
        verb: Some(verb.to_owned()),
        resource: Some(resource.to_owned()),
        subresource: (!subresource.is_empty()).then(|| subresource.to_owned()),
        namespace: namespace.map(str::to_owned),
        ..ResourceAttributes::default()
    };
    let review = SelfSubjectAccessReview {
        spec: SelfSubjectAccessReviewSpec {
            resource_attributes: Some(attributes),
            ..SelfSubjectAccessReviewSpec::default()
        },
        ..SelfSubjectAccessReview::default()
    };
    let answer = api
        .create(&PostParams::default(), &review)
        .await
        .map_err(|error| FleetError::Api(crate::pod::words(&error)))?;
    Ok(answer.status.is_some_and(|status| status.allowed))
}
