//! The pod that scans, with exactly the privileges that it is given.

use std::collections::BTreeMap;

use seaworthy_model::GrantKind;
use serde::Serialize;
use serde_json::{Value, json};

use crate::privileges::Privileges;
use crate::sending::{self, Sending};
use crate::text;

/// The user of pods that need not be root: nobody's, by custom.
const NOBODY: u32 = 65_532;

/// A pod that scans. What is not said here it does not have: no network of its node, no capability, no writable file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PodProfile {
    /// The container's name.
    pub container: String,
    /// Whether it shares its node's processes.
    pub host_pid: bool,
    /// Whether it runs as root; else as 65532.
    pub root: bool,
    /// What of the host is mounted, read-only and at the same path. All of it must be there on the node: the pod waits else.
    pub mounts: Vec<Mounted>,
    /// Whether what the host mounts and unmounts below them later is followed (`HostToContainer`). Without it a pod that stays keeps
    /// volumes of other pods busy that were mounted when it started; with it the pod starts only where the host's mounts are shared.
    pub follows_mounts: bool,
    /// Capabilities, without `CAP_`; all others are dropped.
    pub capabilities: Vec<String>,
    /// Its service account, whose token it gets; none: no token.
    pub service_account: Option<String>,
    /// The node to run on, whatever the scheduler says.
    pub node_name: Option<String>,
    /// Labels that its node must bear.
    pub node_selector: BTreeMap<String, String>,
    /// Taints that it tolerates.
    pub tolerations: Vec<Toleration>,
    /// The image.
    pub image: String,
    /// `Always`, `IfNotPresent` or `Never`.
    pub pull_policy: String,
    /// The program.
    pub command: Vec<String>,
    /// Its arguments.
    pub args: Vec<String>,
    /// `Never`, `OnFailure` or `Always`.
    pub restart_policy: String,
    /// Where it sends its results; nowhere but its log, if not set.
    #[serde(skip)]
    pub sending: Option<Sending>,
    /// Why it has each privilege, by JSON pointer into the spec.
    #[serde(skip)]
    pub reasons: BTreeMap<String, String>,
}

/// A directory or file of the host.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Mounted {
    /// Its path.
    pub path: String,
    /// Whether it is a file.
    pub file: bool,
}

impl Mounted {
    /// The type of its volume, which must be there: without one the runtime would make what is missing, and a scan changes nothing.
    pub(crate) fn kind(&self) -> &'static str {
        if self.file { "File" } else { "Directory" }
    }
}

/// A taint that a pod tolerates. Empty: every taint.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Toleration {
    /// The taint's key; every key if none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// Its value; every value if none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// Its effect; every effect if none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub effect: Option<String>,
}

impl Toleration {
    /// Of the taint by which kubeadm keeps pods from the control plane's nodes.
    pub fn control_plane() -> Toleration {
        Toleration {
            key: Some("node-role.kubernetes.io/control-plane".to_owned()),
            value: None,
            effect: Some("NoSchedule".to_owned()),
        }
    }

    /// Of every taint: also those of cordoned nodes, and of nodes that are kept for somebody.
    pub fn every() -> Toleration {
        Toleration::default()
    }

    fn json(&self) -> Value {
        let mut toleration = json!({"operator": if self.value.is_some() { "Equal" } else { "Exists" }});
        for (name, part) in [("key", &self.key), ("value", &self.value), ("effect", &self.effect)] {
            if let Some(part) = part {
                toleration[name] = part.clone().into();
            }
        }
        toleration
    }
}

impl PodProfile {
    /// A pod that scans the node it is on, with these privileges. It asks no API and gets no token.
    pub fn node(privileges: &Privileges, image: &str, pull_policy: &str, args: Vec<String>) -> PodProfile {
        let mut profile = PodProfile {
            container: "seaworthy".to_owned(),
            host_pid: privileges.host_pid(),
            root: privileges.root(),
            mounts: privileges.mounts(),
            follows_mounts: false,
            capabilities: privileges.capabilities(),
            service_account: None,
            node_name: None,
            node_selector: [("kubernetes.io/os".to_owned(), "linux".to_owned())].into(),
            tolerations: vec![Toleration::every()],
            image: image.to_owned(),
            pull_policy: pull_policy.to_owned(),
            command: vec!["seaworthy".to_owned()],
            args,
            restart_policy: "Never".to_owned(),
            sending: None,
            reasons: BTreeMap::new(),
        };
        profile.reasons = profile.explain(privileges);
        profile
    }

    /// A pod that asks the API and sees nothing of its node. It passes the Pod Security level `restricted`.
    pub fn api(service_account: &str, image: &str, pull_policy: &str, args: Vec<String>) -> PodProfile {
        let none = Privileges { checks: 0, granted: Vec::new(), withheld: Vec::new() };
        PodProfile {
            service_account: Some(service_account.to_owned()),
            tolerations: Vec::new(),
            reasons: BTreeMap::new(),
            ..PodProfile::node(&none, image, pull_policy, args)
        }
    }

    /// The spec of the pod, as the API takes it. It has one container.
    pub fn spec(&self) -> Value {
        let mut capabilities = json!({"drop": ["ALL"]});
        if !self.capabilities.is_empty() {
            capabilities["add"] = json!(self.capabilities);
        }
        let user = if self.root {
            json!({"runAsUser": 0, "runAsGroup": 0, "seccompProfile": {"type": "RuntimeDefault"}})
        } else {
            json!({
                "runAsNonRoot": true, "runAsUser": NOBODY, "runAsGroup": NOBODY,
                "seccompProfile": {"type": "RuntimeDefault"},
            })
        };
        let mount = |m: &Mounted| {
            let mut mount = json!({"name": volume(&m.path), "mountPath": m.path, "readOnly": true});
            if self.follows_mounts && !m.file {
                mount["mountPropagation"] = "HostToContainer".into();
            }
            mount
        };
        let source = |m: &Mounted| json!({"name": volume(&m.path), "hostPath": {"path": m.path, "type": m.kind()}});
        let mut args = self.args.clone();
        args.extend(self.sending.iter().flat_map(|sending| sending.arguments(self.keeps_state())));
        let mut container = json!({
            "name": self.container,
            "image": self.image,
            "imagePullPolicy": self.pull_policy,
            "command": self.command,
            "args": args,
            "env": [{"name": "NODE_NAME", "valueFrom": {"fieldRef": {"fieldPath": "spec.nodeName"}}}],
            "securityContext": {
                "allowPrivilegeEscalation": false,
                "readOnlyRootFilesystem": true,
                "capabilities": capabilities,
            },
            "resources": {"requests": {"cpu": "50m", "memory": "64Mi"}, "limits": {"cpu": "1", "memory": "256Mi"}},
        });
        let mut spec = json!({
            "automountServiceAccountToken": self.service_account.is_some(),
            "enableServiceLinks": false,
            "nodeSelector": self.node_selector,
            "restartPolicy": self.restart_policy,
            "securityContext": user,
            "terminationGracePeriodSeconds": 10,
        });
        if !self.mounts.is_empty() {
            container["volumeMounts"] = self.mounts.iter().map(mount).collect();
            spec["volumes"] = self.mounts.iter().map(source).collect();
        }
        if let Some(sending) = &self.sending {
            let (volumes, mounts) = sending.volumes(self.keeps_state());
            add(&mut container, "volumeMounts", mounts);
            add(&mut spec, "volumes", volumes);
        }
        spec["containers"] = json!([container]);
        if self.host_pid {
            spec["hostPID"] = true.into();
        }
        if let Some(account) = &self.service_account {
            spec["serviceAccountName"] = account.clone().into();
        }
        if let Some(node) = &self.node_name {
            spec["nodeName"] = node.clone().into();
        }
        if !self.tolerations.is_empty() {
            spec["tolerations"] = self.tolerations.iter().map(Toleration::json).collect();
        }
        spec
    }

    /// Has it send its results.
    pub(crate) fn send(&mut self, sending: &Sending) {
        for (place, mount) in sending.volumes(self.keeps_state()).1.iter().enumerate() {
            let why = match mount["name"].as_str() {
                Some("state") => "The last report, and what could not be sent yet. Nothing else is written.",
                Some("config") => "The sinks.",
                _ => "What the sinks refer to: tokens, certificates.",
            };
            self.reasons.insert(format!("/containers/0/volumeMounts/{}", self.mounts.len() + place), why.to_owned());
        }
        self.sending = Some(sending.clone());
    }

    /// Whether it has a directory of its node to write to: what asks the API has none.
    fn keeps_state(&self) -> bool {
        self.service_account.is_none() && !self.mounts.iter().any(sending::collides)
    }

    /// Why each privilege is there, by its place in the spec.
    fn explain(&self, privileges: &Privileges) -> BTreeMap<String, String> {
        let mut reasons = BTreeMap::new();
        for granted in &privileges.granted {
            let place = match granted.grant.kind {
                GrantKind::Namespace => "/hostPID".to_owned(),
                GrantKind::User => "/securityContext/runAsUser".to_owned(),
                GrantKind::Mount => {
                    let index = self.mounts.iter().position(|mount| mount.path == granted.grant.name);
                    let Some(index) = index else { continue };
                    format!("/containers/0/volumeMounts/{index}")
                }
                GrantKind::Capability => {
                    let index = self.capabilities.iter().position(|name| *name == granted.grant.name);
                    let Some(index) = index else { continue };
                    format!("/containers/0/securityContext/capabilities/add/{index}")
                }
                GrantKind::Api | GrantKind::Recording => continue,
            };
            reasons.insert(place, text::reason(granted));
        }
        reasons
    }
}

/// Adds to a list that may not be there yet.
fn add(object: &mut Value, key: &str, more: Vec<Value>) {
    match object.get_mut(key).and_then(Value::as_array_mut) {
        Some(list) => list.extend(more),
        None if more.is_empty() => {}
        None => object[key] = Value::Array(more),
    }
}

/// The name of a path's volume: `/var/lib/kubelet` is `var-lib-kubelet`.
fn volume(path: &str) -> String {
    let name: String = path
        .trim_matches('/')
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' })
        .collect();
    name.trim_matches('-').to_owned()
}
