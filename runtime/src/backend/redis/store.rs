//! What differs between the ways to keep a queue on the server: the one interface that streams and lists implement, so that
//! sending, consuming, settling and looking are written once. Knows no commands.

use std::fmt::Debug;

use ::redis::{Cmd, Value};
use bytes::Bytes;

use super::RedisOptions;
use super::consumer::Desk;
use super::keys::QueueKeys;
use super::link::Link;
use super::scripts::{Digests, Script};
use crate::broker::{Capabilities, QueueDeclaration};
use crate::connect::waits::Waits;
use crate::error::Error;
use crate::message::{BoxFuture, Outgoing};

/// A way to keep queues. Each script's own text says what it is given and what it answers.
pub(super) trait Store: Debug + Send + Sync {
    /// What a broker that keeps its queues so can do.
    fn capabilities(&self, options: &RedisOptions) -> Capabilities;

    /// Declares a queue; names and values of its declaration are to be added.
    fn declare(&self, keys: &QueueKeys) -> Call;

    /// Whether one command can put a message into such a queue.
    fn is_plain(&self, queue: &QueueDeclaration) -> bool;

    /// The one command that sends a message; none where this one takes more.
    fn plain(&self, keys: &QueueKeys, parcel: Parcel<'_>) -> Option<Cmd>;

    /// Sends a copy to each of these queues, as long as the guard's version is this one.
    fn send(&self, guard: (Box<str>, &str), queues: &[QueueKeys], parcel: Parcel<'_>) -> Call;

    /// Ends attempts of a consumer, which are to be added.
    fn settle(&self, desk: &Desk) -> Call;

    /// Starts leases anew of deliveries, which are to be added.
    fn renew(&self, desk: &Desk) -> Call;

    /// Forgets a consumer that holds nothing it was not given.
    fn leave(&self, desk: &Desk) -> Call;

    /// Counts what a queue holds.
    fn counts(&self, keys: &QueueKeys) -> Call;

    /// Puts dead letters back; how many at most is to be added.
    fn redrive(&self, keys: &QueueKeys) -> Call;

    /// Reads for a consumer on one connection. Ready when it is to stop, or with what ended the connection; `waits` begin
    /// anew when it has read.
    fn read<'a>(&'a self, desk: &'a Desk, waits: &'a mut Waits)
    -> BoxFuture<'a, Result<(), Error>>;
}

/// A message on its way, with what the broker adds to it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Parcel<'a> {
    pub(super) outgoing: &'a Outgoing,
    /// Of a dead letter that moves on, when the broker first had it, in ms since 1970.
    pub(super) first_seen: Option<u64>,
    /// The partition key of the copy for each of its queues, empty where there is none.
    pub(super) partition_keys: &'a [Bytes],
}

/// A script with its keys and arguments.
#[derive(Debug)]
pub(super) struct Call {
    script: Script,
    keys: Vec<Box<str>>,
    arguments: Vec<Box<[u8]>>,
}

impl Call {
    pub(super) fn new<'a>(script: Script, keys: impl IntoIterator<Item = &'a str>) -> Self {
        Self {
            script,
            keys: keys.into_iter().map(Into::into).collect(),
            arguments: Vec::new(),
        }
    }

    /// The same with further arguments.
    pub(super) fn with<T: AsRef<[u8]>>(mut self, arguments: impl IntoIterator<Item = T>) -> Self {
        let arguments = arguments.into_iter();
        self.arguments
            .extend(arguments.map(|it| it.as_ref().into()));
        self
    }

    /// As one command of several.
    pub(super) fn command(&self, digests: &Digests) -> Cmd {
        let keys: Vec<&str> = self.keys.iter().map(|it| &**it).collect();
        let mut command = digests.call(self.script, &keys);
        for argument in &self.arguments {
            command.arg(&**argument);
        }
        command
    }

    /// Runs it alone.
    pub(super) async fn run(self, link: &Link) -> Result<Value, Error> {
        let keys: Vec<&str> = self.keys.iter().map(|it| &**it).collect();
        let arguments: Vec<&[u8]> = self.arguments.iter().map(|it| &**it).collect();
        link.run_script(self.script, &keys, &arguments).await
    }
}
