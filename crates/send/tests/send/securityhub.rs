//! Security Hub: a stand-in that verifies signatures by itself and takes what the service's documentation says that it takes.

use std::collections::{BTreeMap, BTreeSet};

use seaworthy_model::{Report, Verdict};
use seaworthy_report::changes::compare;
use seaworthy_send::outgoing::{Outgoing, When};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::receiver::{Receiver, Reply, Request};
use crate::sample::{HOSTILE, finding, hmac, mixed, parts, prepared, refused, report, send};

const ID: &str = "AKIDEXAMPLE";
const KEY: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
const TOKEN: &str = "session/token+0123456789==";

/// The lines of a sink at this stand-in.
fn lines(dir: &std::path::Path, address: &str) -> String {
    for (name, text) in [("id", ID), ("key", KEY), ("token", TOKEN)] {
        std::fs::write(dir.join(name), format!("{text}\n")).unwrap();
    }
    format!(
        "url = \"securityhub+http://{address}\"\nregion = \"eu-central-1\"\naccount = \"123456789012\"\n\
         access-key-id-file = {:?}\nsecret-access-key-file = {:?}\nsession-token-file = {:?}",
        dir.join("id"),
        dir.join("key"),
        dir.join("token"),
    )
}

fn hex(bytes: &[u8]) -> String {
    data_encoding::HEXLOWER.encode(bytes)
}

/// Verifies Signature Version 4, from its documentation.
fn verify(request: &Request) -> Result<(), String> {
    let header = |name: &str| request.header(name).ok_or_else(|| format!("no {name}"));
    let rest = header("authorization")?.strip_prefix("AWS4-HMAC-SHA256 ").ok_or("another algorithm")?.to_owned();
    let fields: BTreeMap<&str, &str> = rest.split(", ").filter_map(|field| field.split_once('=')).collect();
    let scope = fields["Credential"].strip_prefix(&format!("{ID}/")).ok_or("another key")?;
    let date = header("x-amz-date")?;
    if scope != format!("{}/eu-central-1/securityhub/aws4_request", &date[..8]) {
        return Err(format!("scope {scope}"));
    }
    let names: Vec<&str> = fields["SignedHeaders"].split(';').collect();
    if !names.contains(&"host") || !names.contains(&"x-amz-date") || !names.contains(&"x-amz-security-token") {
        return Err(format!("not signed: {names:?}"));
    }
    let mut canonical = format!("{}\n{}\n\n", request.method, request.path);
    for name in &names {
        canonical.push_str(&format!("{name}:{}\n", header(name)?.trim()));
    }
    canonical.push_str(&format!("\n{}\n{}", names.join(";"), hex(&Sha256::digest(request.body.as_bytes()))));
    let text = format!("AWS4-HMAC-SHA256\n{date}\n{scope}\n{}", hex(&Sha256::digest(canonical.as_bytes())));
    let key = scope.split('/').fold(format!("AWS4{KEY}").into_bytes(), |key, word| hmac(&key, word.as_bytes()));
    match hex(&hmac(&key, text.as_bytes())) == fields["Signature"] && header("x-amz-security-token")? == TOKEN {
        true => Ok(()),
        false => Err("the signature does not match".into()),
    }
}

/// What `BatchImportFindings` takes, by the service's model and documentation.
fn check(body: &str) -> Result<Vec<Value>, String> {
    let call: Value = serde_json::from_str(body).map_err(|error| error.to_string())?;
    let findings = call["Findings"].as_array().ok_or("no Findings")?.clone();
    if findings.is_empty() || findings.len() > 100 {
        return Err(format!("{} findings", findings.len()));
    }
    let mut ids = BTreeSet::new();
    for finding in &findings {
        let text = |key: &str, most: usize| match finding[key].as_str() {
            Some(text) if !text.is_empty() && text.encode_utf16().count() <= most => Ok(text.to_owned()),
            other => Err(format!("{key} is {other:?}")),
        };
        for (key, most) in
            [("Id", 512), ("ProductArn", 2048), ("GeneratorId", 512), ("Title", 256), ("Description", 1024)]
        {
            text(key, most)?;
        }
        if !ids.insert(text("Id", 512)?) {
            return Err("an Id is there twice".into());
        }
        if text("SchemaVersion", 10)? != "2018-10-08" || text("AwsAccountId", 12)? != "123456789012" {
            return Err("SchemaVersion or AwsAccountId".into());
        }
        for key in ["CreatedAt", "UpdatedAt"] {
            text(key, 64)?.parse::<jiff::Timestamp>().map_err(|error| error.to_string())?;
        }
        let one_of = |value: &Value, list: &[&str]| match value.as_str() {
            Some(word) if list.contains(&word) => Ok(()),
            other => Err(format!("{other:?} is none of {list:?}")),
        };
        one_of(&finding["Severity"]["Label"], &["INFORMATIONAL", "LOW", "MEDIUM", "HIGH", "CRITICAL"])?;
        one_of(&finding["Compliance"]["Status"], &["PASSED", "WARNING", "FAILED", "NOT_AVAILABLE"])?;
        one_of(&finding["RecordState"], &["ACTIVE", "ARCHIVED"])?;
        let resources = finding["Resources"].as_array().map_or(0, Vec::len);
        if resources == 0 || resources > 32 || finding["Types"].as_array().is_none_or(Vec::is_empty) {
            return Err("Resources or Types".into());
        }
        let size = finding.to_string().len();
        if size > 240 * 1024 {
            return Err(format!("{size} bytes"));
        }
    }
    Ok(findings)
}

/// Takes everything that is right.
fn imports(request: &Request) -> Reply {
    if request.path != "/findings/import" {
        return Reply::status(404);
    }
    if let Err(why) = verify(request) {
        return Reply::Answer(403, vec![], why);
    }
    match check(&request.body) {
        Ok(findings) => {
            Reply::ok(&json!({"FailedCount": 0, "SuccessCount": findings.len(), "FailedFindings": []}).to_string())
        }
        Err(why) => Reply::Answer(400, vec![("x-amzn-errortype", "InvalidInputException".into())], why),
    }
}

fn many(scan: &str, count: usize) -> Report {
    report(scan, (1..=count).map(|n| finding("node1", &format!("1.{n}"), Verdict::Fail)).collect())
}

#[test]
fn findings_arrive_a_hundred_a_call() {
    let dir = tempfile::tempdir().unwrap();
    let receiver = Receiver::start(imports);
    let sink = prepared(&lines(dir.path(), &receiver.address.to_string()), Some(&dir.path().join("state")));
    let outcome = send(&sink, &many("scan-1", 250), When::All);
    assert!(outcome.is_complete() && outcome.sent == 250, "{outcome:?}");
    let requests = receiver.requests();
    let sizes: Vec<usize> = requests.iter().map(|request| check(&request.body).unwrap().len()).collect();
    assert_eq!(sizes, [100, 100, 50]);
    assert_eq!(outcome.answer.as_deref(), Some("it took 50 and refused 0"));
    // What verifies can refuse.
    let mut bad = requests[0].clone();
    bad.body.push(' ');
    assert!(verify(&bad).is_err());
}

#[test]
fn a_finding_keeps_its_id_and_is_updated() {
    let dir = tempfile::tempdir().unwrap();
    let sink = prepared(&lines(dir.path(), "127.0.0.1:1"), None);
    let mut before =
        report("scan-1", ["1.1", "1.2", "1.3", "1.4"].map(|id| finding("node1", id, Verdict::Fail)).into());
    before.time = Some("2026-01-30T10:00:00Z".into());
    let mut after = report("scan-2", ["1.1", "1.2", "1.5"].map(|id| finding("node1", id, Verdict::Fail)).into());
    // Solved; still failing; asked under another number by another benchmark; not asked any more.
    after.findings[0].verdict = Verdict::Pass;
    after.findings[0].status = seaworthy_model::Status::Pass;
    after.findings[2].rule = "rule-1.3".into();
    after.findings[2].identity = "c1/node1/cis-2.1/1.5".into();
    let changes = compare(&before, &after);
    let of = |when, report: &Report, changes| -> BTreeMap<String, (String, String)> {
        let parts = parts(&sink, &Outgoing::choose(report, changes, when, None));
        let findings: Vec<Value> = parts.iter().map(|part| serde_json::from_str(&part.body).unwrap()).collect();
        check(&json!({"Findings": findings}).to_string()).unwrap();
        let word = |value: &Value| value.as_str().unwrap().to_owned();
        let of = |f: &Value| (word(&f["Id"]), (word(&f["Compliance"]["Status"]), word(&f["RecordState"])));
        findings.iter().map(of).collect()
    };
    let id = |report: &Report, place: usize| seaworthy_report::identity::fingerprint(&report.findings[place]);
    let told = of(When::Failures, &after, Some(&changes));
    let word = |id: &str| told.get(id).map(|(status, state)| (status.as_str(), state.as_str()));
    assert_eq!(word(&id(&after, 0)), Some(("PASSED", "ACTIVE")));
    assert_eq!(word(&id(&after, 1)), Some(("FAILED", "ACTIVE")));
    assert_eq!(word(&id(&after, 2)), Some(("FAILED", "ACTIVE")));
    assert_eq!(word(&id(&before, 2)).map(|(_, state)| state), Some("ARCHIVED"), "the old number");
    assert_eq!(word(&id(&before, 3)).map(|(_, state)| state), Some("ARCHIVED"), "gone");
    assert_eq!(told.len(), 5);
    let first = of(When::All, &before, None);
    assert!(first.keys().all(|id| told.contains_key(id)), "sent again under the same ids");
    assert_eq!(of(When::Changes, &after, Some(&changes)).len(), 4, "what still fails is no change");
}

#[test]
fn errors_of_single_findings_are_read() {
    let dir = tempfile::tempdir().unwrap();
    let receiver = Receiver::start(|request| {
        let findings = check(&request.body).unwrap();
        let failed = |place: usize, code: &str| json!({"Id": findings[place]["Id"], "ErrorCode": code, "ErrorMessage": "as said"});
        let failed = match request.number {
            0 => vec![failed(0, "InvalidInput"), failed(2, "ThrottlingException"), failed(3, "InternalError")],
            _ => vec![],
        };
        let ok = findings.len() - failed.len();
        Reply::ok(&json!({"FailedCount": failed.len(), "SuccessCount": ok, "FailedFindings": failed}).to_string())
    });
    let sink = prepared(&lines(dir.path(), &receiver.address.to_string()), Some(&dir.path().join("state")));
    let outcome = send(&sink, &many("scan-1", 5), When::All);
    assert_eq!((outcome.sent, outcome.refused, outcome.left), (4, 1, 0), "{outcome:?}");
    assert_eq!(outcome.reasons, ["InvalidInput: as said"]);
    let ids = |place: usize| -> Vec<Value> {
        check(&receiver.requests()[place].body).unwrap().iter().map(|finding| finding["Id"].clone()).collect()
    };
    assert_eq!(ids(1), ids(0)[2..4]);
}

#[test]
fn errors_of_a_call_are_told_apart() {
    // Left in the spool, refused, tried again.
    for (status, kind, body, left, refused, again) in [
        // Halved until it is known that each of them is meant.
        (400, "InvalidInputException", "{}", 0, 5, true),
        (400, "ThrottlingException", "{}", 5, 0, true),
        (400, "", "{\"__type\":\"com.amazon#ThrottlingException\"}", 5, 0, true),
        (400, "ExpiredTokenException", "{}", 5, 0, false),
        (400, "", "{\"Code\":\"InvalidAccessException\"}", 5, 0, false),
        (401, "InvalidAccessException", "{}", 5, 0, false),
        (403, "UnrecognizedClientException", "{}", 5, 0, false),
        (429, "LimitExceededException", "{}", 5, 0, true),
        (500, "InternalException", "{}", 5, 0, true),
        (200, "", "<html>Log in</html>", 5, 0, false),
        (200, "", "{\"FailedCount\":2,\"SuccessCount\":3,\"FailedFindings\":[]}", 0, 5, true),
    ] {
        let dir = tempfile::tempdir().unwrap();
        let receiver =
            Receiver::start(move |_| Reply::Answer(status, vec![("x-amzn-ErrorType", kind.into())], body.into()));
        let sink = prepared(&lines(dir.path(), &receiver.address.to_string()), Some(&dir.path().join("state")));
        let outcome = send(&sink, &mixed(), When::All);
        assert_eq!((outcome.left, outcome.refused), (left, refused), "{status} {kind} {body}: {outcome:?}");
        assert_eq!(receiver.requests().len() > 1, again, "{status} {kind} {body}");
    }
}

#[test]
fn it_is_away_and_comes_back() {
    let dir = tempfile::tempdir().unwrap();
    let receiver = Receiver::start(|request| match request.number {
        0 => Reply::Answer(429, vec![("Retry-After", "3600".into())], String::new()),
        1 | 2 => Reply::status(500),
        _ => imports(request),
    });
    let sink = prepared(&lines(dir.path(), &receiver.address.to_string()), Some(&dir.path().join("state")));
    let outcome = send(&sink, &mixed(), When::All);
    assert_eq!((outcome.left, receiver.requests().len()), (5, 1), "{outcome:?}");
    std::fs::remove_file(sink.spool.as_ref().unwrap().join("not-before")).unwrap();
    let outcome = send(&sink, &mixed(), When::All);
    assert!(outcome.is_complete() && outcome.sent == 5, "{outcome:?}");
    let requests = receiver.requests();
    assert!(requests.iter().all(|request| request.body == requests[0].body));
}

#[test]
fn hostile_and_endless_texts_stay_within_the_limits() {
    let dir = tempfile::tempdir().unwrap();
    let sink = prepared(&lines(dir.path(), "127.0.0.1:1"), None);
    for evil in [HOSTILE, "\\\"", "\u{1f6a2}", "e\u{301}"] {
        let mut report = many("scan-1", 3);
        for finding in &mut report.findings {
            for text in [&mut finding.title, &mut finding.reason, &mut finding.expected, &mut finding.evidence[0].value]
            {
                *text = evil.repeat(5000);
            }
        }
        let parts = parts(&sink, &Outgoing::choose(&report, None, When::All, None));
        let bodies: Vec<&str> = parts.iter().map(|part| part.body.as_str()).collect();
        let body = format!("{{\"Findings\":[{}]}}", bodies.join(","));
        assert_eq!(check(&body).unwrap().len(), 3);
        assert!(!body.contains(char::is_control) && !body.contains("\\u0000"));
    }
}

#[test]
fn no_secret_is_in_an_outcome_or_on_disk() {
    let dir = tempfile::tempdir().unwrap();
    let receiver = Receiver::start(|request| Reply::Answer(503, vec![], format!("{:?} {ID} {KEY}", request.headers)));
    let sink = prepared(&lines(dir.path(), &receiver.address.to_string()), Some(&dir.path().join("state")));
    let outcome = send(&sink, &mixed(), When::All);
    assert_eq!(outcome.left, 5, "{outcome:?}");
    let mut seen = format!("{outcome:?} {} {}", sink.name, sink.shown);
    for entry in std::fs::read_dir(sink.spool.as_ref().unwrap()).unwrap() {
        seen.push_str(&String::from_utf8_lossy(&std::fs::read(entry.unwrap().path()).unwrap()));
    }
    for secret in [ID, KEY, TOKEN] {
        assert!(!seen.contains(secret), "{secret} in {seen}");
    }
}

#[test]
fn settings_that_are_missing_or_wrong_are_named() {
    let dir = tempfile::tempdir().unwrap();
    let all = lines(dir.path(), "127.0.0.1:1");
    let without = |key: &str| all.lines().filter(|line| !line.starts_with(key)).collect::<Vec<_>>().join("\n");
    assert!(refused(&without("region")).contains("region"));
    assert!(refused(&without("account")).contains("account"));
    assert!(refused(&format!("{all}\naccess-key = \"x\"")).contains("access-key"));
    assert!(refused(&format!("{all}\nsecret-access-key-env = \"X\"")).contains("secret-access-key"));
    let own = without("url").replace("eu-central-1", "cn-north-1");
    let sink = prepared(&format!("url = \"securityhub://\"\n{own}"), None);
    let parts = parts(&sink, &Outgoing::choose(&mixed(), None, When::All, None));
    assert!(parts[0].body.contains("arn:aws-cn:securityhub:cn-north-1:123456789012:product/123456789012/default"));
}
