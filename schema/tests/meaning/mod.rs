//! What a tree means, as text, so that trees of two layouts can be compared. Also a part of the fuzz target of formatting.

/// The printed tree without spans and trivia: what they print is cut out by its indentation.
pub(crate) fn meaning(tree: &str) -> String {
    let mut out = String::new();
    let mut skipped: Option<usize> = None;
    for line in tree.lines() {
        let depth = line.len() - line.trim_start().len();
        let word = line.trim_start();
        if let Some(start) = skipped {
            if depth == start && word.starts_with(['}', ']', ')']) {
                skipped = None;
            }
            continue;
        }
        let cut = [
            "span: Span",
            "trivia: Trivia",
            "end: Trivia",
            "keyword: Span",
            "asymmetric: Some",
            "closed: Some",
            "optional: [",
        ];
        if cut.iter().any(|name| word.starts_with(name)) && word.ends_with(['{', '(', '[']) {
            out.push_str(word.split(':').next().unwrap_or(word));
            skipped = Some(depth);
        } else {
            out.push_str(word);
        }
        out.push('\n');
    }
    out
}
