//! Any bytes as a payload: never a panic, and what is accepted is written in a form that is read and written alike.
//! The first line of an input names the contract and the declaration, so that seeds last when contracts grow.
#![no_main]

use std::hash::{DefaultHasher, Hash, Hasher};

use compiled_corpus::{CONTRACTS, RoundTrip};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let line = data.iter().position(|it| *it == b'\n');
    let (name, body) = line.map_or((data, &[][..]), |at| (&data[..at], &data[at + 1..]));
    let (name, round_trip) = declaration(name);
    let Ok(once) = round_trip(body) else { return };
    match round_trip(&once) {
        Ok(twice) => assert_eq!(once, twice, "{name}: written in two ways"),
        Err(problem) => panic!("{name} wrote {once:?}, which it refuses: {problem}"),
    }
});

/// The declaration of a name; any other name stands for one as well, so that mutations of it try the payload elsewhere.
fn declaration(name: &[u8]) -> (&'static str, RoundTrip) {
    let (contract, channel) = std::str::from_utf8(name)
        .ok()
        .and_then(|it| it.split_once('/'))
        .unwrap_or_default();
    let of = CONTRACTS.iter().find(|it| it.0 == contract);
    let named = |of: &&(_, &'static [(&'static str, RoundTrip)])| {
        let fits = |it: &&(&str, _)| it.0 == channel || it.0.ends_with(&format!(".{channel}"));
        of.1.iter().find(fits).copied()
    };
    of.as_ref().and_then(named).unwrap_or_else(|| any(name))
}

fn any(name: &[u8]) -> (&'static str, RoundTrip) {
    let all: usize = CONTRACTS.iter().map(|it| it.1.len()).sum();
    let mut hasher = DefaultHasher::new();
    name.hash(&mut hasher);
    let index = usize::try_from(hasher.finish() % all as u64).expect("below the number of types");
    let mut declarations = CONTRACTS.iter().flat_map(|it| it.1);
    *declarations.nth(index).expect("below the number of types")
}
