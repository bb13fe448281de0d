use std::collections::BTreeMap;
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use seaworthy_collect::{Directory, Links, Nature, Seen, Tree, Trouble};
use seaworthy_fix::health::restart::{
    Restart, RestartError, Systemd, Wait, Who, decide, find, identify, restart_kubelet,
};
use seaworthy_model::View;

use super::standin::{Job, UNIT, start};

struct Process {
    parent: u32,
    terminal: u32,
    state: char,
    start: u64,
    name: &'static str,
}

impl Process {
    fn new(parent: u32, start: u64, name: &'static str) -> Self {
        Process { parent, terminal: 0, state: 'S', start, name }
    }
}

/// A node that is nothing but processes.
#[derive(Default)]
struct Processes {
    all: Mutex<BTreeMap<u32, Process>>,
    systemd: bool,
}

impl Processes {
    fn of(all: &[(u32, u32, u64, &'static str)]) -> Self {
        let all = all.iter().map(|(pid, parent, start, name)| (*pid, Process::new(*parent, *start, name)));
        Processes { all: Mutex::new(all.collect()), systemd: false }
    }
}

impl Tree for Processes {
    fn nature(&self) -> &Nature {
        unimplemented!("nobody asks")
    }

    fn look(&self, _: View, path: &[u8], _: Links) -> Result<Seen, Trouble> {
        assert_eq!(path, b"/run/systemd/system");
        if self.systemd {
            Directory::open(Path::new("/")).unwrap().look(View::Host, b"/", Links::Follow)
        } else {
            Err(Trouble::Absent)
        }
    }

    fn link(&self, _: View, _: &[u8]) -> Result<Vec<u8>, Trouble> {
        Err(Trouble::Absent)
    }

    fn read(&self, _: &Seen, _: usize, _: &mut Vec<u8>) -> Result<(), Trouble> {
        Err(Trouble::Absent)
    }

    fn list(&self, _: &Seen) -> Result<Vec<Vec<u8>>, Trouble> {
        Err(Trouble::Absent)
    }

    fn processes(&self) -> Result<Vec<u32>, Trouble> {
        Ok(self.all.lock().unwrap().keys().copied().collect())
    }

    fn process_file(&self, pid: u32, name: &str, _: usize, into: &mut Vec<u8>) -> Result<(), Trouble> {
        let all = self.all.lock().unwrap();
        let Process { parent, terminal, state, start, name: own } = all.get(&pid).ok_or(Trouble::Absent)?;
        *into = match name {
            "stat" => format!("{pid} (a) b) {state} {parent} 1 1 {terminal} 0 0 0 0 0 0 0 0 0 0 20 0 1 0 {start} 0")
                .into_bytes(),
            "cmdline" => format!("{own}\0--x\0").into_bytes(),
            "comm" => format!("{own}\n").into_bytes(),
            other => panic!("{other}"),
        };
        Ok(())
    }

    fn process_link(&self, _: u32, _: &str) -> Result<Vec<u8>, Trouble> {
        Err(Trouble::Absent)
    }
}

fn wait(systemd: Systemd) -> Wait<'static> {
    // Long, so that no slow machine fails; what is to time out has its own.
    Wait { systemd, timeout: Duration::from_secs(60), cancelled: &|| false }
}

fn nowhere() -> Systemd {
    Systemd { bus: "unix:path=/nonexistent/bus".to_owned(), private: Some("unix:path=/nonexistent/private".to_owned()) }
}

/// Where a stand-in listens, and how it is reached: as a bus, or on the private socket.
fn socket(bus: bool) -> (tempfile::TempDir, std::path::PathBuf, Systemd) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("socket");
    let address = format!("unix:path={}", path.display());
    let systemd =
        if bus { Systemd { bus: address, private: None } } else { Systemd { private: Some(address), ..nowhere() } };
    (directory, path, systemd)
}

fn unit() -> Restart {
    Restart::Systemd { unit: UNIT.to_owned() }
}

#[test]
fn systemd_restarts_its_unit_and_the_new_process_is_told() {
    for bus in [true, false] {
        for job in [Job::Done, Job::Early] {
            let (_directory, path, systemd) = socket(bus);
            let shared = start(&path, bus, job, 10, 20);
            let tree = Processes::of(&[(10, 1, 100, "/usr/bin/kubelet"), (20, 1, 200, "/usr/bin/kubelet")]);
            let old = Who { pid: 10, start: 100 };
            let wait = wait(systemd.clone());
            assert!(systemd.manages(UNIT, 10, &wait).unwrap() && !systemd.manages(UNIT, 11, &wait).unwrap());
            let new = restart_kubelet(&tree, "kubelet", Some(old), &unit(), &wait).unwrap();
            assert_eq!(new, Who { pid: 20, start: 200 });
            systemd.daemon_reload(&wait).unwrap();
            assert_eq!(shared.lock().unwrap().reloads, 1);
        }
    }
}

#[test]
fn what_systemd_says_of_a_failure_is_told() {
    for bus in [true, false] {
        let failed = |job: Job, unit: &str| {
            let (_directory, path, systemd) = socket(bus);
            start(&path, bus, job, 10, 20);
            systemd.restart(unit, &wait(systemd.clone())).unwrap_err()
        };
        let error = failed(Job::Failed, UNIT);
        let text = error.to_string();
        assert!(matches!(&error, RestartError::JobFailed { result, .. } if result == "failed"), "{text}");
        assert!(text.contains("failed (running), its result exit-code"), "{text}");
        let error = failed(Job::Crashes, UNIT);
        assert!(
            matches!(&error, RestartError::JobFailed { result, state, .. } if result == "done" && state.active == "failed")
        );
        let error = failed(Job::Done, "other.service");
        assert!(matches!(&error, RestartError::NoSuchUnit { .. }), "{error}");
        assert!(error.to_string().contains("not loaded"), "{error}");
        let error = failed(Job::Refused, UNIT);
        assert!(
            matches!(&error, RestartError::Refused { .. }) && error.to_string().contains("Access denied"),
            "{error}"
        );
    }
}

#[test]
fn a_unit_that_runs_something_else_is_left_alone() {
    let (_directory, path, systemd) = socket(false);
    let shared = start(&path, false, Job::Done, 11, 20);
    let tree = Processes::of(&[(10, 1, 100, "kubelet")]);
    let error = restart_kubelet(&tree, "kubelet", identify(&tree, 10), &unit(), &wait(systemd)).unwrap_err();
    assert!(matches!(error, RestartError::NotManaged { main: 11, pid: 10, .. }), "{error}");
    assert_eq!(shared.lock().unwrap().main, 11);
}

#[test]
fn a_systemd_that_does_not_answer_is_not_waited_for_without_end() {
    let (_directory, path, systemd) = socket(true);
    start(&path, true, Job::Silent, 10, 20);
    let short = Wait { timeout: Duration::from_millis(300), ..wait(systemd.clone()) };
    let error = systemd.restart(UNIT, &short).unwrap_err();
    assert!(matches!(error, RestartError::NoAnswer { .. }), "{error}");
    // Whoever waits may be interrupted.
    let asked = AtomicU32::new(0);
    let cancelled = || asked.fetch_add(1, Ordering::Relaxed) >= 1;
    let cut = Wait { cancelled: &cancelled, ..wait(systemd.clone()) };
    assert!(matches!(systemd.restart(UNIT, &cut), Err(RestartError::Cancelled)));
    // A socket on which nobody speaks.
    let (_directory, path, systemd) = socket(false);
    let _listener = UnixListener::bind(path).unwrap();
    let short = Wait { timeout: Duration::from_millis(300), ..wait(systemd.clone()) };
    assert!(matches!(systemd.main_pid(UNIT, &short), Err(RestartError::NoAnswer { .. })));
    let error = nowhere().main_pid(UNIT, &wait(nowhere())).unwrap_err();
    assert!(
        matches!(error, RestartError::NoSystemd { .. }) && error.to_string().contains("/nonexistent/private"),
        "{error}"
    );
}

#[test]
fn who_restarts_it_is_told_by_its_parent() {
    let which = |tree: &Processes, pid: u32| decide(tree, identify(tree, pid), UNIT, "do it");
    let by_hand = Restart::ByHand { command: "do it".to_owned() };
    let tree =
        Processes::of(&[(1, 0, 1, "systemd"), (10, 1, 2, "kubelet"), (11, 12, 2, "kubelet"), (12, 1, 1, "runsv")]);
    assert_eq!(which(&tree, 10), unit());
    assert_eq!(which(&tree, 11), Restart::Supervised);
    assert_eq!(which(&tree, 99), unit(), "it is down, and systemd would start it");
    let tree = Processes { systemd: true, ..Processes::of(&[(1, 0, 1, "init"), (10, 1, 2, "kubelet")]) };
    assert_eq!(which(&tree, 10), unit());
    let tree = Processes::of(&[(1, 0, 1, "init"), (10, 1, 2, "kubelet"), (13, 0, 2, "kubelet")]);
    assert_eq!(which(&tree, 10), by_hand);
    assert_eq!(which(&tree, 13), by_hand, "its parent is outside what can be seen");
    assert_eq!(which(&tree, 99), by_hand);
    // A loop in a shell is a supervisor; a shell in whose terminal it was typed is none.
    let tree = Processes::of(&[(1, 0, 1, "systemd"), (5, 1, 1, "bash"), (10, 5, 2, "kubelet")]);
    assert_eq!(which(&tree, 10), Restart::Supervised);
    tree.all.lock().unwrap().get_mut(&10).unwrap().terminal = 34816;
    assert_eq!(which(&tree, 10), by_hand);
}

#[test]
fn processes_are_found_by_name_and_told_apart_by_their_start() {
    let tree = Processes::of(&[
        (10, 1, 100, "/usr/bin/kubelet"),
        (11, 10, 101, "kubelet"),
        (12, 1, 102, "kubelet-x"),
        (13, 1, 103, "kubelet"),
    ]);
    tree.all.lock().unwrap().get_mut(&13).unwrap().state = 'Z';
    let found = find(&tree, "kubelet").unwrap();
    assert_eq!(found, [Who { pid: 10, start: 100 }], "neither its child in the moment of a fork, nor a dead one");
    assert_ne!(identify(&tree, 10), Some(Who { pid: 10, start: 1 }));
}

#[test]
fn a_restart_by_hand_is_waited_for() {
    let tree = Processes::of(&[(10, 1, 100, "kubelet")]);
    let by_hand = Restart::ByHand { command: "service kubelet restart".to_owned() };
    let old = identify(&tree, 10);
    // The person acts while it is waited: the old one ends, later a new one comes, with the same number even.
    let turns = AtomicU32::new(0);
    let acts = || {
        let mut all = tree.all.lock().unwrap();
        match turns.fetch_add(1, Ordering::Relaxed) {
            0 => drop(all.remove(&10)),
            1 => drop(all.insert(10, Process::new(1, 500, "kubelet"))),
            _ => {}
        }
        false
    };
    let wait_for = Wait { cancelled: &acts, ..wait(nowhere()) };
    assert_eq!(restart_kubelet(&tree, "kubelet", old, &by_hand, &wait_for).unwrap(), Who { pid: 10, start: 500 });
    let short = Wait { timeout: Duration::ZERO, ..wait(nowhere()) };
    let error = restart_kubelet(&tree, "kubelet", None, &by_hand, &short).unwrap_err();
    assert!(
        matches!(error, RestartError::StillRunning { pid: 10, .. })
            && error.to_string().contains("service kubelet restart"),
        "{error}"
    );
    tree.all.lock().unwrap().clear();
    let error = restart_kubelet(&tree, "kubelet", None, &by_hand, &short).unwrap_err();
    assert!(matches!(error, RestartError::NotBack { .. }), "{error}");
    let cut = Wait { cancelled: &|| true, ..wait(nowhere()) };
    assert!(matches!(restart_kubelet(&tree, "kubelet", None, &by_hand, &cut), Err(RestartError::Cancelled)));
}

/// Real processes: a loop that starts a program again and again, as the test cluster's supervisor does.
#[allow(clippy::disallowed_types, reason = "a test needs a process that it may end")]
#[test]
fn a_supervised_process_is_told_to_end_and_no_other_is() {
    use std::process::{Command, Stdio};

    let directory = tempfile::tempdir().unwrap();
    let name = format!("sw-kubelet-{}", std::process::id());
    let program = directory.path().join(&name);
    // A program of that name which waits for ever: bash, reading a pipe that nobody writes to.
    std::os::unix::fs::symlink("/bin/bash", &program).unwrap();
    let script = format!("while :; do {} -c 'read x'; done", program.display());
    let mut supervisor =
        Command::new("/bin/bash").args(["-c", &script]).stdin(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let tree = Directory::open(Path::new("/")).unwrap();
    let old = loop {
        if let [only] = find(&tree, &name).unwrap().as_slice() {
            break *only;
        }
        std::thread::yield_now();
    };
    assert_eq!(decide(&tree, Some(old), UNIT, "x"), Restart::Supervised);
    // Of a process that has its number and not its start, nobody says that it should end: here it is the one that runs which is told.
    let stranger = Who { pid: supervisor.id(), start: 1 };
    let new = restart_kubelet(&tree, &name, Some(stranger), &Restart::Supervised, &wait(nowhere())).unwrap();
    assert_ne!(new, old);
    let newer = restart_kubelet(&tree, &name, Some(new), &Restart::Supervised, &wait(nowhere())).unwrap();
    assert!(newer != new && supervisor.try_wait().unwrap().is_none());
    supervisor.kill().unwrap();
    supervisor.wait().unwrap();
}

/// The same through a real bus daemon, which CI has not: `cargo test -p seaworthy-fix -- --ignored real_bus`.
#[allow(clippy::disallowed_types, reason = "a test needs a bus of its own")]
#[test]
#[ignore = "needs dbus-daemon"]
fn a_real_bus_carries_it() {
    let directory = tempfile::tempdir().unwrap();
    let address = format!("unix:path={}", directory.path().join("bus").display());
    let mut daemon = std::process::Command::new("dbus-daemon")
        .args(["--session", "--nofork", "--nopidfile", "--print-address", "--address", &address])
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    // It prints its address when it listens.
    std::io::Read::read(daemon.stdout.as_mut().unwrap(), &mut [0; 512]).unwrap();
    let shared = super::standin::join(&address, Job::Done, 10, 20);
    let systemd = Systemd { bus: address, private: None };
    let wait = wait(systemd.clone());
    assert!(systemd.manages(UNIT, 10, &wait).unwrap());
    assert_eq!(systemd.restart(UNIT, &wait).unwrap(), 20);
    shared.lock().unwrap().job = Job::Failed;
    assert!(matches!(systemd.restart(UNIT, &wait), Err(RestartError::JobFailed { .. })));
    assert!(matches!(systemd.restart("x.service", &wait), Err(RestartError::NoSuchUnit { .. })));
    daemon.kill().unwrap();
    daemon.wait().unwrap();
}
