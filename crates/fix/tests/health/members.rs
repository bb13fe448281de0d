use seaworthy_fix::health::{Health, Member, MembersError, NodeState, PodState, Ready, members, members_of};
use seaworthy_model::cluster::{BrokenObject, Cluster, Condition, Listing, NodeObject, PodObject};
use seaworthy_model::{Fact, Source};

fn node(name: &str, ready: Ready) -> NodeState {
    NodeState { name: name.to_owned(), control_plane: true, ready }
}

fn pods(node: &str) -> Vec<PodState> {
    ["kube-apiserver", "etcd"]
        .map(|name| PodState { name: format!("{name}-{node}"), node: node.to_owned(), ready: Ready::Yes })
        .to_vec()
}

fn no() -> Ready {
    Ready::No("because".to_owned())
}

fn unknown() -> Ready {
    Ready::Unknown("because".to_owned())
}

#[test]
fn each_member_is_well_or_says_why_not() {
    let nodes = [node("c", Ready::Yes), node("a", Ready::Yes), node("b", no()), node("d", unknown())];
    let mut all: Vec<PodState> = ["a", "b", "c", "d"].into_iter().flat_map(pods).collect();
    // The API server of a is not ready; c has no etcd although the others have.
    all[0].ready = no();
    all.retain(|pod| pod.name != "etcd-c");
    let found = members(&nodes, &all).unwrap();
    let names: Vec<&str> = found.iter().map(|member| member.node.as_str()).collect();
    assert_eq!(names, ["a", "b", "c", "d"]);
    assert!(
        matches!(&found[0].api_server, Health::Unhealthy(why) if why.contains("kube-apiserver-a is not ready: because"))
    );
    assert_eq!(found[0].etcd, Health::Well);
    assert!(matches!(&found[1].etcd, Health::Unhealthy(why) if why.contains("node is not ready")));
    assert_eq!(found[2].api_server, Health::Well);
    assert!(matches!(&found[2].etcd, Health::Unhealthy(why) if why.contains("no pod etcd-c")));
    assert!(matches!(&found[3].api_server, Health::Unknown(why) if why.contains("because")));
}

#[test]
fn an_etcd_elsewhere_is_no_member_and_workers_are_none_either() {
    let nodes = [
        node("a", Ready::Yes),
        NodeState { control_plane: false, ..node("worker", no()) },
        // Not marked, but its kubelet runs an etcd.
        NodeState { control_plane: false, ..node("store", Ready::Yes) },
    ];
    let server = pods("a").remove(0);
    let found = members(&nodes, std::slice::from_ref(&server)).unwrap();
    assert_eq!(found, [Member { node: "a".to_owned(), api_server: Health::Well, etcd: Health::Elsewhere }]);
    let found = members(&nodes, &[server, pods("store").remove(1)]).unwrap();
    assert_eq!(found[1], Member { node: "store".to_owned(), api_server: Health::Elsewhere, etcd: Health::Well });
    assert!(matches!(found[0].etcd, Health::Unhealthy(_)));
    // A control plane whose API server is no pod.
    let found = members(&nodes[..1], &[]).unwrap();
    assert!(matches!(found[0].api_server, Health::Unknown(_)));
    assert_eq!(members(&nodes[1..], &[]), Err(MembersError::None));
    // A pod of that name on another node is somebody else's.
    let stray = PodState { node: "worker".to_owned(), ..pods("a").remove(0) };
    assert!(matches!(members(&nodes[..1], &[stray]).unwrap()[0].api_server, Health::Unknown(_)));
}

fn known<T>(items: Vec<T>) -> Fact<Listing<T>> {
    Fact::Known { value: Listing { items, broken: Vec::new() }, source: Source::stated("the API") }
}

fn cluster() -> Cluster {
    let mut node = NodeObject::default();
    node.metadata.name = "a".to_owned();
    node.metadata.labels.insert("node-role.kubernetes.io/control-plane".to_owned(), String::new());
    node.status.conditions = vec![Condition { kind: "Ready".to_owned(), status: "True".to_owned(), reason: None }];
    let pod = |name: &str, mirror: bool| {
        let mut pod = PodObject::default();
        pod.metadata.name = name.to_owned();
        pod.metadata.namespace = Some("kube-system".to_owned());
        pod.metadata.annotations.mirror = mirror;
        pod.spec.node_name = Some("a".to_owned());
        pod.status.phase = Some("Running".to_owned());
        pod
    };
    let pods = vec![pod("kube-apiserver-a", true), pod("etcd-a", false)];
    Cluster { nodes: known(vec![node]), pods: known(pods), ..Cluster::default() }
}

#[test]
fn of_facts_a_running_pod_is_unknown_until_somebody_says_more() {
    let cluster = cluster();
    let found = members_of(&cluster, |_| None).unwrap();
    assert!(matches!(&found[0].api_server, Health::Unknown(why) if why.contains("only its phase")));
    assert_eq!(found[0].etcd, Health::Elsewhere, "a pod that is no mirror may call itself as it likes");
    let found = members_of(&cluster, |_| Some(Ready::Yes)).unwrap();
    assert_eq!(found[0].api_server, Health::Well);
    let mut pending = cluster.clone();
    let Fact::Known { value, .. } = &mut pending.pods else { panic!() };
    value.items[0].status.phase = Some("Pending".to_owned());
    assert!(matches!(&members_of(&pending, |_| None).unwrap()[0].api_server, Health::Unhealthy(_)));
}

#[test]
fn a_list_that_is_not_complete_tells_nothing() {
    let error = members_of(&Cluster::default(), |_| None).unwrap_err();
    assert!(matches!(&error, MembersError::NotKnown { list: "nodes", .. }), "{error}");
    let mut broken = cluster();
    let Fact::Known { value, .. } = &mut broken.pods else { panic!() };
    value.broken.push(BrokenObject { name: "kube-system/x".to_owned(), error: "no name".to_owned() });
    let error = members_of(&broken, |_| None).unwrap_err().to_string();
    assert!(error.contains("pods") && error.contains("kube-system/x"), "{error}");
}

#[test]
fn a_node_s_condition_is_read_as_it_stands() {
    let ready = |status: Option<&str>| {
        let mut node = NodeObject::default();
        let condition = |status: &str| Condition {
            kind: "Ready".to_owned(),
            status: status.to_owned(),
            reason: Some("NodeStatusUnknown".to_owned()),
        };
        node.status.conditions = status.map(condition).into_iter().collect();
        NodeState::from(&node).ready
    };
    assert_eq!(ready(Some("True")), Ready::Yes);
    assert_eq!(ready(Some("False")), Ready::No("NodeStatusUnknown".to_owned()));
    assert_eq!(ready(Some("Unknown")), Ready::Unknown("NodeStatusUnknown".to_owned()));
    assert!(matches!(ready(None), Ready::Unknown(_)));
}
