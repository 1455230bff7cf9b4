//! Schemas of a given size for benchmarks: plain messages as teams write them. Knows the language's text only.

use std::fmt::Write as _;

/// A package of `types` structs with six fields each, and for every tenth of them a signal, a queue and an enum.
#[must_use]
pub fn schema(types: usize) -> String {
    let mut text = String::from("mag 1;\n//! As many messages as asked for.\npackage sized;\n\n");
    for n in 0..types {
        messages(&mut text, n).expect("text takes text");
    }
    text
}

fn messages(text: &mut String, n: usize) -> std::fmt::Result {
    writeln!(text, "/// The message number {n}.\nstruct Message{n} {{")?;
    writeln!(
        text,
        "    id: u64,\n    name: string(max: 200),\n    at: timestamp,"
    )?;
    writeln!(
        text,
        "    note: string?,\n    tags: [string],\n    retries: u32 = 3,\n}}\n"
    )?;
    if n.is_multiple_of(10) {
        writeln!(text, "enum State{n} {{ open, closed, \"in-progress\" }}\n")?;
        writeln!(
            text,
            "/// Number {n} happened.\nsignal happened_{n}: Message{n};\n"
        )?;
        writeln!(text, "queue work_{n}: Message{n} with {{ ttl: 7d }};\n")?;
    }
    Ok(())
}

/// A package of `types` messages with nothing around them, each with six fields.
#[must_use]
pub fn messages_only(types: usize) -> String {
    numbered(types, "struct Message")
}

/// A package of `types` signals, each with six fields.
#[must_use]
pub fn signals_only(types: usize) -> String {
    numbered(types, "signal happened_")
}

fn numbered(types: usize, declared: &str) -> String {
    let mut text = String::from("package sized;\n\n");
    for n in 0..types {
        writeln!(
            text,
            "{declared}{n} {{ id: u64, name: string, email: string?, tags: [string], retries: u32 = 3, active: bool }}"
        )
        .expect("text takes text");
    }
    text
}
