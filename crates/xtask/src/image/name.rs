//! The name that an import gives to the image.

use std::fmt;
use std::str::FromStr;

/// `HOST/PATH:TAG`, in full, so that every container runtime reads it as the same name.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Name(String);

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Name {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (host, rest) = text.split_once('/').ok_or("it has no host: write localhost/NAME:TAG")?;
        if host != "localhost" && !host.contains(['.', ':']) {
            // Kubernetes would look for docker.io/HOST/..., containerd import it as it stands: the pod would not find it.
            return Err(format!("{host:?} is no host: write localhost/{text} or docker.io/{text}"));
        }
        let (path, tag) = rest.rsplit_once(':').ok_or("it has no tag: write NAME:TAG")?;
        let low = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
        let part = |part: &str| {
            part.starts_with(low) && part.ends_with(low) && part.chars().all(|c| low(c) || ".-_".contains(c))
        };
        if !host.chars().all(|c| c.is_ascii_alphanumeric() || ".-:".contains(c)) || !path.split('/').all(part) {
            return Err("names of images are lower case letters, digits, and . _ - between them".to_owned());
        }
        let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
        if tag.len() > 128 || !tag.starts_with(word) || !tag.chars().all(|c| word(c) || ".-".contains(c)) {
            return Err(format!("{tag:?} is no tag: letters, digits, _ . -, 128 at most"));
        }
        Ok(Name(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_full() {
        for good in ["localhost/seaworthy:0.1.0", "registry.example:5000/a/b-c:v1_x", "docker.io/library/x:1"] {
            assert_eq!(good.parse::<Name>().unwrap().to_string(), good);
        }
        for bad in
            ["seaworthy:1", "a/b:1", "localhost/b", "localhost/B:1", "localhost/b:", "localhost//b:1", "localhost/b:-1"]
        {
            assert!(bad.parse::<Name>().is_err(), "{bad}");
        }
    }
}
