//! How a test waits in a world: until all is done, for a time, or for what it looks for; and what it is told where that
//! does not come. Owns the bounds of waiting.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::World;
use crate::broker::{Inspect, QueueCounts};
use crate::deadline;

/// Under paused time a sleep ends when nothing else can go on.
const BREATH: Duration = Duration::from_millis(1);

/// One wait, from its beginning.
struct Waiting<'a> {
    world: &'a World,
    until: Instant,
    tally: BTreeMap<Arc<str>, usize>,
}

impl World {
    /// Waits until nothing is in flight: every message that could be handled now was handled, and no handler or run goes
    /// on. What is delayed, or waits for a retry, stays; [`advance`](Self::advance) gets there. Takes a millisecond of the
    /// world's time at least. Cancel safe.
    ///
    /// # Panics
    /// Where that does not come about within the world's [patience](super::WorldBuilder::patience), and where more is sent
    /// [at once](super::WorldBuilder::most_at_once) than may be, as by agents that answer each other for ever; what goes on
    /// is said.
    pub async fn settle(&self) {
        let waiting = Waiting::begin(self, self.patience);
        loop {
            waiting.breathe("it did not settle").await;
            if !self.is_busy() && self.is_idle().await {
                return;
            }
        }
    }

    /// Lets this much time pass, with all that is due in it at its own time, and settles. Cancel safe, as far as the time
    /// has passed.
    ///
    /// # Panics
    /// As [`settle`](Self::settle).
    pub async fn advance(&self, time: Duration) {
        let waiting = Waiting::begin(self, time);
        tokio::select! {
            biased;
            () = self.stands_still() => waiting.give_up("time did not pass", &self.in_flight().await),
            () = sleep(time) => {}
        }
        self.settle().await;
    }

    /// Waits until the condition holds, and looks every millisecond of the world's time. Cancel safe.
    ///
    /// # Panics
    /// As [`settle`](Self::settle).
    ///
    /// ```
    /// # use microagent::testing::World;
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> microagent::Result<()> {
    /// # let agents = [];
    /// let world = World::start(agents).await?;
    /// let noon = world.now() + std::time::Duration::from_secs(12);
    /// world.until(|world| world.now() >= noon).await;
    /// # world.stop().await
    /// # }
    /// ```
    pub async fn until(&self, mut condition: impl FnMut(&Self) -> bool) {
        let waiting = Waiting::begin(self, self.patience);
        while !condition(self) {
            waiting.breathe("what was waited for did not come").await;
        }
    }

    /// Ready when more was sent than may be while the clock stands still. Agents that answer each other for ever take no
    /// time, so that time can't be what bounds them.
    async fn stands_still(&self) {
        loop {
            let (began, count) = (Instant::now(), self.tap.seen.count());
            self.tap.seen.reaches(count + self.most_at_once).await;
            if Instant::now() == began {
                return;
            }
        }
    }

    /// A handler or a run goes on, in any process.
    fn is_busy(&self) -> bool {
        self.going_on() > 0
    }

    fn going_on(&self) -> usize {
        self.insides().iter().map(|it| it.busy.count()).sum()
    }

    /// No consumer holds a message, and none that is ready could be consumed.
    async fn is_idle(&self) -> bool {
        let counts = self.in_flight().await;
        let idle = |it: &QueueCounts| it.in_flight == 0 && (it.ready == 0 || it.consumers == 0);
        counts.iter().all(|(_, counts)| idle(counts))
    }

    async fn in_flight(&self) -> Vec<(Arc<str>, QueueCounts)> {
        let mut all = Vec::new();
        for queue in self.tap.seen.queues() {
            // A queue whose declaration was refused is none.
            if let Ok(counts) = self.tap.memory.counts(&queue).await {
                all.push((queue, counts));
            }
        }
        all
    }
}

impl<'a> Waiting<'a> {
    fn begin(world: &'a World, patience: Duration) -> Self {
        let seen = &world.tap.seen;
        Self {
            world,
            until: deadline::after(patience),
            tally: seen.tally(),
        }
    }

    /// Lets everything go on until it waits, for a moment.
    async fn breathe(&self, otherwise: &str) {
        let world = self.world;
        tokio::select! {
            biased;
            () = world.stands_still() => {}
            () = sleep(BREATH) => if Instant::now() < self.until {
                return;
            },
        }
        self.give_up(otherwise, &world.in_flight().await);
    }

    fn give_up(&self, what: &str, in_flight: &[(Arc<str>, QueueCounts)]) -> ! {
        let mut text = format!("{what}; at {}:", self.world.now());
        // Writing to a string can't fail.
        let _ = write!(text, "\n  {} handlers or runs go on", self.world.going_on());
        for (queue, it) in in_flight {
            if it.ready + it.delayed + it.in_flight > 0 {
                let QueueCounts {
                    ready,
                    delayed,
                    in_flight,
                    consumers,
                    ..
                } = it;
                let _ = write!(
                    text,
                    "\n  queue `{queue}`: {in_flight} in flight, {ready} ready, {delayed} delayed, \
                     consumers: {consumers}"
                );
            }
        }
        for (wire, count) in self.world.tap.seen.tally() {
            let since = count - self.tally.get(&wire).copied().unwrap_or(0);
            if since > 0 {
                let _ = write!(
                    text,
                    "\n  {since} messages on `{wire}` since the wait began"
                );
            }
        }
        panic!("{text}");
    }
}
