//! Kernel parameters that a kubelet insists on: with `protectKernelDefaults` it ends at once where they are others.

use seaworthy_collect::{Links, Tree};
use seaworthy_model::View;

use super::Problem;

/// What a kubelet wants, by its own code.
const WANTED: [(&str, i64); 6] = [
    ("kernel/keys/root_maxbytes", 25_000_000),
    ("kernel/keys/root_maxkeys", 1_000_000),
    ("kernel/panic", 10),
    ("kernel/panic_on_oops", 1),
    ("vm/overcommit_memory", 1),
    ("vm/panic_on_oom", 0),
];

/// What would end the kubelet, if its configuration protects the kernel's defaults.
pub(super) fn problems(path: &str, text: &str, tree: &dyn Tree) -> Vec<Problem> {
    let Ok(document) = seaworthy_yaml::parse(text) else { return Vec::new() };
    let Some(node) = document.root.get("protectKernelDefaults").filter(|node| node.as_bool() == Some(true)) else {
        return Vec::new();
    };
    let differs = |(name, wanted): &(&str, i64)| {
        let is = value(tree, name);
        (is != Some(*wanted)).then(|| {
            let is = is.map_or_else(|| "not known".to_owned(), |is| is.to_string());
            let text =
                format!("{} is {is}, and the kubelet would end at once: sysctl -w {}={wanted}", dots(name), dots(name));
            Problem { path: path.to_owned(), line: node.span.line, column: node.span.column, text }
        })
    };
    WANTED.iter().filter_map(differs).collect()
}

fn dots(name: &str) -> String {
    name.replace('/', ".")
}

fn value(tree: &dyn Tree, name: &str) -> Option<i64> {
    let seen = tree.look(View::Host, format!("/proc/sys/{name}").as_bytes(), Links::Follow).ok()?;
    let mut bytes = Vec::new();
    tree.read(&seen, 64, &mut bytes).ok()?;
    std::str::from_utf8(&bytes).ok()?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::problems;

    fn node(values: &[(&str, &str)]) -> tempfile::TempDir {
        let root = tempfile::tempdir().unwrap();
        for (name, value) in values {
            let path = root.path().join("proc/sys").join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, format!("{value}\n")).unwrap();
        }
        root
    }

    const RIGHT: [(&str, &str); 6] = [
        ("kernel/keys/root_maxbytes", "25000000"),
        ("kernel/keys/root_maxkeys", "1000000"),
        ("kernel/panic", "10"),
        ("kernel/panic_on_oops", "1"),
        ("vm/overcommit_memory", "1"),
        ("vm/panic_on_oom", "0"),
    ];
    const TEXT: &str = "kind: KubeletConfiguration\nprotectKernelDefaults: true\n";

    #[test]
    fn a_kernel_that_fits_is_no_problem_and_one_that_does_not_is_named() {
        let root = node(&RIGHT);
        let tree = seaworthy_collect::open(root.path()).unwrap();
        assert_eq!(problems("/c", TEXT, tree.as_ref()), []);
        std::fs::write(root.path().join("proc/sys/kernel/panic"), "0\n").unwrap();
        let found = problems("/c", TEXT, tree.as_ref());
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].line, 2);
        assert!(found[0].text.contains("sysctl -w kernel.panic=10"), "{}", found[0].text);
    }

    #[test]
    fn what_cannot_be_read_counts_as_a_problem_and_what_is_not_protected_does_not() {
        let root = node(&RIGHT[..5]);
        let tree = seaworthy_collect::open(root.path()).unwrap();
        assert_eq!(problems("/c", TEXT, tree.as_ref()).len(), 1);
        assert_eq!(problems("/c", "kind: KubeletConfiguration\n", tree.as_ref()), []);
    }
}
