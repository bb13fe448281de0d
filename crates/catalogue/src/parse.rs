//! The catalogue's texts as TOML: raw types, as they are written. [`load`](crate::load) turns them into the resolved ones.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::{Case, System};

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct RawComponent {
    pub(crate) title: String,
    pub(crate) role: String,
    pub(crate) programs: Vec<String>,
    pub(crate) places: Vec<String>,
    pub(crate) daemon_set: Option<String>,
    pub(crate) argument_style: String,
    #[serde(default)]
    pub(crate) switches: Vec<String>,
    #[serde(default)]
    pub(crate) flags: Vec<String>,
    #[serde(default)]
    pub(crate) flag_versions: BTreeMap<String, RawVersions>,
    pub(crate) config: Option<RawConfig>,
    #[serde(default)]
    pub(crate) settings: BTreeMap<String, RawSetting>,
}

/// The versions that have something.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct RawVersions {
    pub(crate) from: Option<String>,
    pub(crate) until: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct RawConfig {
    pub(crate) setting: String,
    pub(crate) kind: Option<String>,
    pub(crate) group: Option<String>,
    pub(crate) flags: String,
    pub(crate) drop_ins: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct RawSetting {
    #[serde(rename = "type")]
    pub(crate) kind: String,
    pub(crate) flag: Option<String>,
    pub(crate) field: Option<String>,
    pub(crate) environment: Option<String>,
    pub(crate) default: Option<toml::Value>,
    pub(crate) default_without_config_file: Option<toml::Value>,
    pub(crate) with_config: Option<String>,
    pub(crate) merge: Option<String>,
    pub(crate) zero: Option<toml::Value>,
    pub(crate) zero_in_file: Option<toml::Value>,
    #[serde(default)]
    pub(crate) zero_is_absent: bool,
    #[serde(default)]
    pub(crate) fills_in: bool,
    #[serde(default)]
    pub(crate) words: Vec<String>,
    pub(crate) gate: Option<String>,
    pub(crate) derive: Option<String>,
    pub(crate) reads: Option<String>,
    #[serde(default)]
    pub(crate) reloads: bool,
    #[serde(default)]
    pub(crate) walk: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct RawDefault {
    pub(crate) from: Option<String>,
    pub(crate) until: Option<String>,
    pub(crate) value: Option<toml::Value>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct RawPlatform {
    pub(crate) title: String,
    #[serde(default)]
    pub(crate) recognised_by: Vec<String>,
    pub(crate) manifests: Option<String>,
    pub(crate) pod_logs: Option<String>,
    pub(crate) cluster_ca: Option<String>,
    pub(crate) managed_by: Option<String>,
    pub(crate) repair: Option<RawRepair>,
    #[serde(default)]
    pub(crate) system: System,
    #[serde(default)]
    pub(crate) roles: BTreeMap<String, RawRole>,
    #[serde(default)]
    pub(crate) files: BTreeMap<String, RawFileSet>,
    #[serde(default)]
    pub(crate) mounts: Vec<RawMount>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct RawRepair {
    pub(crate) kubelet_unit: String,
    #[serde(default)]
    pub(crate) kubelet_arguments: Vec<String>,
    #[serde(default)]
    pub(crate) administrator: Vec<String>,
    #[serde(default)]
    pub(crate) upgrades: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct RawMount {
    pub(crate) path: String,
    #[serde(default)]
    pub(crate) file: bool,
    pub(crate) everywhere: Option<bool>,
    pub(crate) instead: Option<String>,
    #[serde(default)]
    pub(crate) named_by: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct RawRole {
    pub(crate) title: String,
    pub(crate) components: Vec<String>,
    #[serde(default)]
    pub(crate) files: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct RawFileSet {
    pub(crate) title: String,
    pub(crate) paths: Vec<String>,
    #[serde(default)]
    pub(crate) walk: bool,
    #[serde(default)]
    pub(crate) certificates: bool,
    pub(crate) reads: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct RawRule {
    pub(crate) title: String,
    pub(crate) severity: String,
    pub(crate) check: toml::Table,
    pub(crate) applies: Option<RawApplies>,
    pub(crate) fix: Option<toml::Table>,
    pub(crate) no_fix: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct RawApplies {
    pub(crate) component: String,
    pub(crate) setting: String,
    pub(crate) expect: toml::Table,
    pub(crate) otherwise: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct RawSettingCheck {
    pub(crate) component: String,
    pub(crate) setting: String,
    pub(crate) expect: toml::Table,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct RawFileMode {
    pub(crate) files: RawFiles,
    pub(crate) within: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct RawFileOwner {
    pub(crate) files: RawFiles,
    pub(crate) owner: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct RawFiles {
    pub(crate) manifest_of: Option<String>,
    pub(crate) component: Option<String>,
    pub(crate) setting: Option<String>,
    pub(crate) otherwise: Option<String>,
    pub(crate) platform: Option<String>,
    pub(crate) suffix: Option<String>,
    pub(crate) directories: Option<bool>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct RawManual {
    pub(crate) question: String,
    #[serde(default)]
    pub(crate) show: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct RawNative {
    pub(crate) name: String,
    pub(crate) component: String,
    #[serde(default)]
    pub(crate) with: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct RawApi {
    pub(crate) judge: String,
    #[serde(default)]
    pub(crate) with: Vec<String>,
    pub(crate) asks: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct RawFix {
    pub(crate) component: Option<String>,
    pub(crate) setting: Option<String>,
    pub(crate) value: Option<toml::Value>,
    pub(crate) values: Option<BTreeMap<String, toml::Value>>,
    pub(crate) mode: Option<String>,
    pub(crate) owner: Option<String>,
    pub(crate) path: Option<String>,
    pub(crate) content: Option<String>,
    pub(crate) text: Option<toml::Value>,
    #[serde(default)]
    pub(crate) merge: Vec<String>,
    #[serde(default)]
    pub(crate) secret: bool,
    pub(crate) directory: Option<String>,
    pub(crate) risk: Option<String>,
    pub(crate) breaks: Option<String>,
    #[serde(default)]
    pub(crate) tests: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct RawBenchmark {
    pub(crate) title: String,
    pub(crate) kubernetes: RawRange,
    pub(crate) published: RawRange,
    #[serde(rename = "section")]
    pub(crate) sections: Vec<RawSection>,
    pub(crate) items: BTreeMap<String, RawItem>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct RawRange {
    pub(crate) from: Option<String>,
    pub(crate) to: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct RawSection {
    pub(crate) id: String,
    pub(crate) title: String,
    pub(crate) target: String,
    pub(crate) role: Option<String>,
    #[serde(default)]
    pub(crate) groups: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct RawItem {
    pub(crate) rule: String,
    pub(crate) level: u8,
    pub(crate) label: Option<String>,
    pub(crate) with: Option<toml::Table>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct RawCases {
    #[serde(default, rename = "case")]
    pub(crate) cases: Vec<Case>,
}
