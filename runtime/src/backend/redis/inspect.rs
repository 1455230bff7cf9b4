//! Looking into queues on the server. Knows no consumers but by their number.

use std::sync::Arc;

use ::redis::{Value, cmd};

use super::answer::read;
use super::broker::Redis;
use super::declaration::{self, not_found};
use super::entry::{Entry, moment};
use super::keys::QueueKeys;
use crate::broker::{Cause, DeadLetter, Inspect, QueueCounts, Reason};
use crate::error::Error;
use crate::message::BoxFuture;

/// Dead letters that are put back in one step, which nothing else on the server can interrupt.
const AT_ONCE: usize = 1000;

impl Inspect for Redis {
    fn counts<'a>(&'a self, queue: &'a str) -> BoxFuture<'a, Result<QueueCounts, Error>> {
        Box::pin(async move {
            let keys = QueueKeys::new(self.prefix(), queue);
            let answer = self.store().counts(&keys).run(self.link()).await?;
            if answer == Value::Nil {
                return Err(not_found("queue", queue));
            }
            let (ready, delayed, in_flight, dead, expired, dropped, consumers) = read(answer)?;
            Ok(QueueCounts {
                ready,
                delayed,
                in_flight,
                dead,
                consumers,
                expired,
                dropped,
            })
        })
    }

    fn dead_letters<'a>(
        &'a self,
        queue: &'a str,
        limit: usize,
    ) -> BoxFuture<'a, Result<Vec<DeadLetter>, Error>> {
        Box::pin(async move {
            let name = declaration::queue(self.link(), self.prefix(), queue)
                .await?
                .name;
            let keys = QueueKeys::new(self.prefix(), queue);
            let mut command = cmd("XRANGE");
            command
                .arg(&*keys.dead)
                .arg("-")
                .arg("+")
                .arg("COUNT")
                .arg(limit.min(isize::MAX.unsigned_abs()));
            let entries: Vec<(Value, Value)> = read(self.link().run_one(command).await?)?;
            let letters = entries.iter().filter_map(|(id, fields)| {
                let entry = Entry::new(id, fields)?;
                Some(letter(&name, entry))
            });
            Ok(letters.collect())
        })
    }

    fn redrive<'a>(&'a self, queue: &'a str, limit: usize) -> BoxFuture<'a, Result<usize, Error>> {
        Box::pin(async move {
            declaration::queue(self.link(), self.prefix(), queue).await?;
            let keys = QueueKeys::new(self.prefix(), queue);
            // What dies again meanwhile is not for this call.
            let mut left = limit.min(self.counts(queue).await?.dead);
            let mut moved = 0;
            while left > 0 {
                let some = left.min(AT_ONCE);
                let redrive = self.store().redrive(&keys).with([some.to_string()]);
                let count: usize = read(redrive.run(self.link()).await?)?;
                moved += count;
                left = if count < some { 0 } else { left - count };
            }
            Ok(moved)
        })
    }
}

fn letter(queue: &Arc<str>, mut entry: Entry) -> DeadLetter {
    let reason = entry.text("reason").and_then(Reason::from_text);
    DeadLetter {
        queue: Arc::clone(queue),
        cause: Cause {
            reason: reason.unwrap_or(Reason::Rejected),
            detail: entry.text("detail").unwrap_or("").into(),
        },
        attempts: entry.number("attempts").unwrap_or(0),
        first_seen: entry.first_seen(),
        died_at: moment(entry.entered()),
        message: entry.message().into(),
    }
}
