//! Recorded answers: `cluster/PATH.json` is what the API answered to `GET /PATH`.

use seaworthy_model::{FileKind, View};

use super::api::{Api, Refusal, Request};
use crate::{Links, Tree, Trouble};

/// The most that is read of one recorded answer.
const LIMIT: usize = 64 << 20;

/// The answers that a recording of a node holds.
pub(crate) struct Recorded<'t> {
    tree: &'t dyn Tree,
}

impl<'t> Recorded<'t> {
    /// The answers in `tree`, if it holds any.
    pub(crate) fn open(tree: &'t dyn Tree) -> Option<Recorded<'t>> {
        match tree.look(View::Host, b"/cluster", Links::Follow) {
            Ok(seen) => (seen.kind == FileKind::Directory).then_some(Recorded { tree }),
            // An archive that lists files only.
            Err(Trouble::Unrecorded) => Some(Recorded { tree }),
            Err(_) => None,
        }
    }
}

impl Api for Recorded<'_> {
    fn name(&self) -> &str {
        "the recording"
    }

    fn get(&self, request: &Request) -> Result<Vec<u8>, Refusal> {
        let path = format!("/cluster/{}.json", request.path);
        let seen = match self.tree.look(View::Host, path.as_bytes(), Links::Follow) {
            Ok(seen) => seen,
            Err(Trouble::Absent) => return Err(Refusal::Unrecorded),
            Err(trouble) => return Err(Refusal::Broken(format!("{path}: {trouble}"))),
        };
        let mut bytes = Vec::new();
        self.tree.read(&seen, LIMIT, &mut bytes).map_err(|trouble| Refusal::Broken(format!("{path}: {trouble}")))?;
        status(&bytes).map_or(Ok(bytes), Err)
    }

    fn recorded(&self) -> bool {
        true
    }
}

/// A recorded refusal: a `Status` in place of the answer.
fn status(bytes: &[u8]) -> Option<Refusal> {
    #[derive(serde::Deserialize)]
    struct Status {
        kind: String,
        #[serde(default)]
        message: String,
        #[serde(default)]
        code: u16,
    }
    let head = &bytes[..bytes.len().min(2000)];
    if !head.windows(8).any(|window| window == b"\"Status\"") {
        return None;
    }
    let status: Status = serde_json::from_slice(bytes).ok().filter(|status: &Status| status.kind == "Status")?;
    Some(super::refusal(status.code, &status.message))
}
