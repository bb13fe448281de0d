//! File systems that take nothing any longer.

use std::os::unix::ffi::OsStringExt as _;

use rustix::fs::StatVfsMountFlags;
use seaworthy_collect::Tree;

use super::{Cx, Finding, Kind};

/// Below this share of a file system's bytes the kubelet evicts pods (`nodefs.available`), and etcd is soon to stop.
const LITTLE: u64 = 1 << 20;

/// How full a file system is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Disk {
    /// Bytes that are left.
    pub bytes_left: u64,
    /// Bytes in all.
    pub bytes: u64,
    /// Inodes that are left.
    pub inodes_left: u64,
    /// Inodes in all; 0 where the file system makes them as it needs them.
    pub inodes: u64,
    /// Whether it is mounted read-only.
    pub read_only: bool,
}

/// The file system that a path of a running node is on; of a copy of a node that would say nothing.
pub fn disk(tree: &dyn Tree, path: &str) -> Option<Disk> {
    let nature = tree.nature();
    if !nature.live {
        return None;
    }
    let mut at = path;
    let seen = loop {
        let looked = tree.look(seaworthy_model::View::Host, at.as_bytes(), seaworthy_collect::Links::Follow);
        match looked {
            Ok(seen) => break seen,
            // What is missing would be made where the directory above is.
            Err(_) if at != "/" => at = super::node::above(at),
            Err(_) => return None,
        }
    };
    let mut full = nature.prefix.clone();
    full.extend_from_slice(&seen.target);
    let found = rustix::fs::statvfs(std::ffi::OsString::from_vec(full)).ok()?;
    Some(Disk {
        bytes_left: found.f_bavail.saturating_mul(found.f_frsize),
        bytes: found.f_blocks.saturating_mul(found.f_frsize),
        inodes_left: found.f_favail,
        inodes: found.f_files,
        read_only: found.f_flag.contains(StatVfsMountFlags::RDONLY),
    })
}

/// What is wrong with the file systems below these paths; each path with what is kept there.
pub(super) fn find(cx: &Cx<'_>, places: &[(String, &str, Option<&str>)]) -> Vec<Finding> {
    let mut findings: Vec<Finding> = Vec::new();
    let mut told: Vec<Disk> = Vec::new();
    for (path, what, component) in places {
        let Some(disk) = (cx.disk)(path) else { continue };
        // One file system is one finding, although several things lie on it.
        if told.contains(&disk) {
            continue;
        }
        let found = one(path, what, *component, disk);
        if !found.is_empty() {
            told.push(disk);
        }
        findings.extend(found);
    }
    findings
}

fn one(path: &str, what: &str, component: Option<&str>, disk: Disk) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut add = |cause: String, evidence: String, by_hand: String| {
        let mut finding = Finding::new(Kind::Disk, component, cause).at(path, 0, 0).by_hand(by_hand);
        finding.evidence.push(evidence);
        found.push(finding);
    };
    if disk.read_only {
        add(
            format!("the file system of {path} ({what}) is read-only"),
            format!("{path}: mounted read-only"),
            format!(
                "dmesg | tail -50   (a disk that fails is made read-only), then mount -o remount,rw $(findmnt -nT {path} -o TARGET)"
            ),
        );
    }
    // A hundredth of a small disk is too little, too.
    if disk.bytes > 0 && disk.bytes_left < LITTLE.max(disk.bytes / 1000) {
        add(
            format!("the file system of {path} ({what}) is full"),
            format!("{path}: {} KiB of {} MiB left", disk.bytes_left >> 10, disk.bytes >> 20),
            format!(
                "make room: du -xh --max-depth=3 $(findmnt -nT {path} -o TARGET) | sort -h | tail -20; crictl rmi --prune; journalctl --vacuum-size=200M"
            ),
        );
    }
    if disk.inodes > 0 && disk.inodes_left < 16.max(disk.inodes / 1000) {
        add(
            format!(
                "the file system of {path} ({what}) has no inodes left: no file can be made although there may be room"
            ),
            format!("{path}: {} of {} inodes left", disk.inodes_left, disk.inodes),
            format!(
                "find the directory with many files: du -x --inodes --max-depth=3 $(findmnt -nT {path} -o TARGET) | sort -n | tail -20"
            ),
        );
    }
    found
}
