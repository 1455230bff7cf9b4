//! A contract whose code is committed, here by the test.

microagent_contract::include_schema!(ledger, in "src/generated");

/// Is there only if the code is.
pub fn entry() -> Entry {
    Entry::new(7)
}
