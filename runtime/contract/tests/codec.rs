//! What a table means, rule by rule: documents that come back equal, that come back otherwise, and that are refused.

#[expect(
    unreachable_pub,
    reason = "the types are written as they are generated"
)]
mod codec {
    mod enums;
    mod objects;
    mod scalars;
    mod spreads;
    mod stack;
    mod support;
    mod unions;
}
