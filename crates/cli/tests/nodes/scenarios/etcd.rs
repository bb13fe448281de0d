//! etcd: its own way of reading flags, variables and its configuration file, and how many members it has.

use seaworthy_model::Verdict::{Fail, NotApplicable, Pass, Unknown};

use crate::node::{Node, hold, hold_each, plain};

const ETCD: &str = "etcd";
const SERVER: &str = "/etc/kubernetes/pki/etcd/server";
const CA: &str = "/etc/kubernetes/pki/etcd/ca.crt";

/// An etcd without any argument about transport security.
fn bare() -> Node {
    let clients = "--listen-client-urls=https://127.0.0.1:2379";
    let peers = "--listen-peer-urls=https://127.0.0.1:2380";
    plain().only(ETCD, &["--name=node1", "--data-dir=/var/lib/etcd", clients, peers])
}

#[test]
fn etcd_without_arguments_is_open() {
    hold("bare", &bare(), &[("2.1", Fail), ("2.2", Fail), ("2.3", Pass), ("2.7", Fail)]);
}

#[test]
fn one_dash_is_enough_for_etcd() {
    hold_each(
        &bare(),
        ETCD,
        &[
            (&["-client-cert-auth"], &[("2.2", Pass)]),
            (&["-client-cert-auth=1"], &[("2.2", Pass)]),
            (&["--client-cert-auth=t"], &[("2.2", Pass)]),
            (&["-auto-tls"], &[("2.3", Fail)]),
            (&["-cert-file", "/a.crt", "-key-file=/a.key"], &[("2.1", Pass)]),
            (&["-cert-file=/a.crt"], &[("2.1", Fail)]),
            (&["--cert-file=/a.crt", "--key-file="], &[("2.1", Fail)]),
        ],
    );
}

#[test]
fn an_address_without_tls_undoes_the_certificates() {
    let with = |urls: &str| plain().without(ETCD, "--listen-client-urls").with(ETCD, &["--listen-client-urls", urls]);
    hold("one of two", &with("https://10.77.0.1:2379,http://127.0.0.1:2379"), &[("2.1", Fail)]);
    hold("both", &with("https://10.77.0.1:2379,https://127.0.0.1:2379"), &[("2.1", Pass)]);
    hold("the default", &plain().without(ETCD, "--listen-client-urls"), &[("2.1", Fail)]);
}

#[test]
fn etcd_takes_no_underscore_for_a_dash() {
    hold_each(
        &bare(),
        ETCD,
        &[(&["--client_cert_auth=true"], &[("2.2", Fail)]), (&["--auto_tls=true"], &[("2.3", Pass)])],
    );
}

#[test]
fn etcd_stops_at_the_first_word_that_is_no_flag() {
    hold_each(
        &bare(),
        ETCD,
        &[
            // A boolean takes no next word, and what is behind that word is not read.
            (&["--client-cert-auth", "false", "--auto-tls"], &[("2.2", Pass), ("2.3", Pass)]),
            (&["--", "--client-cert-auth"], &[("2.2", Fail)]),
            (&["--client-cert-auth", "--auto-tls"], &[("2.2", Pass), ("2.3", Fail)]),
        ],
    );
}

#[test]
fn of_repeated_etcd_flags_the_last_one_counts() {
    hold_each(
        &bare(),
        ETCD,
        &[
            (&["--client-cert-auth=true", "-client-cert-auth=false"], &[("2.2", Fail)]),
            (&["--auto-tls", "--auto-tls=false"], &[("2.3", Pass)]),
            (&["--client-cert-auth=yes"], &[("2.2", Unknown)]),
            (&["--auto-tls=no"], &[("2.3", Unknown)]),
        ],
    );
}

#[test]
fn a_trusted_authority_alone_demands_client_certificates() {
    let node = bare().with(ETCD, &["--trusted-ca-file", CA]);
    hold("authority alone", &node, &[("2.2", Pass), ("2.7", Pass)]);
    hold("with the switch off", &node.with(ETCD, &["--client-cert-auth=false"]), &[("2.2", Pass)]);
    hold("empty", &bare().with(ETCD, &["--trusted-ca-file="]), &[("2.2", Fail), ("2.7", Fail)]);
}

#[test]
fn auto_tls_is_ignored_with_a_certificate() {
    let cert = format!("--cert-file={SERVER}.crt");
    let key = format!("--key-file={SERVER}.key");
    hold("alone", &bare().with(ETCD, &["--auto-tls=true"]), &[("2.3", Fail)]);
    hold("with both", &bare().with(ETCD, &["--auto-tls=true", &cert, &key]), &[("2.1", Pass), ("2.3", Pass)]);
    hold("without the key", &bare().with(ETCD, &["--auto-tls=true", &cert]), &[("2.1", Fail), ("2.3", Fail)]);
}

#[test]
fn variables_count_where_no_flag_does() {
    let node = bare().environment(
        ETCD,
        &[
            "ETCD_CLIENT_CERT_AUTH=true",
            "ETCD_CERT_FILE=/etc/kubernetes/pki/etcd/server.crt",
            "ETCD_KEY_FILE=/etc/kubernetes/pki/etcd/server.key",
            "ETCD_TRUSTED_CA_FILE=/etc/kubernetes/pki/etcd/ca.crt",
        ],
    );
    hold("variables", &node, &[("2.1", Pass), ("2.2", Pass), ("2.7", Pass)]);
    let node = bare().environment(ETCD, &["ETCD_AUTO_TLS=1"]);
    hold("auto TLS", &node, &[("2.3", Fail)]);
    hold("a flag over it", &node.with(ETCD, &["--auto-tls=false"]), &[("2.3", Pass)]);
    hold("no boolean", &bare().environment(ETCD, &["ETCD_CLIENT_CERT_AUTH=yes"]), &[("2.2", Unknown)]);
    hold("empty", &bare().environment(ETCD, &["ETCD_TRUSTED_CA_FILE="]), &[("2.2", Fail)]);
    hold("another program's name", &bare().environment(ETCD, &["XETCD_CLIENT_CERT_AUTH=true"]), &[("2.2", Fail)]);
}

#[test]
fn an_environment_that_cannot_be_seen_leaves_unknown_what_no_argument_decides() {
    hold("arguments decide", &plain().lose(ETCD, "environ"), &[("2.1", Pass), ("2.2", Pass), ("2.7", Pass)]);
    // No argument says anything of auto-tls, but the certificates do.
    hold("auto-tls", &plain().lose(ETCD, "environ"), &[("2.3", Pass)]);
    let wanted = [("2.1", Unknown), ("2.2", Unknown), ("2.3", Unknown), ("2.7", Unknown)];
    hold("bare", &bare().lose(ETCD, "environ"), &wanted);
    let node = bare().with(ETCD, &["--client-cert-auth=true"]).lose(ETCD, "environ");
    hold("one argument", &node, &[("2.1", Unknown), ("2.2", Pass)]);
}

const CONFIG: &str = "/etc/etcd.yaml";

fn configured(text: &str) -> Node {
    plain().with(ETCD, &["--config-file", CONFIG]).show(ETCD, CONFIG, text)
}

const GOOD: &str = "\
name: node1
listen-client-urls: https://127.0.0.1:2379,https://10.77.0.1:2379
client-transport-security:
  cert-file: /etc/kubernetes/pki/etcd/server.crt
  key-file: /etc/kubernetes/pki/etcd/server.key
  client-cert-auth: true
  trusted-ca-file: /etc/kubernetes/pki/etcd/ca.crt
";

#[test]
fn with_a_configuration_file_flags_and_variables_do_not_count() {
    hold("good file", &configured(GOOD), &[("2.1", Pass), ("2.2", Pass), ("2.3", Pass), ("2.7", Pass)]);
    // The arguments of this etcd are all as they should be, and mean nothing.
    let wanted = [("2.1", Fail), ("2.2", Fail), ("2.3", Pass), ("2.7", Fail)];
    hold("empty settings", &configured("name: node1\n"), &wanted);
    hold("auto TLS", &configured("client-transport-security:\n  auto-tls: true\n"), &[("2.1", Fail), ("2.3", Fail)]);
    let node = configured("name: node1\n").environment(ETCD, &["ETCD_CLIENT_CERT_AUTH=true"]);
    hold("a variable beside it", &node, &[("2.2", Fail)]);
    let judged = configured("name: node1\n").judge();
    assert!(judged.mentions("2.2", "ignored, since there is a configuration file"), "{:?}", judged.finding("2.2"));
}

#[test]
fn a_variable_may_name_the_configuration_file() {
    let variable = format!("ETCD_CONFIG_FILE={CONFIG}");
    let node = bare().environment(ETCD, &[&variable]).show(ETCD, CONFIG, GOOD);
    hold("by variable", &node, &[("2.1", Pass), ("2.2", Pass)]);
    let node = plain().environment(ETCD, &[&variable]).show(ETCD, CONFIG, "name: node1\n");
    hold("over all arguments", &node, &[("2.1", Fail), ("2.2", Fail)]);
}

#[test]
fn a_configuration_file_that_cannot_be_read_leaves_all_unknown() {
    let wanted = [("2.1", Unknown), ("2.2", Unknown), ("2.3", Unknown), ("2.7", Unknown)];
    hold("missing", &plain().with(ETCD, &["--config-file", CONFIG]), &wanted);
    hold("broken", &configured("client-transport-security: {"), &wanted);
    hold("no map", &configured("- a\n"), &wanted);
    hold("binary", &configured("\u{0}\u{1}\u{2}"), &wanted);
    for (word, verdict) in [("yes", Pass), ("on", Pass), ("true", Pass), ("no", Fail), ("off", Fail), ("~", Fail)] {
        let text = format!("client-transport-security: {{client-cert-auth: {word}}}\n");
        hold(word, &configured(&text), &[("2.2", verdict)]);
    }
    hold("wrong type", &configured("client-transport-security:\n  client-cert-auth: maybe\n"), &[("2.2", Unknown)]);
}

#[test]
fn a_single_member_has_no_peers() {
    let wanted = [("2.4", NotApplicable), ("2.5", NotApplicable), ("2.6", NotApplicable)];
    hold("one name", &plain(), &wanted);
    hold("no --initial-cluster", &bare(), &wanted);
    hold("in the file", &configured("initial-cluster: node1=https://10.77.0.1:2380\n"), &wanted);
}

#[test]
fn several_members_are_judged_as_peers() {
    let two = "--initial-cluster=node1=https://10.77.0.1:2380,node2=https://10.77.0.2:2380";
    hold("as kubeadm sets it", &plain().with(ETCD, &[two]), &[("2.4", Pass), ("2.5", Pass), ("2.6", Pass)]);
    hold("bare", &bare().with(ETCD, &[two]), &[("2.4", Fail), ("2.5", Fail), ("2.6", Pass)]);
    hold_each(
        &bare().with(ETCD, &[two]),
        ETCD,
        &[
            (&["--peer-auto-tls"], &[("2.6", Fail)]),
            (&["--peer-client-cert-auth"], &[("2.5", Pass)]),
            (&["--peer-trusted-ca-file=/ca.crt"], &[("2.5", Pass)]),
            (&["--peer-cert-file=/a", "--peer-key-file=/b", "--peer-auto-tls"], &[("2.4", Pass), ("2.6", Pass)]),
        ],
    );
    let text = "initial-cluster: a=https://10.0.0.1:2380,b=https://10.0.0.2:2380\n";
    hold("in the file", &configured(text), &[("2.4", Fail), ("2.5", Fail), ("2.6", Pass)]);
    let variable = ["ETCD_INITIAL_CLUSTER=a=https://10.0.0.1:2380,b=https://10.0.0.2:2380"];
    hold("by variable", &bare().environment(ETCD, &variable), &[("2.4", Fail), ("2.5", Fail)]);
}

#[test]
fn a_number_of_members_that_is_not_known_excuses_nothing() {
    for more in [&["--discovery=https://discovery.etcd.io/x"][..], &["--discovery-srv=example.com"]] {
        hold(more[0], &bare().with(ETCD, more), &[("2.4", Fail), ("2.5", Fail)]);
    }
    let joined = plain().with(ETCD, &["--initial-cluster-state=existing"]);
    hold("joined", &joined, &[("2.4", Pass), ("2.5", Pass), ("2.6", Pass)]);
    // Nobody knows what the environment says of the members.
    hold("no environment", &bare().lose(ETCD, "environ"), &[("2.4", Unknown), ("2.5", Unknown), ("2.6", Unknown)]);
}

#[test]
fn etcd_s_authority_is_told_by_its_key_and_not_by_its_name() {
    let cluster = plain().text("etc/kubernetes/pki/ca.crt");
    let shared = plain().show(ETCD, CA, &cluster);
    hold("the cluster's own", &shared, &[("2.7", Fail)]);
    let both = plain().text(CA) + &cluster;
    hold("among others", &plain().show(ETCD, CA, &both), &[("2.7", Fail)]);
    hold("no certificate", &plain().show(ETCD, CA, "nothing\n"), &[("2.7", Unknown)]);
    let node = plain().without("kube-apiserver", "--client-ca-file");
    hold("nothing to compare with", &node, &[("2.7", Unknown)]);
}
