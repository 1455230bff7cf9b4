//! That every sentence on losses is backed: each bullet of LOSSES.md names a test, and each test that it names exists.

use std::fs;
use std::path::Path;

/// The tests of a bullet as it names them: path and function.
fn references(bullet: &str) -> Vec<(&str, &str)> {
    let inside = bullet.split("[`").skip(1);
    inside
        .filter_map(|it| it.split("`]").next()?.split_once(".rs: "))
        .collect()
}

/// Why a bullet is not backed by the files of a checkout; nothing where it is.
fn unbacked(root: &Path, bullet: &str) -> Option<String> {
    let references = references(bullet);
    if references.is_empty() || !bullet.trim_end().ends_with("`]") {
        return Some("it ends with no test".to_owned());
    }
    references.into_iter().find_map(|(path, name)| {
        let text = fs::read_to_string(root.join(format!("{path}.rs"))).unwrap_or_default();
        let is_there = text.contains(&format!("fn {name}()"));
        (!is_there).then(|| format!("{path}.rs has no `{name}`"))
    })
}

/// The paragraphs that begin with a dash, line breaks and all.
fn bullets(text: &str) -> Vec<&str> {
    let after_dash = text.split("\n- ").skip(1);
    after_dash
        .map(|it| it.split("\n\n").next().unwrap_or(it))
        .collect()
}

#[test]
fn every_sentence_on_losses_names_a_test_that_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let path = root.join("runtime/LOSSES.md");
    let text = fs::read_to_string(path).expect("the chapter is there");
    let bullets = bullets(&text);
    assert!(bullets.len() > 40, "only {} were found", bullets.len());
    let unbacked: Vec<String> = bullets
        .iter()
        .filter_map(|it| Some(format!("{}\n  {it}", unbacked(&root, it)?)))
        .collect();
    assert!(unbacked.is_empty(), "{}", unbacked.join("\n"));
}

#[test]
fn what_is_not_backed_is_found() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let here = "tests/tests/losses.rs";
    for (bullet, complaint) in [
        ("Lost.".to_owned(), Some("it ends with no test")),
        (
            format!("Lost. [`{here}: what_is_not_backed_is_found`] Really."),
            Some("it ends with no test"),
        ),
        (
            format!("Lost. [`{here}: never`]"),
            Some("tests/tests/losses.rs has no `never`"),
        ),
        (
            format!("Lost. [`{here}: what_is_not_backed_is_found`]"),
            None,
        ),
    ] {
        assert_eq!(unbacked(&root, &bullet).as_deref(), complaint, "{bullet}");
    }
}
