//! For build scripts of the crates that compile many contracts: each into a module of its own.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use microagent_codegen::RustOptions;
use microagent_schema::limits::Limits;
use microagent_schema::model::Model;
use microagent_schema::{analyze, render};

use crate::contracts::{Files, input};

/// Generates one contract into a folder of its own below `out` and returns its model, and the module that includes it.
///
/// # Panics
///
/// Panics with the diagnostics where the contract is not valid.
#[must_use]
pub fn module(out: &Path, name: &str, files: &Files) -> (Model, String) {
    let inputs = files.iter().map(|(path, text)| input(path, text));
    let analysis = analyze(inputs.collect(), &Limits::default());
    let problems = render::render(&analysis.sources, &analysis.diagnostics, false);
    let model = analysis
        .model
        .unwrap_or_else(|| panic!("{name}:\n{problems}"));
    let folder = out.join(name);
    fs::create_dir_all(&folder).expect("the output folder is writable");
    let generated = microagent_codegen::rust(&model, &RustOptions::default());
    for file in &generated.expect("checked schemas generate") {
        fs::write(folder.join(&file.path), &file.text).expect("the output folder is writable");
    }
    (model, text_of_module(name))
}

/// What `include_schema!` expands to, in a module, with the runtime under another name.
fn text_of_module(name: &str) -> String {
    let include = |file: &str| {
        format!("::core::include!(::core::concat!(::core::env!(\"OUT_DIR\"), \"/{name}/{file}\"));")
    };
    let mut text = String::new();
    writeln!(text, "/// The contract `{name}`.\npub mod {name} {{").expect("text takes text");
    writeln!(text, "    #[doc(hidden)]\n    pub mod __mag {{").expect("text takes text");
    writeln!(text, "        use ::renamed_runtime::__private as __rt;").expect("text takes text");
    writeln!(text, "        {}\n    }}", include("packages.rs")).expect("text takes text");
    writeln!(text, "    {}\n}}", include("root.rs")).expect("text takes text");
    text
}
