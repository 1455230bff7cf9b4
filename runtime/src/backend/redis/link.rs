//! What brokers and bus talk to: one server, or a cluster of them; who uses it need not know which. Knows no queues.

use std::time::Duration;

use ::redis::{Cmd, Pipeline, PushInfo, Value, cmd};

use super::cluster::Cluster;
use super::fault::first;
use super::node::Node;
use super::open::Opened;
use super::place::{Place, Servers};
use super::scripts::{Digests, Script};
use crate::connect::waits::Waits;
use crate::error::Error;

/// The way to the server, or to those of a cluster.
#[derive(Debug)]
pub(super) enum Link {
    One(Node),
    Cluster(Box<Cluster>),
}

impl Link {
    /// Connects, again and again until the place's deadline.
    ///
    /// # Errors
    /// [`ErrorKind::Config`](crate::ErrorKind::Config) at once where trying again won't help,
    /// [`ErrorKind::Unavailable`](crate::ErrorKind::Unavailable) at the deadline. Cancelled, nothing stays behind.
    pub(super) async fn connect(place: Place) -> Result<Self, Error> {
        match place.servers {
            Servers::Cluster(_) => {
                let cluster = Cluster::connect(place).await?;
                Ok(Self::Cluster(Box::new(cluster)))
            }
            _ => Node::connect(place).await.map(Self::One),
        }
    }

    pub(super) fn is_cluster(&self) -> bool {
        matches!(self, Self::Cluster(_))
    }

    /// Waits until it is worth while to make another connection: the keeper waits for the server on behalf of all, so that none
    /// comes back a whole backoff later than the others. Cancel safe as the waits are.
    pub(super) async fn turn(&self, waits: &mut Waits) {
        if let Self::One(node) = self {
            node.known().await;
        }
        waits.next().await;
    }

    /// A connection of its own to the server that has this key, for reads that block; its answers may take this long.
    pub(super) async fn dedicated(&self, key: &str, answer: Duration) -> Result<Opened, Error> {
        match self {
            Self::One(node) => node.dedicated(answer).await,
            Self::Cluster(cluster) => cluster.dedicated(key, answer).await,
        }
    }

    /// A connection of its own that listens: what the server pushes goes to `heard`, which must not block.
    pub(super) async fn listening(
        &self,
        heard: impl Fn(PushInfo) + Send + Sync + 'static,
    ) -> Result<Opened, Error> {
        match self {
            Self::One(node) => node.listening(heard).await,
            Self::Cluster(cluster) => cluster.listening(heard).await,
        }
    }

    /// Ends the read of a connection of its own to the server that has this key, where the server lets us.
    pub(super) async fn unblock(&self, key: &str, client: i64) {
        let mut command = cmd("CLIENT");
        command.arg("UNBLOCK").arg(client);
        // Where it does not, the read ends by itself, a little later.
        let _ = match self {
            Self::One(node) => node.run(|_| single(command)).await,
            Self::Cluster(cluster) => cluster.run_at(key, single(command)).await,
        };
    }

    /// Sends commands in one go, each to the server that has its key, and gives an answer for each, which may be an error of
    /// the server.
    ///
    /// [`ErrorKind::Unavailable`](crate::ErrorKind::Unavailable) where nothing was sent,
    /// [`ErrorKind::Timeout`](crate::ErrorKind::Timeout) where that is unknown.
    pub(super) async fn run(
        &self,
        commands: impl FnOnce(&Digests) -> Pipeline,
    ) -> Result<Vec<Value>, Error> {
        match self {
            Self::One(node) => node.run(commands).await,
            Self::Cluster(cluster) => cluster.run(commands).await,
        }
    }

    /// The same for what must not be lost: ready when as many replicas have it as the DSN asks for.
    ///
    /// [`ErrorKind::Timeout`](crate::ErrorKind::Timeout) where the server has it and too few replicas do.
    pub(super) async fn run_kept(
        &self,
        commands: impl FnOnce(&Digests) -> Pipeline,
    ) -> Result<Vec<Value>, Error> {
        match self {
            Self::One(node) => node.run_kept(commands).await,
            Self::Cluster(cluster) => cluster.run_kept(commands).await,
        }
    }

    /// One command.
    pub(super) async fn run_one(&self, command: Cmd) -> Result<Value, Error> {
        let answers = self.run(|_| single(command)).await?;
        first(answers)
    }

    /// One script, with its arguments.
    pub(super) async fn run_script(
        &self,
        script: Script,
        keys: &[&str],
        arguments: &[&[u8]],
    ) -> Result<Value, Error> {
        let answers = self
            .run(|digests| {
                let mut command = digests.call(script, keys);
                command.arg(arguments);
                single(command)
            })
            .await?;
        first(answers)
    }

    /// Fails where no command will be sent any more.
    pub(super) fn check_open(&self) -> Result<(), Error> {
        match self {
            Self::One(node) => node.check_open(),
            Self::Cluster(cluster) => cluster.check_open(),
        }
    }

    pub(super) fn is_closed(&self) -> bool {
        self.check_open().is_err()
    }

    /// No command is sent any more. Cancel safe.
    pub(super) async fn close(&self) {
        match self {
            Self::One(node) => node.close().await,
            Self::Cluster(cluster) => cluster.close().await,
        }
    }
}

fn single(command: Cmd) -> Pipeline {
    let mut pipeline = Pipeline::with_capacity(1);
    pipeline.add_command(command);
    pipeline
}
