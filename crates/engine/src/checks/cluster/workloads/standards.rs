//! What of a pod violates one requirement, as the Pod Security Standards judge it, over all its containers.

use seaworthy_model::cluster::{PodContainer, PodSpec, SecurityContext, WindowsOptions};

/// Capabilities that runtimes give anyway and that the standard `baseline` lets containers add. NET_RAW is none of them.
const USUAL: [&str; 13] = [
    "AUDIT_WRITE",
    "CHOWN",
    "DAC_OVERRIDE",
    "FOWNER",
    "FSETID",
    "KILL",
    "MKNOD",
    "NET_BIND_SERVICE",
    "SETFCAP",
    "SETGID",
    "SETPCAP",
    "SETUID",
    "SYS_CHROOT",
];

/// One requirement.
pub(super) struct Standard {
    /// The rule's word for it.
    pub(super) word: &'static str,
    /// What the offenders do.
    pub(super) offence: &'static str,
    /// What is wanted.
    pub(super) expected: &'static str,
    /// What of a pod violates it.
    pub(super) violations: fn(&PodSpec) -> Vec<Violation>,
}

/// What of a pod violates a requirement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Violation {
    /// It, as a phrase.
    pub(super) what: String,
    /// The lowest level of pod security admission that refuses it.
    pub(super) level: Level,
}

/// A level of pod security admission.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(super) enum Level {
    #[default]
    Privileged,
    Baseline,
    Restricted,
}

impl Level {
    /// The level of a namespace's label; a word that is none, or no label, forbids nothing.
    pub(super) fn of(label: Option<&str>) -> Level {
        match label {
            Some("baseline") => Level::Baseline,
            Some("restricted") => Level::Restricted,
            _ => Level::Privileged,
        }
    }

    pub(super) fn as_str(self) -> &'static str {
        match self {
            Level::Privileged => "privileged",
            Level::Baseline => "baseline",
            Level::Restricted => "restricted",
        }
    }
}

/// The requirements by word, sorted: as in the catalogue's list, which a test holds equal to this one.
pub(super) const ALL: [Standard; 13] = [
    Standard {
        word: "capabilities",
        offence: "capabilities are added by",
        expected: "no capabilities beyond those that the runtime gives anyway",
        violations: |pod| {
            linux(pod, Level::Baseline, |c| {
                let more: Vec<&str> =
                    added(c).iter().map(String::as_str).filter(|name| !USUAL.contains(name)).collect();
                (!more.is_empty()).then(|| format!("adds {}", more.join(", ")))
            })
        },
    },
    Standard {
        word: "drop-all",
        offence: "capabilities are kept by",
        expected: "ALL capabilities dropped by every container",
        violations: |pod| {
            linux(pod, Level::Restricted, |c| {
                let all = dropped(c).iter().any(|name| name == "ALL");
                (!all).then(|| "does not drop ALL".to_owned())
            })
        },
    },
    Standard {
        word: "host-ipc",
        offence: "the IPC namespace of the node is shared by",
        expected: "hostIPC: false",
        violations: |pod| pods_own(pod.host_ipc, "hostIPC: true"),
    },
    Standard {
        word: "host-network",
        offence: "the network of the node is shared by",
        expected: "hostNetwork: false",
        violations: |pod| pods_own(pod.host_network, "hostNetwork: true"),
    },
    Standard {
        word: "host-path",
        offence: "directories or files of the node are mounted by",
        expected: "no hostPath volume that a container mounts",
        violations: host_path,
    },
    Standard {
        word: "host-pid",
        offence: "the processes of the node are shared by",
        expected: "hostPID: false",
        violations: |pod| pods_own(pod.host_pid, "hostPID: true"),
    },
    Standard {
        word: "host-port",
        offence: "ports of the node are taken by",
        expected: "no hostPort",
        violations: |pod| {
            each(pod, Level::Baseline, |c| {
                let ports: Vec<String> = c
                    .ports
                    .iter()
                    .filter_map(|p| p.host_port.filter(|port| *port != 0))
                    .map(|p| p.to_string())
                    .collect();
                (!ports.is_empty()).then(|| format!("hostPort {}", ports.join(", ")))
            })
        },
    },
    Standard {
        word: "host-process",
        offence: "the access of the host is taken by",
        expected: "no windowsOptions.hostProcess: true",
        violations: host_process,
    },
    Standard {
        word: "net-raw",
        offence: "the capability NET_RAW is kept by",
        expected: "NET_RAW or ALL dropped by every container",
        violations: net_raw,
    },
    Standard {
        word: "privilege-escalation",
        offence: "processes may gain privileges in",
        expected: "allowPrivilegeEscalation: false on every container",
        violations: |pod| {
            linux(pod, Level::Restricted, |c| match context(c).and_then(|s| s.allow_privilege_escalation) {
                Some(false) => None,
                Some(true) => Some("allowPrivilegeEscalation: true".to_owned()),
                None => Some("allowPrivilegeEscalation is not set, which means true".to_owned()),
            })
        },
    },
    Standard {
        word: "privileged",
        offence: "privileged containers are in",
        expected: "no container with privileged: true",
        violations: |pod| each(pod, Level::Baseline, |c| privileged(c).then(|| "privileged: true".to_owned())),
    },
    Standard {
        word: "root",
        offence: "containers may run as root in",
        expected: "runAsNonRoot: true or a runAsUser other than 0 for every container",
        violations: root,
    },
    Standard {
        word: "seccomp",
        offence: "no seccomp profile holds for containers of",
        expected: "RuntimeDefault or Localhost for every container",
        violations: seccomp,
    },
];

fn pods_own(is: bool, what: &str) -> Vec<Violation> {
    if is { vec![Violation { what: what.to_owned(), level: Level::Baseline }] } else { Vec::new() }
}

fn context(container: &PodContainer) -> Option<&SecurityContext> {
    container.security_context.as_ref()
}

fn privileged(container: &PodContainer) -> bool {
    context(container).and_then(|s| s.privileged).unwrap_or(false)
}

fn added(container: &PodContainer) -> &[String] {
    context(container).and_then(|s| s.capabilities.as_ref()).map_or(&[], |c| c.add.as_slice())
}

fn dropped(container: &PodContainer) -> &[String] {
    context(container).and_then(|s| s.capabilities.as_ref()).map_or(&[], |c| c.drop.as_slice())
}

/// What violates in any container, each with the container's name and the level that refuses it.
fn by_container(pod: &PodSpec, violation: impl Fn(&PodContainer) -> Option<(String, Level)>) -> Vec<Violation> {
    let named = |(list, container): (&str, &PodContainer)| {
        violation(container)
            .map(|(what, level)| Violation { what: format!("{list} {}: {what}", container.name), level })
    };
    pod.all_containers().filter_map(named).collect()
}

/// The same for what one level refuses.
fn each(pod: &PodSpec, level: Level, violation: impl Fn(&PodContainer) -> Option<String>) -> Vec<Violation> {
    by_container(pod, |c| violation(c).map(|what| (what, level)))
}

/// The same where it means something: not in Windows pods.
fn linux(pod: &PodSpec, level: Level, violation: impl Fn(&PodContainer) -> Option<String>) -> Vec<Violation> {
    if pod.windows() { Vec::new() } else { each(pod, level, violation) }
}

fn net_raw(pod: &PodSpec) -> Vec<Violation> {
    if pod.windows() {
        return Vec::new();
    }
    let holds = |list: &[String]| list.iter().any(|name| name == "NET_RAW" || name == "ALL");
    by_container(pod, |c| match (holds(dropped(c)), holds(added(c))) {
        (_, true) => Some(("adds NET_RAW".to_owned(), Level::Baseline)),
        (false, false) => Some(("does not drop NET_RAW".to_owned(), Level::Restricted)),
        (true, false) => None,
    })
}

fn root(pod: &PodSpec) -> Vec<Violation> {
    let all = pod.security_context.as_ref();
    each(pod, Level::Restricted, |c| {
        let own = context(c);
        let user = own.and_then(|s| s.run_as_user).or(all.and_then(|s| s.run_as_user));
        let non_root = own.and_then(|s| s.run_as_non_root).or(all.and_then(|s| s.run_as_non_root));
        match (user, non_root) {
            // A user number means nothing to Windows.
            (Some(0), _) if !pod.windows() => Some("runAsUser: 0".to_owned()),
            (Some(_), _) if !pod.windows() => None,
            (_, Some(true)) => None,
            (_, Some(false)) => Some("runAsNonRoot: false and no runAsUser".to_owned()),
            (_, None) => Some("neither runAsNonRoot nor runAsUser".to_owned()),
        }
    })
}

/// The profile that holds, not only the one that is written: a privileged container runs without one.
fn seccomp(pod: &PodSpec) -> Vec<Violation> {
    if pod.windows() {
        return Vec::new();
    }
    let pods = pod.security_context.as_ref().and_then(|s| s.seccomp_profile.as_ref());
    by_container(pod, |c| {
        let own = context(c).and_then(|s| s.seccomp_profile.as_ref());
        match own.or(pods).map(|profile| profile.kind.as_str()) {
            Some("RuntimeDefault" | "Localhost") if privileged(c) => {
                Some(("privileged: true, which runs without its seccompProfile".to_owned(), Level::Baseline))
            }
            Some("RuntimeDefault" | "Localhost") => None,
            Some(other) => Some((format!("seccompProfile {other}"), Level::Baseline)),
            None => Some(("no seccompProfile".to_owned(), Level::Restricted)),
        }
    })
}

fn host_process(pod: &PodSpec) -> Vec<Violation> {
    let yes = |options: Option<&WindowsOptions>| options.and_then(|o| o.host_process).unwrap_or(false);
    let mut found = pods_own(
        yes(pod.security_context.as_ref().and_then(|s| s.windows_options.as_ref())),
        "windowsOptions.hostProcess: true on the pod",
    );
    found.extend(each(pod, Level::Baseline, |c| {
        yes(context(c).and_then(|s| s.windows_options.as_ref())).then(|| "windowsOptions.hostProcess: true".to_owned())
    }));
    found
}

fn host_path(pod: &PodSpec) -> Vec<Violation> {
    let volumes =
        pod.volumes.iter().filter_map(|v| v.host_path.as_ref().map(|path| (v.name.as_str(), path.path.as_str())));
    volumes
        .filter_map(|(name, path)| {
            let mut by = pod.all_containers().filter(|(_, c)| c.volume_mounts.iter().any(|mount| mount.name == name));
            let what = by.next().map(|(list, c)| format!("{list} {}: mounts {path}", c.name))?;
            Some(Violation { what, level: Level::Baseline })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use seaworthy_catalogue::POD_REQUIREMENTS;

    #[test]
    fn there_is_a_requirement_for_every_word_of_the_catalogue() {
        let words: Vec<&str> = super::ALL.iter().map(|standard| standard.word).collect();
        assert_eq!(words, POD_REQUIREMENTS);
    }
}
