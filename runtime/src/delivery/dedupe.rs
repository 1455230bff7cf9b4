//! Which messages of a queue were handled of late, so that one that comes again is not handled again. It knows ids and
//! times; it must not know brokers, handlers or what becomes of a delivery.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::deadline;
use crate::message::MessageId;

/// Ids of a queue that are remembered at most, some 10 MB.
const MOST: usize = 100_000;

/// Remembers the ids of messages for a while after their handlers succeeded. A clone shares the memory, and so do all consumers
/// that were given one.
///
/// It holds 100,000 ids and forgets the oldest first. It lives in the process: it knows nothing of other processes, or of
/// what was before a restart.
#[derive(Debug, Clone)]
pub struct Dedupe {
    window: Duration,
    memory: Arc<Mutex<Memory>>,
}

#[derive(Debug, Default)]
pub(crate) struct Memory {
    states: HashMap<MessageId, State>,
    /// Those that were handled, in this order, and until when they count.
    handled: VecDeque<(MessageId, Instant)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Running,
    HandledUntil(Instant),
}

/// The memories of a run, by queue.
#[derive(Debug, Default)]
pub(crate) struct Memories(Mutex<BTreeMap<&'static str, Arc<Mutex<Memory>>>>);

/// What is known of a message.
#[derive(Debug)]
pub(super) enum Known {
    /// Nothing: it is to be handled.
    New(Claim),
    /// Someone handles it now.
    Running,
    /// It was handled to the end.
    Handled,
}

/// The right to handle a message. Dropped, the message is forgotten, and may be handled again.
#[derive(Debug)]
pub(super) struct Claim {
    id: MessageId,
    dedupe: Dedupe,
}

impl Dedupe {
    /// Remembers ids for so long, and shares them with nobody but its clones.
    pub fn new(window: Duration) -> Self {
        let memory = Arc::default();
        Self { window, memory }
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        lock(&self.memory)
    }

    /// Asks for the right to handle a message.
    pub(super) fn claim(&self, id: &MessageId) -> Known {
        let now = Instant::now();
        let mut memory = self.memory();
        memory.forget_ended(now);
        match memory.states.entry(id.clone()) {
            Entry::Occupied(state) if *state.get() == State::Running => return Known::Running,
            Entry::Occupied(state) if state.get().is_handled(now) => return Known::Handled,
            state => state.insert_entry(State::Running),
        };
        Known::New(Claim {
            id: id.clone(),
            dedupe: self.clone(),
        })
    }
}

impl State {
    fn is_handled(self, now: Instant) -> bool {
        matches!(self, Self::HandledUntil(until) if now < until)
    }
}

impl Memory {
    fn forget_ended(&mut self, now: Instant) {
        while self.handled.front().is_some_and(|(_, until)| *until <= now) {
            self.forget_oldest();
        }
    }

    fn forget_oldest(&mut self) {
        if let Some((id, until)) = self.handled.pop_front()
            && self.states.get(&id) == Some(&State::HandledUntil(until))
        {
            self.states.remove(&id);
        }
    }
}

impl Memories {
    /// The one of a queue, with the window of who asks.
    pub(crate) fn of(&self, queue: &'static str, window: Duration) -> Dedupe {
        let memory = Arc::clone(lock(&self.0).entry(queue).or_default());
        Dedupe { window, memory }
    }
}

impl Claim {
    /// The message was handled to the end.
    pub(super) fn keep(self) {
        let until = deadline::after(self.dedupe.window);
        let mut memory = self.dedupe.memory();
        let state = State::HandledUntil(until);
        memory.states.insert(self.id.clone(), state);
        memory.handled.push_back((self.id.clone(), until));
        if memory.handled.len() > MOST {
            memory.forget_oldest();
        }
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        let mut memory = self.dedupe.memory();
        if memory.states.get(&self.id) == Some(&State::Running) {
            memory.states.remove(&self.id);
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn handle(dedupe: &Dedupe, id: u128) {
        let Known::New(claim) = dedupe.claim(&MessageId::from_u128(id)) else {
            panic!("{id} is known");
        };
        claim.keep();
    }

    fn is_known(dedupe: &Dedupe, id: u128) -> bool {
        !matches!(dedupe.claim(&MessageId::from_u128(id)), Known::New(_))
    }

    #[tokio::test(start_paused = true)]
    async fn what_was_handled_is_known_for_the_window() {
        let dedupe = Dedupe::new(Duration::from_secs(10));
        handle(&dedupe, 1);
        tokio::time::advance(Duration::from_millis(9_999)).await;
        assert!(is_known(&dedupe, 1));
        tokio::time::advance(Duration::from_millis(1)).await;
        assert!(!is_known(&dedupe, 1));
        assert!(dedupe.memory().states.is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_not_handled_to_the_end_is_forgotten() {
        let dedupe = Dedupe::new(Duration::from_secs(10));
        let id = MessageId::from_u128(1);
        let Known::New(claim) = dedupe.claim(&id) else {
            panic!("it is known");
        };
        assert!(matches!(dedupe.claim(&id), Known::Running));
        drop(claim);
        assert!(!is_known(&dedupe, 1));
    }

    #[tokio::test(start_paused = true)]
    async fn the_oldest_is_forgotten_first() {
        let dedupe = Dedupe::new(Duration::MAX);
        for id in 0..=MOST as u128 {
            handle(&dedupe, id);
        }
        assert_eq!(dedupe.memory().states.len(), MOST);
        assert!(!is_known(&dedupe, 0));
        assert!(is_known(&dedupe, 1));
    }

    #[tokio::test(start_paused = true)]
    async fn a_queue_has_one_memory_and_each_line_its_window() {
        let memories = Memories::default();
        let long = memories.of("q", Duration::from_secs(10));
        let short = memories.of("q", Duration::from_secs(1));
        handle(&long, 1);
        handle(&short, 2);
        assert!(is_known(&short, 1) && is_known(&long, 2));
        assert!(!is_known(&memories.of("other", Duration::MAX), 1));
        tokio::time::advance(Duration::from_secs(1)).await;
        assert!(is_known(&short, 1) && !is_known(&long, 2));
    }
}
