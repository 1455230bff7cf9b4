//! What a test sees of a world: what was sent, what consumers were given, what was given up, and what schedules did.
//! Everything is read as its contract says.

use std::time::SystemTime;

use bytes::Bytes;
use microagent_contract::codec::{Codec, decode_with};
use microagent_contract::{Call, DecodeError, Exchange, Queue, Signal};

use super::World;
use super::seen::Way;
use crate::broker::{Cause, DeadLetter, Inspect};
use crate::error::Error;
use crate::message::MessageId;
use crate::schedule::{Counts, ScheduleId};

/// A message that a queue gave up, with its payload read.
#[derive(Debug)]
#[non_exhaustive]
pub struct Dead<T> {
    /// What it carries; an error where it is not what the contract says.
    pub payload: Result<T, DecodeError>,
    /// The same over retries, copies and redrives.
    pub id: MessageId,
    /// Why it was given up.
    pub cause: Cause,
    /// Attempts made.
    pub attempts: u32,
    /// When the broker first had it.
    pub first_seen: SystemTime,
    /// When it was given up.
    pub died_at: SystemTime,
    /// The payload as it was sent.
    pub body: Bytes,
}

/// A message as a consumer was given it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Attempt<T> {
    /// What it carries.
    pub payload: T,
    /// Which try it was, from 1.
    pub number: u32,
}

impl World {
    /// What was sent to queue `Q` by name, in order; copies that came by an exchange are not among it.
    ///
    /// # Panics
    /// Where something was sent that is not what the contract says.
    pub fn sent<Q: Queue>(&self) -> Vec<Q::Payload> {
        self.read::<Q::Codec, _>(Way::Sent, Q::META.wire())
    }

    /// What was published to exchange `E`, in order.
    ///
    /// # Panics
    /// Where something was published that is not what the contract says.
    pub fn published<E: Exchange>(&self) -> Vec<E::Payload> {
        self.read::<E::Codec, _>(Way::Published, E::META.wire())
    }

    /// What was emitted or asked on signal `S`, in order, whether somebody heard it or not.
    ///
    /// # Panics
    /// Where something was emitted that is not what the contract says.
    pub fn emitted<S: Signal>(&self) -> Vec<S::Payload> {
        self.read::<S::Codec, _>(Way::Emitted, S::META.wire())
    }

    /// What call `C` was made with, in order, whether it was answered or not.
    ///
    /// # Panics
    /// Where it was made with something that is not what the contract says.
    pub fn called<C: Call>(&self) -> Vec<C::Payload> {
        self.read::<C::Codec, _>(Way::Called, C::META.wire())
    }

    /// The one message that was sent to queue `Q` by name.
    ///
    /// # Panics
    /// Where none was, or more; what was sent instead is said.
    #[track_caller]
    pub fn only_sent<Q: Queue>(&self) -> Q::Payload {
        self.only(Q::META.wire(), self.sent::<Q>())
    }

    /// The one message that was published to exchange `E`.
    ///
    /// # Panics
    /// Where none was, or more; what was sent instead is said.
    #[track_caller]
    pub fn only_published<E: Exchange>(&self) -> E::Payload {
        self.only(E::META.wire(), self.published::<E>())
    }

    /// What was emitted or asked on signal `S`, once.
    ///
    /// # Panics
    /// Where nothing was, or more; what was sent instead is said.
    #[track_caller]
    pub fn only_emitted<S: Signal>(&self) -> S::Payload {
        self.only(S::META.wire(), self.emitted::<S>())
    }

    /// What call `C` was made with, once.
    ///
    /// # Panics
    /// Where it was not made, or more than once; what was sent instead is said.
    #[track_caller]
    pub fn only_called<C: Call>(&self) -> C::Payload {
        self.only(C::META.wire(), self.called::<C>())
    }

    /// What consumers of queue `Q` were given, in order: once for each attempt, and again where it was handed back.
    ///
    /// # Panics
    /// Where something was given to them that is not what the contract says.
    pub fn delivered<Q: Queue>(&self) -> Vec<Attempt<Q::Payload>> {
        let given = self.tap.seen.deliveries(Q::META.wire());
        let read = |(body, number): (Bytes, u32)| Attempt {
            payload: decode_with::<Q::Codec, _>(&body)
                .expect("what is delivered keeps its contract"),
            number,
        };
        given.into_iter().map(read).collect()
    }

    /// How often consumers of queue `Q` were given a message, whether it could be read or not.
    pub fn attempts<Q: Queue>(&self) -> usize {
        self.tap.seen.deliveries(Q::META.wire()).len()
    }

    /// The dead letters of queue `Q`, the oldest first; none where the queue has not been declared. Cancel safe.
    pub async fn dead_letters<Q: Queue>(&self) -> Vec<Dead<Q::Payload>> {
        let memory = &self.tap.memory;
        let letters = Inspect::dead_letters(memory, Q::META.wire(), usize::MAX).await;
        let letters = letters.unwrap_or_default().into_iter();
        letters.map(dead::<Q::Codec, _>).collect()
    }

    /// Puts the dead letters of queue `Q` back into it, with no attempts counted, and says how many. Cancelled, that has
    /// happened or not.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) where the queue has not been declared.
    pub async fn redrive<Q: Queue>(&self) -> Result<usize, Error> {
        Inspect::redrive(&self.tap.memory, Q::META.wire(), usize::MAX).await
    }

    /// How many runs of a schedule have begun.
    pub fn runs(&self, schedule: ScheduleId) -> u64 {
        self.schedule(schedule).runs
    }

    /// What became of the due times of a schedule, in all processes: runs, and how many of them failed or were late,
    /// what was skipped, and what was missed.
    pub fn schedule(&self, schedule: ScheduleId) -> Counts {
        let insides = self.insides();
        let counts = insides.iter().map(|it| it.book.counts(schedule));
        counts.fold(Counts::default(), |all, more| Counts {
            runs: all.runs + more.runs,
            failed: all.failed + more.failed,
            skipped: all.skipped + more.skipped,
            missed: all.missed + more.missed,
            late: all.late + more.late,
            latest: all.latest.max(more.latest),
        })
    }

    fn read<C: Codec<T>, T>(&self, way: Way, wire: &str) -> Vec<T> {
        let bodies = self.tap.seen.bodies(way, wire);
        let decode =
            |body: &Bytes| decode_with::<C, T>(body).expect("what was sent keeps its contract");
        bodies.iter().map(decode).collect()
    }

    #[track_caller]
    fn only<T>(&self, wire: &str, mut found: Vec<T>) -> T {
        let count = found.len();
        match found.pop() {
            Some(only) if count == 1 => only,
            _ => panic!(
                "one message was expected on `{wire}`, and {count} came; in all there was:{}",
                self.tap.seen.describe()
            ),
        }
    }
}

fn dead<C: Codec<T>, T>(letter: DeadLetter) -> Dead<T> {
    Dead {
        payload: decode_with::<C, T>(&letter.message.body),
        id: letter.message.id.clone(),
        cause: letter.cause,
        attempts: letter.attempts,
        first_seen: letter.first_seen,
        died_at: letter.died_at,
        body: letter.message.body.clone(),
    }
}
