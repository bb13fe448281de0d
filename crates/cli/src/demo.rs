//! The recorded node that the program holds: a control plane node as `kubeadm init` leaves it.

/// The archive, as `--root` would read it.
pub(crate) const ARCHIVE: &[u8] = include_bytes!("../../../fixtures/nodes/kubeadm-1.34-default.tar.gz");
