//! The objects of the namespace `default`, whatever their kind: metadata only.

use std::collections::BTreeSet;

use seaworthy_model::cluster::{
    Binding, DefaultList, List, Listing, NetworkPolicy, ObjectMeta, PartialObject, PodObject, Role, ServiceAccount,
    Workload, WorkloadKind, WorkloadList, api_source,
};
use seaworthy_model::{Cluster, Fact};
use serde::Deserialize;

use super::api::{Api, Form, Request, is_name};
use super::list;

/// Groups whose objects are worked out when they are asked for and are stored nowhere, and events, which say what happened.
const NOT_OBJECTS: [&str; 4] = ["metrics.k8s.io", "custom.metrics.k8s.io", "external.metrics.k8s.io", "events.k8s.io"];

/// The most resources that a server is believed to have. Each is a request.
const RESOURCES: usize = 2000;

/// Core resources that are looked at where discovery does not tell what there is.
const CORE: [(&str, &str); 3] = [("configmaps", "ConfigMap"), ("secrets", "Secret"), ("services", "Service")];

/// A resource that a server has.
struct Resource {
    group: String,
    version: String,
    plural: String,
    kind: String,
}

impl Resource {
    fn name(&self) -> String {
        if self.group.is_empty() { self.plural.clone() } else { format!("{}.{}", self.plural, self.group) }
    }

    fn path(&self) -> String {
        let root = if self.group.is_empty() { "api".to_owned() } else { format!("apis/{}", self.group) };
        format!("{root}/{}/namespaces/default/{}", self.version, self.plural)
    }
}

/// Fills `default_namespace` and `discovery`. What has been read of all namespaces is not asked for again.
pub(crate) fn read(api: &dyn Api, cluster: &mut Cluster) {
    let mut lists = held(cluster);
    let have: BTreeSet<String> = lists.iter().map(|l| l.resource.clone()).collect();
    let found = if api.recorded() { None } else { Some(discover(api)) };
    let resources = match found {
        None => Vec::new(),
        Some(Ok(resources)) => {
            cluster.discovery = Fact::Known { value: true, source: api_source("apis", None, None) };
            resources
        }
        Some(Err(why)) => {
            cluster.discovery = why.map(|()| true);
            Vec::new()
        }
    };
    if resources.is_empty() {
        for (plural, kind) in CORE {
            // A recording holds the whole list; a server is asked for the namespace.
            let place =
                if api.recorded() { format!("api/v1/{plural}") } else { format!("api/v1/namespaces/default/{plural}") };
            lists.push(one(api, plural, kind, &place));
        }
    }
    for resource in resources.iter().filter(|r| !have.contains(&r.name())) {
        lists.push(one(api, &resource.name(), &resource.kind, &resource.path()));
    }
    lists.sort_by(|a, b| a.resource.cmp(&b.resource));
    cluster.default_namespace = lists;
}

fn one(api: &dyn Api, resource: &str, kind: &str, path: &str) -> DefaultList {
    let here = |object: PartialObject| (object.metadata.namespace.as_deref() == Some("default")).then_some(object);
    let list = list::read(api, &Request::list(path, Form::Metadata), resource, here);
    DefaultList { resource: resource.to_owned(), kind: kind.to_owned(), list }
}

/// What the lists of all namespaces say about this one.
fn held(cluster: &Cluster) -> Vec<DefaultList> {
    fn of<T>(list: &List<T>, resource: &str, kind: &str, meta: impl Fn(&T) -> &ObjectMeta) -> DefaultList {
        let list = list.as_ref().map(|listing| Listing {
            items: (listing.items.iter().map(meta))
                .filter(|m| m.namespace.as_deref() == Some("default"))
                .map(|m| PartialObject { metadata: m.clone() })
                .collect(),
            broken: listing.broken.clone(),
        });
        DefaultList { resource: resource.to_owned(), kind: kind.to_owned(), list }
    }
    let rbac = |plural: &str| format!("{plural}.rbac.authorization.k8s.io");
    let mut lists = vec![
        of(&cluster.pods, "pods", "Pod", |o: &PodObject| &o.metadata),
        of(&cluster.service_accounts, "serviceaccounts", "ServiceAccount", |o: &ServiceAccount| &o.metadata),
        of(&cluster.roles, &rbac("roles"), "Role", |o: &Role| &o.metadata),
        of(&cluster.role_bindings, &rbac("rolebindings"), "RoleBinding", |o: &Binding| &o.metadata),
        of(&cluster.network_policies, "networkpolicies.networking.k8s.io", "NetworkPolicy", |o: &NetworkPolicy| {
            &o.metadata
        }),
    ];
    for WorkloadList { kind, list } in &cluster.workloads {
        let kind: &WorkloadKind = kind;
        lists.push(of(list, kind.resource(), kind.as_str(), |o: &Workload| &o.metadata));
    }
    lists
}

#[derive(Deserialize)]
struct Groups {
    kind: String,
    items: Vec<Group>,
}

#[derive(Deserialize)]
struct Group {
    #[serde(default)]
    metadata: GroupMeta,
    #[serde(default)]
    versions: Vec<GroupVersion>,
}

#[derive(Deserialize, Default)]
struct GroupMeta {
    #[serde(default)]
    name: String,
}

#[derive(Deserialize)]
struct GroupVersion {
    version: String,
    #[serde(default)]
    resources: Vec<GroupResource>,
    #[serde(default)]
    freshness: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct GroupResource {
    resource: String,
    scope: String,
    /// Null where only subresources are there.
    verbs: Option<Vec<String>>,
    response_kind: Option<Kind>,
}

#[derive(Deserialize, Default)]
struct Kind {
    #[serde(default)]
    kind: String,
}

impl GroupResource {
    fn can_be_listed(&self) -> bool {
        self.scope == "Namespaced" && self.verbs.iter().flatten().any(|verb| verb == "list")
    }
}

/// Every resource with a namespace that can be listed, each in its group's preferred version that has it.
fn discover(api: &dyn Api) -> Result<Vec<Resource>, Box<Fact<()>>> {
    let mut found: Vec<Resource> = Vec::new();
    for root in ["api", "apis"] {
        let source = api_source(root, None, None);
        let request = Request { path: root.to_owned(), query: String::new(), form: Form::Discovery };
        let groups: Groups = match list::one(api, &request, &format!("get /{root}"), source.clone()) {
            Fact::Known { value, .. } => value,
            other => return Err(Box::new(other.map(|_: Groups| ()))),
        };
        if groups.kind != "APIGroupDiscoveryList" {
            let error = "the server does not say in one answer what it has".to_owned();
            return Err(Box::new(Fact::Broken { error, source }));
        }
        let mut core = groups.items.iter().flat_map(|g| &g.versions).flat_map(|v| &v.resources);
        if groups.items.is_empty() || (root == "api" && !core.any(|r| r.resource == "pods" && r.can_be_listed())) {
            let error = "the server leaves out what every server has".to_owned();
            return Err(Box::new(Fact::Broken { error, source }));
        }
        for group in groups.items.iter().filter(|g| !NOT_OBJECTS.contains(&g.metadata.name.as_str())) {
            if group.versions.iter().any(|v| v.freshness == "Stale") {
                let error = format!("the server behind {} does not answer", group.metadata.name);
                return Err(Box::new(Fact::Broken { error, source }));
            }
            for version in &group.versions {
                for resource in &version.resources {
                    let events = group.metadata.name.is_empty() && resource.resource == "events";
                    let known = |r: &Resource| r.group == group.metadata.name && r.plural == resource.resource;
                    if !resource.can_be_listed() || events || found.iter().any(known) {
                        continue;
                    }
                    // Whoever serves a group names what is in it, and names become paths.
                    let words = [&group.metadata.name, &version.version, &resource.resource];
                    let named = words.iter().all(|word| is_name(word) || (root == "api" && word.is_empty()));
                    if !named || found.len() == RESOURCES {
                        let error =
                            format!("the group {:?} has resources that nobody can ask for", group.metadata.name);
                        return Err(Box::new(Fact::Broken { error, source }));
                    }
                    found.push(Resource {
                        group: group.metadata.name.clone(),
                        version: version.version.clone(),
                        plural: resource.resource.clone(),
                        kind: resource.response_kind.as_ref().map(|kind| kind.kind.clone()).unwrap_or_default(),
                    });
                }
            }
        }
    }
    Ok(found)
}
