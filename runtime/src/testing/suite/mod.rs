//! The acceptance suite: one set of cases for every backend, so that "it is a backend" means the same everywhere. Owns the
//! cases, how they are run, and the table of what passed; it knows a backend by the traits of [`broker`](crate::broker) and
//! [`bus`](crate::bus) alone.
//!
//! Each case is a promise in one line. One that needs what [`Capabilities`](crate::broker::Capabilities) lack is *not
//! offered*, and then the backend has to refuse a declaration that asks for it. Sixteen cases are those that Watermill's
//! `TestPubSub` has for each of its backends, with its counts; their comments name them.
//!
//! # Running it from your own crate
//!
//! ```toml
//! [dev-dependencies]
//! microagent = { version = "*", features = ["testing"] }
//!
//! [[test]]
//! name = "suite"
//! harness = false
//! ```
//!
//! And `tests/suite.rs`, here for the backend in memory:
//!
//! ```
//! use std::process::ExitCode;
//! use std::sync::Arc;
//!
//! use microagent::Error;
//! use microagent::backend::memory::Memory;
//! use microagent::broker::BrokerBackend;
//! use microagent::bus::BusBackend;
//! use microagent::message::BoxFuture;
//! use microagent::testing::suite::{Place, Suite};
//!
//! /// What no other case sees: here a memory, elsewhere a directory, a database, a prefix.
//! struct Fresh(Memory);
//!
//! impl Place for Fresh {
//!     fn broker(&self) -> BoxFuture<'_, Result<Arc<dyn BrokerBackend>, Error>> {
//!         Box::pin(async { Ok(Arc::new(self.0.clone()) as _) })
//!     }
//!
//!     fn bus(&self) -> BoxFuture<'_, Result<Arc<dyn BusBackend>, Error>> {
//!         Box::pin(async { Ok(Arc::new(self.0.clone()) as _) })
//!     }
//! }
//!
//! fn main() -> ExitCode {
//!     // Only what lives in one process may have its time paused; leave it out for a server.
//!     Suite::new(|| Fresh(Memory::new())).in_paused_time().main()
//! }
//! ```
//!
//! `cargo test --test suite` runs all, `cargo test --test suite lease` those whose names contain `lease`, and `-- --list` names
//! them. The usual counts are those of a quick run; `MICROAGENT_SUITE_FULL=1` takes the full ones. In real time a case waits
//! for leases to end: make connections with a short one, such as two seconds.
//!
//! [`Suite::table`] keeps a table of capabilities true to what passed.

#[macro_use]
mod case;
mod ability;
mod cases;
mod command;
mod equipment;
mod place;
mod report;
mod run;
mod table;

pub use self::ability::Ability;
pub use self::case::Case;
pub use self::place::{Place, Switch};
pub use self::report::{Outcome, Ran, Report};
pub use self::run::Suite;
