//! A contract that sees another one only through a third.

microagent_contract::include_schema!(auditor);

/// The type of `accounts`, although only `billing` depends on it.
pub fn seen(paid: billing::Paid) -> Seen {
    Seen::new(paid.receipt)
}
