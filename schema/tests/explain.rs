//! Every page of `mag explain` holds: its bad block gives its code, its good block gives no error.

use microagent_schema::codes::{self, Code, Page};
use microagent_schema::diagnostic::{Diagnostic, Severity};
use microagent_schema::parse::parse;
use microagent_schema::render::render;
use microagent_schema::span::SourceMap;

/// Codes whose bad file is too long for a page; a test of their own makes it.
const TOO_LONG: [Code; 2] = [codes::STRING_TOO_LONG, codes::TOO_MANY_MEMBERS];

/// What a check of the files of a block finds. An area whose codes come from more than one file, or from behind the
/// parser, has its own in its tests.
fn syntax(files: &[(String, String)]) -> (SourceMap, Vec<Diagnostic>) {
    let mut source = SourceMap::default();
    let mut diagnostics = Vec::new();
    for (path, text) in files {
        let id = source.add(path, text);
        diagnostics.extend(parse(&source, id).1);
    }
    (source, diagnostics)
}

/// What does not hold of a page.
fn problems(page: &Page) -> Vec<String> {
    let code = page.code;
    let mut problems = Vec::new();
    if !page.explain.starts_with(&format!("# {code}: ")) || page.title().is_empty() {
        problems.push(format!("{code}: its heading is not `# {code}: title`"));
    }
    let (source, found) = syntax(&page.files("bad"));
    let only = !found.is_empty() && found.iter().all(|diagnostic| diagnostic.code == code);
    if !only && !TOO_LONG.contains(&code) {
        problems.push(format!(
            "{code}: bad block\n{}",
            render(&source, &found, false)
        ));
    }
    let (source, found) = syntax(&page.files("good"));
    let errors = found
        .iter()
        .any(|diagnostic| diagnostic.severity == Severity::Error);
    if errors || source.files().is_empty() {
        problems.push(format!(
            "{code}: good block\n{}",
            render(&source, &found, false)
        ));
    }
    problems
}

#[test]
fn the_pages_of_syntax_hold() {
    let problems: Vec<String> = codes::pages()
        .filter(|page| page.code.0 < 100)
        .flat_map(problems)
        .collect();
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn codes_are_unique_and_in_order() {
    let codes: Vec<Code> = codes::pages().map(|page| page.code).collect();
    assert!(codes.is_sorted_by(|left, right| left < right), "{codes:?}");
    assert!(codes.iter().all(|code| codes::page(*code).is_some()));
}

#[test]
fn files_over_a_limit_get_the_code_of_that_limit() {
    let codes = |text: String| {
        syntax(&[("shop.mag".into(), text)])
            .1
            .into_iter()
            .map(|found| found.code)
            .collect::<Vec<_>>()
    };
    let long = format!(
        "package shop;\nstruct Order {{ note: string = \"{}\" }}\n",
        "x".repeat(65 * 1024)
    );
    assert_eq!(codes(long), [codes::STRING_TOO_LONG]);
    let fields: Vec<String> = (0..1_001)
        .map(|index| format!("field_{index}: u8"))
        .collect();
    let fields = fields.join(", ");
    assert_eq!(
        codes(format!("package shop;\nstruct Order {{ {fields} }}\n")),
        [codes::TOO_MANY_MEMBERS]
    );
    let lines: Vec<String> = (0..1_001)
        .map(|index| format!("every 1s tick_{index};"))
        .collect();
    let lines = lines.join(" ");
    assert_eq!(
        codes(format!("package shop;\nagent Clock {{ {lines} }}\n")),
        [codes::TOO_MANY_MEMBERS]
    );
}
