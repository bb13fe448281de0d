//! One node: a pod is put on it, asked once, and taken away.

use std::time::Duration;

use kube::api::AttachParams;
use seaworthy_model::cluster::{NodeObject, api_source};
use seaworthy_model::{Fact, Facts};
use tokio::io::AsyncReadExt;
use tokio::time::Instant;

use crate::sealed::{SEALED, SealError, unseal};
use crate::space::Space;
use crate::{Options, pod};

/// How often is looked whether the pod runs.
const PAUSE: Duration = Duration::from_millis(250);
/// How often a pod is asked whose answer was not whole.
const TRIES: u32 = 3;
/// How long one answer may take.
const ANSWER: Duration = Duration::from_secs(60);
/// How long is waited for a container that is not yet known to be hopeless.
const PATIENCE: Duration = Duration::from_secs(10);

/// Reads a node. The error is the reason why it is missing.
pub(crate) async fn read(space: &Space, node: &NodeObject, options: &Options) -> (String, Result<Facts, String>) {
    let name = node.metadata.name.clone();
    let pod_name = pod::name(&name);
    let until = Instant::now() + options.deadline;
    let facts = match tokio::time::timeout_at(until, attempt(space, node, &pod_name, options)).await {
        Ok(result) => result,
        Err(_) => Err(late(space, &pod_name, options.deadline).await),
    };
    space.delete(&pod_name).await;
    let facts = facts.and_then(|facts| own(facts, &name, options.cluster.as_deref()));
    (name, facts)
}

async fn attempt(space: &Space, node: &NodeObject, pod_name: &str, options: &Options) -> Result<Facts, String> {
    let pod = pod::build(node, &options.collector, options.deadline);
    space.create(pod_name, &pod).await.map_err(|error| format!("its pod was refused: {}", pod::words(&error)))?;
    let began = Instant::now();
    loop {
        match space.pods.get(pod_name).await {
            Ok(pod) if pod::runs(&pod) => break,
            Ok(pod) => {
                // An image that cannot be had is not there in the next second either, but a pull may be tried once more.
                if let Some(reason) = pod::stuck(&pod).filter(|_| began.elapsed() >= PATIENCE || pod::ended(&pod)) {
                    return Err(reason);
                }
            }
            Err(kube::Error::Api(status)) if status.code == 404 => {
                return Err("its pod was removed by somebody".to_owned());
            }
            // The server may be away for a moment: the deadline ends that.
            Err(_) => {}
        }
        tokio::time::sleep(PAUSE).await;
    }
    let mut last = String::new();
    for _ in 0..TRIES {
        match ask(space, pod_name, options).await {
            Ok(sealed) => match unseal(&sealed) {
                Ok(facts) => return Ok(facts),
                Err(error @ SealError::Foreign(_)) => return Err(error.to_string()),
                Err(error @ SealError::Damaged(_)) => last = error.to_string(),
            },
            Err(error) => last = error,
        }
        tokio::time::sleep(PAUSE).await;
    }
    Err(last)
}

/// Why a node took too long, as far as its pod tells.
async fn late(space: &Space, pod_name: &str, deadline: Duration) -> String {
    let seconds = deadline.as_secs();
    let looked = tokio::time::timeout(Duration::from_secs(5), space.pods.get(pod_name)).await;
    match looked {
        Ok(Ok(found)) if pod::runs(&found) => format!("its collector did not answer within {seconds} s"),
        Ok(Ok(found)) => match pod::waiting(&found) {
            Some((reason, message)) => {
                let why = if message.is_empty() { space.last_warning(pod_name).await } else { message };
                format!("its pod did not run within {seconds} s: {reason} {why}").trim_end().to_owned()
            }
            None => format!("its kubelet took no notice of the pod within {seconds} s"),
        },
        Ok(Err(error)) => format!("nothing came within {seconds} s: {}", pod::words(&error)),
        Err(_) => format!("nothing came within {seconds} s, and the API server does not answer"),
    }
}

/// Runs the collector in the pod and takes what it prints.
async fn ask(space: &Space, pod_name: &str, options: &Options) -> Result<Vec<u8>, String> {
    let mut command: Vec<String> = ["seaworthy", "collect", "--sealed"].map(str::to_owned).into();
    command.extend(options.collector.arguments.iter().cloned());
    let parameters = AttachParams::default().stdout(true).stderr(true).max_stdout_buf_size(1 << 16);
    let failed = |error: &dyn std::fmt::Display| format!("the collector could not be run in its pod: {error}");
    let mut process =
        space.pods.exec(pod_name, command, &parameters).await.map_err(|error| failed(&pod::words(&error)))?;
    let status = process.take_status();
    let (Some(stdout), Some(stderr)) = (process.stdout(), process.stderr()) else {
        return Err(failed(&"it has no output"));
    };
    let (mut sealed, mut complaint) = (Vec::new(), Vec::new());
    let mut stdout = stdout.take(SEALED as u64 + 1);
    let mut stderr = stderr.take(4096);
    let reading = async { tokio::join!(stdout.read_to_end(&mut sealed), stderr.read_to_end(&mut complaint)) };
    let Ok((read, _)) = tokio::time::timeout(ANSWER, reading).await else {
        process.abort();
        return Err(format!("the collector did not end within {} s", ANSWER.as_secs()));
    };
    read.map_err(|error| failed(&error))?;
    if sealed.len() > SEALED {
        process.abort();
        return Err(format!("the collector sent more than {} MiB", SEALED >> 20));
    }
    let status = match status {
        Some(status) => tokio::time::timeout(Duration::from_secs(5), status).await.ok().flatten(),
        None => None,
    };
    if let Some(status) = status.filter(|status| status.status.as_deref().is_some_and(|word| word != "Success")) {
        let complaint = String::from_utf8_lossy(&complaint);
        let first = complaint.lines().next().unwrap_or_default();
        return Err(failed(&format!("{} {first}", status.message.unwrap_or_default()).trim_end()));
    }
    Ok(sealed)
}

/// The facts, if they are of this node and of this cluster. What a node cannot say of itself its pod says: it ran there.
fn own(mut facts: Facts, name: &str, cluster: Option<&str>) -> Result<Facts, String> {
    let Some(node) = &mut facts.node else { return Err("its collector read no node".to_owned()) };
    match node.identity.certificate.known() {
        Some(claimed) if claimed != name => {
            return Err(format!("its facts claim to be of the node {claimed}"));
        }
        Some(_) => {}
        None => {
            node.identity.certificate =
                Fact::Known { value: name.to_owned(), source: api_source("pods", None, Some("the collector's own")) };
        }
    }
    let claimed = facts.cluster.as_ref().and_then(|c| c.id.known());
    match (claimed, cluster) {
        (Some(claimed), Some(cluster)) if claimed != cluster => {
            Err(format!("its facts claim to be of another cluster ({})", claimed.get(..12).unwrap_or(claimed)))
        }
        _ => Ok(facts),
    }
}
