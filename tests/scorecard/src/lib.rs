//! What the rows of the scorecard share: generated agents, the backends that each row runs on, and the line that it
//! prints. A row is a file `tests/row_NN_name.rs`; `cargo test -p scorecard` prints all of them.
//!
//! Invariants: a row knows a backend by the table of [`support`] alone, and what it counted stands in its line whether it
//! passed in silence or not.

microagent::include_schema!(scorecard);

pub mod cron;
pub mod support;

/// The packages of `schema-other`, as if they had been built elsewhere: what `include_schema!` expands to.
pub mod other {
    #[doc(hidden)]
    pub mod __mag {
        use microagent::__private as __rt;
        include!(concat!(env!("OUT_DIR"), "/other/microagent/packages.rs"));
    }
    include!(concat!(env!("OUT_DIR"), "/other/microagent/root.rs"));
}
