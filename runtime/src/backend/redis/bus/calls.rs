//! The task that takes calls for one replica: only as many as somebody waits for, so that a busy replica holds none that an
//! idle one could take. Knows no answers.

use std::sync::Arc;
use std::time::Duration;

use ::redis::aio::MultiplexedConnection;
use ::redis::{Value, cmd};
use tokio::time::{Instant, timeout};

use super::mailbox::Mailbox;
use super::wire::{self, Channels};
use crate::backend::redis::answer::read;
use crate::backend::redis::fault::lost;
use crate::backend::redis::link::Link;
use crate::backend::redis::scripts::Script;
use crate::connect::waits::Waits;
use crate::error::Error;
use crate::random::random;

/// How long a read waits for calls at most.
const BLOCK: Duration = Duration::from_secs(1);
/// By how much the answer to a read may come later than it should, before the connection is given up.
const MARGIN: Duration = Duration::from_secs(3);
/// How long it counts as there without saying so again.
const PRESENT: Duration = Duration::from_secs(10);

/// Whose calls it takes.
pub(super) struct Taker {
    pub(super) link: Arc<Link>,
    pub(super) channels: Arc<Channels>,
    pub(super) subjects: Vec<Arc<str>>,
    pub(super) mailbox: Arc<Mailbox>,
}

/// Takes calls until it is aborted or the mailbox is closed.
pub(super) async fn run(taker: Taker) {
    let name = format!("{:016x} {}", random(), taker.mailbox.buffer());
    let mut waits = Waits::default();
    while !taker.mailbox.is_closed() {
        if let Err(error) = serve(&taker, &name, &mut waits).await {
            if taker.mailbox.ends_with(&error) {
                return;
            }
            tracing::warn!(%error, "one who answers lost redis and attaches again");
        }
        taker.mailbox.detach();
        taker.link.turn(&mut waits).await;
    }
}

async fn serve(taker: &Taker, name: &str, waits: &mut Waits) -> Result<(), Error> {
    // All calls have one hash tag.
    let (key, _) = taker.channels.calls("");
    let mut connection = taker.link.dedicated(&key, BLOCK + MARGIN).await?;
    let mut wanted = taker.mailbox.wanted.subscribe();
    let mut said = None;
    let mut server = (0, Instant::now());
    while !taker.mailbox.is_closed() && !connection.is_lost() {
        if said.is_none_or(|it: Instant| it.elapsed() >= PRESENT / 4) {
            server = (attend(taker, name, PRESENT).await?, Instant::now());
            said = Some(Instant::now());
            taker.mailbox.attach();
            *waits = Waits::default();
        }
        // Handlers often end together; it asks once for all of them.
        tokio::task::yield_now().await;
        let count = *wanted.borrow_and_update();
        if count == 0 {
            // The mailbox lives, so its sender does.
            let _ = timeout(BLOCK, wanted.changed()).await;
            continue;
        }
        take(taker, count, server, &mut connection).await?;
    }
    attend(taker, name, Duration::ZERO).await.map(drop)
}

/// Says for how long this replica is there, and learns the server's time.
async fn attend(taker: &Taker, name: &str, present: Duration) -> Result<u64, Error> {
    let until = present.as_millis().to_string();
    let mut now = 0;
    for subject in &taker.subjects {
        let (_, answering) = taker.channels.calls(subject);
        let arguments = [name.as_bytes(), until.as_bytes()];
        let keys = [&*answering];
        let told = taker.link.run_script(Script::Attend, &keys, &arguments);
        now = read(told.await?)?;
    }
    Ok(now)
}

async fn take(
    taker: &Taker,
    count: usize,
    (server, at): (u64, Instant),
    connection: &mut MultiplexedConnection,
) -> Result<(), Error> {
    let lists: Vec<_> = taker
        .subjects
        .iter()
        .map(|it| taker.channels.calls(it).0)
        .collect();
    let mut command = cmd("BLMPOP");
    command.arg(BLOCK.as_secs()).arg(lists.len()).arg(&lists);
    command.arg("LEFT").arg("COUNT").arg(count);
    let answer: Value = command
        .query_async(connection)
        .await
        .map_err(|it| lost(&it))?;
    if answer == Value::Nil {
        return Ok(());
    }
    let (list, calls): (String, Vec<Vec<u8>>) = read(answer)?;
    let Some(place) = lists.iter().position(|it| *it == list) else {
        return Ok(());
    };
    let passed = u64::try_from(at.elapsed().as_millis()).unwrap_or(u64::MAX);
    let now = server.saturating_add(passed);
    if taker.mailbox.is_closed() {
        return put_back(taker, &list, calls).await;
    }
    let mut received = Vec::with_capacity(calls.len());
    for call in calls {
        match wire::read_call(&taker.subjects[place], &call, now) {
            Some((_, true)) => taker.mailbox.count_late(),
            Some((call, false)) => received.push(call),
            None => {}
        }
    }
    if !received.is_empty() {
        taker.mailbox.put(received);
    }
    Ok(())
}

/// For others, in their old place.
async fn put_back(taker: &Taker, list: &str, calls: Vec<Vec<u8>>) -> Result<(), Error> {
    let mut command = cmd("LPUSH");
    command.arg(list);
    for call in calls.into_iter().rev() {
        command.arg(call);
    }
    let mut kept = cmd("EXPIRE");
    // Where nobody else has said how long: a deadline is shorter than a minute, or the caller asks again.
    kept.arg(list).arg(60).arg("NX");
    taker.link.run_one(command).await?;
    taker.link.run_one(kept).await.map(drop)
}
