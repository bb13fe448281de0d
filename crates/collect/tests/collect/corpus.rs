//! Every reader of hostile text over a committed corpus, and over what chance makes of it.

use proptest::prelude::*;
use seaworthy_collect::fuzz::TARGETS;

fn corpus() -> Vec<(String, Vec<u8>)> {
    let mut files: Vec<_> = std::fs::read_dir("tests/corpus").unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files.iter().map(|path| (path.display().to_string(), std::fs::read(path).unwrap())).collect()
}

#[test]
fn no_reader_panics_on_the_corpus() {
    let corpus = corpus();
    assert!(corpus.len() >= 10);
    for (path, bytes) in &corpus {
        for (name, target) in TARGETS {
            println!("{name} {path}");
            target(bytes);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn no_reader_panics_on_noise(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        TARGETS.iter().for_each(|(_, target)| target(&bytes));
    }

    #[test]
    fn no_reader_panics_on_a_damaged_corpus(pick in any::<prop::sample::Index>(), at in any::<prop::sample::Index>(), with in prop::collection::vec(any::<u8>(), 0..6), cut in any::<bool>()) {
        let corpus = corpus();
        let mut bytes = corpus[pick.index(corpus.len())].1.clone();
        let at = at.index(bytes.len() + 1);
        if cut {
            bytes.truncate(at);
        }
        let end = (at + with.len()).min(bytes.len());
        bytes.splice(at.min(end)..end, with);
        TARGETS.iter().for_each(|(_, target)| target(&bytes));
    }
}
