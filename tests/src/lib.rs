//! Holds the suites that look at several crates at once; each is a test target. What they share, such as random schemas
//! and the contracts of real systems, stands here. Only crates of this folder depend on it.

pub mod contracts;
pub mod modules;
pub mod random;
pub mod sized;
pub mod tokens;
pub mod values;
