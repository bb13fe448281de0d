//! Whether a component is well, as its kubelet would find it.
