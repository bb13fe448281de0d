//! Known breakages: what a change would stop, looked for on this very node before anything is written.

use seaworthy_catalogue::{Fix, FixOperation, Literal, Rule, occurrences};
use seaworthy_engine::Settings;
use seaworthy_model::Certificate;
use seaworthy_yaml::Node as Yaml;

use super::certificates::{self, Authority};
use super::{Asked, Node, pod};

/// What a test came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Nothing can break.
    Excluded(String),
    /// This danger is not here; what the rule says may break still may.
    Absent(String),
    /// It would break.
    Hits(String),
    /// It cannot be told.
    CannotTell(String),
}

/// What a test looks at.
pub(crate) struct Cx<'a, 's, 'c, 'f> {
    pub(crate) node: Node<'a>,
    pub(crate) settings: &'a Settings<'s, 'c, 'f>,
    pub(crate) rule: &'a Rule,
    pub(crate) asked: &'a Asked,
}

type Test = fn(&Cx<'_, '_, '_, '_>) -> Outcome;

/// All tests, by the names that the catalogue knows.
pub(crate) const ALL: [(&str, Test); 14] = [
    ("certificate-key-type", certificate_key_type),
    ("client-authority", client_authority),
    ("clients-without-certificate", clients_without_certificate),
    ("encryption-key", encryption_key),
    ("etcd-account", etcd_account),
    ("images-on-node-only", images_on_node_only),
    ("kubelet-client-certificate", kubelet_client_certificate),
    ("kubelets-self-signed", kubelets_self_signed),
    ("oidc-flags", oidc_flags),
    ("probe-address", probe_address),
    ("roles-not-used", roles_not_used),
    ("service-external-ips", service_external_ips),
    ("serving-certificate-approval", serving_certificate_approval),
    ("tokens-in-file", tokens_in_file),
];

/// Runs the test of this name.
pub(crate) fn test(name: &str, cx: &Cx<'_, '_, '_, '_>) -> Outcome {
    match ALL.iter().find(|(known, _)| *known == name) {
        Some((_, test)) => test(cx),
        None => Outcome::CannotTell(format!("this program has no test {name:?}")),
    }
}

impl Cx<'_, '_, '_, '_> {
    fn component(&self) -> String {
        let Fix::Machine { operations, .. } = &self.rule.fix else { return String::new() };
        let of = |operation: &'_ FixOperation| match operation {
            FixOperation::Set { component, .. }
            | FixOperation::Unset { component, .. }
            | FixOperation::AddToList { component, .. }
            | FixOperation::RemoveFromList { component, .. }
            | FixOperation::EncryptFirst { component, .. } => Some(component.clone()),
            FixOperation::WriteFile(file) => Some(file.component.clone()),
            FixOperation::Mode(_) | FixOperation::Owner { .. } => None,
        };
        operations.iter().find_map(of).unwrap_or_default()
    }

    /// The certificate of a file that a setting names.
    fn certificate(&self, component: &str, setting: &str) -> Option<&Certificate> {
        let stands = self.settings.stands(component)?;
        let standing = self.settings.standing(component, setting).filter(|standing| standing.set == Some(true))?;
        let node = self.node.facts.node.as_ref()?;
        let mut views = stands.views.iter();
        views.find_map(|view| node.file(*view, &standing.shown)?.fact.known()?.certificates.first())
    }

    fn has(&self, component: &str, setting: &str) -> Option<bool> {
        self.settings.standing(component, setting)?.set
    }

    /// The container of the component, as its manifest has it.
    fn container<R>(&self, component: &str, f: impl FnOnce(&Yaml, &Yaml) -> R) -> Option<R> {
        let stands = self.settings.stands(component)?;
        let text = self.node.found(stands.manifests.first()?).ok()??.text?;
        let document = seaworthy_yaml::parse(&text).ok()?;
        let name = stands.container?;
        let containers = document.root.path("spec.containers")?.as_list()?;
        let container = containers.iter().find(|node| node.get("name").and_then(Yaml::as_str) == Some(&name))?;
        Some(f(&document.root, container))
    }
}

fn certificate_key_type(cx: &Cx<'_, '_, '_, '_>) -> Outcome {
    let Fix::Machine { operations, .. } = &cx.rule.fix else { return Outcome::CannotTell(String::new()) };
    let list = operations.iter().find_map(|operation| match operation {
        FixOperation::Set { values, .. } => match values.first()? {
            (_, Literal::List(list)) => Some(list),
            _ => None,
        },
        _ => None,
    });
    let list = list.map(Vec::as_slice).unwrap_or_default();
    let fits = |key: &str| {
        let part = if key.starts_with("RSA") { "_RSA_" } else { "_ECDSA_" };
        list.iter().any(|suite| suite.contains(part))
    };
    match cx.certificate(&cx.component(), "tls-cert-file") {
        Some(certificate) if fits(&certificate.key) => {
            Outcome::Absent(format!("the list has suites for the serving certificate's key ({})", certificate.key))
        }
        Some(certificate) => Outcome::Hits(format!(
            "no suite of the list goes with the serving certificate's key ({}), so TLS 1.2 would fail for everybody",
            certificate.key
        )),
        None if fits("RSA") && fits("EC") => {
            Outcome::Absent("the list has suites for RSA and for ECDSA keys".to_owned())
        }
        None => Outcome::CannotTell("the serving certificate could not be read".to_owned()),
    }
}

/// Whether the API server's client certificate is one of the authority that etcd trusts.
fn clients_without_certificate(cx: &Cx<'_, '_, '_, '_>) -> Outcome {
    let probes_with_tls = cx.container("etcd", |_, container| {
        let kinds = ["startupProbe", "livenessProbe", "readinessProbe"];
        kinds.iter().any(|kind| {
            let get = container.get(kind).and_then(|probe| probe.get("httpGet"));
            let scheme = get.and_then(|get| get.get("scheme")).and_then(Yaml::as_str);
            scheme.is_some_and(|scheme| scheme.eq_ignore_ascii_case("https"))
        })
    });
    if probes_with_tls == Some(true) {
        return Outcome::Hits(
            "etcd's own probes ask over TLS without a certificate, and the kubelet would kill it".to_owned(),
        );
    }
    let Some(authority) = cx.certificate("etcd", "trusted-ca-file") else {
        return Outcome::Hits(
            "etcd names no authority that clients' certificates would be checked by (--trusted-ca-file)".to_owned(),
        );
    };
    match certificates::signed(
        &cx.node,
        cx.settings,
        ("kube-apiserver", "etcd-certfile"),
        &Authority::Of("etcd", "trusted-ca-file"),
    ) {
        Some(true) => {
            Outcome::Absent("the API server's client certificate is of the authority that etcd trusts".to_owned())
        }
        Some(false) => Outcome::Hits(format!(
            "the API server's client certificate is not of {}, which etcd trusts",
            authority.common_name.as_deref().unwrap_or("the authority")
        )),
        None => Outcome::CannotTell("the API server's client certificate for etcd was not seen".to_owned()),
    }
}

/// Whether the certificate with which the API server signs in at kubelets is of the cluster's authority.
fn client_authority(cx: &Cx<'_, '_, '_, '_>) -> Outcome {
    let Some(authority) = &cx.node.platform.cluster_ca else {
        return Outcome::CannotTell("the cluster's authority is not known".to_owned());
    };
    let client = ("kube-apiserver", "kubelet-client-certificate");
    match certificates::signed(&cx.node, cx.settings, client, &Authority::File(authority)) {
        Some(true) => {
            Outcome::Excluded(format!("the API server signs in at kubelets with a certificate of {authority}"))
        }
        Some(false) => Outcome::Hits(format!(
            "the API server's certificate for kubelets is not of {authority}: kubectl logs and exec would be refused"
        )),
        None => {
            Outcome::CannotTell("with which certificate the API server signs in is not seen from this node".to_owned())
        }
    }
}

fn encryption_key(cx: &Cx<'_, '_, '_, '_>) -> Outcome {
    let members = match cx.node.around.map(|around| &around.members) {
        Some(Ok(members)) => members,
        Some(Err(why)) => return Outcome::CannotTell(format!("how many API servers there are cannot be told: {why}")),
        None => return Outcome::CannotTell("how many API servers there are was not asked (--kubeconfig)".to_owned()),
    };
    let others: Vec<&str> = members.iter().map(|m| m.node.as_str()).filter(|node| *node != cx.node.name()).collect();
    if others.is_empty() {
        return Outcome::Excluded("this is the only API server: no other one needs the key".to_owned());
    }
    let Fix::Machine { operations, .. } = &cx.rule.fix else { return Outcome::CannotTell(String::new()) };
    let Some(FixOperation::WriteFile(file)) =
        operations.iter().find(|operation| matches!(operation, FixOperation::WriteFile(_)))
    else {
        return Outcome::CannotTell(format!(
            "whether {} have the key already cannot be seen from here",
            others.join(", ")
        ));
    };
    let given = cx.asked.new_key || cx.node.found(&file.path).is_ok_and(|found| found.is_some());
    if given {
        return Outcome::CannotTell(format!(
            "{} need the same {} before anything is written with the key",
            others.join(", "),
            file.path
        ));
    }
    Outcome::Hits(format!(
        "{} are API servers too, and one key must serve all: copy {} from the one that has it, or say --new-key on the first",
        others.join(", "),
        file.path
    ))
}

fn etcd_account(cx: &Cx<'_, '_, '_, '_>) -> Outcome {
    let (uid, _) = match cx.node.numbers("etcd", "etcd") {
        Ok(numbers) => numbers,
        Err(why) => return Outcome::Hits(why),
    };
    let runs_as = cx.container("etcd", |root, container| {
        let user =
            |node: Option<&Yaml>| node.and_then(|node| node.path("securityContext.runAsUser")).and_then(Yaml::as_int);
        user(Some(container)).or_else(|| user(root.get("spec")))
    });
    match runs_as {
        Some(None | Some(0)) => {
            Outcome::Excluded("etcd runs as root in its container, who may write there whoever owns it".to_owned())
        }
        Some(Some(user)) if user == i64::from(uid) => {
            Outcome::Excluded(format!("etcd runs as user {uid}, which is etcd"))
        }
        Some(Some(user)) => Outcome::Hits(format!("etcd runs as user {user}, who could no longer write there")),
        None => Outcome::CannotTell("as which user etcd runs is not known: no manifest of it was read".to_owned()),
    }
}

fn images_on_node_only(cx: &Cx<'_, '_, '_, '_>) -> Outcome {
    match cx.node.around.map(|around| &around.local_images) {
        Some(Ok(pods)) if pods.is_empty() => Outcome::CannotTell(
            "no pod says that its image is never pulled; whether each can be pulled is not known".to_owned(),
        ),
        Some(Ok(pods)) => Outcome::Hits(format!(
            "pods use images that are on their nodes only, and would not start again: {}",
            some(pods)
        )),
        Some(Err(why)) => Outcome::CannotTell(format!("which images pods use cannot be told: {why}")),
        None => Outcome::CannotTell("which images pods use was not asked (--kubeconfig)".to_owned()),
    }
}

fn kubelet_client_certificate(cx: &Cx<'_, '_, '_, '_>) -> Outcome {
    match cx.has("kube-apiserver", "kubelet-client-certificate") {
        Some(true) => Outcome::Absent("the API server signs in at kubelets with a certificate of its own".to_owned()),
        Some(false) => Outcome::Hits(
            "the API server has no certificate for kubelets (--kubelet-client-certificate), so logs and exec would be refused".to_owned(),
        ),
        None => Outcome::CannotTell("how the API server signs in at kubelets is not seen from this node".to_owned()),
    }
}

fn kubelets_self_signed(cx: &Cx<'_, '_, '_, '_>) -> Outcome {
    let Some(authority) = &cx.node.platform.cluster_ca else {
        return Outcome::CannotTell("the cluster's authority is not known".to_owned());
    };
    if cx.settings.stands("kubelet").is_none() {
        return Outcome::CannotTell("this node's kubelet is not seen".to_owned());
    }
    let named = cx.has("kubelet", "tls-cert-file") == Some(true);
    let requested = cx.settings.standing("kubelet", "server-tls-bootstrap").is_some_and(|s| s.shown == "true");
    let signed = if named {
        certificates::signed(&cx.node, cx.settings, ("kubelet", "tls-cert-file"), &Authority::File(authority))
    } else {
        let kept = cx.node.platform.file_set("kubelet-serving-certificate").and_then(|set| set.paths.first());
        // One that was approved once is served only while it is asked for.
        kept.filter(|_| requested).and_then(|path| certificates::file_signed(&cx.node, path, authority))
    };
    match signed {
        Some(true) => {}
        None if named => return Outcome::CannotTell("this node's serving certificate could not be read".to_owned()),
        None if requested => {
            return Outcome::Hits(
                "this node's kubelet has asked for a serving certificate, and nobody approved it yet: kubectl logs and exec would fail \
                 (kubectl get csr; kubectl certificate approve NAME)"
                    .to_owned(),
            );
        }
        Some(false) | None => {
            return Outcome::Hits(format!(
                "this node's kubelet serves a certificate that is not of {authority}: kubectl logs and exec would fail. Repair 4.2.9 on \
                 every node first, and approve the certificate requests"
            ));
        }
    }
    match cx.node.around.map(|around| &around.nodes) {
        Some(Ok(1)) => {
            Outcome::Absent("this node, the only one, has a serving certificate of the authority".to_owned())
        }
        Some(Ok(n)) => {
            Outcome::CannotTell(format!("what the kubelets of the other {} nodes serve is not seen from here", n - 1))
        }
        Some(Err(why)) => Outcome::CannotTell(format!("which other nodes there are cannot be told: {why}")),
        None => Outcome::CannotTell("which other nodes there are was not asked (--kubeconfig)".to_owned()),
    }
}

fn oidc_flags(cx: &Cx<'_, '_, '_, '_>) -> Outcome {
    let flags = cx.settings.stands("kube-apiserver").and_then(|stands| {
        let component = cx.node.catalogue.component("kube-apiserver")?;
        Some(occurrences(component, &stands.arguments))
    });
    match flags.as_ref().map(|flags| flags.iter().find(|o| o.flag.starts_with("oidc-"))) {
        Some(Some(flag)) => Outcome::Hits(format!(
            "--{} is given, and the API server does not start with both: move it into the AuthenticationConfiguration by hand (jwt)",
            flag.flag
        )),
        Some(None) => Outcome::Absent("no --oidc flag is given, so a file can take over".to_owned()),
        None => Outcome::CannotTell("the API server's arguments are not known".to_owned()),
    }
}

fn probe_address(cx: &Cx<'_, '_, '_, '_>) -> Outcome {
    let host = cx.container(&cx.component(), |_, container| {
        let kinds = ["startupProbe", "livenessProbe", "readinessProbe"];
        let probes = kinds.iter().filter_map(|kind| container.get(kind)?.get("httpGet"));
        let mut hosts: Vec<String> = probes
            .map(|get| get.get("host").and_then(Yaml::text).map_or_else(String::new, |host| host.into_owned()))
            .collect();
        hosts.retain(|host| !(host == "127.0.0.1" || host == "localhost" || host == "::1"));
        hosts.into_iter().next()
    });
    match host {
        Some(None) => Outcome::Absent("the pod's own probes ask at 127.0.0.1".to_owned()),
        Some(Some(host)) => {
            let host = if host.is_empty() { "the node's address".to_owned() } else { host };
            Outcome::Hits(format!("the pod's own probes ask at {host}, and the kubelet would kill it again and again"))
        }
        None => Outcome::CannotTell("the manifest was not read".to_owned()),
    }
}

fn roles_not_used(cx: &Cx<'_, '_, '_, '_>) -> Outcome {
    let modes = cx.settings.standing("kube-apiserver", "authorization-mode").and_then(|standing| standing.list);
    let has = |mode: &str| modes.as_ref().is_some_and(|modes| modes.iter().any(|known| known == mode));
    match &modes {
        None => Outcome::CannotTell("how the API server authorises is not seen from this node".to_owned()),
        Some(_) if has("AlwaysAllow") => {
            Outcome::CannotTell("with AlwaysAllow nobody needed a role: who has none would be refused".to_owned())
        }
        Some(_) if has("RBAC") => Outcome::Excluded("the API server authorises by role already".to_owned()),
        Some(modes) => Outcome::CannotTell(format!("the API server authorises by {}", modes.join(", "))),
    }
}

fn service_external_ips(cx: &Cx<'_, '_, '_, '_>) -> Outcome {
    match cx.node.around.map(|around| &around.external_ips) {
        Some(Ok(services)) if services.is_empty() => {
            Outcome::Excluded("no Service of the cluster sets spec.externalIPs".to_owned())
        }
        Some(Ok(services)) => Outcome::Hits(format!("Services set spec.externalIPs: {}", some(services))),
        Some(Err(why)) => Outcome::CannotTell(format!("whether Services set spec.externalIPs cannot be told: {why}")),
        None => Outcome::CannotTell("whether Services set spec.externalIPs was not asked (--kubeconfig)".to_owned()),
    }
}

fn serving_certificate_approval(_: &Cx<'_, '_, '_, '_>) -> Outcome {
    Outcome::CannotTell(
        "whether somebody approves serving certificates is not known: kubectl logs and exec fail for this node until then \
         (kubectl get csr; kubectl certificate approve NAME)"
            .to_owned(),
    )
}

fn tokens_in_file(cx: &Cx<'_, '_, '_, '_>) -> Outcome {
    let Some(standing) = cx.settings.standing("kube-apiserver", "token-auth-file") else {
        return Outcome::CannotTell("the API server is not seen".to_owned());
    };
    let host = cx.settings.stands("kube-apiserver").and_then(|stands| {
        let text = cx.node.found(stands.manifests.first()?).ok()??.text?;
        pod::Seen::read(&text, stands.container.as_deref()?).ok()?.outside(&standing.shown)
    });
    let text = host.and_then(|path| cx.node.found(&path).ok().flatten()).and_then(|found| found.text);
    let rows = text.map(|text| text.lines().filter(|l| !l.trim().is_empty() && !l.starts_with('#')).count());
    match rows {
        Some(0) => Outcome::Excluded(format!("{} holds no token", standing.shown)),
        Some(rows) => Outcome::CannotTell(format!("{rows} tokens of {} would no longer be taken", standing.shown)),
        None => Outcome::CannotTell(format!("{} could not be read", standing.shown)),
    }
}

fn some(names: &[String]) -> String {
    let shown = names.iter().take(3).cloned().collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(3) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_breakage_of_the_catalogue_has_its_test_and_the_other_way_round() {
        let names: Vec<&str> = super::ALL.iter().map(|(name, _)| *name).collect();
        assert_eq!(names, seaworthy_catalogue::BREAKAGES);
    }
}
