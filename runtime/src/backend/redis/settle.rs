//! How attempts end: what a consumer tells the server of what it held, and the way of a dead letter into the queue that takes
//! them. Knows nothing of reading.

use std::sync::Arc;

use super::answer::read;
use super::consumer::Desk;
use super::entry::milliseconds;
use crate::broker::{Cause, DeadLetter, Settled, Settlement, Verdict};
use crate::error::{Error, ErrorKind};
use crate::message::{Address, Delivery, Outgoing};

impl Desk {
    /// Ends these attempts, and says how many were no longer its own.
    pub(super) async fn settle(&self, batch: &mut Vec<Settlement>) -> Result<Settled, Error> {
        let ids = self.ids(batch.iter().map(|it| it.tag));
        let mut lines = Vec::with_capacity(batch.len());
        for (settlement, id) in batch.iter().zip(&ids) {
            if let Some(id) = id {
                let moved = self.move_to_its_queue(settlement).await;
                lines.push(Line::new(id, &settlement.verdict, moved));
            }
        }
        let mut late = ids.iter().filter(|it| it.is_none()).count();
        if !lines.is_empty() {
            late += self.tell(&lines).await?;
        }
        let mut papers = self.papers();
        for Settlement { tag, .. } in batch.drain(..) {
            if tag.epoch == self.epoch
                && let Some(held) = papers.held.remove(&tag.number)
            {
                papers.numbers.remove(&held.id);
            }
        }
        drop(papers);
        self.changed.notify_one();
        Ok(Settled { late })
    }

    /// Tells the server, and says how many were too late.
    async fn tell(&self, lines: &[Line]) -> Result<usize, Error> {
        let parts = lines.iter().flat_map(|line| {
            let Line {
                verdict,
                id,
                first,
                second,
            } = line;
            [*verdict, &**id, first, second]
        });
        let connection = &self.connection;
        let call = connection.store.settle(self).with(parts);
        match call.run(&connection.link).await {
            Ok(late) => read(late),
            // The server has lost the queue, and whatever was held with it.
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(lines.len()),
            Err(error) => Err(error),
        }
    }

    /// What died of age in the queue is forgotten and counted.
    pub(super) async fn expire(&self, ids: Vec<Box<str>>) -> Result<(), Error> {
        let expired = |id: Box<str>| Line {
            verdict: "expire",
            id,
            first: String::new(),
            second: String::new(),
        };
        let lines: Vec<_> = ids.into_iter().map(expired).collect();
        if !lines.is_empty() {
            self.tell(&lines).await?;
        }
        Ok(())
    }

    /// Sends a dead letter to the queue that takes them as messages, before it leaves this one; false where there is
    /// none or it does not take it, and the letter goes to the queue's own.
    async fn move_to_its_queue(&self, settlement: &Settlement) -> bool {
        let (Verdict::DeadLetter(cause), Some(target)) =
            (&settlement.verdict, &self.declaration.dead_letter)
        else {
            return false;
        };
        let kept = {
            let papers = self.papers();
            let held = papers.held.get(&settlement.tag.number);
            held.and_then(|it| it.delivery.clone())
        };
        let Some(delivery) = kept else {
            return false;
        };
        let first_seen = milliseconds(delivery.first_seen);
        let letter = self.letter(*delivery, cause);
        let to = Address::Queue(Arc::clone(target));
        let mut batch = [Outgoing::new(to, letter.into_message())];
        let mut sending = self.connection.sending();
        sending.max_payload = sending.max_payload.saturating_add(HEADERS_OF_DEAD_LETTERS);
        // They are ours, and not the user's.
        sending.has_headers = true;
        sending.first_seen = Some(first_seen);
        sending.send(&mut batch).await;
        let [Outgoing { result, .. }] = batch;
        result.is_some_and(|it| it.is_ok())
    }

    fn letter(&self, delivery: Delivery, cause: &Cause) -> DeadLetter {
        DeadLetter {
            message: delivery.message,
            queue: Arc::clone(&self.declaration.name),
            cause: cause.clone(),
            attempts: delivery.attempt,
            first_seen: delivery.first_seen,
            // No header tells it.
            died_at: delivery.first_seen,
        }
    }
}

/// What a dead letter that moves on may have more than a message that was sent.
const HEADERS_OF_DEAD_LETTERS: usize = 16 * 1024;

/// A settlement as the script reads it.
struct Line {
    verdict: &'static str,
    id: Box<str>,
    first: String,
    second: String,
}

impl Line {
    fn new(id: &str, verdict: &Verdict, moved: bool) -> Self {
        let (verdict, first, second) = match verdict {
            Verdict::Ack => ("ack", String::new(), String::new()),
            Verdict::DeadLetter(_) if moved => ("ack", String::new(), String::new()),
            Verdict::Return => ("return", String::new(), String::new()),
            Verdict::Retry { after, counted } => {
                let counted = if *counted { "counted" } else { "" };
                ("retry", after.as_millis().to_string(), counted.to_owned())
            }
            Verdict::DeadLetter(cause) => {
                let reason = cause.reason.as_str().to_owned();
                ("dead", reason, cause.detail.to_string())
            }
        };
        Self {
            verdict,
            id: id.into(),
            first,
            second,
        }
    }
}
