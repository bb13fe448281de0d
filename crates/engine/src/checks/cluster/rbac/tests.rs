//! The resolver against a second reading of the authorizer, which answers single requests instead of rules.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use proptest::prelude::*;
use seaworthy_catalogue::{AccessQuestion, AccessRight, System};
use seaworthy_model::Cluster;
use seaworthy_model::cluster::{Binding, PolicyRule};

use super::own::Standing;
use super::resolve::{Access, Subject};
use super::rights;

/// One request, as the API server puts it to the authorizer.
struct Request<'a> {
    verb: &'a str,
    group: &'a str,
    resource: &'a str,
    subresource: &'a str,
    name: &'a str,
}

/// Whether a rule allows a request: word by word what the authorizer of Kubernetes does.
fn allows(rule: &PolicyRule, request: &Request<'_>) -> bool {
    let matches = |list: &[String], word: &str| list.iter().any(|w| w == "*" || w == word);
    let combined = if request.subresource.is_empty() {
        request.resource.to_owned()
    } else {
        format!("{}/{}", request.resource, request.subresource)
    };
    let resource = rule.resources.iter().any(|word| {
        word == "*"
            || *word == combined
            || !request.subresource.is_empty() && *word == format!("*/{}", request.subresource)
    });
    let name = rule.resource_names.is_empty() || rule.resource_names.iter().any(|n| n == request.name);
    matches(&rule.verbs, request.verb) && matches(&rule.api_groups, request.group) && resource && name
}

fn words(pool: &'static [&'static str], most: usize) -> impl Strategy<Value = Vec<String>> {
    prop::collection::vec(prop::sample::select(pool).prop_map(str::to_owned), 0..most)
}

fn rule() -> impl Strategy<Value = PolicyRule> {
    (
        words(&["get", "list", "create", "update", "impersonate", "bind", "*", "GET", "ge"], 4),
        words(&["", "apps", "*", "rbac.authorization.k8s.io", "**"], 3),
        words(
            &[
                "secrets",
                "pods",
                "nodes",
                "nodes/proxy",
                "*/proxy",
                "*",
                "*/*",
                "nodes/*",
                "pods/proxy",
                "users",
                "clusterroles",
                "Secrets",
            ],
            4,
        ),
        words(&["", "a", "b"], 2),
    )
        .prop_map(|(verbs, api_groups, resources, resource_names)| PolicyRule {
            verbs,
            api_groups,
            resources,
            resource_names,
            non_resource_urls: Vec::new(),
        })
}

fn right(text: &str) -> AccessRight {
    AccessQuestion::parse(&[text.to_owned()]).unwrap().counted.remove(0)
}

const RIGHTS: [&str; 8] = [
    "get,list secrets",
    "create pods",
    "* nodes/proxy",
    "get,update nodes/proxy",
    "impersonate users",
    "bind clusterroles.rbac.authorization.k8s.io",
    "create,update secrets",
    "list nodes",
];

/// Verbs that stand for any verb.
const VERBS: [&str; 7] = ["get", "list", "create", "update", "impersonate", "bind", "GET"];

proptest! {
    #![proptest_config(ProptestConfig { cases: 4000, failure_persistence: None, ..ProptestConfig::default() })]

    /// A rule gives a right if and only if there is a request for it that the authorizer allows.
    #[test]
    fn a_rule_gives_what_the_authorizer_allows(rule in rule(), which in 0..RIGHTS.len()) {
        let right = right(RIGHTS[which]);
        let subresource = right.subresource.as_deref().unwrap_or_default();
        let verbs: Vec<&str> =
            if right.verbs.is_empty() { VERBS.to_vec() } else { right.verbs.iter().map(String::as_str).collect() };
        let request = |verb, name| Request { verb, group: &right.group, resource: &right.resource, subresource, name };
        let any = |names: &[&'static str]| {
            verbs.iter().any(|verb| {
                // Who makes an object names none.
                let nameless = *verb == "create" && subresource.is_empty();
                names.iter().any(|name| (!nameless || name.is_empty()) && allows(&rule, &request(verb, name)))
            })
        };
        let given = rights::given(&rule, &right, false);
        // The odd verb is one that the pool of requests does not have.
        let odd = right.verbs.is_empty() && rule.verbs.iter().all(|verb| verb == "ge");
        prop_assert_eq!(given.is_some(), any(&["", "a", "b", "c"]) || odd && given.is_some(), "{:?} {:?}", rule, given);
        if let Some(given) = given {
            // Without a limit it holds for a name that the rule does not have, or for requests without one.
            prop_assert!(given.limited || odd || any(&["", "c"]), "{:?}", rule);
            prop_assert!(!given.limited || !any(&["", "c"]), "{:?}", rule);
        }
    }

    #[test]
    fn nothing_of_the_cluster_is_given_in_a_namespace(rule in rule()) {
        for text in ["impersonate users", "* nodes/proxy", "list nodes", "create persistentvolumes"] {
            prop_assert_eq!(rights::given(&rule, &right(text), true), None);
        }
        for text in ["get,list secrets", "bind clusterroles.rbac.authorization.k8s.io"] {
            prop_assert_eq!(rights::given(&rule, &right(text), true), rights::given(&rule, &right(text), false));
        }
    }
}

fn cluster(bindings: &str, of_the_cluster: bool) -> Cluster {
    let items: Vec<Binding> = serde_json::from_str(bindings).unwrap();
    let list = seaworthy_model::Fact::Known {
        value: seaworthy_model::cluster::Listing { items, broken: Vec::new() },
        source: seaworthy_model::Source::stated("the test"),
    };
    if of_the_cluster {
        Cluster { cluster_role_bindings: list, ..Cluster::default() }
    } else {
        Cluster { role_bindings: list, ..Cluster::default() }
    }
}

#[test]
fn subjects_are_read_as_the_authorizer_reads_them() {
    let bindings = r#"[{"metadata": {"name": "b", "namespace": "shop"}, "roleRef": {"kind": "Role", "name": "r"}, "subjects": [
        {"kind": "ServiceAccount", "name": "web"}, {"kind": "ServiceAccount", "name": "web", "namespace": "other"},
        {"kind": "ServiceAccount", "name": "web", "namespace": ""},
        {"kind": "User", "name": "system:serviceaccount:other:web"}, {"kind": "User", "name": "system:serviceaccount:web"},
        {"kind": "User", "name": "system:serviceaccount:a:b:c"}, {"kind": "Group", "name": "system:serviceaccount:a:b"},
        {"kind": "Robot", "name": "r2"}]}]"#;
    let subjects = |of_the_cluster| {
        let system = System::default();
        let cluster = cluster(bindings, of_the_cluster);
        let access = Access::new(&cluster, &system, None);
        access.bindings[0].subjects.iter().map(|held| held.subject.to_string()).collect::<Vec<_>>()
    };
    let rest = [
        "ServiceAccount other/web",
        "User system:serviceaccount:web",
        "User system:serviceaccount:a:b:c",
        "Group system:serviceaccount:a:b",
    ];
    let mut wanted = vec!["ServiceAccount shop/web", "ServiceAccount other/web", "ServiceAccount shop/web"];
    wanted.extend(rest);
    assert_eq!(subjects(false), wanted);
    // A ClusterRoleBinding has no namespace to lend.
    let mut wanted = vec!["ServiceAccount other/web"];
    wanted.extend(rest);
    assert_eq!(subjects(true), wanted);
}

#[test]
fn what_is_presumed_is_never_known() {
    let system = System {
        namespaces: vec!["kube-system".to_owned()],
        bootstrap_label: "own=yes".to_owned(),
        bootstrap_prefix: "system:".to_owned(),
        bindings_from: seaworthy_model::Version::parse("1.30"),
        bindings_until: seaworthy_model::Version::parse("1.38"),
        ..System::default()
    };
    let bindings = r#"[{"metadata": {"name": "system:x", "labels": {"own": "yes"}}, "roleRef": {"kind": "ClusterRole", "name": "system:x"},
        "subjects": [{"kind": "ServiceAccount", "name": "x", "namespace": "kube-system"}, {"kind": "Group", "name": "system:x"},
        {"kind": "ServiceAccount", "name": "x", "namespace": "shop"}, {"kind": "User", "name": "jane"}]}]"#;
    let cluster = cluster(bindings, true);
    let own = |version: Option<&str>| -> Vec<bool> {
        let access = Access::new(&cluster, &system, version.and_then(seaworthy_model::Version::parse));
        assert!(access.bindings[0].subjects.iter().all(|held| held.standing != Standing::Own));
        access.bindings[0].subjects.iter().map(|held| held.standing.own()).collect()
    };
    assert_eq!(own(Some("1.38.0")), [true, true, false, false]);
    assert_eq!(own(Some("1.29.9")), [true, true, false, false]);
    assert_eq!(own(None), [true, true, false, false]);
    // Of these releases all are known, and this is none of them.
    for version in ["1.30.0", "1.34.4", "1.37.9"] {
        assert_eq!(own(Some(version)), [false; 4], "{version}");
    }
    assert!(matches!(Subject::Group("system:nodes"), s if s.node() && !s.everybody()));
}
