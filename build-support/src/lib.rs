//! Generates the Rust code of `.mag` contracts from a build script. All input and output of the generator stands here;
//! parsing, checking and generating are pure crates below.
//!
//! `build.rs`:
//! ```no_run
//! fn main() -> microagent_build::Result {
//!     microagent_build::compile("schema")
//! }
//! ```
//! `src/lib.rs`: `microagent_contract::include_schema!(accounts);`
//!
//! The code goes to `$OUT_DIR/microagent/`. A crate whose schema declares no agent is a contract crate: it has the key
//! `links = "mag-<crate>"` in its `Cargo.toml`, and crates that depend on it `use` its packages and get its Rust types.
//!
//! Invariants: nothing but the output folder is written; the same schema gives the same bytes, whatever the machine;
//! no network; no file outside the include roots is read.
#![deny(missing_docs)]

mod builder;
mod environment;
mod error;
pub mod generate;
mod instructions;
pub mod load;
mod report;
pub mod sharing;
pub mod write;

use std::path::Path;

pub use microagent_schema::limits::Limits;

pub use self::builder::Builder;
pub use self::environment::{Environment, UPDATE};
pub use self::error::{Error, ErrorKind, Result};
pub use self::instructions::Instructions;

/// Generates the code of all packages under the folder `schema` of this crate.
///
/// # Errors
/// An [`Error`] whose `Debug` shows every diagnostic in full: return it from `main`.
///
/// # Examples
/// ```no_run
/// fn main() -> microagent_build::Result {
///     microagent_build::compile("schema")
/// }
/// ```
pub fn compile(schema: impl AsRef<Path>) -> Result {
    configure().compile(schema)
}

/// For what [`compile`] does not ask.
///
/// # Examples
/// ```no_run
/// fn main() -> microagent_build::Result {
///     microagent_build::configure()
///         .contract("accounts", "acc")
///         .out_dir("src/generated")
///         .compile("schema")
/// }
/// ```
#[must_use]
pub fn configure() -> Builder {
    Builder::default()
}
