//! What the parser says of each file in `syntax/err` stands beside it; the files in `syntax/ok` are silent. `UPDATE=1`
//! writes what it says now, and fails.

#![expect(clippy::unwrap_used, reason = "a test may fail")]

use std::fs;
use std::path::{Path, PathBuf};

use microagent_schema::codes::{self, Code};
use microagent_schema::parse::parse;
use microagent_schema::render::{DRAWN, json, render};
use microagent_schema::span::SourceMap;

/// The `.mag` files of a folder of the tests, by name.
fn files(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests")
        .join(folder);
    let entries = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let mut files: Vec<PathBuf> = entries
        .filter(|path| path.extension().is_some_and(|end| end == "mag"))
        .collect();
    files.sort();
    files
}

/// Compares with the file beside the input, or writes it.
fn compare(path: &Path, text: &str) -> Option<String> {
    let expected = fs::read_to_string(path).unwrap_or_default();
    if expected == text {
        return None;
    }
    if std::env::var_os("UPDATE").is_some() {
        fs::write(path, text).unwrap();
    }
    Some(format!("{}:\n{text}", path.display()))
}

fn diagnostics(path: &Path) -> (SourceMap, Vec<microagent_schema::diagnostic::Diagnostic>) {
    let mut source = SourceMap::default();
    let name = path.file_name().unwrap().to_string_lossy().into_owned();
    let id = source.add(name, String::from_utf8_lossy(&fs::read(path).unwrap()));
    let (_, found) = parse(&source, id);
    (source, found)
}

#[test]
fn bad_files_get_the_diagnostics_beside_them() {
    let mut wrong = Vec::new();
    for path in files("syntax/err") {
        let (source, found) = diagnostics(&path);
        assert!(!found.is_empty(), "{} is not bad", path.display());
        wrong.extend(compare(
            &path.with_extension("stderr"),
            &render(&source, &found, false),
        ));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn good_files_get_none() {
    for path in files("syntax/ok") {
        let (source, found) = diagnostics(&path);
        assert!(found.is_empty(), "{}", render(&source, &found, false));
    }
}

#[test]
fn each_expectation_has_its_input() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/syntax/err");
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        assert!(
            path.with_extension("mag").exists(),
            "{} has no input",
            path.display()
        );
    }
}

fn codes_of(text: &str) -> Vec<Code> {
    let mut source = SourceMap::default();
    let id = source.add("x.mag", text);
    parse(&source, id)
        .1
        .into_iter()
        .map(|found| found.code)
        .collect()
}

#[test]
fn a_byte_order_mark_and_windows_lines_are_accepted() {
    assert!(
        codes_of("\u{feff}package a;\r\n\r\n/// Docs.\r\nstruct A { x: u8 } // end\r\n").is_empty()
    );
    assert_eq!(
        codes_of("package a;\rstruct A {}"),
        [codes::FORBIDDEN_CHARACTER]
    );
    assert_eq!(
        codes_of("package a; // \u{202e}"),
        [codes::FORBIDDEN_CHARACTER]
    );
}

#[test]
fn no_depth_of_nesting_overflows_the_stack() {
    for (open, close) in [("[", "]"), ("{string: ", "}")] {
        let deep = |levels: usize| {
            format!(
                "package a;\ntype A = {}u8{};\n",
                open.repeat(levels),
                close.repeat(levels)
            )
        };
        assert!(codes_of(&deep(64)).is_empty(), "64 levels of {open}");
        assert_eq!(codes_of(&deep(65)), [codes::NESTED_TOO_DEEPLY]);
        assert_eq!(codes_of(&deep(100_000)), [codes::NESTED_TOO_DEEPLY]);
    }
    let open = format!("package a;\nstruct A {{ x: json = {}", "[".repeat(200_000));
    assert_eq!(codes_of(&open), [codes::NESTED_TOO_DEEPLY]);
    let object = format!(
        "package a;\nstruct A {{ x: json = {}1{} }}",
        "{a: ".repeat(63),
        "}".repeat(63)
    );
    assert!(codes_of(&object).is_empty());
    assert!(codes_of(&format!("package a;\ntype A = u8{};", "?".repeat(50_000))).is_empty());
}

#[test]
fn json_names_the_place_in_full() {
    let mut source = SourceMap::default();
    source.add("first.mag", "package a;\n");
    let id = source.add("second.mag", "package a;\n// é\nsturct A {}\n");
    let (_, found) = parse(&source, id);
    assert_eq!(
        json(&source, &found),
        "{\"version\":1,\"diagnostics\":[{\"code\":\"MAG0002\",\"severity\":\"error\",\"message\":\"`sturct` is no keyword\",\
         \"file\":\"second.mag\",\"line\":3,\"column\":1,\"end_line\":3,\"end_column\":7,\"start\":17,\"end\":23,\
         \"label\":\"\",\"related\":[],\"help\":null,\"suggestion\":\"struct\"}]}\n"
    );
}

/// The one-letter typos of a word: a letter dropped, doubled, replaced, or swapped with the next.
#[test]
fn of_many_problems_the_first_are_drawn_and_the_rest_is_counted() {
    let mut source = SourceMap::default();
    let id = source.add(
        "x.mag",
        format!("package x;\n{}", "signal a\n".repeat(DRAWN + 7)),
    );
    let found = parse(&source, id).1;
    let drawn = |count: usize| render(&source, &found[..count], false);
    assert!(found.len() > DRAWN, "each line lacks a semicolon");
    assert!(!drawn(DRAWN).contains(" more\n"));
    let all = drawn(found.len());
    assert_eq!(all.matches("error[").count(), DRAWN);
    let counted = format!("and {} more\n\n", found.len() - DRAWN);
    assert!(all.ends_with(&counted), "{counted}");
    assert_eq!(
        json(&source, &found).matches("\"code\"").count(),
        found.len()
    );
}

fn typos(word: &str) -> Vec<String> {
    let letters: Vec<char> = word.chars().collect();
    let mut typos = Vec::new();
    for index in 0..letters.len() {
        let mut dropped = letters.clone();
        dropped.remove(index);
        let mut doubled = letters.clone();
        doubled.insert(index, letters[index]);
        let mut replaced = letters.clone();
        replaced[index] = 'z';
        let mut swapped = letters.clone();
        swapped.swap(index, (index + 1).min(letters.len() - 1));
        typos.extend(
            [dropped, doubled, replaced, swapped]
                .iter()
                .map(|typo| typo.iter().collect::<String>()),
        );
    }
    typos.retain(|typo| typo != word);
    typos
}

#[test]
fn typos_in_keywords_suggest_the_keyword() {
    let text = include_str!("syntax/ok/plain.mag");
    let keywords = [
        "package", "struct", "exchange", "signal", "closed", "enum", "union", "queue", "with",
        "call", "throws", "agent", "consume", "receive", "answer", "cron", "every", "sends",
    ];
    let (mut right, mut all) = (0, 0);
    let mut wrong = Vec::new();
    for keyword in keywords {
        for typo in typos(keyword) {
            let start = text.match_indices(keyword).find(|(at, _)| {
                text[at + keyword.len()..].starts_with(' ')
                    && (*at == 0 || text[..*at].ends_with([' ', '\n']))
                    && !text[..*at].rsplit('\n').next().unwrap().contains("//")
            });
            let (start, _) = start.unwrap();
            let mut source = SourceMap::default();
            let id = source.add(
                "x.mag",
                format!("{}{typo}{}", &text[..start], &text[start + keyword.len()..]),
            );
            let (_, found) = parse(&source, id);
            let hit = found.len() == 1 && found[0].suggestion.as_deref() == Some(keyword);
            all += 1;
            right += usize::from(hit);
            if !hit {
                wrong.push(render(&source, &found, false));
            }
        }
    }
    assert!(
        right * 100 >= all * 90,
        "{right} of {all}\n{}",
        wrong.join("\n")
    );
}

#[test]
fn a_broken_member_hides_nothing() {
    let mut source = SourceMap::default();
    let text = "package a;\nstruct A {\n    x u8,\n    y: u8,\n    z: = 1,\n}\nagent B {\n    every 5s;\n    serve http;\n    cron send;\n}\nsignal c;\n";
    let id = source.add("x.mag", text);
    let (file, found) = parse(&source, id);
    let lines: Vec<usize> = found
        .iter()
        .map(|found| source.line_column(found.primary.span.start).0)
        .collect();
    assert_eq!(lines, [3, 5, 8, 10]);
    assert_eq!(file.items.len(), 3, "{:?}", file.items);
}
