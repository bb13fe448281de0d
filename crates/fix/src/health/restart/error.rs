//! Why a restart did not come about.

use seaworthy_collect::Trouble;

use super::UnitState;

/// Why a restart did not come about. The kubelet may be in any state: look before going on.
#[derive(Debug, thiserror::Error)]
pub enum RestartError {
    /// systemd cannot be reached, neither over the bus nor by its private socket. Run as root on the node itself, or restart by hand.
    #[error("systemd cannot be reached: {bus}; {private}")]
    NoSystemd {
        /// What happened on the bus.
        bus: String,
        /// What happened on the private socket.
        private: String,
    },
    /// systemd does not know the unit. Name the one that runs the kubelet.
    #[error("systemd has no unit {unit}: {message}")]
    NoSuchUnit {
        /// The unit.
        unit: String,
        /// systemd's words.
        message: String,
    },
    /// systemd refused, usually for want of root's rights.
    #[error("systemd refused to {what}: {message}")]
    Refused {
        /// What was asked.
        what: String,
        /// systemd's words.
        message: String,
    },
    /// The restart failed. `journalctl -u UNIT` tells why.
    #[error("systemd could not restart {unit}: the job's result is {result}; the unit is {state}")]
    JobFailed {
        /// The unit.
        unit: String,
        /// The job's result: `failed`, `timeout`, `dependency`, `canceled`.
        result: String,
        /// How the unit is.
        state: UnitState,
    },
    /// The unit's process is not the kubelet that was found: restarting it would restart something else. Name the right unit.
    #[error("{unit} does not run the kubelet: its main process is {main}, the kubelet is {pid}")]
    NotManaged {
        /// The unit.
        unit: String,
        /// The unit's process.
        main: u32,
        /// The kubelet's.
        pid: u32,
    },
    /// systemd did not answer in time. It may do so yet: look with `systemctl status`.
    #[error("systemd did not {what} within {seconds} s")]
    NoAnswer {
        /// What was waited for.
        what: String,
        /// How long.
        seconds: u64,
    },
    /// The process may not be told to end. Run as root.
    #[error("process {pid} could not be told to end: {error}")]
    Signal {
        /// The process.
        pid: u32,
        /// The system's words.
        error: std::io::Error,
    },
    /// It was told to end, or is to be restarted by hand, and still runs. It is not killed:
    /// why it does not end is worth knowing first.
    #[error("process {pid} still runs after {seconds} s; {advice}")]
    StillRunning {
        /// The process.
        pid: u32,
        /// How long.
        seconds: u64,
        /// What to do.
        advice: String,
    },
    /// The old process is gone and no new one came in time.
    #[error("no new process of {program} within {seconds} s; {advice}")]
    NotBack {
        /// The program.
        program: String,
        /// How long.
        seconds: u64,
        /// What to do.
        advice: String,
    },
    /// systemd started it and it ended at once. Its log tells why.
    #[error("process {pid}, which systemd started, has ended already")]
    Vanished {
        /// The process.
        pid: u32,
    },
    /// The caller does not want to wait any longer.
    #[error("interrupted while waiting for the kubelet's restart")]
    Cancelled,
    /// The process list cannot be read.
    #[error("/proc: {0}")]
    Processes(Trouble),
    /// No thread or socket is to be had. The system's words say why.
    #[error("cannot wait for systemd: {0}")]
    Runtime(std::io::Error),
}
