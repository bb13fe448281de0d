//! Edits of text: manifests, kubelet configuration, environment files. Pure.
