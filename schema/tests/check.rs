//! What resolution and checks say: every page of theirs holds, cases over several files are in `tests/check`, and what
//! can't stand in a file is made here.

mod check {
    pub(crate) mod cases;
    pub(crate) mod limits;
    pub(crate) mod mutations;
    pub(crate) mod pages;
    pub(crate) mod typos;
}

use microagent_schema::Analysis;
use microagent_schema::Input;
use microagent_schema::analyze;
use microagent_schema::codes::Code;
use microagent_schema::limits::Limits;
use microagent_schema::render::render;

/// A file under an include root.
fn input(root: usize, path: &str, text: &str) -> Input {
    Input {
        root,
        path: path.to_owned(),
        shown: path.to_owned(),
        text: Ok(text.as_bytes().to_vec()),
    }
}

/// Analyzes files of root 0; one without a path stands where its package line wants it.
fn run(files: &[(String, String)]) -> Analysis {
    let inputs = files.iter().map(|(path, text)| {
        let declared = text.lines().find_map(|line| line.strip_prefix("package "));
        let name = declared.map_or("shop", |line| line.split([';', ' ']).next().unwrap_or(""));
        let wanted = format!("{}.mag", name.replace('.', "/"));
        input(0, if path.is_empty() { &wanted } else { path }, text)
    });
    analyze(inputs.collect(), &Limits::default())
}

fn codes_of(analysis: &Analysis) -> Vec<Code> {
    analysis
        .diagnostics
        .iter()
        .map(|found| found.code)
        .collect()
}

fn rendered(analysis: &Analysis) -> String {
    render(&analysis.sources, &analysis.diagnostics, false)
}
