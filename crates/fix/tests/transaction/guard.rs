//! Whether the rest of the control plane allows a restart.

use seaworthy_fix::plan::{How, Member, Restart, Surroundings};
use seaworthy_fix::transaction::{Refused, guard};

fn restart(component: &str) -> Restart {
    Restart { component: component.to_owned(), how: How::Manifest, away: 40, note: None }
}

fn around(members: Result<&[(&str, Option<&str>)], &str>) -> Surroundings {
    let member = |(node, trouble): &(&str, Option<&str>)| Member {
        node: (*node).to_owned(),
        trouble: trouble.map(str::to_owned),
    };
    Surroundings {
        members: members.map(|list| list.iter().map(member).collect()).map_err(str::to_owned),
        nodes: Ok(3),
        external_ips: Ok(Vec::new()),
        local_images: Ok(Vec::new()),
    }
}

#[test]
fn an_api_server_restarts_only_while_every_other_one_is_known_to_be_well() {
    let well = around(Ok(&[("n1", None), ("n2", None)]));
    let sick = around(Ok(&[("n1", None), ("n2", Some("etcd is not ready"))]));
    let only_me = around(Ok(&[("n1", Some("its API server restarts"))]));
    let others = around(Ok(&[("n2", None)]));
    let nobody = around(Ok(&[]));
    let unknown = around(Err("403 Forbidden"));
    for component in ["kube-apiserver", "etcd"] {
        for (around, refused) in [
            (Some(&well), None),
            (Some(&only_me), None),
            (Some(&sick), Some("while n2, another node of the control plane, is not well: etcd is not ready")),
            (Some(&others), Some("the API does not know n1 as a node of the control plane")),
            (Some(&nobody), Some("the API does not know n1")),
            (Some(&unknown), Some("the health of the control plane cannot be known: 403 Forbidden")),
            (None, Some("give --kubeconfig FILE")),
        ] {
            // It counts wherever it stands in the list.
            let restarts = [restart("kube-scheduler"), restart(component)];
            match (guard(&restarts, around, "n1"), refused) {
                (Ok(()), None) => {}
                (Err(Refused::Members(why)), Some(part)) => {
                    assert!(why.starts_with(&format!("{component} is not restarted")) && why.contains(part), "{why}");
                }
                (other, _) => panic!("{other:?} for {around:?}"),
            }
        }
    }
}

#[test]
fn what_the_others_do_not_need_restarts_unasked() {
    let sick = around(Ok(&[("n1", None), ("n2", Some("gone"))]));
    for component in ["kube-scheduler", "kube-controller-manager", "kubelet"] {
        guard(&[restart(component)], Some(&sick), "n1").unwrap();
        guard(&[restart(component)], None, "n1").unwrap();
    }
    guard(&[], None, "n1").unwrap();
}
