//! How a consumer of a list reads: it takes what is there in one step, and waits for one element where nothing is. It must not
//! know what becomes of what it read.

use ::redis::aio::MultiplexedConnection;
use ::redis::{Value, cmd};
use tokio::time::{Instant, timeout};

use super::GONE;
use crate::backend::redis::answer::read;
use crate::backend::redis::consumer::Desk;
use crate::backend::redis::declaration::not_found;
use crate::backend::redis::entry::Entry;
use crate::backend::redis::fault::lost;
use crate::backend::redis::reader::{Timers, block, connect, next_tend};
use crate::backend::redis::scripts::Script;
use crate::connect::waits::Waits;
use crate::error::Error;
use crate::message::{Delivery, Tag};

/// Reads on one connection; ready when it is to stop, or with what ended the connection.
pub(super) async fn serve(desk: &Desk, waits: &mut Waits) -> Result<(), Error> {
    let mut connection = connect(desk).await?;
    let mut timers = Timers::new(desk);
    while let Some(room) = desk.room() {
        desk.connection.link.check_open()?;
        if Instant::now() >= timers.tend_at {
            timers.tend_at = tend(desk, room).await?;
            timers.minded(desk).await?;
            *waits = Waits::default();
        } else if room == 0 {
            let _ = timeout(timers.tend_at - Instant::now(), desk.changed.notified()).await;
        } else if !take(desk, room).await? {
            wait(desk, timers.tend_at, &mut connection).await?;
        }
    }
    Ok(())
}

/// Shows that it lives, makes ready what is due, and takes back what others let go. Says when to do so next.
async fn tend(desk: &Desk, room: usize) -> Result<Instant, Error> {
    let keys = &desk.keys;
    let [ready, held, leases, consumers, suspects] =
        ["ready", "held", "leases", "consumers", "suspects"].map(|it| keys.beside(it));
    let keys = [
        &*ready,
        &keys.delayed,
        &held,
        &leases,
        &consumers,
        &suspects,
        &keys.declaration,
    ];
    let gone = GONE.as_millis().to_string();
    let lease = desk.connection.lease.as_millis().to_string();
    let room = room.to_string();
    let arguments = [&*desk.name, &gone, &lease, &room].map(str::as_bytes);
    let link = &desk.connection.link;
    let answer = link.run_script(Script::ListTend, &keys, &arguments).await?;
    let (now, due, taken_over): (u64, i64, Vec<Taken>) = read(answer)?;
    put(desk, &taken_over);
    Ok(next_tend(now, due))
}

/// Takes what is there; false where nothing is.
async fn take(desk: &Desk, room: usize) -> Result<bool, Error> {
    let keys = &desk.keys;
    let [landing, ready, held, leases] =
        ["landing", "ready", "held", "leases"].map(|it| keys.beside(it));
    let keys = [
        &*keys.queue,
        &landing,
        &ready,
        &held,
        &leases,
        &keys.declaration,
    ];
    let lease = desk.connection.lease.as_millis().to_string();
    let room = room.to_string();
    let arguments = [lease.as_bytes(), room.as_bytes()];
    let link = &desk.connection.link;
    let answer = link.run_script(Script::ListTake, &keys, &arguments).await?;
    if answer == Value::Nil {
        return Err(not_found("queue", &desk.declaration.name));
    }
    let taken: Vec<Taken> = read(answer)?;
    put(desk, &taken);
    Ok(!taken.is_empty())
}

/// The number of a delivery, attempts that ended, names and values of its entry.
type Taken = (Value, u32, Value);

/// Puts on the desk what this consumer holds from now on.
fn put(desk: &Desk, taken: &[Taken]) {
    let mut entries = Vec::with_capacity(taken.len());
    for (number, attempts, fields) in taken {
        if let Some(mut entry) = Entry::new(number, fields) {
            let delivery = Delivery {
                message: entry.message().into(),
                tag: Tag {
                    epoch: 0,
                    number: 0,
                },
                attempt: attempts.saturating_add(1),
                first_seen: entry.first_seen(),
                partition: None,
            };
            entries.push((entry.id, delivery));
        }
    }
    if !entries.is_empty() {
        desk.put(entries);
    }
}

/// Waits for one, which lands beside the list: no peer has it from then on, and whoever takes next begins with it.
async fn wait(
    desk: &Desk,
    tend_at: Instant,
    connection: &mut MultiplexedConnection,
) -> Result<(), Error> {
    let keys = &desk.keys;
    let mut command = cmd("BLMOVE");
    // What has a time to live is never in the list itself, unless a peer has sent it.
    let source = match desk.declaration.ttl {
        Some(_) => keys.beside("ready"),
        None => keys.queue.clone(),
    };
    command.arg(&*source).arg(&*keys.beside("landing"));
    command.arg("LEFT").arg("RIGHT");
    command.arg(block(tend_at).as_secs_f64());
    let landed: Result<Value, _> = command.query_async(connection).await;
    landed.map(drop).map_err(|it| lost(&it))
}
