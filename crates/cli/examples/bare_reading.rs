//! The limit for a scan: a program that does nothing but read what a scan reads. `bare_reading LIST`, where LIST has a line for each
//! thing: `r PATH` reads a file, `s PATH` asks for its mode and owner, `l PATH` reads a link, `d PATH` lists a directory. The benchmark
//! `scan` makes the list from a scan's own facts.
#![allow(clippy::expect_used, reason = "a tool of the benchmark")]

use std::io::Read;

fn main() {
    let list = std::env::args_os().nth(1).expect("the list's path");
    let list = std::fs::read_to_string(list).expect("the list");
    let mut buffer = Vec::with_capacity(1 << 20);
    for line in list.lines() {
        let Some((word, path)) = line.split_once(' ') else { continue };
        match word {
            "r" => {
                buffer.clear();
                if let Ok(mut file) = std::fs::File::open(path) {
                    let _ = file.metadata();
                    let _ = file.read_to_end(&mut buffer);
                }
            }
            "s" => drop(std::fs::metadata(path)),
            "l" => drop(std::fs::read_link(path)),
            "d" => drop(std::fs::read_dir(path).map(Iterator::count)),
            _ => {}
        }
    }
}
