//! Who notices that a handler blocks its thread: it can't be timed out then, since nothing runs that could. A thread of
//! the operating system looks, in real time, at what each thread of the reactor is in the middle of. Knows lines by name.
//!
//! A poll costs two relaxed stores to a word of its thread. `spawn_blocking` is no such poll and may take as long as it
//! likes.

use std::cell::RefCell;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use tracing::dispatcher::{self, Dispatch};

/// How long a poll may take before it is told, where the run does not say.
pub(crate) const BLOCKED: Duration = Duration::from_secs(5);

/// The bits of a word that name the line; those above count polls, so that two of one line are told apart.
const LINE: u64 = (1 << 20) - 1;

/// What is watched in one run.
#[derive(Debug)]
pub(crate) struct Board {
    /// No other board of this process has it.
    number: u64,
    /// Agents and methods; a word names one by its place, from 1.
    lines: Mutex<Vec<(Arc<str>, &'static str)>>,
    /// One per thread that has polled.
    slots: Mutex<Vec<Arc<Slot>>>,
    blocked: AtomicU64,
}

/// What a thread is in the middle of: its word, and 0 in the bits of the line where it is in none.
#[derive(Debug, Default)]
struct Slot {
    word: AtomicU64,
    sighting: Mutex<Option<Sighting>>,
}

/// What was seen last of a thread; for whoever looks.
#[derive(Clone, Copy, Debug)]
struct Sighting {
    word: u64,
    since: Instant,
    told: bool,
}

/// A line whose polls are watched; by default, nobody's are.
#[derive(Clone, Default)]
pub struct Watched(Option<(Arc<Board>, u64)>);

/// The thread that looks. Dropped, it ends, and is waited for.
#[derive(Debug)]
pub(crate) struct Watchdog {
    end: Option<mpsc::Sender<()>>,
    thread: Option<thread::JoinHandle<()>>,
}

thread_local! {
    /// The slots of this thread, by the board that they stand on; mostly one.
    static SLOTS: RefCell<Vec<(u64, Arc<Slot>)>> = const { RefCell::new(Vec::new()) };
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Default for Board {
    fn default() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        Self {
            number: NEXT.fetch_add(1, Ordering::Relaxed),
            lines: Mutex::default(),
            slots: Mutex::default(),
            blocked: AtomicU64::new(0),
        }
    }
}

impl Board {
    /// A line of an agent, by its method.
    pub(crate) fn line(self: &Arc<Self>, agent: &Arc<str>, method: &'static str) -> Watched {
        let mut lines = lock(&self.lines);
        lines.push((Arc::clone(agent), method));
        Watched(Some((Arc::clone(self), lines.len() as u64 & LINE)))
    }

    /// How often a thread was found blocked.
    pub(crate) fn blocked(&self) -> u64 {
        self.blocked.load(Ordering::Relaxed)
    }

    /// What this thread shows itself by. Only the thread itself writes its word.
    fn slot<T>(&self, with: impl FnOnce(&AtomicU64) -> T) -> T {
        SLOTS.with_borrow_mut(|slots| {
            if let Some((_, slot)) = slots.iter().find(|(it, _)| *it == self.number) {
                return with(&slot.word);
            }
            // Whichever side is alone with a slot forgets it: here those of runs that are over, there those of threads.
            slots.retain(|(_, slot)| Arc::strong_count(slot) > 1);
            let slot = Arc::new(Slot::default());
            slots.push((self.number, Arc::clone(&slot)));
            let mut all = lock(&self.slots);
            all.retain(|it| Arc::strong_count(it) > 1);
            all.push(Arc::clone(&slot));
            with(&slot.word)
        })
    }

    /// Tells of each thread that has been in one poll for this long, once.
    fn look(&self, threshold: Duration) {
        let now = Instant::now();
        for slot in lock(&self.slots).iter() {
            let word = slot.word.load(Ordering::Relaxed);
            let mut sighting = lock(&slot.sighting);
            match &mut *sighting {
                _ if word & LINE == 0 => *sighting = None,
                Some(known) if known.word == word => {
                    let blocked = now.saturating_duration_since(known.since);
                    if blocked >= threshold && !known.told {
                        known.told = true;
                        self.tell(word & LINE, blocked);
                    }
                }
                _ => {
                    *sighting = Some(Sighting {
                        word,
                        since: now,
                        told: false,
                    });
                }
            }
        }
    }

    fn tell(&self, line: u64, blocked: Duration) {
        self.blocked.fetch_add(1, Ordering::Relaxed);
        let lines = lock(&self.lines);
        let place = usize::try_from(line).ok().and_then(|it| it.checked_sub(1));
        if let Some((agent, line)) = place.and_then(|it| lines.get(it)) {
            tracing::error!(
                %agent,
                line,
                ?blocked,
                "a handler blocks its thread, so that it can't be timed out: \
                 use `tokio::task::spawn_blocking`"
            );
        }
    }
}

impl Watched {
    /// Makes one poll, which must not panic.
    pub(crate) fn poll<T>(&self, poll: impl FnOnce() -> T) -> T {
        let Some((board, line)) = &self.0 else {
            return poll();
        };
        let (before, entered) = board.slot(|word| {
            let before = word.load(Ordering::Relaxed);
            let entered = (before | LINE).wrapping_add(1) | line;
            word.store(entered, Ordering::Relaxed);
            (before, entered)
        });
        let polled = poll();
        // A poll inside of a poll, as of a reactor in a handler, goes back to the outer one.
        let after = if before & LINE == 0 {
            entered & !LINE
        } else {
            before
        };
        board.slot(|word| word.store(after, Ordering::Relaxed));
        polled
    }
}

impl fmt::Debug for Watched {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Watched").field(&self.0.is_some()).finish()
    }
}

impl Watchdog {
    /// Begins to look. Where the system has no thread left the run goes on unwatched.
    pub(crate) fn start(board: &Arc<Board>, threshold: Duration) -> Self {
        let (end, ended) = mpsc::channel();
        let board = Arc::clone(board);
        // Whoever listens to this thread's events listens to those of the watchdog.
        let dispatch = dispatcher::get_default(Dispatch::clone);
        let watch = move || {
            let look = || watch(&board, threshold, &ended);
            dispatcher::with_default(&dispatch, look);
        };
        let thread = thread::Builder::new()
            .name("microagent-watch".to_owned())
            .spawn(watch);
        if let Err(error) = &thread {
            tracing::warn!(%error, "nobody watches for handlers that block their thread");
        }
        Self {
            end: Some(end),
            thread: thread.ok(),
        }
    }
}

/// Looks four times in the time that a poll may take, but not more often than the tests need, until it is told to end.
fn watch(board: &Board, threshold: Duration, ended: &mpsc::Receiver<()>) {
    let pause = (threshold / 4).clamp(Duration::from_millis(5), Duration::from_secs(1));
    while ended.recv_timeout(pause) == Err(RecvTimeoutError::Timeout) {
        board.look(threshold);
    }
}

impl Drop for Watchdog {
    fn drop(&mut self) {
        self.end = None;
        if let Some(thread) = self.thread.take() {
            // It has nothing to report.
            let _ = thread.join();
        }
    }
}
