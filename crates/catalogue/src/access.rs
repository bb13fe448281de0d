//! The words of the check `access`: which rights it asks about, and how far they count.

use crate::lint::suggestion;

/// What the check `access` asks: read from the rule's `with`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AccessQuestion {
    /// `cluster`: only what holds in the whole cluster counts, and what RoleBindings give is shown.
    pub cluster: bool,
    /// `unlimited`: a rule that is limited to named objects is shown and does not count.
    pub unlimited: bool,
    /// The rights that count: `get,list,watch secrets`.
    pub counted: Vec<AccessRight>,
    /// `show RIGHT`: rights that are shown and do not count.
    pub shown: Vec<AccessRight>,
    /// `needs RIGHT`: a right without which the others have no effect. The finding says whether its holder has it too.
    pub needed: Vec<AccessRight>,
}

/// A right: `VERB,VERB RESOURCE[.GROUP][/SUBRESOURCE]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessRight {
    /// Any of these verbs; empty for any verb at all.
    pub verbs: Vec<String>,
    /// The resource.
    pub resource: String,
    /// Its API group; the core group is empty.
    pub group: String,
    /// Its subresource.
    pub subresource: Option<String>,
}

/// A word that makes no sense, and what to write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrongWord {
    /// The word, as it stands in `with`.
    pub word: String,
    /// What is wrong with it.
    pub message: String,
    /// What to write instead.
    pub help: String,
}

const VERBS: [&str; 14] = [
    "*",
    "approve",
    "bind",
    "create",
    "delete",
    "deletecollection",
    "escalate",
    "get",
    "impersonate",
    "list",
    "patch",
    "sign",
    "update",
    "watch",
];

/// Resources of Kubernetes itself that belong to no namespace.
const OF_THE_CLUSTER: [&str; 16] = [
    "certificatesigningrequests.certificates.k8s.io",
    "clusterrolebindings.rbac.authorization.k8s.io",
    "clusterroles.rbac.authorization.k8s.io",
    "customresourcedefinitions.apiextensions.k8s.io",
    "groups",
    "mutatingadmissionpolicies.admissionregistration.k8s.io",
    "mutatingwebhookconfigurations.admissionregistration.k8s.io",
    "namespaces",
    "nodes",
    "persistentvolumes",
    "signers.certificates.k8s.io",
    "storageclasses.storage.k8s.io",
    "users",
    "validatingadmissionpolicies.admissionregistration.k8s.io",
    "validatingadmissionpolicybindings.admissionregistration.k8s.io",
    "validatingwebhookconfigurations.admissionregistration.k8s.io",
];

/// Resources of Kubernetes itself that belong to namespaces.
const OF_NAMESPACES: [&str; 21] = [
    "configmaps",
    "cronjobs.batch",
    "daemonsets.apps",
    "deployments.apps",
    "endpoints",
    "endpointslices.discovery.k8s.io",
    "events",
    "ingresses.networking.k8s.io",
    "jobs.batch",
    "leases.coordination.k8s.io",
    "networkpolicies.networking.k8s.io",
    "persistentvolumeclaims",
    "pods",
    "replicasets.apps",
    "replicationcontrollers",
    "rolebindings.rbac.authorization.k8s.io",
    "roles.rbac.authorization.k8s.io",
    "secrets",
    "serviceaccounts",
    "services",
    "statefulsets.apps",
];

impl AccessQuestion {
    /// Reads the words.
    ///
    /// # Errors
    /// The first word that makes no sense.
    pub fn parse(words: &[String]) -> Result<AccessQuestion, WrongWord> {
        let mut question = AccessQuestion::default();
        for (index, word) in words.iter().enumerate() {
            match word.as_str() {
                "cluster" if index == 0 => question.cluster = true,
                "unlimited" if question.counted.is_empty() => question.unlimited = true,
                "cluster" | "unlimited" => {
                    let message = format!("{word:?} stands after the rights that it is about");
                    return Err(WrongWord { word: word.clone(), message, help: "write it first".to_owned() });
                }
                right => {
                    let (list, right) = match right.split_once(' ') {
                        Some(("show", right)) => (&mut question.shown, right),
                        Some(("needs", right)) => (&mut question.needed, right),
                        _ => (&mut question.counted, right),
                    };
                    list.push(AccessRight::parse(right, word)?);
                }
            }
        }
        if question.counted.is_empty() {
            let help = "write a right, such as \"get,list,watch secrets\"".to_owned();
            return Err(WrongWord { word: "with".to_owned(), message: "access asks about no right".to_owned(), help });
        }
        Ok(question)
    }
}

impl AccessRight {
    fn parse(text: &str, word: &str) -> Result<AccessRight, WrongWord> {
        let wrong = |message: String, help: String| WrongWord { word: word.to_owned(), message, help };
        let form =
            || "write VERB,VERB RESOURCE[.GROUP][/SUBRESOURCE], such as \"create serviceaccounts/token\"".to_owned();
        let parts: Vec<&str> = text.split(' ').collect();
        let [verbs, object] = parts.as_slice() else {
            return Err(wrong(format!("{word:?} is no right"), form()));
        };
        let verbs: Vec<&str> = verbs.split(',').collect();
        if let Some(verb) = verbs.iter().find(|verb| !VERBS.contains(verb)) {
            return Err(wrong(format!("{verb:?} is no verb"), suggestion(verb, VERBS.into_iter())));
        }
        if verbs.contains(&"*") && verbs.len() > 1 {
            return Err(wrong(format!("{word:?} names verbs beside *"), "write * alone for any verb".to_owned()));
        }
        let (object, subresource) = match object.split_once('/') {
            Some((object, subresource)) => (object, Some(subresource)),
            None => (*object, None),
        };
        let (resource, group) = object.split_once('.').unwrap_or((object, ""));
        let plain = |word: &str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
        let plain_group = group.split('.').all(|part| plain(&part.replace('-', "")) || group.is_empty());
        if !plain(resource) || !plain_group || subresource.is_some_and(|s| !plain(s)) {
            return Err(wrong(format!("{object:?} is no resource"), form()));
        }
        // What a group that is not Kubernetes' own has cannot be known here.
        let known = || OF_THE_CLUSTER.into_iter().chain(OF_NAMESPACES);
        let own = group.is_empty() || !group.contains('.') || group.ends_with(".k8s.io");
        if own && !known().any(|known| known == object) {
            return Err(wrong(format!("Kubernetes has no resource {object:?}"), suggestion(object, known())));
        }
        Ok(AccessRight {
            verbs: verbs.into_iter().filter(|verb| *verb != "*").map(str::to_owned).collect(),
            resource: resource.to_owned(),
            group: group.to_owned(),
            subresource: subresource.map(str::to_owned),
        })
    }

    /// The resource as it is written: `RESOURCE[.GROUP][/SUBRESOURCE]`.
    pub fn object(&self) -> String {
        let group = if self.group.is_empty() { String::new() } else { format!(".{}", self.group) };
        let subresource = self.subresource.as_ref().map(|s| format!("/{s}")).unwrap_or_default();
        format!("{}{group}{subresource}", self.resource)
    }

    /// Whether a verb is asked for in the cluster's scope, where no RoleBinding gives it. `bind` is asked for in the namespace of the
    /// binding that is made, also for a ClusterRole.
    pub fn of_the_cluster(&self, verb: &str) -> bool {
        let object =
            if self.group.is_empty() { self.resource.clone() } else { format!("{}.{}", self.resource, self.group) };
        !(verb == "bind" && self.resource == "clusterroles") && OF_THE_CLUSTER.contains(&object.as_str())
    }
}
