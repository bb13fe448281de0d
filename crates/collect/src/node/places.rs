//! Where processes are: in whose mount namespace, in which pod, and whether their component may be there.

use seaworthy_model::{Fact, Place, View};

use super::context::Context;
use super::processes::Found;
use crate::{Links, Trouble};

/// Finds out through whose eyes each process's paths are to be looked at, and what of the host it sees.
pub(super) fn views(cx: &Context<'_>, found: &mut [Found<'_>]) {
    let of_host: Vec<bool> = found
        .iter()
        .map(|found| {
            let pid = found.process.pid;
            let recorded = (!cx.nature.live).then(|| cx.tree.process_link(pid, "root"));
            let on_host = matches!(found.process.place.known(), Some(Place::Host | Place::Session) | None);
            match recorded {
                Some(Ok(target)) => target == b"/",
                Some(Err(Trouble::Other(_))) => false,
                _ if cx.first.root().is_some() && found.mounts.root().is_some() => {
                    found.mounts.same_namespace(&cx.first)
                }
                _ => on_host,
            }
        })
        .collect();
    let host = if cx.first.root().is_some() {
        cx.first.clone()
    } else {
        let witness = found.iter().zip(&of_host).find(|(found, of_host)| **of_host && found.mounts.root().is_some());
        witness.map(|(found, _)| found.mounts.clone()).unwrap_or_default()
    };
    for (found, of_host) in found.iter_mut().zip(of_host) {
        if !of_host {
            found.view = View::Process(found.process.pid);
            found.process.mounts = found.mounts.on_host(&host);
        }
    }
}

/// Gives pods their names, by the kubelet's log directory, and says which processes run where their component may.
pub(super) fn name_pods(cx: &Context<'_>, found: &mut [Found<'_>]) {
    let mut logs: Option<Vec<String>> = None;
    for Found { process, components, .. } in found {
        if let Fact::Known { value: Place::Pod { uid, namespace, name }, .. } = &mut process.place {
            let logs = logs.get_or_insert_with(|| list_logs(cx));
            let entry =
                logs.iter().find_map(|entry| entry.strip_suffix(uid.as_str())?.strip_suffix('_')?.split_once('_'));
            if let Some((space, pod)) = entry {
                (*namespace, *name) = (Some(space.to_owned()), Some(pod.to_owned()));
            }
        }
        for (component, fits) in components {
            let may = |place: &str| component.places.iter().any(|known| known == place);
            *fits = match process.place.known() {
                None => true,
                Some(Place::Host) => may("host"),
                Some(Place::StaticPod { .. }) => may("static-pod"),
                Some(Place::Pod { namespace, name, .. }) => {
                    let of_set = |set: &str| {
                        let Some((space, set)) = set.split_once('/') else { return false };
                        namespace.as_ref().is_none_or(|of| of == space)
                            && name
                                .as_ref()
                                .is_none_or(|pod| pod.strip_prefix(set).is_some_and(|rest| rest.starts_with('-')))
                    };
                    may("daemon-set") && component.daemon_set.as_deref().is_none_or(of_set)
                }
                Some(Place::Session | Place::Container { .. }) => false,
            };
        }
    }
}

fn list_logs(cx: &Context<'_>) -> Vec<String> {
    let Some(path) = cx.platform.pod_logs.as_deref().filter(|path| cx.hidden(path.as_bytes()).is_none()) else {
        return Vec::new();
    };
    let names = cx.tree.look(View::Host, path.as_bytes(), Links::Follow).and_then(|seen| cx.tree.list(&seen));
    names.unwrap_or_default().iter().map(|name| String::from_utf8_lossy(name).into_owned()).collect()
}
