//! What people are shown of an edit.

use seaworthy_fix::edit::{masked_diff, unified_diff};

use crate::support::same;

#[test]
fn a_diff_is_one_that_patch_reads() {
    let before: String = (1..=9).map(|n| format!("{n}\n")).collect();
    same(
        &unified_diff("/etc/x", &before, &before.replace("5\n", "five\n")),
        "--- /etc/x\n+++ /etc/x\n@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n",
    );
    same(
        &unified_diff("x", "a\nb", "a\nb\n"),
        "--- x\n+++ x\n@@ -1,2 +1,2 @@\n a\n-b\n\\ No newline at end of file\n+b\n",
    );
    same(&unified_diff("x", "a\r\n", "a\r\nb\r\n"), "--- x\n+++ x\n@@ -1 +1,2 @@\n a\r\n+b\r\n");
    same(&unified_diff("x", "a\n", "a\n"), "");
}

const KEYS: &str = "\
# made by hand: c2VjcmV0
kind: EncryptionConfiguration
resources:
- resources: [secrets]
  providers:
  - aescbc:
      keys:
      - name: key1
        secret: c2VjcmV0IGlzIHNlY3VyZQ==
  - identity: {}
";

#[test]
fn a_masked_diff_shows_fields_and_no_values() {
    let after = KEYS.replace("c2VjcmV0IGlzIHNlY3VyZQ==", "dGhpcyBpcyBwYXNzd29yZA==");
    same(
        &masked_diff("/etc/enc.yaml", KEYS, &after),
        "--- /etc/enc.yaml\n+++ /etc/enc.yaml\n# 1 line removed, 1 line added; values and comments are masked\n@@ -6,5 +6,5 @@\n   - aescbc:\n       keys:\n       - name: ********\n-        secret: ********\n+        secret: ********\n   - identity: {}\n",
    );
    same(&masked_diff("x", KEYS, KEYS), "");
}

#[test]
fn no_form_of_a_key_shows_through_the_mask() {
    let secret = "c2VjcmV0IGlzIHNlY3VyZQ";
    for text in [
        format!("secret: {secret}\n"),
        format!("secret: |\n  {secret}\n  {secret}\n"),
        format!("secret: \"{secret}\\\n  {secret}\"\n"),
        format!("{{\"secret\": \"{secret}\"}}"),
        format!("{{secret:{secret}}}"),
        format!("{secret}c2VjcmV0IGlz: x\n"),
        format!("a: [\nnot yaml {secret}\n"),
        format!("a: 1\n---\nsecret: {secret}\n"),
        format!("a: 1 # {secret}\n"),
        format!("? {secret}==\n: 1\n"),
        format!("a:\t{secret}\n"),
    ] {
        for (before, after) in [("", text.as_str()), (text.as_str(), ""), (text.as_str(), &format!("{text}x: 1\n"))] {
            let diff = masked_diff("x", before, after);
            assert!(!diff.contains(&secret[..12]), "{text}\n{diff}");
            assert!(diff.contains("********"));
        }
    }
}
