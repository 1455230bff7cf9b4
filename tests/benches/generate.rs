//! Parse, check, generate and format 500, 5,000 and 50,000 types: `cargo bench -p microagent-tests --bench generate`. Ten
//! times as many should take ten times as long.

use divan::Bencher;
use divan::counter::ItemsCount;
use microagent_codegen::RustOptions;
use microagent_schema::limits::Limits;
use microagent_schema::span::{FileId, SourceMap};
use microagent_schema::{analyze, format, parse};
use microagent_tests::{contracts, sized};

const TYPES: [usize; 3] = [500, 5_000, 50_000];

fn main() {
    divan::main();
}

/// One file with all types is larger than the language lets files be.
fn limits() -> Limits {
    Limits {
        file_bytes: usize::MAX,
        total_bytes: usize::MAX,
        ..Limits::default()
    }
}

fn sources(types: usize) -> SourceMap {
    let mut sources = SourceMap::default();
    sources.add("sized.mag", sized::schema(types));
    sources
}

#[divan::bench(args = TYPES, sample_count = 10)]
fn parse_only(bencher: Bencher, types: usize) {
    let sources = sources(types);
    bencher
        .counter(ItemsCount::new(types))
        .bench(|| parse::parse(&sources, FileId(0)));
}

#[divan::bench(args = TYPES, sample_count = 10)]
fn parse_and_check(bencher: Bencher, types: usize) {
    bencher
        .counter(ItemsCount::new(types))
        .with_inputs(|| vec![contracts::input("sized.mag", &sized::schema(types))])
        .bench_values(|inputs| analyze(inputs, &limits()));
}

#[divan::bench(args = TYPES, sample_count = 10)]
fn generate_only(bencher: Bencher, types: usize) {
    let inputs = vec![contracts::input("sized.mag", &sized::schema(types))];
    let model = analyze(inputs, &limits()).model;
    let model = model.expect("the schema is valid");
    bencher.counter(ItemsCount::new(types)).bench(|| {
        microagent_codegen::rust(&model, &RustOptions::default()).expect("checked schemas generate")
    });
}

#[divan::bench(args = TYPES, sample_count = 10)]
fn format_only(bencher: Bencher, types: usize) {
    let sources = sources(types);
    let (file, _) = parse::parse(&sources, FileId(0));
    bencher
        .counter(ItemsCount::new(types))
        .bench(|| format::format(&file));
}

/// Signals that lack their end, each of which is reported.
#[divan::bench(args = [500, 5_000], sample_count = 10)]
fn parse_broken(bencher: Bencher, items: usize) {
    let mut sources = SourceMap::default();
    sources.add(
        "broken.mag",
        format!("package sized;\n{}", "signal a\n".repeat(items)),
    );
    bencher
        .counter(ItemsCount::new(items))
        .bench(|| parse::parse(&sources, FileId(0)));
}
