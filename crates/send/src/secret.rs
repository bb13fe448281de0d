//! What nobody may read: tokens, passwords, keys, and URLs that are keys themselves. They come from files or the environment by
//! reference, never from arguments, and leave this program only in the request that needs them.

use std::path::Path;

/// The largest file of a secret that is read.
const MOST: u64 = 64 << 10;

/// A text that is shown nowhere: its `Debug` is `***`, and it has no `Display`.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// From text that was read from where secrets are kept.
    pub fn new(text: impl Into<String>) -> Secret {
        Secret(text.into())
    }

    /// The text itself, for the request that needs it.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("***")
    }
}

/// Where a secret is kept: a file or a variable of the environment, one of the two.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reference {
    /// A file; blanks and line ends around its content do not count.
    pub file: Option<std::path::PathBuf>,
    /// The name of a variable.
    pub env: Option<String>,
}

impl Reference {
    /// Reads it; none if neither is given. `what` names it in errors: `token`.
    ///
    /// # Errors
    /// A sentence: both are given, the file cannot be read or is larger than 64 KiB, the variable is not set, or there is nothing in it.
    pub fn read(&self, what: &str) -> Result<Option<Secret>, String> {
        let (text, from) = match (&self.file, &self.env) {
            (None, None) => return Ok(None),
            (Some(_), Some(_)) => return Err(format!("{what}-file and {what}-env are both given: one is enough")),
            (Some(path), None) => (file(path, what)?, format!("the file {}", path.display())),
            (None, Some(name)) => {
                let value = std::env::var(name)
                    .map_err(|_| format!("{what}-env names {name}, which is not set in the environment"))?;
                (value, format!("the variable {name}"))
            }
        };
        let text = text.trim();
        if text.is_empty() {
            return Err(format!("{from}, which holds the {what}, is empty"));
        }
        if text.contains(char::is_control) {
            return Err(format!("{from} holds more than one line or a control character, so it is no {what}"));
        }
        Ok(Some(Secret::new(text)))
    }
}

fn file(path: &Path, what: &str) -> Result<String, String> {
    let named = |error: &dyn std::fmt::Display| format!("{what}-file {} could not be read: {error}", path.display());
    let size = std::fs::metadata(path).map_err(|error| named(&error))?.len();
    if size > MOST {
        return Err(named(&format!("it has {size} bytes, more than {MOST}")));
    }
    std::fs::read_to_string(path).map_err(|error| named(&error))
}

/// Whether a variable of the environment is set, so that it can be the default of a [`Reference`].
pub fn is_set(name: &str) -> bool {
    std::env::var(name).is_ok_and(|value| !value.trim().is_empty())
}

/// The text without any of the secrets, each replaced by `***`. Short ones are replaced too: better a strange message than a password.
pub fn redact(text: &str, secrets: &[Secret]) -> String {
    let mut list: Vec<&str> = secrets.iter().map(Secret::reveal).filter(|secret| !secret.is_empty()).collect();
    // The longest first: one may hold another.
    list.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
    list.iter().fold(text.to_owned(), |text, secret| text.replace(secret, "***"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_not_shown() {
        let secret = Secret::new("hunter2");
        assert_eq!(format!("{secret:?}"), "***");
        let long = Secret::new("hunter2-and-more");
        let text = redact("got hunter2-and-more and hunter2", &[secret, long]);
        assert_eq!(text, "got *** and ***");
    }

    #[test]
    fn a_reference_names_what_is_wrong() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("token");
        std::fs::write(&path, "abc\n").unwrap();
        let of = |path: &Path| Reference { file: Some(path.to_owned()), env: None };
        assert_eq!(of(&path).read("token").unwrap().unwrap().reveal(), "abc");
        std::fs::write(&path, " \n").unwrap();
        assert!(of(&path).read("token").unwrap_err().ends_with("is empty"));
        std::fs::write(&path, "a\nb").unwrap();
        assert!(of(&path).read("token").unwrap_err().contains("more than one line"));
        assert!(of(&dir.path().join("none")).read("token").unwrap_err().starts_with("token-file"));
        let both = Reference { file: Some(path), env: Some("X".into()) };
        assert!(both.read("token").unwrap_err().contains("both"));
        assert_eq!(Reference::default().read("token").unwrap(), None);
    }
}
