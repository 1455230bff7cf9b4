//! Looking into queues.

use std::fs;
use std::path::Path;
use std::time::{Duration, UNIX_EPOCH};

use microagent::Error;
use microagent::broker::{Cause, DeadLetter, Inspect, QueueCounts, Reason};
use microagent::message::BoxFuture;

use super::consumer::give_back;
use super::{FileBroker, store};
use crate::envelope::{self, failed};
use crate::files;

impl Inspect for FileBroker {
    fn counts<'a>(&'a self, queue: &'a str) -> BoxFuture<'a, Result<QueueCounts, Error>> {
        Box::pin(async {
            self.check_open()?;
            counts(&self.store.queue(queue)?).map_err(failed("counting"))
        })
    }

    fn dead_letters<'a>(
        &'a self,
        queue: &'a str,
        limit: usize,
    ) -> BoxFuture<'a, Result<Vec<DeadLetter>, Error>> {
        Box::pin(async move {
            self.check_open()?;
            let dead = self.store.queue(queue)?.join("dead");
            let names = files::list(&dead).map_err(failed("reading dead letters"))?;
            let letters = names.iter().take(limit).map(|name| {
                let bytes = fs::read(name.within(&dead))?;
                Ok(letter(&bytes, name.written))
            });
            let letters: std::io::Result<_> = letters.collect();
            letters.map_err(failed("reading dead letters"))
        })
    }

    fn redrive<'a>(&'a self, queue: &'a str, limit: usize) -> BoxFuture<'a, Result<usize, Error>> {
        Box::pin(async move {
            self.check_open()?;
            let queue = self.store.queue(queue)?;
            let dead = queue.join("dead");
            let names = files::list(&dead).map_err(failed("a redrive"))?;
            for name in names.iter().take(limit) {
                let bytes = fs::read(name.within(&dead)).map_err(failed("a redrive"))?;
                let letter = letter(&bytes, name.written);
                store::send_again(&queue, &letter)?;
                files::remove(&name.within(&dead)).map_err(failed("a redrive"))?;
            }
            Ok(names.len().min(limit))
        })
    }
}

fn counts(queue: &Path) -> std::io::Result<QueueCounts> {
    let consumers = files::seats(&queue.join("held"), |seat| give_back(queue, seat))?;
    let mut in_flight = 0;
    for (seat, _) in &consumers {
        in_flight += files::list(seat)?.len();
    }
    let (waiting, now) = (files::list(&queue.join("waiting"))?, files::now());
    let delayed = waiting.iter().filter(|it| it.due > now).count();
    Ok(QueueCounts {
        ready: waiting.len() - delayed,
        delayed,
        in_flight,
        dead: files::list(&queue.join("dead"))?.len(),
        consumers: consumers.len(),
        expired: files::counted(&queue.join("expired")),
        dropped: 0,
    })
}

fn letter(bytes: &[u8], died_at: u64) -> DeadLetter {
    let (message, beside) = envelope::read(bytes);
    let text = |name: &str| beside[name].as_str().unwrap_or_default();
    let at = |micros: u64| UNIX_EPOCH + Duration::from_micros(micros);
    DeadLetter {
        message: message.into(),
        queue: text("queue").into(),
        cause: Cause {
            // What another version has written is kept as what every reader knows.
            reason: Reason::from_text(text("reason")).unwrap_or(Reason::Rejected),
            detail: text("detail").into(),
        },
        attempts: beside["attempts"]
            .as_u64()
            .and_then(|it| it.try_into().ok())
            .unwrap_or(0),
        first_seen: at(text("first_seen").parse().unwrap_or(0)),
        died_at: at(died_at),
    }
}
