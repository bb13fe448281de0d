//! The objects that a scan makes and looks at, as far as it does. The full types would double the program.

use std::borrow::Cow;

use kube::Resource;
use kube::api::ObjectMeta;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A Pod.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Pod {
    pub(crate) metadata: ObjectMeta,
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub(crate) spec: Value,
    #[serde(default, skip_serializing)]
    pub(crate) status: PodStatus,
}

/// How a Pod is.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct PodStatus {
    pub(crate) phase: Option<String>,
    pub(crate) reason: Option<String>,
    pub(crate) message: Option<String>,
    pub(crate) container_statuses: Vec<ContainerStatus>,
}

/// How a container is.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct ContainerStatus {
    pub(crate) state: ContainerState,
}

/// The state of a container: one of these.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct ContainerState {
    pub(crate) running: Option<Value>,
    pub(crate) waiting: Option<Waiting>,
    pub(crate) terminated: Option<Terminated>,
}

/// Why a container waits.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Waiting {
    pub(crate) reason: String,
    pub(crate) message: String,
}

/// How a container ended.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Terminated {
    pub(crate) exit_code: i32,
    pub(crate) reason: String,
}

/// A Namespace.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Namespace {
    pub(crate) metadata: ObjectMeta,
}

/// An Event: what the cluster says about an object.
#[derive(Debug, Clone, Default, Deserialize)]
pub(crate) struct Event {
    pub(crate) metadata: ObjectMeta,
    #[serde(default)]
    pub(crate) reason: String,
    #[serde(default)]
    pub(crate) message: String,
}

/// A SelfSubjectAccessReview: whether the caller may do something.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct AccessReview {
    pub(crate) metadata: ObjectMeta,
    pub(crate) spec: Value,
    #[serde(default, skip_serializing)]
    pub(crate) status: AccessStatus,
}

/// What a SelfSubjectAccessReview came to.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct AccessStatus {
    pub(crate) allowed: bool,
}

macro_rules! resource {
    ($name:ident, $scope:ty, $kind:literal, $group:literal, $plural:literal) => {
        impl Resource for $name {
            type DynamicType = ();
            type Scope = $scope;

            fn kind((): &()) -> Cow<'_, str> {
                $kind.into()
            }

            fn group((): &()) -> Cow<'_, str> {
                $group.into()
            }

            fn version((): &()) -> Cow<'_, str> {
                "v1".into()
            }

            fn plural((): &()) -> Cow<'_, str> {
                $plural.into()
            }

            fn meta(&self) -> &ObjectMeta {
                &self.metadata
            }

            fn meta_mut(&mut self) -> &mut ObjectMeta {
                &mut self.metadata
            }
        }
    };
}

resource!(Pod, k8s_openapi::NamespaceResourceScope, "Pod", "", "pods");
resource!(Event, k8s_openapi::NamespaceResourceScope, "Event", "", "events");
resource!(Namespace, k8s_openapi::ClusterResourceScope, "Namespace", "", "namespaces");
resource!(
    AccessReview,
    k8s_openapi::ClusterResourceScope,
    "SelfSubjectAccessReview",
    "authorization.k8s.io",
    "selfsubjectaccessreviews"
);

impl kube::api::Execute for Pod {}
