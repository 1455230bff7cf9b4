//! The agents of the market. What they do with an item is drawn from the seed: they succeed, fail, refuse, panic, are slow
//! or hang.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use microagent::message::MessageId;
use microagent::testing::simulation::Sim;
use microagent::{
    CallError, CallErrorKind, Delivery, Failure, MessageInfo, Options, Outcome, Tick,
};
use tokio::time::{Instant, sleep};

use crate::ledger::Ledger;
use crate::{
    Copier, Counted, Doubled, Item, Kind, Noted, Platform, Producer, Refused, RefusedOdd,
    RoutedKey, Told, Worker, copier, producer, worker,
};

/// Longer than any deadline of a question, and what the simulation's slowness adds to it.
const OVERDUE: Duration = Duration::from_millis(2_100);

/// One agent of any kind.
#[derive(Clone, Debug)]
pub(crate) struct Market {
    pub(crate) sim: Sim,
    pub(crate) ledger: Ledger,
    /// Hooks and servers may fail.
    rough: Arc<AtomicBool>,
    /// This agent is between its `post_start` and its `pre_stop`.
    open: Arc<AtomicBool>,
}

impl Producer for Market {
    async fn pre_start(&self, _cx: &producer::Context) -> Outcome {
        self.begins("pre_start").await
    }

    async fn post_start(&self, _cx: &producer::Context) -> Outcome {
        self.opens().await
    }

    async fn pre_stop(&self, _cx: &producer::Context) -> Outcome {
        self.closes().await
    }

    async fn produce(&self, cx: &producer::Context, _tick: Tick) -> Outcome {
        self.check_open("produce");
        for _ in 0..=self.sim.roll(2) {
            self.send_one(cx).await;
        }
        match self.sim.roll(5) {
            0 => self.ask(cx).await,
            1 => self.ask_all(cx).await,
            2 => self.call(cx).await,
            // Whether anybody hears it is nobody's business.
            3 => drop(cx.emit_told(Told::new(self.ledger.number())).await),
            _ => drop(cx.emit_noted(Noted::new(self.ledger.number())).await),
        }
        Ok(())
    }
}

impl Market {
    pub(crate) fn new(sim: &Sim) -> Self {
        Self {
            sim: sim.clone(),
            ledger: Ledger::default(),
            rough: Arc::new(AtomicBool::new(true)),
            open: Arc::default(),
        }
    }

    /// The same market, for an agent that has not started.
    pub(crate) fn anew(&self) -> Self {
        Self {
            open: Arc::default(),
            ..self.clone()
        }
    }

    /// Hooks and servers fail no more.
    pub(crate) fn smooth(&self) {
        self.rough.store(false, Ordering::Relaxed);
    }

    /// One in so many fails, or panics, while it may.
    fn stumble(&self, sides: u64, what: &'static str) -> Outcome {
        let stumbles = self.rough.load(Ordering::Relaxed) && self.sim.roll(sides) == 0;
        if !stumbles {
            return Ok(());
        }
        self.sim.count(what);
        match self.sim.roll(2) {
            0 => self.panic(),
            _ => Err(Failure::new("as drawn")),
        }
    }

    /// What any hook does.
    async fn begins(&self, hook: &'static str) -> Outcome {
        sleep(self.sim.moment(Duration::from_millis(60))).await;
        self.sim.note(hook);
        self.stumble(12, "hooks that fail")
    }

    async fn opens(&self) -> Outcome {
        self.begins("post_start").await?;
        self.open.store(true, Ordering::Relaxed);
        Ok(())
    }

    async fn closes(&self) -> Outcome {
        self.open.store(false, Ordering::Relaxed);
        self.begins("pre_stop").await
    }

    /// Nothing is handled before `post_start` has ended, and nothing after `pre_stop` has begun.
    fn check_open(&self, what: &str) {
        if !self.open.load(Ordering::Relaxed) {
            self.sim
                .fail(format!("{what} began outside of its agent's life"));
        }
    }

    async fn send_one(&self, cx: &producer::Context) {
        let n = self.ledger.number();
        let item = Item::new(n, n);
        let delayed = Options::new().after(self.sim.moment(Duration::from_secs(2)));
        let (sent, queues): (_, &[_]) = match self.sim.roll(14) {
            0 => (cx.send_plain(item).await, &["plain"]),
            1 => (cx.with(delayed).send_plain(item).await, &["plain"]),
            2 | 3 => return self.send_lane(cx, n).await,
            4 => (cx.send_batched(item).await, &["batched"]),
            5 => {
                let priority = u8::try_from(self.sim.roll(4)).unwrap_or(0);
                let options = Options::new().priority(priority);
                (cx.with(options).send_urgent(item).await, &["urgent"])
            }
            6 => (cx.send_fleeting(item).await, &["fleeting"]),
            7 => (cx.send_shedding(item).await, &["shedding"]),
            8 => (cx.send_refusing(item).await, &["refusing"]),
            9 => (cx.send_mortal(item).await, &["mortal"]),
            10 => return self.send_burst(cx).await,
            11 | 12 => (cx.publish_copies(item).await, &["left", "right"]),
            _ => self.publish_routed(cx, item).await,
        };
        self.ledger.sent(queues, n, sent.is_ok());
    }

    /// Several of one lane, one after the other.
    async fn send_lane(&self, cx: &producer::Context, lane: u64) {
        let mut n = lane;
        for _ in 0..=self.sim.roll(3) {
            let sent = cx.send_ordered(Item::new(n, lane)).await;
            self.ledger.sent(&["ordered"], n, sent.is_ok());
            n = self.ledger.number();
        }
    }

    /// More than is handled at once, so that some wait in a consumer that is stopped, and limits are reached.
    async fn send_burst(&self, cx: &producer::Context) {
        let kind = self.sim.roll(4);
        for _ in 0..8 {
            let n = self.ledger.number();
            let item = Item::new(n, n);
            let (sent, queue) = match kind {
                0 => (cx.send_shedding(item).await, "shedding"),
                1 => (cx.send_refusing(item).await, "refusing"),
                _ => (cx.send_urgent(item).await, "urgent"),
            };
            self.ledger.sent(&[queue], n, sent.is_ok());
        }
    }

    async fn publish_routed(
        &self,
        cx: &producer::Context,
        item: Item,
    ) -> (Result<(), microagent::SendError>, &'static [&'static str]) {
        let (kind, platform, queues): (_, _, &[_]) = match self.sim.roll(3) {
            0 => (Kind::Alert, Platform::Android, &["alerts"]),
            1 => (Kind::Alert, Platform::Ios, &["alerts", "phones"]),
            _ => (Kind::News, Platform::Ios, &["phones"]),
        };
        let key = RoutedKey { kind, platform };
        (cx.publish_routed(key, item).await, queues)
    }

    async fn ask(&self, cx: &producer::Context) {
        let n = self.ledger.number();
        let asked = Instant::now();
        let answer = cx.ask_counted(Counted::new(n)).await;
        self.check_wait("ask", asked);
        match answer {
            Ok(answer) if answer != n + 1 => self.sim.fail(format!("asked {n} and heard {answer}")),
            Ok(_) => self.sim.count("answers that came"),
            Err(_) => self.sim.count("questions without an answer"),
        }
    }

    /// Everyone who hears it answers, and is waited for until the deadline.
    async fn ask_all(&self, cx: &producer::Context) {
        let n = self.ledger.number();
        let asked = Instant::now();
        let mut answers = cx.ask_all_counted(Counted::new(n));
        let mut came = 0;
        while let Some(answer) = answers.next().await {
            match answer {
                Ok(answer) if answer != n + 1 => {
                    self.sim.fail(format!("asked {n} and heard {answer}"));
                }
                Ok(_) => came += 1,
                Err(_) => self.sim.count("questions without an answer"),
            }
        }
        self.check_wait("question to all", asked);
        if came > 1 {
            self.sim.count("questions with several answers");
        }
    }

    async fn call(&self, cx: &producer::Context) {
        let n = self.ledger.number();
        let asked = Instant::now();
        let answer = cx.call_doubled(Doubled::new(n)).await;
        self.check_wait("call", asked);
        match answer {
            Ok(Ok(answer)) if answer != n * 2 => {
                self.sim.fail(format!("called with {n} and heard {answer}"));
            }
            Ok(Ok(_)) => self.sim.count("replies"),
            Ok(Err(Refused::Odd(RefusedOdd { n: refused, .. }))) if refused == n => {
                self.sim.count("declared errors");
            }
            Ok(Err(refused)) => self
                .sim
                .fail(format!("called with {n} and heard {refused:?}")),
            Err(error) => self.sim.count(word_of(&error)),
        }
    }

    fn check_wait(&self, what: &str, since: Instant) {
        let waited = since.elapsed();
        if waited > OVERDUE {
            self.sim.fail(format!("a {what} took {waited:?}"));
        }
    }

    /// What any handler does.
    async fn handle(&self, queue: &'static str, message: &MessageInfo, item: &Item) -> Outcome {
        let id = self.begin(queue, message, item);
        self.fate().await?;
        self.ledger.handled(queue, &id, item.n);
        Ok(())
    }

    fn begin(&self, queue: &'static str, message: &MessageInfo, item: &Item) -> MessageId {
        self.check_open(queue);
        let id = message.id().cloned();
        let id = id.expect("a message of a queue has an id");
        let attempt = message.attempt();
        self.sim
            .note(format_args!("begins {queue} {id} attempt {attempt}"));
        let wrong = self
            .ledger
            .begin(queue, (&id, attempt), (item.n, item.lane));
        if let Some(wrong) = wrong {
            self.sim.fail(wrong);
        }
        id
    }

    /// How it goes.
    async fn fate(&self) -> Outcome {
        sleep(self.sim.moment(Duration::from_millis(60))).await;
        match self.sim.roll(14) {
            0 => Err(Failure::new("not yet")),
            1 => Err(Failure::reject("never")),
            2 => Err(Failure::retry_after(
                self.sim.moment(Duration::from_secs(1)),
            )),
            3 => self.panic(),
            4 => {
                self.sim.count("handlers that hang");
                std::future::pending().await
            }
            5 => {
                sleep(self.sim.moment(Duration::from_millis(400))).await;
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// A panic without the words of the hook.
    fn panic(&self) -> Outcome {
        self.sim.count("panics");
        std::panic::resume_unwind(Box::new("of a handler"))
    }
}

fn word_of(error: &CallError) -> &'static str {
    match error.kind() {
        CallErrorKind::NobodyListens => "calls that nobody heard",
        CallErrorKind::TimedOut => "calls that timed out",
        CallErrorKind::Failed => "calls that failed",
        _ => "calls that were not sent",
    }
}

impl Worker for Market {
    async fn pre_start(&self, _cx: &worker::Context) -> Outcome {
        self.begins("pre_start").await
    }

    async fn post_start(&self, _cx: &worker::Context) -> Outcome {
        self.opens().await
    }

    async fn pre_stop(&self, _cx: &worker::Context) -> Outcome {
        self.closes().await
    }

    async fn consume_plain(&self, cx: &worker::Context, item: Item) -> Outcome {
        self.handle("plain", cx.message(), &item).await
    }

    async fn consume_ordered(&self, cx: &worker::Context, item: Item) -> Outcome {
        self.handle("ordered", cx.message(), &item).await
    }

    async fn consume_batched(
        &self,
        _cx: &worker::Context,
        items: Vec<Delivery<Item>>,
    ) -> Vec<Outcome> {
        let ids: Vec<_> = items
            .iter()
            .map(|it| self.begin("batched", it.message(), &it.payload))
            .collect();
        let mut outcomes = Vec::new();
        for (item, id) in items.iter().zip(&ids) {
            let outcome = self.fate().await;
            if outcome.is_ok() {
                self.ledger.handled("batched", id, item.payload.n);
            }
            outcomes.push(outcome);
        }
        outcomes
    }

    async fn consume_urgent(&self, cx: &worker::Context, item: Item) -> Outcome {
        self.handle("urgent", cx.message(), &item).await
    }

    async fn consume_fleeting(&self, cx: &worker::Context, item: Item) -> Outcome {
        self.handle("fleeting", cx.message(), &item).await
    }

    async fn consume_shedding(&self, cx: &worker::Context, item: Item) -> Outcome {
        self.handle("shedding", cx.message(), &item).await
    }

    async fn consume_refusing(&self, cx: &worker::Context, item: Item) -> Outcome {
        self.handle("refusing", cx.message(), &item).await
    }

    async fn consume_mortal(&self, cx: &worker::Context, item: Item) -> Outcome {
        self.handle("mortal", cx.message(), &item).await
    }

    async fn heard(&self, _cx: &worker::Context, what: worker::Heard) -> Outcome {
        self.check_open("heard");
        let (what, n) = match what {
            worker::Heard::Told(told) => ("told", told.n),
            worker::Heard::Noted(noted) => ("noted", noted.n),
        };
        self.ledger.asked(what, n);
        self.sim.count("signals heard");
        self.fate().await
    }

    async fn answer_counted(&self, _cx: &worker::Context, asked: Counted) -> Outcome<u64> {
        self.check_open("answer_counted");
        self.ledger.asked("counted", asked.n);
        self.fate().await?;
        Ok(asked.n + 1)
    }

    async fn answer_doubled(
        &self,
        _cx: &worker::Context,
        asked: Doubled,
    ) -> Outcome<Result<u64, Refused>> {
        self.check_open("answer_doubled");
        if self.ledger.asked("doubled", asked.n) > 1 {
            self.sim.fail(format!("call {} was begun twice", asked.n));
        }
        self.fate().await?;
        if self.sim.roll(4) == 0 {
            return Ok(Err(Refused::Odd(RefusedOdd::new(asked.n))));
        }
        Ok(Ok(asked.n * 2))
    }
}

impl Copier for Market {
    async fn pre_start(&self, _cx: &copier::Context) -> Outcome {
        self.begins("pre_start").await
    }

    async fn post_start(&self, _cx: &copier::Context) -> Outcome {
        self.opens().await
    }

    async fn pre_stop(&self, _cx: &copier::Context) -> Outcome {
        self.closes().await
    }

    async fn tidy(&self, _cx: &copier::Context, _tick: Tick) -> Outcome {
        self.check_open("tidy");
        self.sim.count("cron runs");
        self.fate().await
    }

    async fn serve_counter(&self, cx: &copier::Context) -> Outcome {
        self.check_open("serve_counter");
        loop {
            tokio::select! {
                biased;
                () = cx.stopping() => return Ok(()),
                () = sleep(Duration::from_secs(1)) => self.stumble(60, "servers that fail")?,
            }
        }
    }

    async fn consume_left(&self, cx: &copier::Context, item: Item) -> Outcome {
        let id = self.begin("left", cx.message(), &item);
        self.fate().await?;
        let n = self.ledger.number();
        let sent = cx.send_plain(Item::new(n, n)).await;
        self.ledger.sent(&["plain"], n, sent.is_ok());
        sent?;
        self.ledger.handled("left", &id, item.n);
        Ok(())
    }

    async fn consume_right(&self, cx: &copier::Context, item: Item) -> Outcome {
        self.handle("right", cx.message(), &item).await
    }

    async fn consume_alerts(&self, cx: &copier::Context, item: Item) -> Outcome {
        self.handle("alerts", cx.message(), &item).await
    }

    async fn consume_phones(&self, cx: &copier::Context, item: Item) -> Outcome {
        self.handle("phones", cx.message(), &item).await
    }

    async fn consume_graves(&self, cx: &copier::Context, item: Item) -> Outcome {
        self.handle("graves", cx.message(), &item).await
    }
}
