//! Properties of the language's tools over random schemas, and of the reference's blocks.

use microagent_schema::diagnostic::Severity;
use microagent_schema::limits::Limits;
use microagent_schema::model::Model;
use microagent_schema::span::SourceMap;
use microagent_schema::{analyze, format, parse, render};
use microagent_tests::{contracts, random};
use proptest::prelude::*;

fn formatted(text: &str) -> String {
    let mut sources = SourceMap::default();
    let id = sources.add("example.mag", text);
    let (file, problems) = parse::parse(&sources, id);
    assert!(
        problems.is_empty(),
        "{}\n{text}",
        render::render(&sources, &problems, false)
    );
    format::format(&file)
}

fn model(text: &str) -> Option<Model> {
    analyze(
        vec![contracts::input("example.mag", text)],
        &Limits::default(),
    )
    .model
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(200) })]

    #[test]
    fn formatting_keeps_the_contract_and_changes_nothing_twice(seed in any::<u64>()) {
        let text = random::schema(seed, "example");
        let once = formatted(&text);
        prop_assert_eq!(&formatted(&once), &once);
        let before = model(&text).map(|it| it.packages[0].fingerprint);
        let after = model(&once).map(|it| it.packages[0].fingerprint);
        prop_assert_eq!(before, after);
        prop_assert_eq!(comments(&text), comments(&once));
    }

    #[test]
    fn generating_is_deterministic(seed in any::<u64>()) {
        let text = random::schema(seed, "example");
        let Some(model) = model(&text) else { return Ok(()) };
        let options = microagent_codegen::RustOptions::default();
        let once = microagent_codegen::rust(&model, &options).expect("checked schemas generate");
        let twice = microagent_codegen::rust(&model, &options).expect("checked schemas generate");
        for (left, right) in once.iter().zip(twice.iter()) {
            prop_assert_eq!(&left.text, &right.text);
            prop_assert!(syn::parse_file(&left.text).is_ok(), "{}", left.path);
        }
    }

    #[test]
    fn any_text_is_checked_without_a_panic(text in "[a-z{}()\\[\\]:;,\"@./?=<> \\n0-9]{0,200}") {
        let analysis = analyze(vec![contracts::input("example.mag", &text)], &Limits::default());
        prop_assert!(analysis.model.is_none(), "{:?} declares no package", text);
        prop_assert!(analysis.diagnostics.iter().any(|it| it.severity == Severity::Error));
    }
}

/// The comments and docs of a text, in order.
fn comments(text: &str) -> Vec<&str> {
    text.lines()
        .filter_map(|line| line.trim_start().strip_prefix("//"))
        .map(str::trim)
        .collect()
}

#[test]
fn each_block_of_the_reference_is_valid() {
    let reference = include_str!("../../schema/LANGUAGE.md");
    let mut blocks = 0;
    for (number, block) in reference.split("```mag\n").skip(1).enumerate() {
        let block = block.split("```").next().expect("split gives one");
        let inputs: Vec<_> = files(block)
            .iter()
            .map(|(path, text)| contracts::input(path, text))
            .collect();
        let analysis = analyze(inputs, &Limits::default());
        let problems = render::render(&analysis.sources, &analysis.diagnostics, false);
        assert!(analysis.model.is_some(), "block {number}:\n{problems}");
        blocks += 1;
    }
    assert!(blocks > 10, "the reference has blocks");
}

/// A block as files: `// file: a/b.mag` begins one; without a package line it is a package of its own.
fn files(block: &str) -> Vec<(String, String)> {
    if !block.contains("// file: ") {
        let package = block.lines().find_map(|line| line.strip_prefix("package "));
        return match package {
            Some(package) => {
                let name = package.split([';', ' ']).next().expect("split gives one");
                vec![(format!("{}.mag", name.replace('.', "/")), block.to_owned())]
            }
            None => vec![(
                "example.mag".to_owned(),
                format!("package example;\n{block}"),
            )],
        };
    }
    let parts = block.split("// file: ").skip(1);
    parts
        .map(|part| {
            let (path, text) = part.split_once('\n').expect("a line names the file");
            (path.to_owned(), text.to_owned())
        })
        .collect()
}
