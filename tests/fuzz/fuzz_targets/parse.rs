//! Any bytes: checked without a panic, and what is reported can be drawn.
#![no_main]

use libfuzzer_sys::fuzz_target;
use microagent_schema::limits::Limits;
use microagent_schema::{Input, analyze, render};

fuzz_target!(|data: &[u8]| {
    let analysis = analyze(vec![input("example.mag", data)], &Limits::default());
    let drawn = render::render(&analysis.sources, &analysis.diagnostics, false);
    assert_eq!(drawn.is_empty(), analysis.diagnostics.is_empty());
});

fn input(path: &str, data: &[u8]) -> Input {
    Input {
        root: 0,
        path: path.to_owned(),
        shown: path.to_owned(),
        text: Ok(data.to_vec()),
    }
}
