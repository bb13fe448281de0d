//! A JSON report in another format: `render REPORT FORMAT [--before REPORT]`. What CI feeds other people's readers with.
#![allow(clippy::disallowed_methods, clippy::print_stdout)] // a tool for developers: it reads files and prints

use std::error::Error;

use seaworthy_report::{changes, format, json};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (report, name, before) = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [report, name] => (report, name, None),
        [report, name, "--before", before] => (report, name, Some(before)),
        _ => return Err("usage: render REPORT FORMAT [--before REPORT]".into()),
    };
    let read = |path: &str| -> Result<seaworthy_model::Report, Box<dyn Error>> {
        Ok(json::parse(&std::fs::read_to_string(path)?)?)
    };
    let report = read(report)?;
    let before = before.map(read).transpose()?;
    let changes = before.as_ref().map(|before| changes::compare(before, &report));
    let aws = format::Aws {
        partition: "aws".into(),
        region: "eu-central-1".into(),
        account: "123456789012".into(),
        product: None,
    };
    let context = format::Context { changes: changes.as_ref(), aws: Some(aws), ..Default::default() };
    let format = format::find(name).ok_or_else(|| format!("there is no format {name}"))?;
    if let Some(why) = (format.refused)(&context) {
        return Err(why.into());
    }
    print!("{}", (format.render)(&report, &context));
    Ok(())
}
