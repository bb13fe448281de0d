//! One change after the other.

use data_encoding::BASE64;

use super::begin::stop_if_asked;
use super::{Site, Step, What};
use crate::plan::{Action, Change, KEY};
use crate::write::{New, Snapshot, Style};

/// What was done so far.
pub(super) struct Doing<'d, 's> {
    pub(super) site: &'d Site<'s>,
    pub(super) key: Option<String>,
    /// What was there before, in the order of the steps.
    pub(super) before: Vec<Snapshot>,
    /// What was made of it.
    pub(super) made: Vec<Snapshot>,
    /// What the reader should know.
    pub(super) notes: Vec<String>,
}

impl Doing<'_, '_> {
    /// Carries steps out.
    pub(super) fn carry_out(&mut self, steps: &[&Step]) -> Result<(), String> {
        for step in steps {
            stop_if_asked(self.site)?;
            let before = self.before.iter().find(|snapshot| snapshot.path() == step.path);
            let before = before.ok_or_else(|| format!("{} was not looked at", step.path))?.clone();
            let made = match &step.what {
                What::Change(change) => self.change(change, &before)?,
                What::CopyOf(from) => self.copy(from, &before)?,
                What::Remove => {
                    self.site.root.remove_file(&step.path, &before).map_err(|error| error.to_string())?;
                    self.site.root.snapshot(&step.path).map_err(|error| error.to_string())?
                }
                What::Restore(snapshot) => match self.site.root.restore(snapshot) {
                    // What the component wrote there is not thrown away.
                    Err(crate::write::WriteError::NotEmpty { path, .. }) => {
                        self.notes.push(format!("{path} is kept: the component wrote into it"));
                        self.site.root.snapshot(&step.path).map_err(|error| error.to_string())?
                    }
                    Err(error) => return Err(error.to_string()),
                    Ok(_) => self.site.root.snapshot(&step.path).map_err(|error| error.to_string())?,
                },
            };
            self.made.push(made);
        }
        Ok(())
    }

    fn copy(&self, from: &str, before: &Snapshot) -> Result<Snapshot, String> {
        let from = self.before.iter().find(|snapshot| snapshot.path() == from);
        let from = from.ok_or("what is to be copied was not looked at")?;
        let (Some(bytes), Some(status)) = (from.bytes(), from.status()) else {
            return Err(format!("{} is no file", from.path()));
        };
        let new = New { bytes, mode: status.mode, uid: status.uid, gid: status.gid, inherit: Some(from) };
        self.site.root.replace(before.path(), &new, before, Style::Inside).map_err(|error| error.to_string())
    }

    fn change(&self, change: &Change, before: &Snapshot) -> Result<Snapshot, String> {
        let root = self.site.root;
        let wanted = &change.wanted;
        let path = &change.path;
        let was = before.status();
        let mode = wanted.mode.or(was.map(|status| status.mode)).unwrap_or(0o600);
        let (uid, gid) = wanted.owner.or(was.map(|status| (status.uid, status.gid))).unwrap_or((0, 0));
        let done = match change.action {
            Action::MakeDirectory => {
                root.make_directory(path, mode).and_then(|made| root.set_owner(path, uid, gid, &made))
            }
            Action::Create | Action::Edit => {
                let text = with_key(wanted.content.as_deref().unwrap_or_default(), self.key.as_deref());
                let inherit = was.is_some().then_some(before);
                let new = New { bytes: text.as_bytes(), mode, uid, gid, inherit };
                let style = if wanted.manifest { Style::Outside } else { Style::Inside };
                root.replace(path, &new, before, style)
            }
            Action::Attributes => {
                // The owner first: a new one takes special bits of the mode away.
                let owned = match wanted.owner {
                    Some((uid, gid)) => root.set_owner(path, uid, gid, before),
                    None => Ok(before.clone()),
                };
                owned.and_then(|now| match wanted.mode {
                    Some(mode) => root.set_mode(path, mode, &now),
                    None => Ok(now),
                })
            }
        };
        done.map_err(|error| error.to_string())
    }

    /// Refuses if somebody else changed a file meanwhile.
    pub(super) fn unchanged_since(&self, after: &[Snapshot]) -> Result<(), String> {
        for made in &self.made {
            let now = after.iter().find(|snapshot| snapshot.path() == made.path());
            let same = now.is_some_and(|now| now.bytes() == made.bytes());
            if !same {
                return Err(format!("{} was changed by somebody else meanwhile", made.path()));
            }
        }
        Ok(())
    }
}

/// The text with its key.
pub(super) fn with_key(text: &str, key: Option<&str>) -> String {
    match key {
        Some(key) => text.replace(KEY, key),
        None => text.to_owned(),
    }
}

/// 32 random bytes of the kernel, as base64.
pub(super) fn new_key() -> Result<String, String> {
    let mut bytes = [0_u8; 32];
    let mut filled = 0;
    while filled < bytes.len() {
        match rustix::rand::getrandom(&mut bytes[filled..], rustix::rand::GetRandomFlags::empty()) {
            Ok(more) => filled += more,
            Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(format!("the kernel gives no random bytes for a key: {error}")),
        }
    }
    Ok(BASE64.encode(&bytes))
}
