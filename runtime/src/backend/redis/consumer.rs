//! A consumer of a queue: what it holds, and how that ends. What is read comes from its reader; it must not know how.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, watch};
use tokio::task::JoinHandle;

use super::keys::QueueKeys;
use super::known::Known;
use super::link::Link;
use super::reader;
use super::send::Sending;
use super::store::Store;
use crate::broker::{ConsumeOptions, Consumer, QueueDeclaration, Settled, Settlement, Verdict};
use crate::error::{Error, ErrorKind};
use crate::message::{Delivery, Tag, Wait};
use crate::random::random;

/// A consumer; dropped, what it holds goes to others when the lease is over.
#[derive(Debug)]
pub(super) struct QueueConsumer {
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
    pub(super) epoch: u64,
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
    pub(super) store: &'static dyn Store,
    pub(super) known: Arc<Known>,
    pub(super) prefix: Arc<str>,
    pub(super) lease: Duration,
    pub(super) max_payload: usize,
    pub(super) max_dead_letters: usize,
    pub(super) has_headers: bool,
}

impl Connection {
    /// What it takes to send.
    pub(super) fn sending(&self) -> Sending<'_> {
        Sending {
            link: &self.link,
            store: self.store,
            prefix: &self.prefix,
            known: &self.known,
            max_payload: self.max_payload,
            has_headers: self.has_headers,
            first_seen: None,
        }
    }
}

#[derive(Debug, Default)]
pub(super) struct Papers {
    /// Read, and not handed out.
    buffer: VecDeque<Delivery>,
    /// Read, and not settled; those in the buffer are among them.
    pub(super) held: BTreeMap<u64, Held>,
    pub(super) numbers: BTreeMap<Box<str>, u64>,
    next_number: u64,
    stopped: bool,
    /// Names the reader's connection to the server.
    client: Option<i64>,
    failed: Option<(ErrorKind, Box<str>)>,
}

impl Papers {
    /// Why nothing is read any more.
    fn reason(&self) -> Error {
        let closed = || (ErrorKind::Closed, "this consumer has been stopped".into());
        let (kind, message) = self.failed.clone().unwrap_or_else(closed);
        Error::new(kind, message)
    }
}

#[derive(Debug)]
pub(super) struct Held {
    pub(super) id: Box<str>,
    /// Kept where dead letters go to another queue.
    pub(super) delivery: Option<Box<Delivery>>,
}

impl QueueConsumer {
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
        let (mut attached, mut ended) = (desk.attached.subscribe(), desk.ended.subscribe());
        // The desk lives, so its senders do.
        tokio::select! { biased;
            _ = attached.wait_for(|it| *it) => Ok((consumer, desk)),
            _ = ended.wait_for(|it| *it) => Err(desk.papers().reason()),
        }
    }
}

impl Desk {
    pub(super) fn papers(&self) -> MutexGuard<'_, Papers> {
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

    /// Whether it would ask for a few more while others still wait to be handed out: a read costs the server as much as many
    /// entries do.
    pub(super) fn is_busy(&self, room: usize) -> bool {
        room < self.prefetch / 4 && !self.papers().buffer.is_empty()
    }

    /// Takes what was read for `next` to hand out, all at once: whoever waits is woken for as many as there are.
    pub(super) fn put(&self, read: Vec<(Box<str>, Delivery)>) {
        let mut papers = self.papers();
        for (id, delivery) in read {
            self.put_one(&mut papers, id, delivery);
        }
        drop(papers);
        self.arrived.notify_one();
    }

    fn put_one(&self, papers: &mut Papers, id: Box<str>, mut delivery: Delivery) {
        // Its own lease was over, and it has it once more.
        if let Some(before) = papers.numbers.remove(&id) {
            papers.held.remove(&before);
            papers.buffer.retain(|it| it.tag.number != before);
        }
        papers.next_number += 1;
        let number = papers.next_number;
        let epoch = self.epoch;
        delivery.tag = Tag { epoch, number };
        let kept = self.declaration.dead_letter.is_some();
        let held = Held {
            id: id.clone(),
            delivery: kept.then(|| Box::new(delivery.clone())),
        };
        papers.held.insert(number, held);
        papers.numbers.insert(id, number);
        papers.buffer.push_back(delivery);
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
            return Some(Err(papers.reason()));
        }
        let count = limit.min(papers.buffer.len());
        into.extend(papers.buffer.drain(..count));
        if papers.buffer.is_empty() {
            // The reader may have waited for it.
            self.changed.notify_one();
        }
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
            let link = &self.connection.link;
            link.unblock(&self.keys.queue, client).await;
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
        let Connection { store, link, .. } = &self.connection;
        store.leave(self).run(link).await.map(drop)
    }

    /// What each tag is in the stream; nothing for what is not held.
    pub(super) fn ids(&self, tags: impl Iterator<Item = Tag>) -> Vec<Option<Box<str>>> {
        let papers = self.papers();
        let held = |tag: Tag| {
            papers
                .held
                .get(&tag.number)
                .filter(|_| tag.epoch == self.epoch)
        };
        tags.map(|it| held(it).map(|it| it.id.clone())).collect()
    }

    /// Starts the leases anew of what `next` has not handed out: nobody else can.
    pub(super) async fn renew_buffer(&self) -> Result<(), Error> {
        let waiting: Vec<_> = self.papers().buffer.iter().map(|it| it.tag).collect();
        self.renew(self.ids(waiting.into_iter())).await
    }

    async fn renew(&self, held: Vec<Option<Box<str>>>) -> Result<(), Error> {
        let ids: Vec<_> = held.into_iter().flatten().collect();
        if ids.is_empty() {
            return Ok(());
        }
        let Connection { store, link, .. } = &self.connection;
        let ids = ids.iter().map(|it| it.as_bytes());
        store.renew(self).with(ids).run(link).await.map(drop)
    }
}

impl Consumer for QueueConsumer {
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
        Wait::later(self.desk.renew(self.desk.ids(held.iter().copied())))
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

impl Drop for QueueConsumer {
    fn drop(&mut self) {
        self.reader.abort();
        // It tells nobody any more, and whoever closes the connection may wait for that.
        self.desk.end(None);
    }
}
