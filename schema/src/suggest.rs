//! "Did you mean": the known name that is closest to an unknown one. Knows nothing of what the names stand for.

/// The candidate nearest to `name`: one that differs by case alone, else the one with the fewest edits (a letter added,
/// taken away, replaced, or two neighbours swapped) if these are at most a third of its length. The first of several
/// equals wins.
#[must_use]
pub fn suggest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let limit = name.chars().count().max(3) / 3;
    let folded = name.to_lowercase();
    let mut best: Option<(usize, &str)> = None;
    for candidate in candidates {
        if candidate == name {
            continue;
        }
        let edits = if candidate.to_lowercase() == folded {
            0
        } else if candidate.len().abs_diff(name.len()) > 4 * limit {
            continue;
        } else {
            distance(name, candidate)
        };
        if edits <= limit && best.is_none_or(|(fewest, _)| edits < fewest) {
            best = Some((edits, candidate));
        }
    }
    best.map(|(_, candidate)| candidate.to_owned())
}

/// Damerau-Levenshtein distance where no part is edited twice, over three rows.
fn distance(from: &str, to: &str) -> usize {
    let from: Vec<char> = from.chars().collect();
    let to: Vec<char> = to.chars().collect();
    let mut second_last = vec![0; to.len() + 1];
    let mut last: Vec<usize> = (0..=to.len()).collect();
    for (row, letter) in from.iter().enumerate() {
        let mut current = vec![row + 1];
        for (column, other) in to.iter().enumerate() {
            let replaced = last[column] + usize::from(letter != other);
            let mut edits = replaced.min(last[column + 1] + 1).min(current[column] + 1);
            if row > 0 && column > 0 && *letter == to[column - 1] && from[row - 1] == *other {
                edits = edits.min(second_last[column - 1] + 1);
            }
            current.push(edits);
        }
        second_last = std::mem::replace(&mut last, current);
    }
    last[to.len()]
}

#[cfg(test)]
mod tests {
    use super::suggest;

    #[test]
    fn finds_the_nearest_within_a_third() {
        let words = ["struct", "signal", "consume", "start_after", "UserId"];
        let check = |name: &str, expected: Option<&str>| {
            assert_eq!(suggest(name, words), expected.map(str::to_owned), "{name}");
        };
        check("sturct", Some("struct"));
        check("signall", Some("signal"));
        check("consme", Some("consume"));
        check("start_aftr", Some("start_after"));
        check("userid", Some("UserId"));
        check("struct", None);
        check("x", None);
        check("banana", None);
    }
}
