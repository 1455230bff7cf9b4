//! A bus and a broker over a directory, for processes of one machine: a message is a file, and whoever renames it has it.
//! It is written against the public traits of `microagent`, as anybody would, and shows what a backend has to do and
//! what it may leave out. `main.rs` runs the shop of the other example on it.
//!
//! ```text
//! queues/shop.mailer/declared           what the queue was declared as
//!                    waiting/NAME       a message; NAME says when it is due, when it expires, and how often it was tried
//!                    held/SEAT/NAME     what a consumer holds, under a lock that ends with its process
//!                    dead/NAME          what was given up, with the cause
//! exchanges/shop.push/kind              fanout or topic
//!                     QUEUE@PATTERN     a binding
//! bus/signals/shop.user_created/SEAT/   what a subscription has not read yet
//!     calls/shop.moderate/waiting/      calls that nobody has taken yet
//!     inboxes/INBOX/SEAT/               answers
//! ```
//!
//! What it can't do it says in its capabilities, and the runtime refuses contracts that ask for it: order by key,
//! priorities, queues of bounded length. Files are not flushed to the disk one by one: messages outlive their processes, not a
//! power cut. All file work is done between two awaits, so that a cancelled call has done all or nothing.
//!
//! It looks for messages every ten milliseconds, which costs a little CPU for each line that waits.

mod broker;
mod bus;
mod envelope;
mod files;

use std::time::Duration;

pub use broker::FileBroker;
pub use bus::FileBus;

/// How often those who wait look again.
const POLL: Duration = Duration::from_millis(10);

/// The largest message with headers and keys.
const MAX_PAYLOAD: usize = 1024 * 1024;
