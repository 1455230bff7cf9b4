//! What docs become, case by case.

use super::*;

fn check(source: &str, expected: &str) {
    let source: Vec<&str> = source.lines().collect();
    assert_eq!(lines(&source).join("\n"), expected, "{source:?}");
}

#[test]
fn plain_text_is_unchanged() {
    check("", "");
    check("Outgoing mail.", "/// Outgoing mail.");
    check(
        "One.\n\nTwo */ {{ three }} \\ \"#.",
        "/// One.\n///\n/// Two */ {{ three }} \\ \"#.",
    );
    check("/ slash", "/// / slash");
    check(
        "# Title\n- a\n  - b\n1. c",
        "/// # Title\n/// - a\n///   - b\n/// 1. c",
    );
}

#[test]
fn code_is_never_a_test() {
    check("```\nlet x;\n```", "/// ```text\n/// let x;\n/// ```");
    check(
        "~~~rust,no_run\nx\n~~~\ny",
        "/// ```text\n/// x\n/// ```\n///\n/// y",
    );
    check("```json\n{}\n```", "/// ```json\n/// {}\n/// ```");
    check("```json,rust\n{}", "/// ```text\n/// {}\n/// ```");
    check(
        "a\n\n    let x;\n    y\nb",
        "/// a\n///\n/// ```text\n/// let x;\n/// y\n/// ```\n///\n/// b",
    );
    check("\tx", "/// ```text\n/// x\n/// ```");
    check("> ```\n> x\n> ```", "/// ```text\n/// > x\n/// ```");
    check("- a\n\n      code", "/// - a\n///\n///    code");
    check(">     code", "/// >   code");
    check("-     code", "/// -   code");
    check(
        "````\n```\nx\n````",
        "/// ````text\n/// ```\n/// x\n/// ````",
    );
    check(
        "<!--\n```\n-->\n    x\n```",
        "/// \\<!--\n///\n/// ```text\n/// -->\n///     x\n/// ```",
    );
}

#[test]
fn brackets_are_no_links() {
    check(
        "see https://example.org/a_b.",
        "/// see <https://example.org/a_b>.",
    );
    check("see [1] and `[u8]`", "/// see \\[1] and `[u8]`");
    check(
        "see [it](https://example.org)",
        "/// see [it](https://example.org)",
    );
    check(
        "see [it]\n[it]: https://example.org",
        "/// see [it]\n/// [it]: <https://example.org>",
    );
}

#[test]
fn what_could_leave_a_comment_is_a_literal() {
    check("a\rfn evil() {}", r#"#[doc = " a\rfn evil() {}"]"#);
    check(
        "a\u{202e}b\nc",
        "#[doc = \" a\\u{202e}b\"]\n#[doc = \" c\"]",
    );
    check("\0", r#"#[doc = " \0"]"#);
    assert_eq!(lines(&["a\nfn evil() {}"]), ["/// a", "/// fn evil() {}"]);
}

#[test]
fn code_spans_hold_anything() {
    assert_eq!(code("a\nb"), "`a b`");
    assert_eq!(code("`"), "`` ` ``");
}
