//! The `.mag` contract language: from text to a checked model. Pure: no IO, no async, no templates.

mod analyze;
pub mod ast;
pub mod brokers;
pub mod case;
mod check;
pub mod codes;
pub mod cron;
pub mod diagnostic;
mod fingerprint;
pub mod format;
pub mod limits;
pub mod model;
pub mod parse;
pub mod render;
mod resolve;
pub mod span;
pub mod suggest;
pub mod timezones;

pub use analyze::{Analysis, Input, Unreadable, analyze};
