//! A consumer of a stream: what it holds, and how that ends. What is read comes from its reader; it must not know how.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, watch};
use tokio::task::JoinHandle;

use super::keys::{GROUP, QueueKeys};
use super::link::Link;
use super::reader;
use super::scripts::Script;
use super::send::{Known, Sending};
use super::topology::read;
use crate::broker::{
    Cause, ConsumeOptions, Consumer, DeadLetter, QueueDeclaration, Settled, Settlement, Verdict,
};
use crate::error::{Error, ErrorKind};
use crate::message::{Address, Delivery, Outgoing, Tag, Wait};
use crate::random::random;

/// How long a consumer may show no sign of life before it counts as gone.
pub(super) const GONE: Duration = Duration::from_mins(10);

/// A consumer; dropped, what it holds goes to others when the lease is over.
#[derive(Debug)]
pub(super) struct StreamConsumer {
    desk: Arc<Desk>,
    reader: JoinHandle<()>,
}

/// What a consumer and its reader share.
#[derive(Debug)]
pub(super) struct Desk {
    pub(super) connection: Connection,
    pub(super) declaration: QueueDeclaration,
    pub(super) keys: QueueKeys,
    /// Nobody else has this name.
    pub(super) name: Box<str>,
    epoch: u64,
    prefetch: usize,
    papers: Mutex<Papers>,
    /// Something is there for `next`.
    arrived: Notify,
    /// Something has changed for the reader: there is room again, or it is to stop.
    pub(super) changed: Notify,
    pub(super) attached: watch::Sender<bool>,
    ended: watch::Sender<bool>,
}

/// What consumers of one connection have in common.
#[derive(Debug, Clone)]
pub(super) struct Connection {
    pub(super) link: Arc<Link>,
    pub(super) known: Arc<Known>,
    pub(super) prefix: Arc<str>,
    pub(super) lease: Duration,
    pub(super) max_payload: usize,
}

#[derive(Debug, Default)]
struct Papers {
    /// Read, and not handed out.
    buffer: VecDeque<Delivery>,
    /// Read, and not settled; those in the buffer are among them.
    held: BTreeMap<u64, Held>,
    numbers: BTreeMap<Box<str>, u64>,
    next_number: u64,
    stopped: bool,
    /// Names the reader's connection to the server.
    client: Option<i64>,
    failed: Option<(ErrorKind, Box<str>)>,
}

#[derive(Debug)]
struct Held {
    id: Box<str>,
    /// Kept where dead letters go to another queue.
    delivery: Option<Box<Delivery>>,
}

impl StreamConsumer {
    /// Begins to read. Ready when the server knows it.
    pub(super) async fn attach(
        connection: Connection,
        declaration: QueueDeclaration,
        options: &ConsumeOptions,
    ) -> Result<(Self, Arc<Desk>), Error> {
        let keys = QueueKeys::new(&connection.prefix, &declaration.name);
        let desk = Arc::new(Desk {
            name: format!("{}-{:016x}", options.name, random()).into(),
            epoch: random(),
            prefetch: options.prefetch.max(1),
            papers: Mutex::default(),
            arrived: Notify::new(),
            changed: Notify::new(),
            attached: watch::Sender::new(false),
            ended: watch::Sender::new(false),
            connection,
            declaration,
            keys,
        });
        let reader = tokio::spawn(reader::run(Arc::clone(&desk)));
        let consumer = Self {
            desk: Arc::clone(&desk),
            reader,
        };
        let mut attached = desk.attached.subscribe();
        // The desk lives, so its sender does.
        let _ = attached.wait_for(|it| *it).await;
        Ok((consumer, desk))
    }
}

impl Desk {
    fn papers(&self) -> MutexGuard<'_, Papers> {
        self.papers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many more it may hold; none where it is to read no more.
    pub(super) fn room(&self) -> Option<usize> {
        let papers = self.papers();
        (!papers.stopped).then(|| self.prefetch.saturating_sub(papers.held.len()))
    }

    /// A connection that reads was made.
    pub(super) fn reads_as(&self, client: Option<i64>) {
        self.papers().client = client;
    }

    /// Takes what was read for `next` to hand out.
    pub(super) fn put(&self, id: &str, mut delivery: Delivery) {
        let mut papers = self.papers();
        // Its own lease was over, and it has it once more.
        if let Some(before) = papers.numbers.remove(id) {
            papers.held.remove(&before);
            papers.buffer.retain(|it| it.tag.number != before);
        }
        papers.next_number += 1;
        let number = papers.next_number;
        let epoch = self.epoch;
        delivery.tag = Tag { epoch, number };
        let kept = self.declaration.dead_letter.is_some();
        let held = Held {
            id: id.into(),
            delivery: kept.then(|| Box::new(delivery.clone())),
        };
        papers.held.insert(number, held);
        papers.numbers.insert(id.into(), number);
        papers.buffer.push_back(delivery);
        drop(papers);
        self.arrived.notify_one();
    }

    /// The reader is finished.
    pub(super) fn end(&self, failed: Option<Error>) {
        let mut papers = self.papers();
        papers.stopped = true;
        papers.failed = failed.map(|it| (it.kind(), it.message().into()));
        drop(papers);
        self.ended.send_replace(true);
        self.arrived.notify_one();
    }

    /// What is there; none where there is nothing yet.
    fn take(&self, limit: usize, into: &mut Vec<Delivery>) -> Option<Result<(), Error>> {
        let mut papers = self.papers();
        if papers.buffer.is_empty() {
            if !*self.ended.borrow() {
                return None;
            }
            let closed = (ErrorKind::Closed, "this consumer has been stopped".into());
            let (kind, message) = papers.failed.clone().unwrap_or(closed);
            return Some(Err(Error::new(kind, message)));
        }
        let count = limit.min(papers.buffer.len());
        into.extend(papers.buffer.drain(..count));
        Some(Ok(()))
    }

    async fn wait(&self, limit: usize, into: &mut Vec<Delivery>) -> Result<(), Error> {
        loop {
            if let Some(taken) = self.take(limit, into) {
                return taken;
            }
            self.arrived.notified().await;
        }
    }

    /// Reads no more. Ready when the reader has put away what it had been given.
    pub(super) async fn stop(&self) {
        let client = {
            let mut papers = self.papers();
            papers.stopped = true;
            papers.client
        };
        self.changed.notify_one();
        if *self.ended.borrow() {
            return;
        }
        if let Some(client) = client {
            let mut command = ::redis::cmd("CLIENT");
            command.arg("UNBLOCK").arg(client);
            // Where the server does not let us, the read ends by itself, a little later.
            let _ = self.connection.link.run_one(command).await;
        }
        // The desk lives, so its sender does.
        let _ = self.ended.subscribe().wait_for(|it| *it).await;
    }

    /// Gives everything back: what was not handed out as it was, the rest with its attempt counted.
    pub(super) async fn leave(&self) -> Result<(), Error> {
        self.stop().await;
        self.attached.send_replace(false);
        let waiting = std::mem::take(&mut self.papers().buffer);
        let mut returns: Vec<_> = waiting
            .into_iter()
            .map(|it| Settlement {
                tag: it.tag,
                verdict: Verdict::Return,
            })
            .collect();
        self.settle(&mut returns).await?;
        let arguments = [GROUP.as_bytes(), self.name.as_bytes()];
        let keys = [&*self.keys.stream];
        let left = self
            .connection
            .link
            .run_script(Script::Leave, &keys, &arguments);
        left.await.map(drop)
    }

    /// What each tag is in the stream; nothing for what is not held.
    fn ids(&self, batch: &[Settlement]) -> Vec<Option<Box<str>>> {
        let papers = self.papers();
        let id = |tag: Tag| {
            let held = papers.held.get(&tag.number);
            held.filter(|_| tag.epoch == self.epoch)
                .map(|it| it.id.clone())
        };
        batch.iter().map(|it| id(it.tag)).collect()
    }

    async fn settle(&self, batch: &mut Vec<Settlement>) -> Result<Settled, Error> {
        let ids = self.ids(batch);
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
        let mut arguments = vec![GROUP.as_bytes(), self.name.as_bytes()];
        for line in lines {
            arguments.extend([
                line.verdict.as_bytes(),
                line.id.as_bytes(),
                line.first.as_bytes(),
                line.second.as_bytes(),
            ]);
        }
        let QueueKeys {
            stream,
            delayed,
            dead,
            declaration,
        } = &self.keys;
        let keys = [&**stream, delayed, dead, declaration];
        let link = &self.connection.link;
        match link.run_script(Script::Settle, &keys, &arguments).await {
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
        let letter = self.letter(*delivery, cause);
        let to = Address::Queue(Arc::clone(target));
        let mut batch = [Outgoing::new(to, letter.into_message())];
        let Connection {
            link,
            known,
            prefix,
            max_payload,
            ..
        } = &self.connection;
        let max_payload = max_payload.saturating_add(HEADERS_OF_DEAD_LETTERS);
        let sending = Sending {
            link,
            prefix,
            known,
            max_payload,
        };
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

    async fn renew(&self, held: &[Tag]) -> Result<(), Error> {
        let ids: Vec<_> = {
            let papers = self.papers();
            let mine = held.iter().filter(|it| it.epoch == self.epoch);
            mine.filter_map(|it| papers.held.get(&it.number).map(|it| it.id.clone()))
                .collect()
        };
        if ids.is_empty() {
            return Ok(());
        }
        let mut arguments = vec![GROUP.as_bytes(), self.name.as_bytes()];
        arguments.extend(ids.iter().map(|it| it.as_bytes()));
        let keys = [&*self.keys.stream];
        let renewed = self
            .connection
            .link
            .run_script(Script::Renew, &keys, &arguments);
        renewed.await.map(drop)
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

impl Consumer for StreamConsumer {
    fn next<'a>(
        &'a self,
        limit: usize,
        into: &'a mut Vec<Delivery>,
    ) -> Wait<'a, Result<(), Error>> {
        if limit == 0 {
            return Wait::ready(Ok(()));
        }
        match self.desk.take(limit, into) {
            Some(taken) => Wait::ready(taken),
            None => Wait::later(self.desk.wait(limit, into)),
        }
    }

    fn settle<'a>(&'a self, batch: &'a mut Vec<Settlement>) -> Wait<'a, Result<Settled, Error>> {
        if self.desk.connection.link.is_closed() {
            let late = batch.drain(..).count();
            return Wait::ready(Ok(Settled { late }));
        }
        Wait::later(self.desk.settle(batch))
    }

    fn renew<'a>(&'a self, held: &'a [Tag]) -> Wait<'a, Result<(), Error>> {
        Wait::later(self.desk.renew(held))
    }

    fn stop(&self) -> Wait<'_, Result<(), Error>> {
        Wait::later(async {
            self.desk.stop().await;
            Ok(())
        })
    }

    fn is_attached(&self) -> bool {
        *self.desk.attached.borrow()
    }
}

impl Drop for StreamConsumer {
    fn drop(&mut self) {
        self.reader.abort();
    }
}
