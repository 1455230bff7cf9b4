//! Every page of `mag explain` behind the parser: the bad block gives its code and no other, the good block nothing.

use microagent_schema::Analysis;
use microagent_schema::brokers;
use microagent_schema::codes;
use microagent_schema::codes::Code;
use microagent_schema::codes::Page;
use microagent_schema::diagnostic::Severity;

use crate::codes_of;
use crate::rendered;
use crate::run;

/// Of `signals.json`, which no `.mag` file can show; the command line has the tests of these.
const OF_JSON: std::ops::Range<u16> = 600..700;

/// What no text can show: tests of `limits` make these.
const NOT_IN_TEXT: [Code; 14] = [
    codes::UNREADABLE_FILE,
    codes::NOT_UTF8,
    codes::SYMLINK_OUTSIDE,
    codes::NOT_A_REGULAR_FILE,
    codes::PATH_TRAVERSAL,
    codes::FOLDER_CYCLE,
    codes::FILE_TOO_LARGE,
    codes::TOO_MUCH_IN_ALL,
    codes::TOO_MANY_TYPES,
    codes::TOO_MANY_LEVELS,
    codes::SPREADS_TOO_MUCH,
    codes::CHAIN_TOO_LONG,
    codes::TYPE_TOO_BIG,
    codes::PACKAGE_IN_TWO_ROOTS,
];

/// Analyzes the files of a block; a line `// broker: NAME` stands for what `build.rs` says.
fn run_on_brokers(files: &[(String, String)]) -> Analysis {
    let lines = files.iter().flat_map(|(_, text)| text.lines());
    let names = lines.filter_map(|line| line.strip_prefix("// broker: "));
    let brokers: Vec<_> = names
        .map(|name| brokers::named(name).expect("a page names known brokers"))
        .collect();
    let mut analysis = run(files);
    analysis.require(&brokers);
    analysis
}

fn problems(page: &Page) -> Vec<String> {
    let code = page.code;
    let mut problems = Vec::new();
    let bad = run_on_brokers(&page.files("bad"));
    if codes_of(&bad) != [code] {
        problems.push(format!("{code}: bad block\n{}", rendered(&bad)));
    }
    let helpless = bad.diagnostics.iter().any(|found| found.help.is_none());
    if helpless {
        problems.push(format!("{code}: no help"));
    }
    let lint = bad
        .diagnostics
        .iter()
        .all(|found| found.severity == Severity::Warning);
    if bad.model.is_some() != lint {
        problems.push(format!(
            "{code}: a model in spite of errors, or none in spite of lints only"
        ));
    }
    let good = run_on_brokers(&page.files("good"));
    if !good.diagnostics.is_empty() || good.model.is_none() {
        problems.push(format!("{code}: good block\n{}", rendered(&good)));
    }
    problems
}

#[test]
fn the_pages_of_the_checks_hold() {
    let pages = codes::pages().filter(|page| {
        page.code.0 >= 100 && !OF_JSON.contains(&page.code.0) && !NOT_IN_TEXT.contains(&page.code)
    });
    let problems: Vec<String> = pages.flat_map(problems).collect();
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}
