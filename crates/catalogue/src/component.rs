//! A component: which settings exist, and how this component itself decides what they are.

use seaworthy_model::Version;
use serde::{Deserialize, Serialize};

/// A program of Kubernetes whose settings rules ask about.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Component {
    /// `kube-apiserver`.
    pub name: String,
    /// `API server`.
    pub title: String,
    /// The role whose part it is: a role's name of the platform.
    pub role: String,
    /// The base names under which its program is installed.
    pub programs: Vec<String>,
    /// Where it may run to be this node's: any of `static-pod`, `host`, `daemon-set`.
    pub places: Vec<String>,
    /// `NAMESPACE/NAME` of the DaemonSet that runs it, for the place `daemon-set`.
    pub daemon_set: Option<String>,
    /// How it reads its command line.
    pub arguments: ArgumentStyle,
    /// Flags that never take the next argument as their value.
    pub switches: Vec<String>,
    /// Flags that take a value; with [`switches`](Self::switches) all that it has in the versions that we know.
    pub flags: Vec<String>,
    /// Flags that not all of the versions have that we know: name, first version with it, first version without it. Sorted.
    pub flag_versions: Vec<(String, Option<Version>, Option<Version>)>,
    /// Its configuration file.
    pub config: Option<ConfigFile>,
    /// Its settings, sorted by name.
    pub settings: Vec<Setting>,
}

impl Component {
    /// Whether it has this flag in a version; in any that we know where the version is not known.
    pub fn has_flag(&self, flag: &str, version: Option<Version>) -> bool {
        let known = |list: &[String]| list.binary_search_by(|known| known.as_str().cmp(flag)).is_ok();
        let fits = |(_, from, until): &(String, Option<Version>, Option<Version>)| {
            let version = version.map(Version::release);
            version.is_none_or(|v| from.is_none_or(|from| v >= from) && until.is_none_or(|until| v < until))
        };
        (known(&self.switches) || known(&self.flags))
            && self.flag_versions.iter().find(|(name, ..)| name == flag).is_none_or(fits)
    }

    /// The setting of this name.
    pub fn setting(&self, name: &str) -> Option<&Setting> {
        self.settings.binary_search_by(|s| s.name.as_str().cmp(name)).ok().map(|i| &self.settings[i])
    }
}

/// How a program reads its command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ArgumentStyle {
    /// Kubernetes' own: `--x=v`, `--x v`, `_` for `-`.
    Pflag,
    /// Go's `flag` package: one dash or two, `_` is no `-`.
    GoFlag,
}

/// A component's configuration file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ConfigFile {
    /// The setting that names it.
    pub setting: String,
    /// The document's `kind`, if it has one.
    pub kind: Option<String>,
    /// The document's API group.
    pub group: Option<String>,
    /// What flags (and environment) mean once there is a configuration file. A setting can say otherwise for itself.
    pub flags: WithConfig,
    /// The setting that names the directory of drop-ins, if it has one.
    pub drop_ins: Option<String>,
}

/// What a flag means once there is a configuration file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum WithConfig {
    /// It counts more than the file.
    Override,
    /// It is ignored.
    Ignored,
}

/// A setting of a component.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Setting {
    /// The name by which rules ask for it.
    pub name: String,
    /// What kind of value it has.
    pub kind: SettingKind,
    /// Its flag, without dashes.
    pub flag: Option<String>,
    /// Its place in the configuration file, with dots.
    pub field: Option<String>,
    /// Its environment variable.
    pub environment: Option<String>,
    /// What it is where nobody sets it, by version. Empty: nothing.
    pub default: Vec<Default>,
    /// What it is where nobody sets it and the component has no configuration file; empty: as [`default`](Self::default).
    pub default_without_config: Vec<Default>,
    /// What its flag means once there is a configuration file.
    pub with_config: Option<WithConfig>,
    /// How flag and file are brought together.
    pub merge: Merge,
    /// What a zero really means to the component, by version. Empty: zero.
    pub zero: Vec<Default>,
    /// What a zero in the configuration file really means, by version. Empty: as [`zero`](Self::zero).
    pub zero_in_file: Vec<Default>,
    /// The component leaves a zero out when it writes its configuration down, as it does before it merges drop-ins.
    pub zero_is_absent: bool,
    /// The component fills in a value of its own where nobody set one, so what it says that it runs by does not tell what was set.
    pub fills_in: bool,
    /// The words that the component takes; it refuses others. Empty: any.
    pub words: Vec<String>,
    /// For [`SettingKind::Gate`]: the feature gate's name.
    pub gate: Option<String>,
    /// The engine's function that works the value out of other settings.
    pub derive: Option<String>,
    /// For paths: the kind of document that is read there, so that the collector keeps its text.
    pub reads: Option<String>,
    /// For paths: the component notices changes of the file by itself.
    pub reloads: bool,
    /// For paths: whether the collector lists what is below, if it is a directory.
    pub walk: bool,
}

/// What kind of value a setting has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum SettingKind {
    /// On or off.
    Bool,
    /// A whole number; flags read `0x` and octal as Go does.
    Int,
    /// A duration such as `1h30m`; `0` is one too.
    Duration,
    /// Any text.
    Text,
    /// A list: comma-separated in flags, a sequence in files. Repeated flags append.
    List,
    /// A feature gate out of the map of all of them.
    Gate,
    /// The path of a file or directory.
    Path,
    /// Paths, as a list.
    Paths,
    /// An IP address.
    Address,
    /// An address with a port.
    AddressPort,
}

/// A default, for the versions from `from` and before `until`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Default {
    /// The first release that has it.
    pub from: Option<Version>,
    /// The first release that has it no more.
    pub until: Option<Version>,
    /// The value; `None` for "not set".
    pub value: Option<Literal>,
}

/// A value as it is written in the catalogue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Literal {
    /// `true`, `false`.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A text.
    Text(String),
    /// A list of texts.
    List(Vec<String>),
}

impl std::fmt::Display for Literal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Literal::Bool(b) => write!(f, "{b}"),
            Literal::Int(i) => write!(f, "{i}"),
            Literal::Text(t) => f.write_str(t),
            Literal::List(l) => f.write_str(&l.join(",")),
        }
    }
}

/// How flag and file are brought together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Merge {
    /// The stronger of the two is taken.
    Override,
    /// On if either is on.
    Or,
    /// Key by key (feature gates).
    ByKey,
}
