//! From which commit the image comes.

use std::path::Path;
use std::process::Command;

use crate::failure::{Failure, On};

/// Where the sources come from and from when they are.
pub(crate) struct Provenance {
    /// The time of everything in the image, in seconds since 1970.
    pub(crate) time: u64,
    /// The commit, with `-dirty` behind it where the files are not those of the commit. Not set outside of a git checkout.
    pub(crate) revision: Option<String>,
    /// Where others get the sources, if that is known.
    pub(crate) source: Option<String>,
}

impl Provenance {
    /// Asks git about the checkout at `root`. `SOURCE_DATE_EPOCH` goes before the commit's time.
    pub(crate) fn of(root: &Path) -> Result<Self, Failure> {
        // Sources that were unpacked inside of somebody else's checkout are not of its commit.
        let commit = git(root, &["rev-parse", "--show-prefix"]).and_then(|prefix| match prefix.as_str() {
            "" => git(root, &["log", "-1", "--format=%ct %H"]),
            _ => Err("it is a directory inside of another checkout".to_owned()),
        });
        let (time, revision) = match &commit {
            Ok(line) => line.split_once(' ').map(|(time, hash)| (Some(time), Some(hash))).unwrap_or_default(),
            Err(_) => (None, None),
        };
        let given = std::env::var("SOURCE_DATE_EPOCH").ok();
        let Some(time) = given.as_deref().or(time) else {
            let why = commit.err().unwrap_or_else(|| "the last commit has no time".to_owned());
            return Err(Failure::new(format!(
                "git does not tell the time of the sources in {}: {why}",
                root.display()
            ))
            .hint("outside of a git checkout set SOURCE_DATE_EPOCH to the release's time, in seconds since 1970"));
        };
        let time = time.parse().on(|| format!("{time:?} is no time in seconds since 1970"))?;
        let revision = revision.map(|hash| {
            // What git cannot tell is taken for changed: a label may not name a commit that the image is not made of.
            let clean = git(root, &["status", "--porcelain"]).is_ok_and(|changes| changes.is_empty());
            if clean { hash.to_owned() } else { format!("{hash}-dirty") }
        });
        let origin = || git(root, &["remote", "get-url", "origin"]).ok();
        let source = revision.is_some().then(origin).flatten().and_then(|url| public_url(&url));
        Ok(Provenance { time, revision, source })
    }
}

/// RFC 3339, as OCI and CycloneDX want times.
pub(crate) fn timestamp(seconds: u64) -> Result<String, String> {
    let seconds = i64::try_from(seconds).map_err(|error| error.to_string())?;
    jiff::Timestamp::from_second(seconds).map(|time| time.to_string()).map_err(|error| error.to_string())
}

fn git(root: &Path, words: &[&str]) -> Result<String, String> {
    let output = Command::new("git").arg("-C").arg(root).args(words).output().map_err(|error| error.to_string())?;
    if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    } else {
        Err(String::from_utf8_lossy(&output.stderr).trim().to_owned())
    }
}

/// A remote's address as others can use it: without accounts, which may hold a token, and the same for every way of cloning it. `None`
/// for a path of this machine.
fn public_url(remote: &str) -> Option<String> {
    let rest = match remote.split_once("://") {
        Some(("https" | "http" | "ssh" | "git", rest)) => rest.to_owned(),
        Some(_) => return None,
        // git@HOST:PATH; a slash before the colon makes it a path.
        None => {
            let (host, path) = remote.split_once(':')?;
            if host.contains('/') || host.len() < 2 {
                return None;
            }
            format!("{host}/{path}")
        }
    };
    let (host, path) = rest.split_once('/')?;
    let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
    // The port of ssh is not that of https.
    let host = if remote.starts_with("ssh:") { host.split(':').next()? } else { host };
    let path = path.trim_matches('/');
    let path = path.strip_suffix(".git").unwrap_or(path);
    let secret = path.contains(['?', '#', '@']);
    (!host.is_empty() && !path.is_empty() && !secret).then(|| format!("https://{host}/{path}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_is_the_same_for_every_way_of_cloning_and_holds_no_account() {
        for remote in [
            "https://git.example/a/b",
            "https://git.example/a/b.git",
            "https://me:token@git.example/a/b.git",
            "git@git.example:a/b.git",
            "ssh://git@git.example:2222/a/b.git",
        ] {
            assert_eq!(public_url(remote).as_deref(), Some("https://git.example/a/b"), "{remote}");
        }
        for remote in ["/srv/git/b", "../b", "file:///srv/b", "C:\\b", "https://git.example/a?token=x", "./a:b"] {
            assert_eq!(public_url(remote), None, "{remote}");
        }
    }

    #[test]
    fn times_are_rfc_3339() {
        assert_eq!(timestamp(1_800_000_000).unwrap(), "2027-01-15T08:00:00Z");
        assert!(timestamp(u64::MAX).is_err());
    }
}
