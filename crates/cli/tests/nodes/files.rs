//! Modes and owners, and files that are absent, linked, or seen differently by a container.

use seaworthy_model::Verdict::{Fail, NotApplicable, Pass, Unknown};

use crate::node::{Node, hold, plain, worker};

const MANIFEST: &str = "/etc/kubernetes/manifests/kube-apiserver.yaml";
const SCHEDULER: &str = "/etc/kubernetes/scheduler.conf";
const KUBELET: &str = "/var/lib/kubelet/config.yaml";
const PKI: &str = "/etc/kubernetes/pki";

/// The etcd process's own view of its data directory, and the host's.
fn etcd_data(mode: u32, uid: u64, gid: u64) -> Node {
    let inside = plain().inside("etcd", "/var/lib/etcd");
    [&inside, "var/lib/etcd"].iter().fold(plain(), |node, path| node.mode(path, mode).owner(path, uid, gid))
}

#[test]
fn a_mode_holds_if_no_bit_is_outside_of_what_is_wanted() {
    for (mode, verdict) in [
        (0o600, Pass),
        (0o400, Pass),
        (0o200, Pass),
        (0o000, Pass),
        (0o640, Fail),
        (0o644, Fail),
        (0o601, Fail),
        (0o602, Fail),
        (0o610, Fail),
        (0o700, Fail),
        (0o4600, Fail),
        (0o2600, Fail),
        (0o1600, Fail),
        (0o777, Fail),
    ] {
        for (path, id) in [
            (MANIFEST, "1.1.1"),
            ("/etc/kubernetes/manifests/etcd.yaml", "1.1.7"),
            ("/etc/kubernetes/admin.conf", "1.1.13"),
            ("/etc/kubernetes/kubelet.conf", "4.1.5"),
            (KUBELET, "4.1.9"),
        ] {
            hold(&format!("{path} with {mode:04o}"), &plain().mode(path, mode), &[(id, verdict)]);
        }
    }
}

#[test]
fn certificates_may_be_read_by_everybody() {
    for (mode, verdict) in [(0o644, Pass), (0o600, Pass), (0o444, Pass), (0o664, Fail), (0o646, Fail), (0o755, Fail)] {
        let node = plain().mode("/etc/kubernetes/pki/ca.crt", mode);
        hold(&format!("{mode:04o}"), &node, &[("1.1.20", verdict), ("4.1.7", verdict), ("1.1.21", Pass)]);
    }
}

#[test]
fn s22_owners_are_compared_whole() {
    let accounts = || plain().account("rootless", 1234).account("chroot", 4321).account("etcd-admins", 777);
    for (case, uid, gid, verdict) in [
        ("root:root", 0, 0, Pass),
        ("root:rootless", 0, 1234, Fail),
        ("rootless:root", 1234, 0, Fail),
        ("chroot:root", 4321, 0, Fail),
        ("root with a group that has no name", 0, 9999, Fail),
        ("a user that has no name", 9999, 0, Fail),
        ("a number like a name", 4_294_967_294, 0, Fail),
    ] {
        for (path, id) in [(MANIFEST, "1.1.2"), ("/etc/kubernetes/super-admin.conf", "1.1.14"), (KUBELET, "4.1.10")] {
            hold(&format!("{path} of {case}"), &accounts().owner(path, uid, gid), &[(id, verdict)]);
        }
        hold(case, &accounts().owner("/etc/kubernetes/pki/etcd/server.key", uid, gid), &[("1.1.19", verdict)]);
    }
}

#[test]
fn s22_the_data_of_etcd_belongs_to_etcd_and_its_group() {
    let data = |uid, gid| {
        let node = etcd_data(0o700, uid, gid);
        node.account("etcd-admins", 777).account("etcd2", 778)
    };
    hold("root:root", &data(0, 0), &[("1.1.12", Fail)]);
    hold("etcd:etcd", &data(102, 105), &[("1.1.12", Pass)]);
    hold("etcd:etcd-admins", &data(102, 777), &[("1.1.12", Fail)]);
    hold("etcd2:etcd", &data(778, 105), &[("1.1.12", Fail)]);
    hold("etcd:root", &data(102, 0), &[("1.1.12", Fail)]);
    hold("nobody's", &data(9999, 9999), &[("1.1.12", Fail)]);
    for (mode, verdict) in [(0o700, Pass), (0o500, Pass), (0o750, Fail), (0o701, Fail), (0o1700, Fail), (0o755, Fail)] {
        hold(&format!("{mode:04o}"), &etcd_data(mode, 102, 105), &[("1.1.11", verdict)]);
    }
}

#[test]
fn s28_what_is_optional_and_not_there_does_not_apply() {
    let admin = plain().remove("/etc/kubernetes/admin.conf");
    hold("one of two is left", &admin, &[("1.1.13", Pass), ("1.1.14", Pass)]);
    let open = admin.clone().mode("/etc/kubernetes/super-admin.conf", 0o644);
    hold("one of two is left, and open", &open, &[("1.1.13", Fail), ("1.1.14", Pass)]);
    let none = admin.remove("/etc/kubernetes/super-admin.conf");
    hold("none is left", &none, &[("1.1.13", NotApplicable), ("1.1.14", NotApplicable)]);
    let cni = plain().remove("/etc/cni/net.d").remove("/var/lib/cni/networks");
    hold("no network plugin", &cni, &[("1.1.9", NotApplicable), ("1.1.10", NotApplicable)]);
    hold("no unit of systemd", &plain(), &[("4.1.1", NotApplicable), ("4.1.2", NotApplicable)]);
    let pki = plain().remove(PKI);
    hold(
        "no directory of keys",
        &pki,
        &[("1.1.19", NotApplicable), ("1.1.20", NotApplicable), ("1.1.21", NotApplicable)],
    );
    // And every reason says what is not there.
    for (node, id, word) in [(&none, "1.1.13", "admin.conf"), (&cni, "1.1.9", "cni"), (&pki, "1.1.21", "pki")] {
        let judged = node.judge();
        assert!(judged.finding(id).reason.contains(word), "{id}: {}", judged.finding(id).reason);
    }
}

#[test]
fn what_an_argument_names_and_is_not_there_is_unknown() {
    let gone = |program: &str, path: &str| plain().remove(path).remove(&plain().inside(program, path));
    let scheduler = gone("kube-scheduler", SCHEDULER);
    hold("the scheduler's", &scheduler, &[("1.1.15", Unknown), ("1.1.16", Unknown)]);
    let manager = gone("kube-controller-manager", "/etc/kubernetes/controller-manager.conf");
    hold("the controller manager's", &manager, &[("1.1.17", Unknown), ("1.1.18", Unknown)]);
    let kubelet = plain().remove("/etc/kubernetes/kubelet.conf");
    hold("the kubelet's", &kubelet, &[("4.1.5", Unknown), ("4.1.6", Unknown)]);
    hold("the kubelet's file", &plain().remove(KUBELET), &[("4.1.9", Unknown), ("4.1.10", Unknown)]);
    let authority = worker().remove("/etc/kubernetes/pki/ca.crt");
    hold("the authority", &authority, &[("4.1.7", Unknown), ("4.1.8", Unknown), ("4.2.3", Pass)]);
    hold("no --config, no file", &plain().without("kubelet", "--config"), &[("4.1.9", NotApplicable)]);
    let etcd = gone("etcd", "/var/lib/etcd");
    hold("the data directory", &etcd, &[("1.1.11", Unknown), ("1.1.12", Unknown)]);
}

/// The file of `path` lies at `to`, with this mode, and a link leads there.
fn linked(path: &str, to: &str, mode: u32) -> Node {
    let text = plain().text(path);
    plain().write(to, text).mode(to, mode).link(path, to)
}

#[test]
fn s39_a_link_is_judged_by_its_target() {
    for (path, to, mode, owner) in [
        (KUBELET, "/srv/kubelet.yaml", "4.1.9", "4.1.10"),
        (MANIFEST, "/srv/apiserver.yaml", "1.1.1", "1.1.2"),
        ("/etc/kubernetes/admin.conf", "/srv/admin.conf", "1.1.13", "1.1.14"),
        ("/etc/cni/net.d/10-bridge.conflist", "/srv/bridge", "1.1.9", "1.1.10"),
        ("/etc/kubernetes/pki/ca.key", "/srv/ca.key", "1.1.21", "1.1.19"),
    ] {
        hold(&format!("{path} to 0600"), &linked(path, to, 0o600), &[(mode, Pass), (owner, Pass)]);
        hold(&format!("{path} to 0644"), &linked(path, to, 0o644), &[(mode, Fail), (owner, Pass)]);
        hold(
            &format!("{path} to another's"),
            &linked(path, to, 0o600).owner(to, 1000, 0),
            &[(mode, Pass), (owner, Fail)],
        );
        // The link's own owner is nobody's concern.
        hold(
            &format!("{path}, the link"),
            &linked(path, to, 0o600).owner(path, 1000, 1000),
            &[(mode, Pass), (owner, Pass)],
        );
    }
    let relative = linked(KUBELET, "/var/lib/kubelet/real.yaml", 0o600).link(KUBELET, "real.yaml");
    hold("a relative link", &relative, &[("4.1.9", Pass), ("4.2.1", Pass)]);
    let two = linked(KUBELET, "/srv/b.yaml", 0o644).link("/srv/a.yaml", "b.yaml").link(KUBELET, "/srv/a.yaml");
    hold("two links", &two, &[("4.1.9", Fail), ("4.2.1", Pass)]);
}

#[test]
fn a_link_that_leads_nowhere_is_unknown() {
    for (path, ids) in [
        (KUBELET, ["4.1.9", "4.1.10"]),
        ("/etc/kubernetes/kubelet.conf", ["4.1.5", "4.1.6"]),
        ("/etc/kubernetes/admin.conf", ["1.1.13", "1.1.14"]),
        ("/etc/cni/net.d/10-bridge.conflist", ["1.1.9", "1.1.10"]),
        ("/etc/kubernetes/pki/ca.crt", ["1.1.20", "4.1.7"]),
        ("/etc/kubernetes/pki/ca.key", ["1.1.21", "1.1.19"]),
        (PKI, ["1.1.19", "1.1.21"]),
        (MANIFEST, ["1.1.1", "1.1.2"]),
    ] {
        for (case, target) in [("dangles", "/nowhere/at/all"), ("loops", path)] {
            hold(&format!("{path} {case}"), &plain().link(path, target), &[(ids[0], Unknown), (ids[1], Unknown)]);
        }
    }
    let circle = plain().link("/srv/a", "/srv/b").link("/srv/b", "/srv/a").link(KUBELET, "/srv/a");
    hold("a circle", &circle, &[("4.1.9", Unknown), ("4.2.1", Unknown)]);
    // What fails anyway fails, whatever else could not be seen.
    let fails = plain().link("/etc/kubernetes/admin.conf", "/nowhere").mode("/etc/kubernetes/super-admin.conf", 0o644);
    hold("the other one fails", &fails, &[("1.1.13", Fail)]);
}

#[test]
fn every_manifest_of_a_component_counts() {
    let text = plain().text(MANIFEST);
    let second = |name: &str, mode: u32| {
        let path = format!("/etc/kubernetes/manifests/{name}");
        plain().write(&path, &text).mode(&path, mode)
    };
    hold("a copy", &second("kube-apiserver.yaml.bak", 0o644), &[("1.1.1", Fail), ("1.1.2", Pass)]);
    hold("a closed copy", &second("kube-apiserver.yaml.bak", 0o600), &[("1.1.1", Pass)]);
    hold("of another name", &second("aaa", 0o666), &[("1.1.1", Fail), ("1.1.3", Pass)]);
    let owned = second("zzz.yml", 0o600).owner("/etc/kubernetes/manifests/zzz.yml", 1000, 0);
    hold("of another owner", &owned, &[("1.1.1", Pass), ("1.1.2", Fail)]);
    // The kubelet reads neither.
    hold("a dot file", &second(".kube-apiserver.yaml.swp", 0o644), &[("1.1.1", Pass)]);
    hold("in a directory", &second("old/kube-apiserver.yaml", 0o644), &[("1.1.1", Pass)]);
}

#[test]
fn a_manifest_that_is_broken_is_not_nobody_s() {
    for (case, text) in [("broken", "kind: Pod\nspec: ["), ("empty", ""), ("not UTF-8", "\u{0}\u{1}")] {
        let node = plain().write(MANIFEST, text);
        // The file's name says whose it is; its text is not asked for.
        hold(case, &node, &[("1.1.1", Pass), ("1.1.2", Pass), ("1.1.3", Pass)]);
        hold(case, &node.clone().mode(MANIFEST, 0o644), &[("1.1.1", Fail), ("1.1.2", Pass)]);
        let other = "/etc/kubernetes/manifests/control-plane.yaml";
        let elsewhere = plain().remove(MANIFEST).write(other, text);
        hold(case, &elsewhere, &[("1.1.1", Unknown), ("1.1.2", Unknown), ("1.1.3", Pass)]);
        // The process still says how it runs.
        hold(case, &node, &[("1.2.15", Fail)]);
    }
}

#[test]
fn files_of_network_plugins_count_in_every_directory() {
    let net = "/etc/cni/net.d";
    let closed = plain().mode("/etc/cni/net.d/10-bridge.conflist", 0o600);
    hold("closed", &closed, &[("1.1.9", Pass), ("1.1.10", Pass)]);
    for path in [
        format!("{net}/calico.d/kubeconfig"),
        format!("{net}/.hidden"),
        "/var/lib/cni/networks/cbr0/10.0.0.2".to_owned(),
    ] {
        let with = |mode: u32| closed.clone().write(&path, "x").mode(&path, mode);
        hold(&path, &with(0o600), &[("1.1.9", Pass), ("1.1.10", Pass)]);
        hold(&path, &with(0o644), &[("1.1.9", Fail), ("1.1.10", Pass)]);
        hold(&path, &with(0o600).owner(&path, 0, 1000), &[("1.1.9", Pass), ("1.1.10", Fail)]);
    }
    hold(
        "directories are not judged",
        &closed.mode(net, 0o777).owner(net, 1000, 1000),
        &[("1.1.9", Pass), ("1.1.10", Pass)],
    );
}

#[test]
fn keys_and_certificates_count_in_every_directory() {
    let path = "/etc/kubernetes/pki/a/b/c/deep";
    let with = |suffix: &str, mode: u32| {
        let path = format!("{path}{suffix}");
        plain().write(&path, "x").mode(&path, mode)
    };
    hold("a closed key", &with(".key", 0o600), &[("1.1.19", Pass), ("1.1.20", Pass), ("1.1.21", Pass)]);
    hold("an open key", &with(".key", 0o644), &[("1.1.20", Pass), ("1.1.21", Fail)]);
    hold("a certificate", &with(".crt", 0o666), &[("1.1.20", Fail), ("1.1.21", Pass)]);
    hold("something else", &with(".txt", 0o666), &[("1.1.20", Pass), ("1.1.21", Pass)]);
    hold("a directory's owner", &with(".key", 0o600).owner("/etc/kubernetes/pki/a/b", 1000, 0), &[("1.1.19", Fail)]);
    hold("the directory's owner", &plain().owner(PKI, 0, 1000), &[("1.1.19", Fail)]);
}
