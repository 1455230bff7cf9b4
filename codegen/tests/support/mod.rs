//! Models of the schemas beside the tests. Knows no Rust output.

#![allow(dead_code, reason = "each test uses what it needs")]

use microagent_codegen::{Files, RustOptions, rust};
use microagent_schema::limits::Limits;
use microagent_schema::model::Model;
use microagent_schema::{Input, analyze};

/// The model of `schemas/<own>.mag`, with those of `others` in an include root of another crate.
pub(crate) fn model(own: &str, others: &[&str]) -> Model {
    let read = |name: &str| {
        let path = format!("{}/tests/schemas/{name}.mag", env!("CARGO_MANIFEST_DIR"));
        std::fs::read_to_string(path).expect("a schema beside the tests")
    };
    let own = (0, own.to_owned(), read(own));
    let others = others.iter().map(|&name| (1, name.to_owned(), read(name)));
    checked([own].into_iter().chain(others))
}

/// The model of one text.
pub(crate) fn model_of(package: &str, text: &str) -> Model {
    checked([(0, package.to_owned(), text.to_owned())])
}

fn checked(schemas: impl IntoIterator<Item = (usize, String, String)>) -> Model {
    let inputs = schemas.into_iter().map(|(root, package, text)| Input {
        root,
        path: format!("{package}.mag"),
        shown: format!("{package}.mag"),
        text: Ok(text.into_bytes()),
    });
    let analysis = analyze(inputs.collect(), &Limits::default());
    let problems: Vec<&str> = analysis
        .diagnostics
        .iter()
        .map(|it| it.message.as_str())
        .collect();
    analysis.model.unwrap_or_else(|| panic!("{problems:#?}"))
}

pub(crate) fn options() -> RustOptions {
    RustOptions {
        version: "0.0.0".to_owned(),
        source: "schema".to_owned(),
        crates: [("accounts".to_owned(), "::accounts".to_owned())].into(),
        ..RustOptions::default()
    }
}

pub(crate) fn generate(model: &Model) -> Files {
    rust(model, &options()).expect("all crates are known")
}

pub(crate) fn packages(model: &Model) -> String {
    let files = generate(model);
    files
        .get("packages.rs")
        .expect("it is always made")
        .to_owned()
}
