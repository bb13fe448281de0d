//! What others write: URLs, configurations, files of the spool, answers. None of it may end the program, and no URL may be repeated.

use proptest::prelude::*;
use seaworthy_send::address::{Address, KINDS};
use seaworthy_send::outgoing::When;
use seaworthy_send::settings::Config;
use seaworthy_send::spool::Spool;

use crate::receiver::{Receiver, Reply};
use crate::sample::{mixed, prepared, send};

/// URLs of every kind with something strange in the place of each part.
fn url() -> impl Strategy<Value = String> {
    let kinds: Vec<&str> = KINDS.iter().map(|(kind, _)| *kind).collect();
    let kind = prop_oneof![prop::sample::select(kinds).prop_map(str::to_owned), "[a-z+]{0,8}"];
    let transport = prop_oneof![Just("+http"), Just("+https"), Just("+tcp"), Just("+tls"), Just("+udp"), Just("")];
    (kind, transport, "[:/]{0,4}", "\\PC{0,12}", "[@:\\[\\]/?#.a-z0-9-]{0,30}")
        .prop_map(|(kind, transport, between, strange, rest)| format!("{kind}{transport}{between}{strange}{rest}"))
}

proptest! {
    #[test]
    fn fuzz_of_addresses(text in url()) {
        if let Ok(address) = Address::parse(&text) {
            let shown = address.shown();
            prop_assert!(!shown.contains(char::is_control));
            if let Some(user) = &address.user {
                prop_assert!(address.fit_for_arguments().is_err());
                prop_assert!(user.reveal().len() < 4 || !shown.contains(user.reveal()));
            }
        }
    }

    #[test]
    fn fuzz_of_urls_that_are_refused(secret in "[A-Z]{12}", kind in "[a-z]{3,9}") {
        let text = format!("{kind}+https://user:{secret}@host.example/{secret}?key={secret}");
        let error = match Address::parse(&text) {
            Ok(address) => address.fit_for_arguments().unwrap_err(),
            Err(error) => error,
        };
        prop_assert!(!error.contains(&secret), "{error}");
    }

    #[test]
    fn fuzz_of_configurations(key in "[a-z-]{1,12}", value in "\\PC{0,20}", name in "\\PC{0,8}") {
        let quoted = |text: &str| format!("{text:?}").replace("\\u{", "\\\\u{");
        let text = format!("[sink.{}]\nurl = \"file:x\"\n{key} = {}\n", quoted(&name), quoted(&value));
        if let Ok(config) = Config::parse(&text) {
            for name in config.sink.keys() {
                let _ = config.settings(name, false);
            }
        }
        let _ = Config::parse(&value);
    }

    /// Whatever lies in the folder, the spool opens, sets aside what it cannot read and gives the rest.
    #[test]
    fn fuzz_of_the_spool(files in prop::collection::vec(("[0-9a-f-]{1,30}", prop::collection::vec(any::<u8>(), 0..60)), 0..5)) {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("spool");
        drop(Spool::open(&place, 1 << 20).unwrap());
        for (name, bytes) in &files {
            std::fs::write(place.join(format!("{name}.json")), bytes).unwrap();
        }
        let mut spool = Spool::open(&place, 1 << 20).unwrap();
        prop_assert!(spool.first().unwrap().is_none());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// An answer can be anything: the program says so, on one line, and goes on. Each case starts receivers, so there are few, and its
    /// name keeps it out of the longer runs.
    #[test]
    fn answers_of_any_kind_are_told_on_one_line(status in 200_u16..600, body in "\\PC{0,40}|[{}\\[\\]\",:a-z0-9]{0,60}", after in "\\PC{0,12}") {
        let wait: String = after.chars().filter(|c| c.is_ascii_graphic() && !c.is_ascii_digit()).collect();
        for kind in ["splunk", "elastic", "otlp", "falcosidekick"] {
            let (text, wait) = (body.clone(), wait.clone());
            let receiver = Receiver::start(move |_| Reply::Answer(status, vec![("retry-after", wait.clone())], text.clone()));
            let folder = tempfile::tempdir().unwrap();
            std::fs::write(folder.path().join("token"), "a-token").unwrap();
            let token = if kind == "splunk" { format!("token-file = {:?}\n", folder.path().join("token")) } else { String::new() };
            let lines = format!("url = \"{kind}+http://{}\"\n{token}timeout = \"2s\"\n", receiver.address);
            let sink = prepared(&lines, Some(&folder.path().join("state")));
            let outcome = send(&sink, &mixed(), When::Failures);
            let told = outcome.trouble.iter().chain(&outcome.reasons).chain(&outcome.answer);
            for line in told {
                prop_assert!(!line.contains(char::is_control), "{kind}: {line:?}");
            }
            prop_assert_eq!(outcome.lost, 0);
            prop_assert!(outcome.sent + outcome.refused + outcome.left >= 1, "{}: {:?}", kind, outcome);
        }
    }
}
