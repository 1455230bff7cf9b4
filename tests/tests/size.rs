//! How much Rust a message becomes. Lines and tokens are the same on every machine, so here they have a limit; what takes
//! time is measured by `tests/measure` and the benchmarks. Run with `--nocapture` to see the figures.
#![expect(clippy::print_stdout, reason = "the figures are what the test is for")]

use microagent_codegen::RustOptions;
use microagent_schema::analyze;
use microagent_schema::limits::Limits;
use microagent_tests::{contracts, sized};
use proc_macro2::{TokenStream, TokenTree};

/// Lines per message of six fields, at most.
const LINES: f64 = 30.0;

/// What stands in one generated file.
#[derive(Clone, Copy)]
struct Size {
    lines: usize,
    tokens: usize,
}

fn generated(schema: &str) -> Size {
    let analysis = analyze(
        vec![contracts::input("sized.mag", schema)],
        &Limits::default(),
    );
    let model = analysis.model.expect("the schema is valid");
    let files = microagent_codegen::rust(&model, &RustOptions::default())
        .expect("checked schemas generate");
    let text = files.get("packages.rs").expect("it is always there");
    let tokens: TokenStream = text.parse().expect("what is generated is Rust");
    Size {
        lines: text.lines().count(),
        tokens: count(tokens),
    }
}

/// Each delimiter is a token, and a line of docs is its attribute, as rustc reads it.
fn count(tokens: TokenStream) -> usize {
    let of_tree = |tree| match tree {
        TokenTree::Group(group) => count(group.stream()) + 2,
        _ => 1,
    };
    tokens.into_iter().map(of_tree).sum()
}

/// Lines and tokens per message: what a hundred more of them add, so that the head of the file does not count.
#[expect(clippy::cast_precision_loss, reason = "a few thousand are exact")]
fn per_message(schema: impl Fn(usize) -> String) -> (f64, f64) {
    let (few, many) = (generated(&schema(100)), generated(&schema(200)));
    let lines = (many.lines - few.lines) as f64 / 100.0;
    let tokens = (many.tokens - few.tokens) as f64 / 100.0;
    (lines, tokens)
}

#[test]
fn a_message_of_six_fields_is_thirty_lines_at_most() {
    let (lines, tokens) = per_message(sized::messages_only);
    println!("struct of six fields: {lines} lines, {tokens} tokens");
    assert!(lines <= LINES, "{lines} lines");
}

#[test]
fn a_signal_costs_the_same_and_its_sender() {
    let (lines, tokens) = per_message(sized::signals_only);
    println!("signal of six fields with its sender: {lines} lines, {tokens} tokens");
    let (of_struct, _) = per_message(sized::messages_only);
    assert!(
        lines <= of_struct + LINES,
        "{lines} lines, {of_struct} of them for the payload"
    );
}
