//! How a consumer of a stream reads: what is new, and what others gave back or let go. It must not know what becomes of what
//! it read.

use ::redis::aio::MultiplexedConnection;
use ::redis::{Value, cmd};
use tokio::time::{Instant, timeout};

use super::{GONE, GROUP};
use crate::backend::redis::answer::read;
use crate::backend::redis::consumer::Desk;
use crate::backend::redis::entry::Entry;
use crate::backend::redis::fault::lost;
use crate::backend::redis::open::Opened;
use crate::backend::redis::reader::{Timers, block, connect, next_tend};
use crate::backend::redis::scripts::Script;
use crate::connect::waits::Waits;
use crate::error::Error;
use crate::message::{Delivery, Tag};

/// Reads on one connection; ready when it is to stop, or with what ended the connection.
pub(super) async fn serve(desk: &Desk, waits: &mut Waits) -> Result<(), Error> {
    let mut connection = join(desk).await?;
    let mut timers = Timers::new(desk);
    while let Some(room) = desk.room() {
        desk.connection.link.check_open()?;
        if Instant::now() >= timers.tend_at {
            tend(desk, room, &mut timers).await?;
            timers.minded(desk).await?;
            *waits = Waits::default();
        } else if room == 0 || desk.is_busy(room) {
            let _ = timeout(timers.tend_at - Instant::now(), desk.changed.notified()).await;
        } else {
            let entries = fetch(desk, room, &timers, &mut connection).await?;
            take(desk, entries, &timers).await?;
        }
    }
    Ok(())
}

/// A connection that may block, for a consumer that the group knows.
pub(super) async fn join(desk: &Desk) -> Result<Opened, Error> {
    let connection = connect(desk).await?;
    let gone = GONE.as_millis().to_string();
    let arguments = [GROUP.as_bytes(), desk.name.as_bytes(), gone.as_bytes()];
    let keys = [&*desk.keys.queue];
    let link = &desk.connection.link;
    link.run_script(Script::Join, &keys, &arguments).await?;
    Ok(connection)
}

/// Brings what is due, and takes over what others let go.
async fn tend(desk: &Desk, room: usize, timers: &mut Timers) -> Result<(), Error> {
    let lease = desk.connection.lease.as_millis().to_string();
    let room = room.to_string();
    let arguments = [GROUP, &desk.name, &lease, &room].map(str::as_bytes);
    let keys = [&*desk.keys.queue, &desk.keys.delayed];
    let answer = desk
        .connection
        .link
        .run_script(Script::Tend, &keys, &arguments)
        .await?;
    let (now, due, claimed): (u64, i64, Vec<(Value, u32, Value)>) = read(answer)?;
    timers.server = (now, Instant::now());
    timers.tend_at = next_tend(now, due);
    take(desk, entries(claimed), timers).await
}

/// Entries with their deliveries, as scripts give them.
pub(super) fn entries(given: Vec<(Value, u32, Value)>) -> Vec<(Entry, u32)> {
    let entry = |(id, count, fields)| Some((Entry::new(&id, &fields)?, count));
    given.into_iter().filter_map(entry).collect()
}

/// Waits for new entries, until there is something else to do.
async fn fetch(
    desk: &Desk,
    room: usize,
    timers: &Timers,
    connection: &mut MultiplexedConnection,
) -> Result<Vec<(Entry, u32)>, Error> {
    let mut command = cmd("XREADGROUP");
    command
        .arg("GROUP")
        .arg(GROUP)
        .arg(&*desk.name)
        .arg("COUNT")
        .arg(room);
    let block = block(timers.tend_at).as_millis();
    command.arg("BLOCK").arg(block.to_string());
    command.arg("STREAMS").arg(&*desk.keys.queue).arg(">");
    let answer: Value = command
        .query_async(connection)
        .await
        .map_err(|it| lost(&it))?;
    if answer == Value::Nil {
        return Ok(Vec::new());
    }
    let streams: Vec<(Value, Vec<(Value, Value)>)> = read(answer)?;
    let entries = streams.into_iter().flat_map(|(_, entries)| entries);
    Ok(entries
        .filter_map(|(id, fields)| Some((Entry::new(&id, &fields)?, 1)))
        .collect())
}

/// Puts what still lives on the desk; what died of age is forgotten.
pub(super) async fn take(
    desk: &Desk,
    entries: Vec<(Entry, u32)>,
    timers: &Timers,
) -> Result<(), Error> {
    let (mut living, mut expired) = (Vec::with_capacity(entries.len()), Vec::new());
    for (mut entry, count) in entries {
        let until = entry.expires(desk.declaration.ttl);
        if until.is_some_and(|it| it <= timers.now()) {
            expired.push(entry.id);
            continue;
        }
        let attempts: u32 = entry.number("attempts").unwrap_or(0);
        let message = entry.message();
        let delivery = Delivery {
            partition: desk.declaration.partition(&message),
            message: message.into(),
            tag: Tag {
                epoch: 0,
                number: 0,
            },
            attempt: attempts.saturating_add(count),
            first_seen: entry.first_seen(),
        };
        living.push((entry.id, delivery));
    }
    if !living.is_empty() {
        desk.put(living);
    }
    desk.expire(expired).await
}
