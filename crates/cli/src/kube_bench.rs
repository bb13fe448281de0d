//! kube-bench's words, for when the program is started under that name: text only, until its other formats have been written.

use std::ffi::OsString;

use crate::exit::Failure;

/// Flags of kube-bench that have no meaning here and do no harm: how it logs. Each with whether it takes a value.
const LOGGING: [(&str, bool); 9] = [
    ("--alsologtostderr", false),
    ("--logtostderr", false),
    ("--log_backtrace_at", true),
    ("--log_dir", true),
    ("--stderrthreshold", true),
    ("--v", true),
    ("-v", true),
    ("--vmodule", true),
    ("--skip_headers", false),
];

/// Flags of kube-bench that ask for what is not here yet.
const NOT_YET: [&str; 7] = ["--json", "--junit", "--pgsql", "--asff", "--config", "--config-dir", "-D"];

/// Turns kube-bench's command line into ours.
pub(crate) fn translate(words: Vec<OsString>) -> Result<Vec<OsString>, Failure> {
    let mut words = words.into_iter();
    let name = words.next().unwrap_or_else(|| "kube-bench".into());
    let mut rest: Vec<OsString> = Vec::new();
    let mut skip = false;
    for word in words {
        if std::mem::take(&mut skip) {
            continue;
        }
        let text = word.to_string_lossy();
        let flag = text.split('=').next().unwrap_or_default();
        if NOT_YET.contains(&flag) {
            let message = format!("{flag} of kube-bench is not here yet");
            return Err(Failure::usage(message)
                .hint("under the name seaworthy, --format json and --format junit give our own formats"));
        }
        // Both are on unless somebody turns one off.
        if ["--scored", "--unscored", "--scored=true", "--unscored=true"].contains(&&*text) {
            continue;
        }
        if let Some((_, takes)) = LOGGING.iter().find(|(known, _)| *known == flag) {
            skip = *takes && !text.contains('=');
            continue;
        }
        rest.push(word);
    }
    let first = rest.first().map(|w| w.to_string_lossy().into_owned()).unwrap_or_default();
    let mut ours = vec![name];
    match first.as_str() {
        "run" | "help" | "--help" | "-h" => {}
        "version" => rest = vec!["--version".into()],
        // Without a command kube-bench runs everything that the node has; `master` and `node` are older words for a target.
        "master" | "node" => {
            rest[0] = "run".into();
            rest.insert(1, format!("--targets={first}").into());
        }
        _ => rest.insert(0, "run".into()),
    }
    ours.extend(rest);
    Ok(ours)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn translated(words: &[&str]) -> Vec<String> {
        let words = std::iter::once("kube-bench").chain(words.iter().copied()).map(OsString::from).collect();
        translate(words).unwrap().into_iter().skip(1).map(|w| w.into_string().unwrap()).collect()
    }

    #[test]
    fn the_classic_job_keeps_its_words() {
        assert_eq!(translated(&["run", "--targets", "node"]), ["run", "--targets", "node"]);
        assert_eq!(translated(&[]), ["run"]);
        assert_eq!(translated(&["--benchmark", "cis-1.12"]), ["run", "--benchmark", "cis-1.12"]);
        assert_eq!(translated(&["node", "-v", "3", "--logtostderr"]), ["run", "--targets=node"]);
        assert_eq!(translated(&["version"]), ["--version"]);
        assert_eq!(translated(&["run", "--scored", "--unscored=false"]), ["run", "--unscored=false"]);
    }

    #[test]
    fn what_is_not_here_yet_is_said() {
        for flag in ["--json", "--asff", "--config-dir=/x"] {
            let words = ["kube-bench", "run", flag].map(OsString::from).to_vec();
            assert!(translate(words).is_err(), "{flag}");
        }
    }
}
