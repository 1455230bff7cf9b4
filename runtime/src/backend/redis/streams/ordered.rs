//! How a consumer of an ordered queue reads: of each key one message at a time, over all consumers, and what failed holds up
//! its own key alone. It must not know what becomes of what it read.
//!
//! Which keys are busy, and what waits for them, is kept on the server and changed by scripts alone: a consumer that settles
//! a message frees its key in the same step. So no consumer owns a partition, none has to be given away when one joins or
//! leaves, and the lease of a message is that of its key: where a consumer crashes, another goes on with that very message
//! when the lease is over. A retry stays in its place in the stream, with its time in a sorted set beside it.
//!
//! What a script gives is the only way to a message, so nobody can read past a busy key; a blocking read of the stream only
//! says that there is something new.

use std::pin::Pin;

use ::redis::aio::MultiplexedConnection;
use ::redis::{Value, cmd};
use tokio::time::{Instant, sleep_until};

use super::GROUP;
use super::reader::{entries, join, take};
use crate::backend::redis::answer::read;
use crate::backend::redis::consumer::Desk;
use crate::backend::redis::fault::lost;
use crate::backend::redis::keys::QueueKeys;
use crate::backend::redis::reader::{BLOCK, Timers, next_tend};
use crate::backend::redis::scripts::Script;
use crate::connect::waits::Waits;
use crate::error::Error;

/// What an ordered queue has beside other queues.
#[derive(Debug)]
pub(super) struct OrderKeys {
    lanes: Box<str>,
    parked: Box<str>,
    turns: Box<str>,
    /// What waits for its time, and stands in the stream.
    pub(super) retries: Box<str>,
}

impl OrderKeys {
    pub(super) fn new(keys: &QueueKeys) -> Self {
        let of = |what: &str| format!("{}:{what}", keys.declaration).into_boxed_str();
        Self {
            lanes: of("lanes"),
            parked: of("parked"),
            turns: of("turns"),
            retries: of("retries"),
        }
    }

    /// In the order in which scripts take them.
    pub(super) fn all(&self) -> [&str; 4] {
        [&self.lanes, &self.parked, &self.turns, &self.retries]
    }
}

/// A read that ends when there is something new, or after a while.
type News = Pin<Box<dyn Future<Output = Result<(), Error>> + Send>>;

/// Reads on one connection; ready when it is to stop, or with what ended the connection.
pub(super) async fn serve(desk: &Desk, waits: &mut Waits) -> Result<(), Error> {
    let connection = join(desk).await?;
    let mut timers = Timers::new(desk);
    let mut news: Option<News> = None;
    let mut last = String::new();
    while let Some(room) = desk.room() {
        desk.connection.link.check_open()?;
        if room > 0 || Instant::now() >= timers.tend_at {
            let given;
            (given, last) = turn(desk, room, &mut timers).await?;
            timers.minded(desk).await?;
            *waits = Waits::default();
            if given > 0 {
                continue;
            }
        }
        tokio::select! {
            biased;
            () = desk.changed.notified() => {}
            came = arrived(&mut news, (room, &connection, desk), &last) => came?,
            () = sleep_until(timers.tend_at) => {}
        }
    }
    Ok(())
}

/// Ready when something new has come for whoever has room; goes on with the read that it finds. Cancel safe.
async fn arrived(
    news: &mut Option<News>,
    (room, connection, desk): (usize, &MultiplexedConnection, &Desk),
    last: &str,
) -> Result<(), Error> {
    if room == 0 {
        return std::future::pending().await;
    }
    let stream = &desk.keys.queue;
    let begin = || Box::pin(arrival(connection.clone(), stream.clone(), last.to_owned())) as News;
    let came = news.get_or_insert_with(begin).await;
    *news = None;
    came
}

/// Waits for an entry after this one.
async fn arrival(
    mut connection: MultiplexedConnection,
    stream: Box<str>,
    last: String,
) -> Result<(), Error> {
    let mut command = cmd("XREAD");
    let block = BLOCK.as_millis().to_string();
    command.arg(&["COUNT", "1", "BLOCK", &block, "STREAMS", &stream, &last]);
    let answer: Result<Value, _> = command.query_async(&mut connection).await;
    answer.map(drop).map_err(|it| lost(&it))
}

/// Takes what may be handled now. Says how many that are, and the last entry that anybody has read.
async fn turn(desk: &Desk, room: usize, timers: &mut Timers) -> Result<(usize, String), Error> {
    let lease = desk.connection.lease.as_millis().to_string();
    let room = room.to_string();
    let arguments = [GROUP, &desk.name, &lease, &room].map(str::as_bytes);
    let order = OrderKeys::new(&desk.keys);
    let mut keys = vec![&*desk.keys.queue, &desk.keys.delayed];
    keys.extend(order.all());
    let link = &desk.connection.link;
    let answer = link.run_script(Script::Turn, &keys, &arguments).await?;
    let (now, due, given, last): (u64, i64, Vec<(Value, u32, Value)>, String) = read(answer)?;
    timers.server = (now, Instant::now());
    timers.tend_at = next_tend(now, due);
    let entries = entries(given);
    let count = entries.len();
    take(desk, entries, timers).await?;
    Ok((count, last))
}
