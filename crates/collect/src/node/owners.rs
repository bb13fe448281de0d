//! Names of users and groups, by the node's own files.

use std::collections::HashMap;

/// Numbers and their names.
#[derive(Debug, Default)]
pub(crate) struct Names(HashMap<u32, String>);

impl Names {
    /// Reads `passwd` or `group`: both have the name first and the number third. Of two names for one number the first counts.
    pub(crate) fn parse(text: &[u8]) -> Self {
        let mut names = HashMap::new();
        for line in text.split(|byte| *byte == b'\n') {
            let mut fields = line.split(|byte| *byte == b':');
            let (Some(name), Some(number)) = (fields.next(), fields.nth(1)) else { continue };
            let number = std::str::from_utf8(number).ok().and_then(|number| number.parse().ok());
            let (Some(number), Ok(name)) = (number, std::str::from_utf8(name)) else { continue };
            // A line with + or - brings in a directory's users; a comment is nobody.
            if !name.is_empty() && !name.starts_with(['+', '-', '#']) {
                names.entry(number).or_insert_with(|| name.to_owned());
            }
        }
        Names(names)
    }

    pub(crate) fn get(&self, number: u32) -> Option<String> {
        self.0.get(&number).cloned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_name_of_a_number_counts() {
        let names = Names::parse(
            b"root:x:0:0::/:/bin/sh\ntoor:x:0:0\n#etcd:x:7:7\n+:::\nbad\n:x:9:9\na:x:-1:\netcd:x:998:998\n",
        );
        assert_eq!(names.get(0).as_deref(), Some("root"));
        assert_eq!(names.get(998).as_deref(), Some("etcd"));
        assert_eq!(names.get(7), None);
        assert_eq!(names.get(9), None);
    }
}
