use super::node::{all, asked, plain};
#[test]
fn dump() {
    let node = plain();
    let items = all(&node);
    let items: Vec<&str> = items.iter().map(String::as_str).collect();
    let plan = node.make(&asked(&items)).unwrap();
    println!("{}", seaworthy_fix::plan::render(&plan, false));
}
