//! Looking into queues on the server. Knows no consumers but by their number.

use std::sync::Arc;

use ::redis::{Value, cmd};

use super::consumer::GONE;
use super::entry::{Entry, moment};
use super::{GROUP, Redis};
use crate::backend::redis::answer::read;
use crate::backend::redis::declaration::{self, not_found};
use crate::backend::redis::keys::QueueKeys;
use crate::backend::redis::scripts::Script;
use crate::broker::{Cause, DeadLetter, Inspect, QueueCounts, Reason};
use crate::error::Error;
use crate::message::BoxFuture;

impl Inspect for Redis {
    fn counts<'a>(&'a self, queue: &'a str) -> BoxFuture<'a, Result<QueueCounts, Error>> {
        Box::pin(async move {
            let keys = QueueKeys::new(self.prefix(), queue);
            let keys = [&*keys.stream, &keys.delayed, &keys.dead, &keys.declaration];
            let gone = GONE.as_millis().to_string();
            let arguments = [GROUP.as_bytes(), gone.as_bytes()];
            let answer = self
                .link()
                .run_script(Script::Counts, &keys, &arguments)
                .await?;
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
                .arg(limit);
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
            let keys = [&*keys.stream, &keys.delayed, &keys.dead, &keys.declaration];
            let limit = limit.to_string();
            let arguments = [limit.as_bytes()];
            let answer = self.link().run_script(Script::Redrive, &keys, &arguments);
            read(answer.await?)
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
