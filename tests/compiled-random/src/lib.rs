//! Random schemas, compiled: this crate builds without an error or a warning, or the generator has a bug.
#![deny(warnings)]

microagent::include_schema!();

/// How many schemas were compiled.
pub const SCHEMAS: &str = env!("SCHEMAS");
