//! The task that reads for a consumer, and attaches again for as long as it takes. It minds the queue's timers on the way, so
//! that no replica leads. It must not know how a queue is kept, nor what becomes of what it read.

use std::sync::Arc;
use std::time::Duration;

use ::redis::cmd;
use tokio::time::Instant;

use super::consumer::Desk;
use super::declaration;
use super::open::Opened;
use crate::connect::waits::Waits;
use crate::error::{Error, ErrorKind};
use crate::random::random;

/// How long a read waits for messages at most.
pub(super) const BLOCK: Duration = Duration::from_secs(1);
/// By how much the answer to a read may come later than it should, before the connection is given up.
const MARGIN: Duration = Duration::from_secs(3);
/// How often the queue's timers are minded at least, before jitter.
const TEND: Duration = Duration::from_secs(1);

/// Reads until it is to stop.
pub(super) async fn run(desk: Arc<Desk>) {
    let mut waits = Waits::default();
    loop {
        match desk.connection.store.read(&desk, &mut waits).await {
            Ok(()) => return desk.end(None),
            Err(error)
                if matches!(
                    error.kind(),
                    ErrorKind::Closed | ErrorKind::Mismatch | ErrorKind::Config
                ) =>
            {
                desk.attached.send_replace(false);
                return desk.end(Some(error));
            }
            Err(error) => {
                let queue = &*desk.declaration.name;
                tracing::warn!(%error, queue, "a consumer lost redis and attaches again");
            }
        }
        desk.attached.send_replace(false);
        desk.reads_as(None);
        let link = &desk.connection.link;
        loop {
            if desk.room().is_none() {
                return desk.end(None);
            }
            tokio::select! {
                biased;
                () = desk.changed.notified() => {}
                () = link.turn(&mut waits) => break,
            }
        }
    }
}

/// Declares the queue again, which may have been lost, and makes a connection that may block.
pub(super) async fn connect(desk: &Desk) -> Result<Opened, Error> {
    let connection = &desk.connection;
    let link = &connection.link;
    link.check_open()?;
    let kept = (&*connection.prefix, connection.store);
    declaration::declare(link, kept, &desk.declaration).await?;
    let mut dedicated = link.dedicated(&desk.keys.queue, BLOCK + MARGIN).await?;
    let mut name = cmd("CLIENT");
    name.arg("ID");
    desk.reads_as(name.query_async(&mut *dedicated).await.ok());
    Ok(dedicated)
}

/// What a reader minds besides, and what it knows of the server's time.
pub(super) struct Timers {
    /// The server's clock, in ms since 1970, at this instant.
    pub(super) server: (u64, Instant),
    pub(super) tend_at: Instant,
    /// When the leases of what is buffered are to begin anew.
    renew_at: Instant,
}

impl Timers {
    pub(super) fn new(desk: &Desk) -> Self {
        Self {
            server: (0, Instant::now()),
            tend_at: Instant::now(),
            renew_at: Instant::now() + desk.connection.lease / 3,
        }
    }

    /// The timers have been minded: the consumer lives.
    pub(super) async fn minded(&mut self, desk: &Desk) -> Result<(), Error> {
        if Instant::now() >= self.renew_at {
            self.renew_at = Instant::now() + desk.connection.lease / 3;
            desk.renew_buffer().await?;
        }
        desk.attached.send_replace(true);
        Ok(())
    }

    /// The server's clock now, in ms since 1970.
    pub(super) fn now(&self) -> u64 {
        let passed = self.server.1.elapsed().as_millis();
        self.server
            .0
            .saturating_add(u64::try_from(passed).unwrap_or(u64::MAX))
    }
}

/// When to mind the timers next, of which the first is due at this time of the server, if any.
pub(super) fn next_tend(now: u64, due: i64) -> Instant {
    let jittered = TEND * u32::try_from(80 + random() % 41).expect("it is below 121") / 100;
    let until_due = u64::try_from(due).map_or(Duration::MAX, |due| {
        Duration::from_millis(due.saturating_sub(now))
    });
    Instant::now() + jittered.min(until_due)
}

/// How long a read may wait before the timers have to be minded, at least 1 ms: nothing would be for ever.
pub(super) fn block(tend_at: Instant) -> Duration {
    tend_at
        .saturating_duration_since(Instant::now())
        .clamp(Duration::from_millis(1), BLOCK)
}
