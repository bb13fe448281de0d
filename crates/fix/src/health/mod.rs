//! Whether a component is well, as its kubelet would find it; restarts of the kubelet.
//!
//! "Answers" is not "well": an API server may serve everybody except its own probe and be killed for it minutes later. So [`probes`]
//! reads what a manifest declares, [`ask`] asks it as the kubelet does, and a [`Watch`] decides from the answers. What happened when
//! all of this fails is in the container's log: [`logs::tail`], [`refusal`].
//!
//! Nothing here decides what becomes of a repair: that is the transaction's.

mod ask;
pub mod logs;
mod probes;
mod refusal;
pub mod restart;
mod watch;

pub use ask::{Answer, Reply, ask, ask_all, kubelet_healthz};
pub use probes::{Action, Header, Probe, ProbeError, ProbeKind, Scheme, probes};
pub use refusal::{Cause, Refusal, refusal};
pub use watch::{Setback, Stability, Target, Watch};
