//! Temporary.
use std::io::BufRead;
fn main() {
    for line in std::io::stdin().lock().lines() {
        let doc: String = serde_json::from_str(&line.unwrap()).unwrap();
        let v = match seaworthy_yaml::parse(&doc) {
            Ok(d) => serde_json::json!({"ok": d.root.to_json(), "strict": d.duplicates.is_empty()}),
            Err(e) => serde_json::json!({"err": e.to_string()}),
        };
        println!("{v}");
    }
}
