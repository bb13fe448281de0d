//! A rule: what should hold, in words and in a typed head.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::Literal;

/// One requirement.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Rule {
    /// Its name and identity: `apiserver-profiling`. Neutral, since it is printed for passes too.
    pub name: String,
    /// The folder that it is in: a component's name, `platform` or `cluster`.
    pub folder: String,
    /// What it asks for, in one line.
    pub title: String,
    /// How bad a failure is.
    pub severity: seaworthy_model::Severity,
    /// When it applies.
    pub applies: Option<Applies>,
    /// What decides it.
    pub check: Check,
    /// How it is repaired.
    pub fix: Fix,
    /// The page: the prose below the head. Borrowed from the binary where the catalogue is embedded.
    #[serde(borrow)]
    pub page: Cow<'static, str>,
}

impl Rule {
    /// The text below the heading `## HEADING`, without surrounding blank lines. Empty if there is none.
    pub fn section(&self, heading: &str) -> &str {
        let marker = format!("\n## {heading}\n");
        let Some(start) = self.page.find(&marker) else { return "" };
        let body = &self.page[start + marker.len()..];
        body.find("\n## ").map_or(body, |end| &body[..end]).trim()
    }
}

/// When a rule applies.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Applies {
    /// The condition.
    pub when: SettingCheck,
    /// The reason to give where it does not hold.
    pub otherwise: String,
}

/// What decides a rule: a small closed vocabulary.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Check {
    /// A setting's effective value.
    Setting(SettingCheck),
    /// No permission bit beyond `within` on any of the files.
    FileMode {
        /// Which files.
        files: Files,
        /// The bits that may be set.
        within: u32,
    },
    /// Owner and group of all of the files.
    FileOwner {
        /// Which files.
        files: Files,
        /// The owner's name.
        owner: String,
        /// The group's name.
        group: String,
    },
    /// All of these hold.
    All(Vec<Check>),
    /// One of these holds.
    Any(Vec<Check>),
    /// A person has to decide.
    Manual {
        /// The question for the person.
        question: String,
        /// Settings to show, as component and setting.
        show: Vec<(String, String)>,
    },
    /// The engine's function of this name decides.
    Native {
        /// One of [`NATIVE_CHECKS`](crate::NATIVE_CHECKS).
        name: String,
        /// The component that it is about.
        component: String,
        /// Further words for it, such as what an audit policy must cover.
        with: Vec<String>,
    },
    /// Only the Kubernetes API can tell: the engine's function of this name decides by what it answered.
    Api {
        /// One of [`CLUSTER_CHECKS`](crate::CLUSTER_CHECKS).
        name: String,
        /// Further words for it, such as the access that is meant.
        with: Vec<String>,
        /// What has to be asked, each as verb and resource: `list pods`.
        asks: Vec<String>,
    },
}

impl Check {
    /// Calls `f` for this check and all those within it.
    pub fn walk<'a>(&'a self, f: &mut impl FnMut(&'a Check)) {
        f(self);
        if let Check::All(checks) | Check::Any(checks) = self {
            checks.iter().for_each(|check| check.walk(f));
        }
    }

    /// The components that it is about, each once, in order.
    pub fn components(&self) -> Vec<&str> {
        let mut names: Vec<&str> = Vec::new();
        self.walk(&mut |check| {
            let mine: Vec<&str> = match check {
                Check::Setting(c) => vec![c.component.as_str()],
                Check::Native { component, .. } => vec![component.as_str()],
                Check::FileMode { files, .. } | Check::FileOwner { files, .. } => {
                    files.component().into_iter().collect()
                }
                Check::Manual { show, .. } => show.iter().map(|(component, _)| component.as_str()).collect(),
                Check::All(_) | Check::Any(_) | Check::Api { .. } => Vec::new(),
            };
            for name in mine {
                if !names.contains(&name) {
                    names.push(name);
                }
            }
        });
        names
    }
}

/// A setting and what is wanted of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SettingCheck {
    /// The component.
    pub component: String,
    /// The setting.
    pub setting: String,
    /// What is wanted.
    pub expect: Expect,
}

/// What is wanted of a value.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Expect {
    /// The value itself.
    Equals(Literal),
    /// One of these texts.
    OneOf(Vec<String>),
    /// Anything else; not set counts as something else.
    NotEquals(Literal),
    /// A number or duration of at least this (durations in seconds).
    AtLeast(i64),
    /// A number or duration of at most this.
    AtMost(i64),
    /// A number or duration above this.
    MoreThan(i64),
    /// Set, and not empty.
    Set(bool),
    /// Given by somebody (`true`), or left at its default (`false`).
    Chosen(bool),
    /// A list that holds this.
    Contains(String),
    /// A list that does not hold this.
    Lacks(String),
    /// A list, set and not empty, that holds nothing but these.
    SubsetOf(Vec<String>),
    /// An address that only this machine reaches.
    Loopback(bool),
    /// A list of which no entry begins with this.
    NonePrefixed(String),
}

/// Which files a check looks at.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Files {
    /// The static pod manifests that run this component.
    ManifestOf(String),
    /// The file that a setting names.
    Named {
        /// The component.
        component: String,
        /// The setting, a path.
        setting: String,
        /// The platform's file set to look at where the setting is not set.
        otherwise: Option<String>,
    },
    /// A file set of the platform.
    Platform {
        /// Its name.
        set: String,
        /// For directories: only files whose name ends so.
        suffix: Option<String>,
        /// For directories: whether directories count too.
        directories: bool,
    },
}

impl Files {
    /// The component that the files belong to, if the selection names one.
    pub fn component(&self) -> Option<&str> {
        match self {
            Files::ManifestOf(component) | Files::Named { component, .. } => Some(component),
            Files::Platform { .. } => None,
        }
    }
}

/// How a rule is repaired.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Fix {
    /// A machine can do it.
    Machine {
        /// What is done: one operation, or several that belong together.
        operations: Vec<FixOperation>,
        /// What it does to the node.
        risk: Risk,
        /// Known breakages that are looked for on the node before: each one of [`BREAKAGES`](crate::BREAKAGES).
        tests: Vec<String>,
    },
    /// Only a person can do it.
    None {
        /// Why.
        reason: String,
    },
}

/// What a repair does.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum FixOperation {
    /// Gives settings of one component values.
    Set {
        /// The component.
        component: String,
        /// Settings and values.
        values: Vec<(String, Literal)>,
        /// The component writes there: its directory is made with this mode, and mounted into the pod.
        directory: Option<u32>,
    },
    /// Takes a setting away.
    Unset {
        /// The component.
        component: String,
        /// The setting.
        setting: String,
    },
    /// Adds an entry to a list.
    AddToList {
        /// The component.
        component: String,
        /// The setting.
        setting: String,
        /// The entry.
        value: String,
    },
    /// Takes an entry out of a list.
    RemoveFromList {
        /// The component.
        component: String,
        /// The setting.
        setting: String,
        /// The entry.
        value: String,
    },
    /// Sets the mode of the files that the check looks at.
    Mode(u32),
    /// Sets the owner of the files that the check looks at.
    Owner {
        /// The owner.
        owner: String,
        /// The group.
        group: String,
    },
    /// Writes a file and points a setting to it.
    WriteFile(WriteFile),
    /// In the EncryptionConfiguration that the setting names, puts the first provider that encrypts before `identity`.
    EncryptFirst {
        /// The component.
        component: String,
        /// The setting that names the file.
        setting: String,
    },
}

/// A file that a repair writes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WriteFile {
    /// The component.
    pub component: String,
    /// The setting that names the file.
    pub setting: String,
    /// Where to write it.
    pub path: String,
    /// What it is, as a phrase.
    pub content: String,
    /// The text, by version of the component. `@KEY@` stands for a new key: 32 random bytes as base64.
    pub text: Vec<crate::Default>,
    /// Its mode.
    pub mode: u32,
    /// Where the setting names a file already: these top-level fields of the text are set there. Empty: that file is somebody's work,
    /// and is left alone.
    pub merge: Vec<String>,
    /// Whether it holds keys, so that diffs, history and JSON mask it.
    pub secret: bool,
}

/// What a repair does to the node.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Risk {
    /// Nothing restarts.
    None,
    /// The component restarts.
    RestartsComponent,
    /// The component restarts, and something may stop working: what, and when.
    MayBreak(String),
}

impl Risk {
    /// The word itself.
    pub fn as_str(&self) -> &'static str {
        match self {
            Risk::None => "none",
            Risk::RestartsComponent => "restarts-component",
            Risk::MayBreak(_) => "may-break",
        }
    }
}
