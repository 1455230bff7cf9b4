//! The runtime of microagent: what agents link.
//!
//! Agents are generated from `.mag` contracts as traits with an `async fn` per line; [`main`] runs what implements them,
//! on a bus and a broker that are named by DSN. A message is acknowledged after its handler succeeded, tried again with
//! backoff when it failed, and dead-lettered with the reason when it can't be read or ran out of attempts.
//!
//! Invariants: every task that is spawned is awaited by its owner; every channel and buffer has a limit; time is tokio's,
//! so that tests can pause it, and only the clock reads the time of day; nothing is printed but the error of [`main`];
//! no password is shown.
//!
//! # Limits
//!
//! Whatever grows has a limit, so that memory does not depend on how slow anybody is. The broker and the bus have theirs,
//! told by their capabilities; these are the runtime's and those of the memory backend.
//!
//! | What | At most | Beyond it |
//! |---|---|---|
//! | handlers of a `consume` at once | its `concurrency`, 1 | messages wait in the queue |
//! | messages a consumer holds | 100 ms of work; 256, or twice its slots where these are more | they stay with the broker, for others |
//! | handlers of a `receive` or `answer` at once | its `concurrency`, 16 | messages wait in the buffer |
//! | messages in the buffer of such a line | 1024 | signals are lost, counted as `overflowed` and logged; questions and calls fail with `Full` |
//! | answers in an asker's inbox | 4096 | lost and counted as `overflowed` |
//! | questions of an asker that wait | 65,536 | the next one fails with `Full` |
//! | answers to one question that wait to be taken | 1024 | lost and counted as `overflowed` |
//! | runs of a `parallel` schedule at once | 64 | left out and counted as `skipped` |
//! | runs of a `queue` schedule that wait | 1 | left out and counted as `skipped` |
//! | the reason in a dead letter | 1024 bytes | it is cut |
//! | headers of a message | 64, and 16 KiB | the send fails with `TooLarge` |
//! | a message on the memory backend | 1 MiB | the send fails with `TooLarge` |
//! | messages of a queue on the memory backend | what it declares, or 1,000,000 | refused with `Full`, or the oldest is counted as `dropped`, as declared |
//! | dead letters of a queue there | 1,000,000 | the oldest is counted as `dropped` |
//! | messages of a queue on Redis | what it declares, else what the server has memory for | refused with `Full`, or the oldest is counted as `dropped`, as declared; without memory refused with `Unavailable` |
//! | dead letters of a queue there | 1,000,000 | the oldest is counted as `dropped` |
//!
//! What is kept per queue, exchange, schedule, line or thread is as much as a program declares and has.

#![deny(missing_docs)]
#![warn(clippy::missing_errors_doc, clippy::missing_panics_doc)]

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;
mod agent;
pub mod backend;
pub mod broker;
pub mod bus;
mod busy;
#[doc = include_str!("../CAPABILITIES.md")]
pub mod capabilities {}
mod clock;
mod config;
mod connect;
mod context;
mod deadline;
#[cfg_attr(
    not(feature = "testing"),
    expect(dead_code, unreachable_pub, reason = "public by way of `testing`")
)]
mod delivery;
mod dsn;
mod ended;
mod error;
mod exit;
mod failure;
mod info;
#[doc = include_str!("../LOSSES.md")]
pub mod losses {}
pub mod message;
mod nearest;
mod parts;
mod port;
mod random;
mod repeated;
#[cfg_attr(
    not(feature = "testing"),
    expect(
        dead_code,
        unreachable_pub,
        unused_imports,
        reason = "public by way of `testing`"
    )
)]
mod rpc;
mod run;
pub mod schedule;
mod signals;
mod stop;
mod tables;
mod task;
#[cfg(feature = "testing")]
pub mod testing;
mod topology;
mod turns;
#[cfg_attr(
    not(feature = "testing"),
    expect(unreachable_pub, reason = "public by way of `testing`")
)]
mod watchdog;

pub use microagent_contract::{
    Answers, AskError, Asking, Broker, Bus, CallError, CallErrorKind, Calling, DecodeError,
    EncodeError, Options, Port, Recorder, SendError, SendErrorKind, Sending, With,
};

pub use self::agent::{Agent, Delivery, Make, Tick};
pub use self::connect::{broker_over, bus_over, connect_broker, connect_bus};
pub use self::context::{Context, MessageInfo};
pub use self::dsn::{Dsn, Host};
pub use self::error::{Error, ErrorKind};
pub use self::failure::{Failure, FailureKind, Outcome};
pub use self::parts::Part;
pub use self::run::{AgentReport, App, Running, StopReport, app, main, run};
pub use self::schedule::ScheduleId;

/// What fails with [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Includes what `microagent_build` generated from the schemas of this crate. Stands once, at the crate root.
///
/// `include_schema!(mail_service)` puts package `mail_service` at the root itself, `mail_service.v2` into `pub mod v2`,
/// and other packages into modules of their names. `include_schema!()` makes modules of all packages. For code that is
/// committed instead of generated by each build, say where: `include_schema!(mail_service, in "src/generated")`.
#[macro_export]
macro_rules! include_schema {
    ($($arguments:tt)*) => {
        $crate::__private::__include_schema! { $crate, $($arguments)* }
    };
}
