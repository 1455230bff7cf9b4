//! Consumers: a seat at a queue, and what it holds.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, UNIX_EPOCH};

use microagent::broker::{Cause, Consumer, DeadLetter, Settled, Settlement, Verdict};
use microagent::message::{Delivery, Tag, Wait};
use microagent::{Error, ErrorKind};

use super::store::Store;
use crate::POLL;
use crate::envelope::{self, failed};
use crate::files::{self, Name, Seat};

/// A consumer; dropping it gives back what it holds.
#[derive(Debug)]
pub(super) struct FileConsumer(pub(super) Arc<Holder>);

/// What a consumer and the connection that may close it share.
#[derive(Debug)]
pub(super) struct Holder {
    store: Store,
    name: Arc<str>,
    queue: PathBuf,
    seat: Seat,
    prefetch: usize,
    held: Mutex<BTreeMap<Tag, Name>>,
    deliveries: AtomicU64,
    stopped: AtomicBool,
}

impl Holder {
    pub(super) fn new(store: &Store, name: &Arc<str>, prefetch: usize) -> Result<Self, Error> {
        let queue = store.queue(name)?;
        let seat = Seat::take(&queue.join("held"), prefetch).map_err(failed("attaching"))?;
        Ok(Self {
            store: store.clone(),
            name: Arc::clone(name),
            queue,
            seat,
            prefetch: prefetch.max(1),
            held: Mutex::default(),
            deliveries: AtomicU64::new(0),
            stopped: AtomicBool::new(false),
        })
    }

    fn held(&self) -> MutexGuard<'_, BTreeMap<Tag, Name>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Gives back what is held, and ends the consumer. Doing it twice is fine.
    pub(super) fn leave(&self) {
        self.stopped.store(true, Ordering::Release);
        self.held().clear();
        // What can't be given back now is found when the process has ended.
        let left = give_back(&self.queue, &self.seat.directory).and_then(|()| self.seat.leave());
        drop(left);
    }

    /// Takes what is due, up to the prefetch.
    fn fetch(&self, limit: usize, into: &mut Vec<Delivery>) -> io::Result<()> {
        let mut held = self.held();
        let waiting = self.queue.join("waiting");
        let (now, most) = (files::now(), limit.min(self.prefetch - held.len()));
        let before = into.len();
        for name in files::list(&waiting)? {
            if into.len() - before == most || name.due > now {
                break;
            }
            let path = name.within(&waiting);
            if name.expires <= now {
                if files::remove(&path)? {
                    files::count_one(&self.queue.join("expired"))?;
                }
                continue;
            }
            // The attempt counts from here on, whatever becomes of this process.
            let mine = Name {
                attempt: name.attempt + 1,
                ..name
            };
            let path_of_mine = mine.within(&self.seat.directory);
            if files::take(&path, &path_of_mine)? {
                let (message, _) = envelope::read(&fs::read(path_of_mine)?);
                into.push(Delivery {
                    message: message.into(),
                    tag: self.next_tag(),
                    attempt: mine.attempt,
                    first_seen: UNIX_EPOCH + Duration::from_micros(mine.written),
                    partition: None,
                });
                held.extend(into.last().map(|it| (it.tag, mine)));
            }
        }
        Ok(())
    }

    fn next_tag(&self) -> Tag {
        Tag {
            epoch: 0,
            number: self.deliveries.fetch_add(1, Ordering::Relaxed),
        }
    }

    async fn next(&self, limit: usize, into: &mut Vec<Delivery>) -> Result<(), Error> {
        let before = into.len();
        loop {
            if self.stopped.load(Ordering::Acquire) {
                return Err(Error::new(ErrorKind::Closed, "the consumer has stopped"));
            }
            self.store.queue(&self.name)?;
            self.fetch(limit, into).map_err(failed("fetching"))?;
            if into.len() > before || limit == 0 {
                return Ok(());
            }
            let inherit = |seat: &Path| give_back(&self.queue, seat);
            let left = files::seats(&self.queue.join("held"), inherit);
            left.map_err(failed("looking for what others left"))?;
            tokio::time::sleep(POLL).await;
        }
    }

    /// Ends an attempt; false where it is no longer held.
    fn settle(&self, settlement: &Settlement) -> Result<bool, Error> {
        let Some(name) = self.held().get(&settlement.tag).cloned() else {
            return Ok(false);
        };
        let held = name.within(&self.seat.directory);
        let settled = match &settlement.verdict {
            Verdict::Ack => files::remove(&held),
            Verdict::Return => self.put_back(&held, name.due, &name, true),
            Verdict::Retry { after, counted } => {
                let due = files::later(files::now(), *after);
                self.put_back(&held, due, &name, !counted)
            }
            Verdict::DeadLetter(cause) => {
                self.bury(&held, &name, cause)?;
                files::remove(&held)
            }
        };
        let settled = settled.map_err(failed("settling"))?;
        self.held().remove(&settlement.tag);
        Ok(settled)
    }

    fn put_back(&self, held: &Path, due: u64, name: &Name, forget: bool) -> io::Result<bool> {
        let name = Name {
            due,
            attempt: name.attempt - u32::from(forget),
            ..*name
        };
        files::take(held, &name.within(&self.queue.join("waiting")))
    }

    fn bury(&self, held: &Path, name: &Name, cause: &Cause) -> Result<(), Error> {
        let bytes = fs::read(held).map_err(failed("dead-lettering"))?;
        let letter = DeadLetter {
            message: envelope::read(&bytes).0.into(),
            queue: Arc::clone(&self.name),
            cause: cause.clone(),
            attempts: name.attempt,
            first_seen: UNIX_EPOCH + Duration::from_micros(name.written),
            died_at: UNIX_EPOCH + Duration::from_micros(files::now()),
        };
        self.store.bury(&self.queue, letter)
    }
}

/// Puts what a consumer held back into its queue: each attempt was counted when it was taken.
pub(super) fn give_back(queue: &Path, seat: &Path) -> io::Result<()> {
    let names = match files::list(seat) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        names => names?,
    };
    let waiting = queue.join("waiting");
    for name in names {
        files::take(&name.within(seat), &name.within(&waiting))?;
    }
    Ok(())
}

impl Consumer for FileConsumer {
    fn next<'a>(
        &'a self,
        limit: usize,
        into: &'a mut Vec<Delivery>,
    ) -> Wait<'a, Result<(), Error>> {
        Wait::later(self.0.next(limit, into))
    }

    fn settle<'a>(&'a self, batch: &'a mut Vec<Settlement>) -> Wait<'a, Result<Settled, Error>> {
        let mut settled = Settled::default();
        while let Some(settlement) = batch.pop() {
            match self.0.settle(&settlement) {
                Ok(held) => settled.late += usize::from(!held),
                Err(error) => {
                    batch.push(settlement);
                    return Wait::ready(Err(error));
                }
            }
        }
        Wait::ready(Ok(settled))
    }

    /// There are no leases: what is held comes back when its process ends.
    fn renew<'a>(&'a self, _held: &'a [Tag]) -> Wait<'a, Result<(), Error>> {
        Wait::ready(Ok(()))
    }

    fn stop(&self) -> Wait<'_, Result<(), Error>> {
        self.0.stopped.store(true, Ordering::Release);
        Wait::ready(Ok(()))
    }

    fn is_attached(&self) -> bool {
        !self.0.stopped.load(Ordering::Acquire)
    }
}

impl Drop for FileConsumer {
    fn drop(&mut self) {
        self.0.leave();
    }
}
