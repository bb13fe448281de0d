//! Runs the cases that stand beside rules: builds the node that a case describes and judges one rule on it. For tests, ours and those
//! of people who write rules.

mod cluster;
mod witnesses;

use seaworthy_catalogue::{
    Case, CaseFile, CaseFileState, CasePlace, CaseProcess, Catalogue, Component, Platform, Rule,
};
use seaworthy_model::{
    Argument, Certificate, ClusterIdentity, Container, Directory, FACTS_SCHEMA, Fact, Facts, File, FileKind,
    FileRecord, Finding, Grant, GrantKind, KubernetesVersion, Manifest, Node, NodeIdentity, Permissions, Place, Pod,
    Process, Source, Text, Tool, Variable, Version, View, Visibility,
};

pub use cluster::{LISTS, refuse, spoil};

use crate::{Options, judge};

/// When the processes of cases start, in milliseconds since 1970; files are older unless the case says otherwise.
const START: i64 = 1_000_000;

/// Judges a rule on the node that a case describes. The error says what is wrong with the case itself.
///
/// # Errors
/// A component that does not exist, a mode that is none, a benchmark's `with` that does not fit.
pub fn run(catalogue: &Catalogue, rule: &Rule, case: &Case) -> Result<Finding, String> {
    let mut catalogue = catalogue.clone();
    let facts = facts(&catalogue, rule, case)?;
    // A benchmark of this one rule, so that nothing but the rule is judged.
    let mut benchmark = catalogue
        .benchmarks
        .iter()
        .rev()
        .find(|b| b.items.iter().any(|i| i.rule == rule.name))
        .cloned()
        .ok_or("no benchmark has the rule")?;
    benchmark.items.retain(|item| item.rule == rule.name);
    if case.with.is_none() {
        benchmark.items.iter_mut().for_each(|item| item.check = None);
    } else {
        benchmark.items.iter_mut().for_each(|item| item.check = with(rule, case).or(item.check.take()));
    }
    "case".clone_into(&mut benchmark.id);
    catalogue.benchmarks = vec![benchmark];
    let options = Options { benchmark: Some("case".to_owned()), ..Options::default() };
    let report = judge(&facts, &catalogue, &options).map_err(|e| e.to_string())?;
    report.findings.into_iter().next().ok_or_else(|| "the rule was not judged".to_owned())
}

/// The check of a native rule with the case's own words.
fn with(rule: &Rule, case: &Case) -> Option<seaworthy_catalogue::Check> {
    let table = case.with.as_ref()?;
    let mut check = rule.check.clone();
    match &mut check {
        seaworthy_catalogue::Check::Native { with, .. } | seaworthy_catalogue::Check::Api { with, .. } => {
            *with = table.get("with")?.as_array()?.iter().filter_map(|v| v.as_str().map(str::to_owned)).collect();
        }
        seaworthy_catalogue::Check::FileMode { within, .. } => {
            *within = u32::from_str_radix(table.get("within")?.as_str()?, 8).ok()?;
        }
        _ => return None,
    }
    Some(check)
}

/// The node that a case describes.
///
/// # Errors
/// As [`run`].
pub fn facts(catalogue: &Catalogue, rule: &Rule, case: &Case) -> Result<Facts, String> {
    let platform = catalogue.platforms.first().ok_or("the catalogue has no platform")?;
    let own = case.component.clone().or_else(|| rule.check.components().first().map(|c| (*c).to_owned()));
    let mut builder =
        Builder { catalogue, processes: Vec::new(), files: Vec::new(), manifests: Vec::new(), versions: Vec::new() };
    if let Some(name) = own.as_ref().filter(|_| case.present && case.running) {
        let readable = case.environment_readable;
        let process = CaseProcess {
            component: name.clone(),
            arguments: case.arguments.clone(),
            environment: case.environment.clone(),
            place: None,
            executable: None,
        };
        builder.process(&process, readable)?;
    }
    for process in &case.processes {
        builder.process(process, true)?;
    }
    for file in &case.files {
        builder.file(file)?;
    }
    for manifest in &case.manifests {
        builder.manifest(&manifest.path, &manifest.component, &manifest.arguments, manifest.tag.as_deref())?;
    }
    if let (true, false, Some(name)) = (case.present, case.running, &own)
        && case.manifests.is_empty()
    {
        builder.trace(platform, name)?;
    }
    if case.present && own.is_none() {
        builder.roles(platform);
    }
    if !case.present {
        builder.nothing(platform);
    }
    builder.version(case.kubernetes.as_deref())?;
    let mut facts = Facts { api: cluster::cluster(case)?, ..builder.finish() };
    witnesses::add(case, &mut facts.api);
    if let Some(node) = &mut facts.node {
        witnesses::hide(case, node);
    }
    Ok(facts)
}

struct Builder<'c> {
    catalogue: &'c Catalogue,
    processes: Vec<Process>,
    files: Vec<FileRecord>,
    manifests: Vec<Manifest>,
    versions: Vec<KubernetesVersion>,
}

impl Builder<'_> {
    fn component(&self, name: &str) -> Result<&Component, String> {
        self.catalogue.component(name).ok_or_else(|| format!("there is no component {name:?}"))
    }

    fn process(&mut self, case: &CaseProcess, environment_readable: bool) -> Result<(), String> {
        let component = self.component(&case.component)?;
        let program = component.programs.first().ok_or("a component without a program")?.clone();
        let pid = 100 + u32::try_from(self.processes.len()).unwrap_or(0);
        let place = case.place.unwrap_or(match component.places.first().map(String::as_str) {
            Some("daemon-set") => CasePlace::DaemonSet,
            Some("host") => CasePlace::Host,
            _ => CasePlace::StaticPod,
        });
        let source = |part: &str| Source::process(pid, &program, part);
        let known = |place| Fact::Known { value: place, source: source("control group") };
        let pod = |namespace: &str, name: &str| Place::Pod {
            uid: "28b4d1bc-f893-4e2a-b72b-a6849167d223".to_owned(),
            namespace: Some(namespace.to_owned()),
            name: Some(name.to_owned()),
        };
        let set = component.daemon_set.as_deref().and_then(|d| d.split_once('/')).unwrap_or(("kube-system", "none"));
        let place = match place {
            CasePlace::Host => known(Place::Host),
            CasePlace::Session => known(Place::Session),
            CasePlace::StaticPod => known(Place::StaticPod { uid: "0".repeat(32) }),
            CasePlace::DaemonSet => known(pod(set.0, &format!("{}-x7k2p", set.1))),
            CasePlace::Pod => known(pod("shop", "web-0")),
            CasePlace::Unreadable => Fact::Denied {
                error: "permission denied".to_owned(),
                grant: Grant::new(GrantKind::User, "root"),
                source: source("control group"),
            },
        };
        let executable = case.executable.clone().unwrap_or_else(|| format!("/usr/local/bin/{program}"));
        let mut arguments = vec![program.clone()];
        arguments.extend(case.arguments.iter().cloned());
        let environment = if environment_readable {
            let list =
                case.environment.iter().map(|(name, value)| Variable { name: name.clone(), value: value.clone() });
            Fact::Known { value: list.collect(), source: source("environment") }
        } else {
            Fact::Denied {
                error: "permission denied".to_owned(),
                grant: Grant::new(GrantKind::Capability, "SYS_PTRACE"),
                source: source("environment"),
            }
        };
        let process = Process {
            pid,
            parent: Some(1),
            comm: program.chars().take(15).collect(),
            executable: Fact::Known { value: executable, source: source("executable") },
            arguments: Fact::Known { value: arguments, source: source("arguments") },
            environment,
            uid: Some(0),
            start: Some(START),
            place,
            mounts: Vec::new(),
        };
        self.processes.push(process);
        Ok(())
    }

    fn view(&self, of: Option<&str>) -> Result<View, String> {
        let Some(name) = of else { return Ok(View::Host) };
        let component = self.component(name)?;
        let process = self.processes.iter().find(|p| {
            let first = p.arguments.known().and_then(|a| a.first());
            first.is_some_and(|first| component.programs.contains(first))
        });
        let process = process.ok_or_else(|| format!("no process of {name} is in the case"))?;
        Ok(if matches!(process.place.known(), Some(Place::Host)) { View::Host } else { View::Process(process.pid) })
    }

    fn file(&mut self, case: &CaseFile) -> Result<(), String> {
        let view = self.view(case.of.as_deref())?;
        let source = match view {
            View::Host => Source::host(&case.path),
            View::Process(pid) => Source::container(&case.path, pid, None),
        };
        let fact = match case.state {
            CaseFileState::Known => Fact::Known { value: known(case, &source)?, source },
            CaseFileState::Absent => Fact::Absent { source },
            CaseFileState::Denied => Fact::Denied {
                error: "permission denied".to_owned(),
                grant: Grant::new(GrantKind::User, "root"),
                source,
            },
            CaseFileState::NotVisible => Fact::NotVisible { grant: Grant::new(GrantKind::Mount, &case.path), source },
            CaseFileState::Broken => Fact::Broken { error: "larger than 1 MiB".to_owned(), source },
        };
        self.files.push(FileRecord { view, path: case.path.clone(), fact });
        Ok(())
    }

    fn manifest(&mut self, path: &str, component: &str, arguments: &[String], tag: Option<&str>) -> Result<(), String> {
        let program = self.component(component)?.programs.first().ok_or("a component without a program")?.clone();
        let words = std::iter::once(&program).chain(arguments);
        let container = Container {
            name: program.clone(),
            init: false,
            image: format!("registry.k8s.io/{program}:{}", tag.unwrap_or("v1.34.4")),
            arguments: words.zip(12..).map(|(text, line)| Argument { text: text.clone(), line }).collect(),
            environment: Vec::new(),
            mounts: Vec::new(),
            probes: Vec::new(),
        };
        let pod = Pod {
            name: program,
            namespace: Some("kube-system".to_owned()),
            host_network: true,
            containers: vec![container],
            volumes: Vec::new(),
        };
        self.manifests
            .push(Manifest { path: path.to_owned(), pod: Fact::Known { value: pod, source: Source::host(path) } });
        Ok(())
    }

    /// What shows a component's role where the component does not run.
    fn trace(&mut self, platform: &Platform, component: &str) -> Result<(), String> {
        let description = self.component(component)?;
        if description.places.first().is_some_and(|p| p == "static-pod") {
            return self.manifest(&format!("/etc/kubernetes/manifests/{component}.yaml"), component, &[], None);
        }
        self.roles(platform);
        Ok(())
    }

    /// The kubeconfigs of every role.
    fn roles(&mut self, platform: &Platform) {
        for path in
            platform.roles.iter().flat_map(|r| &r.files).filter_map(|s| platform.file_set(s)).flat_map(|s| &s.paths)
        {
            let plain = CaseFile {
                path: path.clone(),
                of: None,
                state: CaseFileState::Known,
                mode: None,
                owner: None,
                text: None,
                entries: None,
                link: None,
                changed_since_start: false,
                public_key: None,
                client_organization: None,
            };
            if !self.files.iter().any(|f| &f.path == path) {
                let _ = self.file(&plain);
            }
        }
    }

    /// A node on which everything was looked for and nothing of any role is there.
    fn nothing(&mut self, platform: &Platform) {
        for path in platform.files.iter().flat_map(|s| &s.paths) {
            if !self.files.iter().any(|f| &f.path == path) {
                let fact = Fact::Absent { source: Source::host(path) };
                self.files.push(FileRecord { view: View::Host, path: path.clone(), fact });
            }
        }
    }

    fn version(&mut self, text: Option<&str>) -> Result<(), String> {
        let text = text.unwrap_or("1.34");
        if text == "unknown" {
            return Ok(());
        }
        let version = Version::parse(text).ok_or_else(|| format!("{text:?} is no version"))?;
        self.versions.push(KubernetesVersion {
            component: None,
            version,
            text: text.to_owned(),
            source: Source::stated("the case"),
        });
        Ok(())
    }

    fn finish(self) -> Facts {
        let mut node = Node {
            identity: NodeIdentity {
                certificate: Fact::Known { value: witnesses::NODE.to_owned(), source: Source::stated("the case") },
                hostname: Fact::Absent { source: Source::host("/etc/hostname") },
            },
            os: Fact::Absent { source: Source::host("/etc/os-release") },
            visibility: Visibility { live: true, root: true, container: false, times: true },
            processes: Fact::Known { value: self.processes, source: Source::host("/proc") },
            manifests: Fact::Known { value: self.manifests, source: Source::host("/etc/kubernetes/manifests") },
            files: self.files,
        };
        node.sort();
        Facts {
            schema: FACTS_SCHEMA,
            tool: Tool { name: "seaworthy".to_owned(), version: "0".to_owned() },
            time: None,
            platform: Some("kubeadm".to_owned()),
            cluster: Some(ClusterIdentity {
                id: Fact::Known {
                    value: witnesses::AUTHORITY.to_owned(),
                    source: Source::host("/etc/kubernetes/pki/ca.crt"),
                },
                name: None,
            }),
            versions: self.versions,
            node: Some(node),
            api: None,
            notes: Vec::new(),
        }
    }
}

fn known(case: &CaseFile, source: &Source) -> Result<File, String> {
    let directory = case.entries.is_some();
    let default = if directory { "0755" } else { "0600" };
    let mode = case.mode.as_deref().unwrap_or(default);
    let mode = u32::from_str_radix(mode, 8).map_err(|_| format!("{mode:?} is no mode"))?;
    let owner = case.owner.as_deref().unwrap_or("root:root");
    let (owner, group) = owner.split_once(':').ok_or_else(|| format!("{owner:?} is no owner"))?;
    let time = if case.changed_since_start { START + 1000 } else { START - 1 };
    let number = |name: &str| match name {
        "root" => 0,
        name => name.parse().unwrap_or(1000),
    };
    let name = |text: &str| text.parse::<u32>().is_err().then(|| text.to_owned());
    let certificate = |name: &str, organizations: Vec<String>, authority: bool, key: &str| Certificate {
        common_name: Some(name.to_owned()),
        organizations,
        issuer: "CN=kubernetes".to_owned(),
        not_before: 0,
        not_after: 4_000_000_000,
        authority,
        key: "RSA".to_owned(),
        public_key_sha256: key.to_owned(),
        sha256: key.to_owned(),
    };
    let authority = case.public_key.iter().map(|key| certificate("kubernetes", Vec::new(), true, key));
    let client = case.client_organization.iter().map(|o| certificate("somebody", vec![o.clone()], false, "client"));
    let known_text =
        |text: &String| Fact::Known { value: Text { text: text.clone(), redactions: 0 }, source: source.clone() };
    Ok(File {
        kind: if directory { FileKind::Directory } else { FileKind::Regular },
        permissions: Permissions {
            mode,
            uid: number(owner),
            gid: number(group),
            owner: name(owner),
            group: name(group),
        },
        size: case.text.as_ref().map_or(0, |t| t.len() as u64),
        modified: Some(time),
        changed: Some(time),
        directory_modified: Some(START - 1),
        inode: None,
        links: case.link.iter().map(|target| format!("{} -> {target}", case.path)).collect(),
        target: case.link.clone().unwrap_or_else(|| case.path.clone()),
        digest: None,
        text: case.text.as_ref().map(known_text),
        entries: case.entries.as_ref().map(|names| {
            let mut names = names.clone();
            names.sort();
            Fact::Known { value: Directory { names }, source: source.clone() }
        }),
        certificates: authority.chain(client).collect(),
    })
}
