//! What the rows of the scorecard share: generated agents, the backends that each row runs on, and the line that it
//! prints. A row is a file `tests/row_NN_name.rs`; `cargo test -p scorecard` prints all of them.
//!
//! Invariants: a row knows a backend by the table of [`support`] alone, and what it counted stands in its line whether it
//! passed in silence or not.

microagent::include_schema!(scorecard);

pub mod support;
