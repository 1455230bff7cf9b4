//! The library beside this compiled, so its schemas did.

#[test]
fn whatever_passes_the_checks_compiles() {
    let compiled: usize = compiled_random::SCHEMAS.parse().expect("a number");
    assert!(compiled >= 500, "{compiled} random schemas compiled");
}
