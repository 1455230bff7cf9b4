//! "Did you mean": of the words that there are, the one that a wrong word was meant to be. The wrong one is never repeated,
//! since it may be a password in the wrong place.

/// The first of `known` that is at most two letters away, as the end of a sentence; else nothing.
pub(crate) fn hint<'k>(word: &str, known: impl IntoIterator<Item = &'k str>) -> String {
    known
        .into_iter()
        .find(|it| distance(it, word) <= 2)
        .map_or(String::new(), |it| format!("; did you mean `{it}`?"))
}

/// How many letters are to be changed, added or taken away to make one word the other: Levenshtein's distance.
fn distance(one: &str, other: &str) -> usize {
    let mut row: Vec<usize> = (0..=other.chars().count()).collect();
    for (i, a) in one.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, b) in other.chars().enumerate() {
            let changed = diagonal + usize::from(a != b);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[other.chars().count()]
}
