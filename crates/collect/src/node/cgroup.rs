//! Where a process runs, by its control groups: versions 1 and 2, the `cgroupfs` and `systemd` drivers, seen from anywhere.

use seaworthy_model::Place;

/// Where the process of these control groups runs. `first` is the text of the host's first process, empty if it is not known: a node
/// that is a container itself has its own container's name in front of every path.
pub(crate) fn place(text: &[u8], first: &[u8]) -> Place {
    let mut pod = None;
    let mut container = None;
    for (controllers, path) in lines(text) {
        let base = lines(first).find(|(of, _)| *of == controllers).map_or("", |(_, path)| base(path));
        let path = path.strip_prefix(base).filter(|rest| rest.is_empty() || rest.starts_with('/')).unwrap_or(path);
        match of_path(path) {
            // Users may make groups of any name below their own, so that nothing below a session is believed.
            Some(Place::Session) => return Place::Session,
            Some(found @ Place::Container { .. }) => container = container.or(Some(found)),
            Some(found) => pod = pod.or(Some(found)),
            None => {}
        }
    }
    pod.or(container).unwrap_or(Place::Host)
}

fn lines(text: &[u8]) -> impl Iterator<Item = (&str, &str)> {
    text.split(|byte| *byte == b'\n').filter_map(|line| {
        let mut parts = std::str::from_utf8(line).ok()?.splitn(3, ':').skip(1);
        Some((parts.next()?, parts.next()?))
    })
}

/// What stands in front of every path on a node whose first process is at `path`.
fn base(path: &str) -> &str {
    let path = path.strip_suffix("/init.scope").or_else(|| path.strip_suffix("/init")).unwrap_or(path);
    if path == "/" { "" } else { path }
}

fn of_path(path: &str) -> Option<Place> {
    let (mut id, mut named) = (None, None);
    for segment in path.split('/').filter(|segment| !segment.is_empty()) {
        if segment == "user.slice" || (segment.starts_with("session-") && segment.ends_with(".scope")) {
            return Some(Place::Session);
        }
        if let Some(uid) = pod_uid(segment) {
            let fixed = !uid.contains('-');
            return Some(if fixed {
                Place::StaticPod { uid }
            } else {
                Place::Pod { uid, namespace: None, name: None }
            });
        }
        id = id.or_else(|| container_id(segment));
        named = named.or_else(|| container_name(segment));
    }
    id.or(named).map(|id| Place::Container { id: id.to_owned() })
}

/// The pod of `pod<uid>`, `kubepods-burstable-pod<uid>.slice` and their like. A static pod's uid is a hash without dashes; systemd
/// has `_` where others have `-`.
fn pod_uid(segment: &str) -> Option<String> {
    let name = segment.split(':').next().unwrap_or(segment);
    let name = name.strip_suffix(".slice").unwrap_or(name);
    let uid = &name[name.rfind("pod")? + 3..];
    let before = &name[..name.len() - uid.len() - 3];
    if !(before.is_empty() || before.ends_with('-')) {
        return None;
    }
    let digits: Vec<&str> = uid.split(['-', '_']).collect();
    let lengths: Vec<usize> = digits.iter().map(|part| part.len()).collect();
    let hex = digits.iter().all(|part| part.bytes().all(|byte| byte.is_ascii_hexdigit()));
    (hex && (lengths == [32] || lengths == [8, 4, 4, 4, 12])).then(|| uid.replace('_', "-"))
}

fn container_id(segment: &str) -> Option<&str> {
    let name = segment.strip_suffix(".scope").unwrap_or(segment);
    let last = name.rsplit(':').next().unwrap_or(name);
    let last = ["docker-", "cri-containerd-", "containerd-", "nerdctl-", "crio-", "libpod-"]
        .iter()
        .find_map(|prefix| last.strip_prefix(prefix))
        .unwrap_or(last);
    (last.len() == 64 && last.bytes().all(|byte| byte.is_ascii_hexdigit())).then_some(last)
}

/// What runtimes that number nothing call a container.
fn container_name(segment: &str) -> Option<&str> {
    let named = segment.strip_prefix("lxc.payload.").or_else(|| segment.strip_prefix("machine-"));
    named.or_else(|| matches!(segment, "docker" | "lxc" | "machine.slice").then_some(segment))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HASH: &str = "219b84bcdd8ddb9be6cf7d74afbe204d";
    const UID: &str = "28b4d1bc-f893-4e2a-b72b-a6849167d223";
    const ID: &str = "0862a2c8befe76f4fb4dade996133309f8b0e0bdc53a36f3f0830a8ddcf9c9d1";

    fn one(path: &str) -> Place {
        place(format!("0::{path}\n").as_bytes(), b"")
    }

    fn pod() -> Place {
        Place::Pod { uid: UID.to_owned(), namespace: None, name: None }
    }

    fn fixed() -> Place {
        Place::StaticPod { uid: HASH.to_owned() }
    }

    #[test]
    fn every_form_of_a_static_pod_is_known() {
        for path in [
            format!("/kubepods/burstable/pod{HASH}/{ID}"),
            format!("/node2/kubepods/pod{HASH}/{ID}"),
            format!(
                "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod{HASH}.slice/cri-containerd-{ID}.scope"
            ),
            format!("/kubepods.slice/kubepods-pod{HASH}.slice/crio-{ID}.scope"),
            format!("/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-pod{HASH}.slice/{ID}"),
            format!("/../../pod{HASH}/{ID}"),
            format!("/../kubepods-burstable-pod{HASH}.slice/docker-{ID}.scope"),
            format!("/system.slice/containerd.service/kubepods-burstable-pod{HASH}.slice:cri-containerd:{ID}"),
        ] {
            assert_eq!(one(&path), fixed(), "{path}");
        }
    }

    #[test]
    fn every_form_of_another_pod_is_known() {
        let systemd = UID.replace('-', "_");
        for path in [
            format!("/kubepods/besteffort/pod{UID}/{ID}"),
            format!(
                "/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-pod{systemd}.slice/cri-containerd-{ID}.scope"
            ),
            format!("/../../../burstable/pod{UID}/{ID}"),
        ] {
            assert_eq!(one(&path), pod(), "{path}");
        }
    }

    #[test]
    fn hosts_sessions_and_containers_are_told_apart() {
        let container = Place::Container { id: ID.to_owned() };
        for (path, want) in [
            ("/".to_owned(), Place::Host),
            ("/system.slice/kubelet.service".to_owned(), Place::Host),
            ("/../../../../system.slice/kubelet.service".to_owned(), Place::Host),
            ("/process_api/f8df327917d715b4dcf8afff5da48a33".to_owned(), Place::Host),
            ("/user.slice/user-0.slice/session-4.scope".to_owned(), Place::Session),
            (format!("/user.slice/user-1000.slice/user@1000.service/pod{HASH}"), Place::Session),
            (format!("/docker/{ID}"), container.clone()),
            (format!("/system.slice/docker-{ID}.scope"), container.clone()),
            (format!("/machine.slice/libpod-{ID}.scope"), container.clone()),
            (format!("/libpod_parent/libpod-{ID}"), container),
            ("/lxc.payload.web".to_owned(), Place::Container { id: "web".to_owned() }),
            ("/podcast/tripod".to_owned(), Place::Host),
        ] {
            assert_eq!(one(&path), want, "{path}");
        }
    }

    #[test]
    fn version_one_takes_the_hierarchy_that_tells_most() {
        let text = format!("9:name=systemd:/\n4:memory:/kubepods/burstable/pod{HASH}/{ID}\n0::/\n");
        assert_eq!(place(text.as_bytes(), b""), fixed());
        assert_eq!(place(b"", b""), Place::Host);
        assert_eq!(place(b"\xff:\n::::\n", b""), Place::Host);
    }

    #[test]
    fn a_node_that_is_a_container_itself_is_a_host_to_its_processes() {
        let first = format!("1:cpu:/docker/{ID}\n0::/docker/{ID}/init.scope\n");
        let kubelet = format!("1:cpu:/docker/{ID}/kubelet\n0::/docker/{ID}/system.slice/kubelet.service\n");
        assert_eq!(place(kubelet.as_bytes(), first.as_bytes()), Place::Host);
        let static_pod = format!("0::/docker/{ID}/kubelet/kubepods/pod{HASH}/{ID}\n");
        assert_eq!(place(static_pod.as_bytes(), first.as_bytes()), fixed());
        let other = "0::/docker/ffff/x\n";
        assert_eq!(place(other.as_bytes(), first.as_bytes()), Place::Container { id: "docker".to_owned() });
    }
}
