//! Answers that chance made, or spoiled.

use std::sync::LazyLock;

use proptest::prelude::*;
use seaworthy_collect::cluster::Refusal;
use serde_json::json;

use super::cluster::*;

static RECORDED: LazyLock<Answers> = LazyLock::new(|| recorded_answers("default"));

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// One page of one list is cut or has other bytes in it: the list is not known, or names an object that it lost, or only the words in
    /// it are others. An object never just goes.
    #[test]
    fn a_spoiled_page_never_loses_an_object_in_silence(
        page in 0_usize..5,
        at in any::<prop::sample::Index>(),
        with in prop::collection::vec(any::<u8>(), 0..5),
        cut in any::<bool>(),
    ) {
        let path = "apis/rbac.authorization.k8s.io/v1/clusterroles";
        let all = RECORDED[path].1["items"].as_array().unwrap().len();
        let size = all.div_ceil(5);
        let inner = served(&RECORDED, size);
        let fake = Fake::new(|request| {
            if !request.path.contains("/clusterrole") {
                return Err(Refusal::Absent);
            }
            let mut bytes = seaworthy_collect::cluster::Api::get(&inner, request)?;
            let from = parameter(request, "continue").map_or(0, |token| token.parse().unwrap());
            if request.path == path && from == page * size {
                // The metadata of the list, which stands at its end, says where it goes on; with another number it is another list.
                let items = bytes.windows(10).rposition(|window| window == b"\"metadata\"").unwrap();
                let at = at.index(items);
                if cut {
                    bytes.truncate(at);
                } else {
                    let end = (at + with.len()).min(items);
                    bytes.splice(at..end, with.iter().copied());
                }
            }
            Ok(bytes)
        });
        let cluster = fake.cluster();
        if let Some(roles) = cluster.cluster_roles.known() {
            prop_assert_eq!(roles.items.len() + roles.broken.len(), all);
            prop_assert!(!cut);
        }
        prop_assert_eq!(&known(&cluster.cluster_role_bindings).items.len(), &RECORDED["apis/rbac.authorization.k8s.io/v1/clusterrolebindings"].1["items"].as_array().unwrap().len());
    }

    /// Whichever page does not come, and for whichever reason.
    #[test]
    fn a_list_with_a_page_missing_is_not_known(page in 0_usize..5, why in 0_usize..5) {
        let path = "apis/rbac.authorization.k8s.io/v1/clusterroles";
        let size = RECORDED[path].1["items"].as_array().unwrap().len().div_ceil(5);
        let inner = served(&RECORDED, size);
        let fake = Fake::new(|request| {
            let from = parameter(request, "continue").map_or(0, |token| token.parse().unwrap());
            if request.path == path && from == page * size {
                return match why {
                    0 => Err(Refusal::Denied("403".into())),
                    1 => Err(Refusal::Absent),
                    2 => Err(Refusal::Gone),
                    3 => Err(Refusal::Broken("500".into())),
                    _ => bytes(&json!({ "kind": "Status", "code": 500 })),
                };
            }
            if request.path == path { seaworthy_collect::cluster::Api::get(&inner, request) } else { Err(Refusal::Absent) }
        });
        prop_assert!(fake.cluster().missing("list clusterroles.rbac.authorization.k8s.io").is_some());
    }
}
