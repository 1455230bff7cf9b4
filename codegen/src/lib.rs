//! From a checked model to files: the model is lowered to view structs that hold final strings, and templates place
//! them. Pure: reads nothing, writes nothing, prints nothing; knows neither clap nor tokio.
//!
//! Invariants: a template never sees the model; names and literals of the output are made in [`ident`](mod@ident) and
//! [`literal`] alone, docs in [`docs`] alone; the same model and options give the same bytes.

pub mod docs;
mod error;
mod files;
pub mod ident;
pub mod literal;
pub mod rust;
pub mod signals_json;

pub use error::{Error, ErrorKind};
pub use files::{File, Files};
pub use rust::{RustOptions, rust};
pub use signals_json::signals_json;
