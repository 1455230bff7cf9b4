//! Request and reply over a bus: those who ask, with their pending questions and deadlines, and those who listen and answer. It knows
//! a bus by its trait; it must not know schemas, agents or any backend.
//!
//! One answer per subscription: whoever hears a question answers it once, also with [`Answer::Nothing`](crate::bus::Answer), so that
//! the asker need not wait for the deadline where the bus can tell how many heard.

pub use self::ask::{Asker, AskerMonitor, AskerStats};
pub use self::counts::{ListenReport, ListenStats};
pub use self::listen::{
    Handle, ListenMonitor, ListenPolicy, ListenerAttachment, Listening, attach,
};
pub use self::replies::{Replies, Reply, Unanswered};

mod ask;
mod counts;
mod inbox;
mod line;
mod listen;
mod losses;
mod pending;
mod port;
mod replies;

pub(crate) use self::port::AskPort;
