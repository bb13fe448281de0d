//! A stand-in for systemd: its interface on a socket of our own, with or without as much of a bus as a client asks for.

use std::path::Path;
use std::sync::{Arc, Mutex};

use zbus::connection::Builder;
use zbus::object_server::SignalEmitter;
use zbus::zvariant::OwnedObjectPath;
use zbus::{fdo, interface};

pub(super) const UNIT: &str = "kubelet.service";
const OBJECT: &str = "/org/freedesktop/systemd1/unit/kubelet_2eservice";
const MANAGER: &str = "/org/freedesktop/systemd1";
const BUS: &str = "/org/freedesktop/DBus";

/// What becomes of a restart.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Job {
    /// It succeeds, and the signal comes after the answer, behind other jobs' signals.
    Done,
    /// It is over before the answer comes.
    Early,
    /// It fails.
    Failed,
    /// It succeeds, but the process ends at once and for good.
    Crashes,
    /// Nothing more is heard of it.
    Silent,
    /// It is refused.
    Refused,
}

/// What the stand-in knows.
pub(super) struct State {
    pub(super) job: Job,
    pub(super) main: u32,
    pub(super) next: u32,
    pub(super) reloads: u32,
    active: &'static str,
}

pub(super) type Shared = Arc<Mutex<State>>;

struct Manager(Shared);

fn path(text: &str) -> OwnedObjectPath {
    OwnedObjectPath::try_from(text.to_owned()).unwrap()
}

/// systemd's own error names, which zbus' ready-made ones do not have.
#[derive(Debug, zbus::DBusError)]
#[zbus(prefix = "org.freedesktop.systemd1")]
enum Systemd {
    #[zbus(error)]
    ZBus(zbus::Error),
    NoSuchUnit(String),
}

impl Manager {
    fn known(name: &str) -> Result<OwnedObjectPath, Systemd> {
        if name == UNIT { Ok(path(OBJECT)) } else { Err(Systemd::NoSuchUnit(format!("Unit {name} not loaded."))) }
    }
}

#[interface(name = "org.freedesktop.systemd1.Manager")]
impl Manager {
    fn subscribe(&self) {}

    fn reload(&self) {
        self.0.lock().unwrap().reloads += 1;
    }

    fn get_unit(&self, name: String) -> Result<OwnedObjectPath, Systemd> {
        Self::known(&name)
    }

    fn load_unit(&self, name: String) -> Result<OwnedObjectPath, Systemd> {
        Self::known(&name)
    }

    async fn restart_unit(
        &self,
        name: String,
        mode: String,
        #[zbus(signal_emitter)] emitter: SignalEmitter<'_>,
    ) -> Result<OwnedObjectPath, Systemd> {
        assert_eq!(mode, "replace");
        Self::known(&name)?;
        let job = self.0.lock().unwrap().job;
        let id = path("/org/freedesktop/systemd1/job/7");
        let shared = Arc::clone(&self.0);
        let over = move || {
            let mut state = shared.lock().unwrap();
            match job {
                Job::Done | Job::Early => (state.main, state.active) = (state.next, "active"),
                _ => (state.main, state.active) = (0, "failed"),
            }
        };
        let result = match job {
            Job::Refused => return Err(zbus::Error::from(fdo::Error::AccessDenied("Access denied".to_owned())).into()),
            Job::Silent => return Ok(id),
            Job::Failed => "failed",
            Job::Done | Job::Early | Job::Crashes => "done",
        };
        if job == Job::Early {
            over();
            Self::job_removed(&emitter, 7, id.clone(), UNIT, result).await?;
            return Ok(id);
        }
        let (emitter, removed) = (emitter.to_owned(), id.clone());
        tokio::spawn(async move {
            let other = path("/org/freedesktop/systemd1/job/6");
            Self::job_removed(&emitter, 6, other, UNIT, "canceled").await.unwrap();
            over();
            Self::job_removed(&emitter, 7, removed, UNIT, result).await.unwrap();
        });
        Ok(id)
    }

    #[zbus(signal)]
    async fn job_removed(
        emitter: &SignalEmitter<'_>,
        id: u32,
        job: OwnedObjectPath,
        unit: &str,
        result: &str,
    ) -> zbus::Result<()>;
}

struct Unit(Shared);

#[interface(name = "org.freedesktop.systemd1.Unit")]
impl Unit {
    #[zbus(property)]
    fn active_state(&self) -> String {
        self.0.lock().unwrap().active.to_owned()
    }

    #[zbus(property)]
    fn sub_state(&self) -> String {
        "running".to_owned()
    }
}

struct Service(Shared);

#[interface(name = "org.freedesktop.systemd1.Service")]
impl Service {
    #[zbus(property, name = "MainPID")]
    fn main_pid(&self) -> u32 {
        self.0.lock().unwrap().main
    }

    #[zbus(property)]
    fn result(&self) -> String {
        "exit-code".to_owned()
    }
}

/// As much of a bus as it takes: one client, and systemd under the name `:1.0`.
struct Bus;

#[interface(name = "org.freedesktop.DBus")]
impl Bus {
    fn hello(&self) -> String {
        ":1.1".to_owned()
    }

    fn add_match(&self, _rule: String) {}

    fn remove_match(&self, _rule: String) {}

    fn get_name_owner(&self, name: String) -> fdo::Result<String> {
        if name == "org.freedesktop.systemd1" { Ok(":1.0".to_owned()) } else { Err(fdo::Error::NameHasNoOwner(name)) }
    }
}

fn serve<'b>(builder: Builder<'b>, shared: &Shared) -> Builder<'b> {
    let builder = builder.serve_at(MANAGER, Manager(Arc::clone(shared))).unwrap();
    let builder = builder.serve_at(OBJECT, Unit(Arc::clone(shared))).unwrap();
    builder.serve_at(OBJECT, Service(Arc::clone(shared))).unwrap()
}

/// Starts one on a bus that runs. Returns when it has its name.
pub(super) fn join(address: &str, job: Job, main: u32, next: u32) -> Shared {
    let shared = Arc::new(Mutex::new(State { job, main, next, reloads: 0, active: "active" }));
    let (served, address) = (Arc::clone(&shared), address.to_owned());
    let (send, named) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let builder = Builder::address(address.as_str()).unwrap().name("org.freedesktop.systemd1").unwrap();
            let _connection = serve(builder, &served).build().await.unwrap();
            send.send(()).unwrap();
            std::future::pending::<()>().await;
        });
    });
    named.recv().unwrap();
    shared
}

/// Starts one that listens at `socket` until the test program ends. Returns when it listens.
pub(super) fn start(socket: &Path, bus: bool, job: Job, main: u32, next: u32) -> Shared {
    let state = State { job, main, next, reloads: 0, active: "active" };
    let shared = Arc::new(Mutex::new(state));
    let listener = std::os::unix::net::UnixListener::bind(socket).unwrap();
    listener.set_nonblocking(true).unwrap();
    let served = Arc::clone(&shared);
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let listener = tokio::net::UnixListener::from_std(listener).unwrap();
            let mut open = Vec::new();
            while let Ok((stream, _)) = listener.accept().await {
                let builder = Builder::unix_stream(stream).server(zbus::Guid::generate()).unwrap().p2p();
                let mut builder = serve(builder, &served);
                if bus {
                    builder = builder.serve_at(BUS, Bus).unwrap();
                }
                // A client that goes away in the middle is that client's affair.
                let Ok(connection) = builder.build().await else { continue };
                if bus {
                    // Signals bear it. Given to the builder, it would keep the first message from being heard.
                    connection.set_unique_name(":1.0").unwrap();
                }
                open.push(connection);
            }
        });
    });
    shared
}
