//! The layout of each file in `format` stands beside it; laid out again it stays as it is, and it means the same.
//! `UPDATE=1` writes what comes out now, and fails.

#![expect(clippy::unwrap_used, reason = "a test may fail")]

mod meaning;

use std::fs;
use std::path::{Path, PathBuf};

use microagent_schema::format::format;
use microagent_schema::parse::parse;
use microagent_schema::render::render;
use microagent_schema::span::SourceMap;

fn files() -> Vec<PathBuf> {
    let mut files = Vec::new();
    for folder in ["format", "syntax/ok"] {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("tests")
            .join(folder);
        let entries = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path());
        files.extend(entries.filter(|path| path.extension().is_some_and(|end| end == "mag")));
    }
    files.sort();
    files
}

/// The laid out text, and the tree without places and comments.
fn laid_out(text: &str) -> (String, String) {
    let mut source = SourceMap::default();
    let id = source.add("x.mag", text);
    let (file, found) = parse(&source, id);
    assert!(found.is_empty(), "{}", render(&source, &found, false));
    (format(&file), meaning::meaning(&format!("{file:#?}")))
}

#[test]
fn files_are_laid_out_as_beside_them() {
    let mut wrong = Vec::new();
    for path in files() {
        let (text, tree) = laid_out(&fs::read_to_string(&path).unwrap());
        let (again, same) = laid_out(&text);
        assert_eq!(text, again, "{}", path.display());
        assert_eq!(tree, same, "{}", path.display());
        let expected = path.with_extension("formatted");
        if fs::read_to_string(&expected).unwrap_or_default() != text {
            if std::env::var_os("UPDATE").is_some() {
                fs::write(&expected, &text).unwrap();
            }
            wrong.push(text);
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_comment_is_kept_wherever_it_stands() {
    let text = include_str!("syntax/ok/language.mag");
    let mut places: Vec<usize> = text.match_indices([' ', '\n']).map(|(at, _)| at).collect();
    places.retain(|at| {
        let line = text[..*at].rsplit('\n').next().unwrap();
        !line.contains("//") && line.matches('"').count().is_multiple_of(2)
    });
    for place in places.into_iter().step_by(7) {
        let commented = format!("{} // kept\n{}", &text[..place], &text[place..]);
        let (once, _) = laid_out(&commented);
        assert_eq!(once.matches("// kept").count(), 1, "{commented}");
        assert_eq!(once, laid_out(&once).0, "{commented}");
    }
}
