//! Codes 09xx: lints.

codes! {
    /// A `use` line that nothing needs.
    UNUSED_USE = 901 in "MAG0901";
    /// An answer that may come too late.
    ANSWER_AFTER_DEADLINE = 902 in "MAG0902";
}
