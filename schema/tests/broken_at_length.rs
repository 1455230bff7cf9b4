//! Long files that are broken from end to end: parsing comes to an end and says so. How long it takes is for the
//! benchmarks to show; where it were no longer proportional to the text, this would be felt.

use microagent_schema::parse::parse;
use microagent_schema::span::SourceMap;

#[test]
fn long_broken_files_are_read_to_their_end() {
    let broken = [
        "struct A {\n",
        "signal a\n",
        "}\n",
        "[",
        "x: u8\n",
        "\"\n",
        "@",
        "/// x\n",
        "signal a {} }\n",
    ];
    for part in broken {
        let head = if part.starts_with("x:") {
            "package a;\nstruct A {\n"
        } else {
            "package a;\n"
        };
        let mut source = SourceMap::default();
        let id = source.add("x.mag", format!("{head}{}", part.repeat(3_000)));
        let (_, found) = parse(&source, id);
        assert!(!found.is_empty(), "{part}");
    }
}
