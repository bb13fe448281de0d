//! The formats, tested together on one report that holds every verdict, status, kind and kind of hostile text.
#![allow(clippy::unwrap_used)] // helpers of tests, which clippy takes for code of their own

#[path = "report/asff.rs"]
mod asff;
#[path = "report/cluster.rs"]
mod cluster;
#[path = "report/facts.rs"]
mod facts;
#[path = "report/findings.rs"]
mod findings;
#[path = "report/golden.rs"]
mod golden;
#[path = "report/history.rs"]
mod history;
#[path = "report/hostile.rs"]
mod hostile;
#[path = "report/json.rs"]
mod json;
#[path = "report/junit.rs"]
mod junit;
#[path = "report/ndjson.rs"]
mod ndjson;
#[path = "report/ocsf.rs"]
mod ocsf;
#[path = "report/oscal.rs"]
mod oscal;
#[path = "report/sample.rs"]
mod sample;
#[path = "report/sarif.rs"]
mod sarif;
#[path = "report/schema.rs"]
mod schema;
#[path = "report/text.rs"]
mod text;
