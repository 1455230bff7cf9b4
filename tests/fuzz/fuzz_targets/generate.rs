//! Whatever passes the checks becomes Rust that parses.
#![no_main]

use libfuzzer_sys::fuzz_target;
use microagent_schema::limits::Limits;
use microagent_schema::{Input, analyze};

fuzz_target!(|data: &[u8]| {
    let path = path_of(data);
    let analysis = analyze(vec![input(&path, data)], &Limits::default());
    let Some(model) = analysis.model else { return };
    let files = microagent_codegen::rust(&model, &microagent_codegen::RustOptions::default());
    for file in &files.expect("checked schemas generate") {
        if let Err(problem) = syn::parse_file(&file.text) {
            panic!("{}: {problem}\n{}", file.path, file.text);
        }
    }
});

/// The place that the package line asks for, so that mutations of the package still get past it.
fn path_of(data: &[u8]) -> String {
    let text = String::from_utf8_lossy(data);
    let line = text.split("package ").nth(1).unwrap_or("example");
    let end = line.find(|it: char| !(it.is_ascii_alphanumeric() || "._".contains(it)));
    format!(
        "{}.mag",
        line[..end.unwrap_or(line.len())].replace('.', "/")
    )
}

fn input(path: &str, data: &[u8]) -> Input {
    Input {
        root: 0,
        path: path.to_owned(),
        shown: path.to_owned(),
        text: Ok(data.to_vec()),
    }
}
