//! The namespace that a scan works in, and that nothing of it stays.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::time::Duration;

use kube::api::{Api, DeleteParams, ListParams, ObjectMeta, PostParams};

use crate::object::{Event, Namespace, Pod};
use crate::pod::{LABEL, MANAGED, ended, words};
use crate::{FleetError, Options, Progress};

/// How long is waited for a namespace to be gone.
const GONE: Duration = Duration::from_secs(60);
/// How often is looked.
const PAUSE: Duration = Duration::from_millis(500);

/// Where a scan's pods are.
pub(crate) struct Space {
    pub(crate) pods: Api<Pod>,
    events: Api<Event>,
    namespaces: Api<Namespace>,
    name: String,
    /// Whether the scan made it.
    made: bool,
    /// Pods that were made and not yet removed.
    open: RefCell<Vec<String>>,
}

impl Space {
    /// Takes the namespace that is given, or makes one.
    pub(crate) async fn open(
        client: &kube::Client,
        options: &Options,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<Space, FleetError> {
        let namespaces: Api<Namespace> = Api::all(client.clone());
        let api = |error: kube::Error| FleetError::Api(words(&error));
        let (name, made) = match &options.namespace {
            Some(name) => {
                let there = namespaces.get_opt(name).await;
                // Whoever may only work in the namespace cannot look at it from outside: the first pod tells.
                if matches!(there, Ok(None)) {
                    return Err(FleetError::Api(format!("there is no namespace {name}")));
                }
                (name.clone(), false)
            }
            None => {
                leftovers(&namespaces, progress).await;
                let name = format!("seaworthy-scan-{}", options.tag);
                let mut labels: BTreeMap<String, String> = [(LABEL.to_owned(), MANAGED.to_owned())].into();
                // A collector shares its node's processes and files, which every narrower level forbids.
                labels.insert("pod-security.kubernetes.io/enforce".to_owned(), "privileged".to_owned());
                let namespace = Namespace {
                    metadata: ObjectMeta { name: Some(name.clone()), labels: Some(labels), ..ObjectMeta::default() },
                };
                namespaces.create(&PostParams::default(), &namespace).await.map_err(api)?;
                progress(Progress::Step(format!("made namespace {name}")));
                (name, true)
            }
        };
        let pods = Api::namespaced(client.clone(), &name);
        let events = Api::namespaced(client.clone(), &name);
        Ok(Space { pods, events, namespaces, name, made, open: RefCell::default() })
    }

    /// Makes a pod, and remembers that it is there.
    pub(crate) async fn create(&self, name: &str, pod: &Pod) -> Result<(), kube::Error> {
        self.open.borrow_mut().push(name.to_owned());
        self.pods.create(&PostParams::default(), pod).await.map(|_| ())
    }

    /// What the cluster last warned of about a pod; nothing if it did not, or if events may not be listed.
    pub(crate) async fn last_warning(&self, pod: &str) -> String {
        let selector = format!("involvedObject.name={pod},type=Warning");
        let found = self.events.list(&ListParams::default().fields(&selector)).await;
        let last = found.ok().and_then(|list| list.items.into_iter().next_back());
        last.map(|event| format!("({}: {})", event.reason, event.message.lines().next().unwrap_or_default()))
            .unwrap_or_default()
    }

    /// Removes a pod at once; what fails is tried again at the end.
    pub(crate) async fn delete(&self, name: &str) {
        if gone(self.pods.delete(name, &at_once()).await) {
            self.open.borrow_mut().retain(|open| open != name);
        }
    }

    /// Removes what the scan made. What could not be removed is named by the command that does it.
    pub(crate) async fn remove(&self) -> Vec<String> {
        if self.made {
            let deleted = gone(self.namespaces.delete(&self.name, &DeleteParams::default()).await);
            if deleted && self.wait_until_gone().await {
                return Vec::new();
            }
            return vec![format!("kubectl delete namespace {}", self.name)];
        }
        let open = self.open.take();
        let mut left = Vec::new();
        for name in open {
            if !gone(self.pods.delete(&name, &at_once()).await) {
                left.push(format!("kubectl -n {} delete pod {name}", self.name));
            }
        }
        left
    }

    /// A pod on a node whose kubelet is gone keeps its namespace until it is removed by force, so that is done on the way.
    async fn wait_until_gone(&self) -> bool {
        let open: Vec<String> = self.open.take();
        let until = tokio::time::Instant::now() + GONE;
        while tokio::time::Instant::now() < until {
            if matches!(self.namespaces.get_opt(&self.name).await, Ok(None)) {
                return true;
            }
            for name in &open {
                let _ = self.pods.delete(name, &at_once()).await;
            }
            tokio::time::sleep(PAUSE).await;
        }
        false
    }
}

/// Without waiting for the kubelet: a collector has nothing to put in order, and a kubelet may be gone.
fn at_once() -> DeleteParams {
    DeleteParams::default().grace_period(0)
}

/// Whether something is gone, or on its way.
fn gone<T>(result: Result<T, kube::Error>) -> bool {
    match result {
        Ok(_) => true,
        Err(kube::Error::Api(status)) => status.code == 404 || status.code == 409,
        Err(_) => false,
    }
}

/// Removes the namespaces of scans that were killed: their pods have ended by themselves at their own deadline.
async fn leftovers(namespaces: &Api<Namespace>, progress: &mut dyn FnMut(Progress)) {
    let labelled = ListParams::default().labels(&format!("{LABEL}={MANAGED}"));
    let Ok(found) = namespaces.list(&labelled).await else { return };
    let client = namespaces.clone().into_client();
    for namespace in found.items {
        let Some(name) = namespace.metadata.name.filter(|name| name.starts_with("seaworthy-scan-")) else { continue };
        if namespace.metadata.deletion_timestamp.is_some() {
            continue;
        }
        let pods: Api<Pod> = Api::namespaced(client.clone(), &name);
        let Ok(list) = pods.list(&ListParams::default()).await else { continue };
        // One without pods may be that of a scan that has just begun.
        if !list.items.is_empty()
            && list.items.iter().all(ended)
            && gone(namespaces.delete(&name, &DeleteParams::default()).await)
        {
            progress(Progress::Step(format!("removed namespace {name}, which an earlier scan left")));
        }
    }
}
