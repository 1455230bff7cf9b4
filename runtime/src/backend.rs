//! The backends that come with the runtime, one module each. A backend knows the traits of [`bus`](crate::bus) and
//! [`broker`](crate::broker), messages and errors, and never another backend.
//!
//! # Writing a backend
//!
//! A broker implements [`BrokerBackend`](crate::broker::BrokerBackend) and [`Consumer`](crate::broker::Consumer), a bus
//! [`BusBackend`](crate::bus::BusBackend) and [`Subscription`](crate::bus::Subscription); either may stand alone.
//! [`App::broker_backend`](crate::App::broker_backend) and [`App::bus_backend`](crate::App::bus_backend) run agents on
//! them, [`broker_over`](crate::broker_over) and [`bus_over`](crate::bus_over) make handles for others. The example
//! `examples/own-backend` is both over a directory of files, and runs the shop of `examples/shop`.
//!
//! **What is the runtime's.** Attempts and their limit, backoff, timeouts, concurrency, batches, the order of a stop,
//! matching answers to questions: a backend has none of it. It moves bytes, keeps what it took, and counts deliveries.
//!
//! **What it can't do** it says in [`Capabilities`](crate::broker::Capabilities) and
//! [`BusCapabilities`](crate::bus::BusCapabilities), whose default is that it can nothing. `declare` begins with
//! [`Topology::check`](crate::broker::Topology::check), so that a contract which asks for more is refused before the first
//! message. Options of a message (`after`, headers, size) are checked by the runtime before it sends.
//!
//! **Who calls what, and when.** Each agent declares all that it consumes and attaches, before any agent handles. Each
//! handle declares what it sends to before its first message, and once more after
//! [`NotFound`](crate::ErrorKind::NotFound). So the same topology is declared again and again, by several tasks and
//! processes at once, and one is as good as another. Per consumer one task calls `next`, `settle`, `renew` and `stop`, never
//! two at a time: a `next` that waits is dropped whenever there is something to settle, and called again. It must be cheap to
//! begin. `is_attached` and `lost` are called by others at any time, and wait for nothing. A run closes its backends last,
//! when all consumers and subscriptions have been dropped or given up.
//!
//! **Deadlines** are the runtime's: 30 s to declare, attach, and confirm a send (or what the sender said), 5 s to settle, renew,
//! stop and publish an answer, 2 s to close. What takes longer is dropped at that moment and tried again or reported. So each
//! future says what holds when it is dropped, and none needs a timer of its own.
//!
//! **Errors** by their kind: [`Unavailable`](crate::ErrorKind::Unavailable) where nothing happened and the same may work
//! later, [`Timeout`](crate::ErrorKind::Timeout) where it may have happened,
//! [`Backend`](crate::ErrorKind::Backend) for what the backend should not have said. A lost connection ends no consumer and no
//! subscription: they wait, say so by `is_attached`, and attach again with backoff and jitter. An error of `next` does end it,
//! and with it the agent. Messages and sources of errors go to logs: no payload, no password.
//!
//! **What each has to do in the same way** is here: [`Pattern`](crate::broker::Pattern) for topic exchanges,
//! [`QueueDeclaration::partition_key`](crate::broker::QueueDeclaration::partition_key) for ordered queues,
//! [`DeadLetter::into_message`](crate::broker::DeadLetter::into_message) for dead letters as messages,
//! [`MessageId::from_text`](crate::message::MessageId::from_text) and
//! [`Reason::from_text`](crate::broker::Reason::from_text) for what is read back,
//! [`Wait::ready`](crate::message::Wait::ready) for an answer that needs no future.
//!
//! **How to test it.** With feature `testing`, the acceptance suite in `testing::suite` is one set of cases for every backend,
//! which holds a promise of the traits each; a backend runs it from its own crate, by a test program of twenty lines. The
//! backends here pass it, as does `examples/own-backend`, and [`capabilities`](crate::capabilities) is the table of what
//! passed. Beyond it, the modules `testing::delivery` and `testing::rpc` drive a backend as agents do.

#[cfg(feature = "memory")]
pub mod memory;
#[cfg(feature = "redis")]
pub mod redis;
