//! Elasticsearch and OpenSearch, by a stand-in for `_bulk` that keeps documents and refuses what the documentation says it refuses.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use seaworthy_send::deliver::Prepared;
use seaworthy_send::outgoing::When;
use seaworthy_send::sink::Trouble;
use serde_json::{Value, json};

use crate::receiver::{Receiver, Reply, Request};
use crate::sample::{mixed, prepared, refused, report, send};
use crate::stand::{TOKEN, endless, flush, insist, on_disk, over, token};

type Documents = Arc<Mutex<BTreeMap<String, Value>>>;

/// The actions of a request and their documents: two lines each, the last one ended too.
fn actions(request: &Request) -> Result<Vec<(String, String, Value)>, String> {
    let length = request.body.len();
    if request.header("content-type") != Some("application/x-ndjson") {
        return Err("Content-Type header is not supported".into());
    }
    if !request.body.ends_with('\n') {
        return Err("The bulk request must be terminated by a newline [\\n]".into());
    }
    let lines: Vec<Value> = request
        .body
        .lines()
        .map(|line| serde_json::from_str(line).map_err(|error| format!("{error} of {length}")))
        .collect::<Result<_, _>>()?;
    let mut list = Vec::new();
    for pair in lines.chunks(2) {
        let [action, document] = pair else { return Err("a document is missing".into()) };
        let (word, meta) = action.as_object().and_then(|action| action.iter().next()).ok_or("no action")?;
        if !["create", "index"].contains(&word.as_str()) || !document.is_object() {
            return Err(format!("Malformed action/metadata line: {action}"));
        }
        let id = meta["_id"].as_str().filter(|id| !id.is_empty() && id.len() <= 512).ok_or("no _id")?;
        list.push((word.clone(), id.to_owned(), document.clone()));
    }
    Ok(list)
}

/// Answers as a data stream does; `first` may have another status, type and reason for a document.
fn bulk(
    documents: &Documents,
    request: &Request,
    first: impl Fn(&Value) -> Option<(u16, &'static str, &'static str)>,
) -> Reply {
    if request.header("authorization") != Some(&format!("ApiKey {TOKEN}")) {
        return Reply::Answer(401, vec![], json!({ "error": { "type": "security_exception" } }).to_string());
    }
    if request.method != "POST" || request.path.split('?').next() != Some("/logs-seaworthy.findings-default/_bulk") {
        return Reply::status(405);
    }
    let list = match actions(request) {
        Ok(list) => list,
        Err(why) => return Reply::Answer(400, vec![], json!({ "error": { "reason": why } }).to_string()),
    };
    let mut documents = documents.lock().unwrap();
    let mut errors = false;
    let mut items = Vec::new();
    for (word, id, document) in list {
        let result = match first(&document) {
            Some(result) => Some(result),
            None if word == "index" => Some((
                400,
                "illegal_argument_exception",
                "only write ops with an op_type of create are allowed in data streams",
            )),
            None if document["@timestamp"].as_str().is_none() => {
                Some((400, "document_parsing_exception", "data stream timestamp field [@timestamp] is missing"))
            }
            None if documents.contains_key(&id) => {
                Some((409, "version_conflict_engine_exception", "document already exists"))
            }
            None => None,
        };
        errors |= result.is_some();
        let result = match result {
            Some((status, kind, reason)) => json!({ "status": status, "error": { "type": kind, "reason": reason } }),
            None => {
                documents.insert(id, document);
                json!({ "status": 201 })
            }
        };
        items.push(json!({ word: result }));
    }
    Reply::ok(&json!({ "errors": errors, "items": items }).to_string())
}

fn sink(receiver: &Receiver, folder: &tempfile::TempDir, lines: &str) -> Prepared {
    let secret = tempfile::tempdir_in(folder).unwrap().keep();
    let lines = format!("url = \"elastic+http://{}\"\n{}{lines}", receiver.address, token(&secret, "token-file"));
    prepared(&lines, Some(&folder.path().join("state")))
}

#[test]
fn findings_are_documents() {
    let documents = Documents::default();
    let kept = Arc::clone(&documents);
    let receiver = Receiver::start(move |request| bulk(&kept, request, |_| None));
    let folder = tempfile::tempdir().unwrap();
    let outcome = send(&sink(&receiver, &folder, ""), &mixed(), When::All);
    assert!(outcome.is_complete() && outcome.sent == 5, "{outcome:?}");
    let documents = documents.lock().unwrap();
    let of = |number: &str| {
        let number = json!(number);
        documents.values().find(|document| document["rule"]["benchmark"]["rule_number"] == number).unwrap()
    };
    let failed = of("1.2.1");
    assert_eq!(failed["@timestamp"], "2026-01-31T10:00:00Z");
    assert_eq!(failed["event"]["outcome"], "failure");
    assert_eq!(failed["event"]["severity"], 73);
    assert_eq!(failed["result"]["evaluation"], "failed");
    assert_eq!(failed["rule"]["benchmark"]["version"], "2.0.1");
    assert_eq!(failed["orchestrator"]["cluster"]["id"], "c1");
    assert_eq!(failed["host"]["name"], "node1");
    assert_eq!(of("1.2.2")["result"]["evaluation"], "passed");
    // Nobody knows, or a person has to say: neither passed nor failed.
    for number in ["1.2.3", "1.2.4", "1.2.5"] {
        assert_eq!(
            (&of(number)["result"]["evaluation"], &of(number)["event"]["outcome"]),
            (&Value::Null, &json!("unknown"))
        );
    }
    let text = failed["result"]["evidence"]["items"][0]["value"].as_str().unwrap();
    assert!(text.contains("forged") && !text.contains(char::is_control), "{text}");
    let message = failed["message"].as_str().unwrap();
    assert!(message.contains("fails") && !message.contains(char::is_control), "{message}");
}

#[test]
fn what_is_sent_twice_is_there_once() {
    let documents = Documents::default();
    let kept = Arc::clone(&documents);
    // The first request is taken, and its answer is lost.
    let receiver = Receiver::start(move |request| match (request.number, bulk(&kept, request, |_| None)) {
        (0, _) => Reply::Hangup,
        (_, reply) => reply,
    });
    let folder = tempfile::tempdir().unwrap();
    let outcome = insist(&sink(&receiver, &folder, ""), &mixed());
    assert!(outcome.is_complete() && outcome.sent == 5, "{outcome:?}");
    assert_eq!((documents.lock().unwrap().len(), receiver.requests().len()), (5, 2));
}

#[test]
fn each_item_of_an_answer_is_read() {
    let documents = Documents::default();
    let (kept, tries) = (Arc::clone(&documents), Mutex::new(BTreeMap::<String, u32>::new()));
    let receiver = Receiver::start(move |request| {
        bulk(&kept, request, |document| {
            let number = document["rule"]["benchmark"]["rule_number"].as_str().unwrap();
            let mut tries = tries.lock().unwrap();
            let before = tries.entry(number.to_owned()).or_default();
            *before += 1;
            match (number, *before) {
                ("1.2.1", 1) => Some((429, "es_rejected_execution_exception", "rejected execution")),
                ("1.2.2", 1) => Some((503, "unavailable_shards_exception", "primary shard is not active")),
                ("1.2.3", _) => Some((400, "document_parsing_exception", "failed to parse field [host]")),
                _ => None,
            }
        })
    });
    let folder = tempfile::tempdir().unwrap();
    let outcome = insist(&sink(&receiver, &folder, ""), &mixed());
    assert_eq!((outcome.sent, outcome.refused, outcome.left), (4, 1, 0), "{outcome:?}");
    assert!(outcome.reasons[0].contains("failed to parse"), "{outcome:?}");
    let requests = receiver.requests();
    let again: Vec<String> = actions(&requests[1]).unwrap().into_iter().map(|(_, id, _)| id).collect();
    assert_eq!(again.len(), 2);
    let first: Vec<String> = actions(&requests[0]).unwrap().into_iter().map(|(_, id, _)| id).collect();
    assert_eq!(again, first[..2]);
}

#[test]
fn a_right_or_an_index_that_is_missing_keeps_the_documents() {
    for (status, kind, reason) in [
        (403, "security_exception", "action [indices:data/write/bulk] is unauthorized"),
        (404, "index_not_found_exception", "no such index"),
    ] {
        let documents = Documents::default();
        let receiver = Receiver::start(move |request| bulk(&documents, request, |_| Some((status, kind, reason))));
        let folder = tempfile::tempdir().unwrap();
        let outcome = send(&sink(&receiver, &folder, ""), &mixed(), When::All);
        assert_eq!((outcome.left, outcome.refused, receiver.requests().len()), (5, 0, 1), "{outcome:?}");
        assert!(outcome.trouble.unwrap().contains(kind));
    }
}

#[test]
fn a_data_stream_is_not_written_to_by_index() {
    let documents = Documents::default();
    let receiver = Receiver::start(move |request| bulk(&documents, request, |_| None));
    let folder = tempfile::tempdir().unwrap();
    let outcome = send(&sink(&receiver, &folder, "operation = \"index\""), &mixed(), When::All);
    assert_eq!((outcome.left, outcome.refused), (5, 0), "{outcome:?}");
    assert!(outcome.trouble.unwrap().contains("leave operation at create"));
}

#[test]
fn a_cluster_that_is_away_gets_the_same_documents_later() {
    let documents = Documents::default();
    let away = Arc::new(Mutex::new(true));
    let (kept, here) = (Arc::clone(&documents), Arc::clone(&away));
    let receiver = Receiver::start(move |request| match (*here.lock().unwrap(), request.number % 4) {
        (false, _) => bulk(&kept, request, |_| None),
        (true, 0) => Reply::status(503),
        (true, 1) => Reply::Answer(500, vec![], format!("proxy error for {TOKEN}")),
        (true, 2) => Reply::Cut,
        (true, _) => Reply::Answer(200, vec![], json!({ "errors": true, "items": [] }).to_string()),
    });
    let folder = tempfile::tempdir().unwrap();
    let sink = sink(&receiver, &folder, "");
    let outcome = send(&sink, &mixed(), When::All);
    assert_eq!((outcome.sent, outcome.refused, outcome.left), (0, 0, 5), "{outcome:?}");
    assert!(!format!("{outcome:?}{}", on_disk(&folder.path().join("state"))).contains(TOKEN), "{outcome:?}");
    *away.lock().unwrap() = false;
    let first: Vec<String> = actions(&receiver.requests()[0]).unwrap().into_iter().map(|(_, id, _)| id).collect();
    let outcome = flush(&sink);
    assert!(outcome.is_complete() && outcome.sent == 5, "{outcome:?}");
    let documents = documents.lock().unwrap();
    assert!(first.iter().all(|id| documents.contains_key(id)) && documents.len() == 5);
}

#[test]
fn a_batch_that_is_too_large_is_halved() {
    let documents = Documents::default();
    let kept = Arc::clone(&documents);
    let receiver = Receiver::start(move |request| match actions(request).map(|list| list.len()) {
        Ok(count) if count > 2 => Reply::status(413),
        _ => bulk(&kept, request, |_| None),
    });
    let folder = tempfile::tempdir().unwrap();
    let outcome = insist(&sink(&receiver, &folder, ""), &mixed());
    assert!(outcome.is_complete() && outcome.sent == 5, "{outcome:?}");
    assert_eq!(documents.lock().unwrap().len(), 5);
}

#[test]
fn a_rest_that_is_asked_for_is_handed_on() {
    let receiver = Receiver::start(|_| Reply::Answer(429, vec![("Retry-After", "120".to_owned())], String::new()));
    let folder = tempfile::tempdir().unwrap();
    let part = seaworthy_send::sink::Part { id: "a".into(), body: "{}".into() };
    let trouble = sink(&receiver, &folder, "").sink.deliver(&seaworthy_send::sink::Batch { parts: vec![part] });
    let after = Some(std::time::Duration::from_secs(120));
    assert!(matches!(trouble, Err(Trouble::Later { after: asked, .. }) if asked == after), "{trouble:?}");
}

#[test]
fn a_connection_that_is_cut_or_silent_loses_nothing() {
    for reply in [|| Reply::CutBody(10), || Reply::Silent] {
        let documents = Documents::default();
        let kept = Arc::clone(&documents);
        let receiver = Receiver::with_head(
            move |request| (request.number < 2).then(reply),
            move |request| bulk(&kept, request, |_| None),
        );
        let folder = tempfile::tempdir().unwrap();
        let outcome = insist(&sink(&receiver, &folder, "timeout = \"300ms\""), &mixed());
        assert!(outcome.is_complete() && outcome.sent == 5, "{outcome:?}");
        assert_eq!(documents.lock().unwrap().len(), 5);
    }
}

#[test]
fn a_long_document_is_cut() {
    let documents = Documents::default();
    let kept = Arc::clone(&documents);
    let receiver = Receiver::start(move |request| bulk(&kept, request, |_| None));
    let folder = tempfile::tempdir().unwrap();
    assert!(send(&sink(&receiver, &folder, ""), &endless(), When::All).is_complete());
    let documents = documents.lock().unwrap();
    let document = documents.values().next().unwrap();
    assert!(document.to_string().len() <= 64 << 10);
    assert_eq!(document["cut"], true);
}

#[test]
fn solved_and_gone_findings_are_told_as_such() {
    let folder = tempfile::tempdir().unwrap();
    let receiver = Receiver::start(|_| Reply::status(500));
    let parts = over(&sink(&receiver, &folder, ""));
    let told: Vec<[&str; 3]> = parts
        .iter()
        .map(|part| [&part["seaworthy"]["state"], &part["event"]["type"][0], &part["event"]["outcome"]])
        .map(|words| words.map(|word| word.as_str().unwrap()))
        .collect();
    assert_eq!(told, [["solved", "info", "success"], ["open", "info", "failure"], ["gone", "deletion", "unknown"]]);
    assert_eq!(parts[2]["result"]["evaluation"], Value::Null);
}

#[test]
fn the_path_names_the_index_and_settings_come_first() {
    let paths = |path: &str, lines: &str| {
        let receiver = Receiver::start(|_| Reply::ok("{\"errors\":false}"));
        let lines = format!("url = \"elastic+http://{}{path}\"\n{lines}", receiver.address);
        assert!(send(&prepared(&lines, None), &report("s", mixed().findings), When::All).is_complete());
        receiver.requests()[0].path.split('?').next().unwrap().to_owned()
    };
    assert_eq!(paths("/findings", ""), "/findings/_bulk");
    assert_eq!(paths("/search/findings/", ""), "/search/findings/_bulk");
    assert_eq!(paths("/search", "index = \"cis-2026\""), "/search/cis-2026/_bulk");
    assert_eq!(paths("/", ""), "/logs-seaworthy.findings-default/_bulk");
    let url = "url = \"elastic+http://127.0.0.1:1\"\n";
    for (line, why) in [
        ("index = \"Findings\"", "lower case"),
        ("index = \"a/../b\"", "lower case"),
        ("operation = \"update\"", "update"),
        ("pipeline = \"a&b\"", "pipeline"),
        ("sourcetype = \"a\"", "sourcetype"),
    ] {
        let error = refused(&format!("{url}{line}"));
        assert!(error.contains(why), "{line}: {error}");
    }
}

#[test]
fn user_and_password_are_told_to_nobody_else() {
    let both = data_encoding::BASE64.encode(format!("auditor:{TOKEN}").as_bytes());
    let seen = both.clone();
    let receiver = Receiver::start(move |request| {
        let right = request.header("authorization") == Some(&format!("Basic {seen}"));
        Reply::Answer(if right { 403 } else { 500 }, vec![], format!("no rights for {seen}"))
    });
    let folder = tempfile::tempdir().unwrap();
    let lines = format!("url = \"elastic+http://{}\"\nuser = \"auditor\"\n", receiver.address);
    let sink = prepared(&format!("{lines}{}", token(folder.path(), "password-file")), None);
    let outcome = send(&sink, &mixed(), When::All);
    assert_eq!((outcome.lost, receiver.requests().len()), (5, 1), "{outcome:?}");
    let shown = format!("{outcome:?}");
    assert!(!shown.contains(&both) && !shown.contains(TOKEN), "{shown}");
}
