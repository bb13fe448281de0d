//! The nearest of the words that there are.

/// The candidate that is nearest to `word`, if any is near enough to be what was meant: at most a third of its letters differ, or
/// one holds the other.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let lower = word.to_lowercase();
    candidates
        .into_iter()
        .map(|candidate| (distance(&lower, &candidate.to_lowercase()), candidate))
        .filter(|(distance, candidate)| {
            *distance <= (word.chars().count().max(3) / 3)
                || (word.len() >= 4 && (candidate.to_lowercase().contains(&lower)))
        })
        .min_by_key(|(distance, candidate)| (*distance, candidate.len().abs_diff(word.len())))
        .map(|(_, candidate)| candidate)
}

/// How many letters have to be changed, added, dropped or swapped with their neighbour.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().take(64).collect(), b.chars().take(64).collect());
    let mut rows = vec![(0..=b.len()).collect::<Vec<usize>>()];
    for (i, x) in a.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, y) in b.iter().enumerate() {
            let mut best = (rows[i][j] + usize::from(x != y)).min(rows[i][j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && *x == b[j - 1] && a[i - 1] == *y {
                best = best.min(rows[i - 1][j - 1] + 1);
            }
            row.push(best);
        }
        rows.push(row);
    }
    rows[a.len()][b.len()]
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn a_typing_mistake_finds_its_word_and_nonsense_finds_none() {
        let words = ["profiling", "audit-log-path", "anonymous-auth", "master", "1.2.1", "1.2.5", "1.2.15"];
        assert_eq!(nearest("profilling", words), Some("profiling"));
        assert_eq!(nearest("auditlogpath", words), Some("audit-log-path"));
        assert_eq!(nearest("mastre", words), Some("master"));
        assert_eq!(nearest("1.2.51", words), Some("1.2.15"));
        assert_eq!(nearest("zzzzzz", words), None);
    }
}
