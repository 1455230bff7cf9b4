//! Many short lives of a queue under paused time, each from a seed: consumers that fail, panic, hang, crash and drain, on a
//! broker that loses connections, delivers twice, shuffles and is slow. Whatever happens, each message that was sent is
//! handled or dead-lettered in the end, and none is begun twice under one attempt number.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use microagent::backend::memory::{Memory, MemoryOptions};
use microagent::broker::{BrokerBackend, QueueDeclaration, Topology};
use microagent::message::{Address, Delivery, Message, MessageId, Outgoing};
use microagent::testing::delivery::{Backoff, Consuming, Policy, Work, consume};
use microagent::{Failure, Outcome};
use tokio::time::{Instant, sleep};

/// Seeds of a quick run; `SIMULATION_SEEDS=10000` makes a long one.
const SEEDS: u64 = 400;
const ATTEMPTS: u32 = 3;
const MILLISECOND: Duration = Duration::from_millis(1);

/// `SplitMix64`.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (bits ^ (bits >> 31)) % sides
    }

    fn moment(&mut self, most: u64) -> Duration {
        Duration::from_millis(self.roll(most))
    }
}

/// What came of the messages.
#[derive(Default)]
struct Ledger {
    sent: BTreeSet<MessageId>,
    unknown: BTreeSet<MessageId>,
    handled: BTreeSet<MessageId>,
    begun: BTreeSet<(MessageId, u32)>,
    wrong: Vec<String>,
}

type Shared = Arc<Mutex<Ledger>>;

#[test]
fn nothing_is_lost_and_nothing_comes_twice_unsaid() {
    let seeds = std::env::var("SIMULATION_SEEDS").map_or(SEEDS, |it| it.parse().unwrap());
    let mut totals = [0; 4];
    for seed in 0..seeds.max(SEEDS) {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .unwrap();
        let counts = runtime.block_on(live(seed));
        for (total, count) in totals.iter_mut().zip(counts) {
            *total += count;
        }
    }
    // A simulation in which nothing happens proves nothing.
    let [sent, handled, dead, late] = totals;
    assert!(sent > 10_000, "{sent}");
    assert!(handled > 5_000, "{handled}");
    assert!(dead > 1_000, "{dead}");
    assert!(late > 100, "{late}");
}

async fn live(seed: u64) -> [usize; 4] {
    let mut dice = Dice(seed);
    let ordered = dice.roll(4) == 0;
    let memory = Memory::with_options(MemoryOptions {
        lease: Duration::from_secs(1 + dice.roll(30)),
        ..MemoryOptions::default()
    });
    let mut queue = QueueDeclaration::new("q");
    queue.partitions = ordered.then_some(4);
    let topology = Topology {
        queues: vec![queue],
        ..Topology::default()
    };
    memory.declare(&topology).await.unwrap();
    let ledger = Shared::default();
    let mut consuming = Vec::new();
    let mut late = 0;
    for _ in 0..40 + dice.roll(60) {
        match dice.roll(12) {
            0..5 => send(&memory, &ledger, &mut dice).await,
            5 | 6 if consuming.len() < 4 => {
                consuming.push(start(&memory, &ledger, &mut dice, ordered).await);
            }
            7 if !consuming.is_empty() => {
                let place = dice.roll(consuming.len() as u64);
                let ended: Consuming = consuming.remove(usize::try_from(place).unwrap());
                late += ended.stats().late;
                if dice.roll(2) == 0 {
                    ended.drain(Instant::now() + dice.moment(3000)).await;
                }
            }
            8 => fault(&memory, &mut dice),
            _ => sleep(dice.moment(2000)).await,
        }
    }
    memory.faults().be_slow(Duration::ZERO);
    consuming.push(start(&memory, &ledger, &mut dice, ordered).await);
    settle(&memory, seed).await;
    wake(&memory, &ledger, seed).await;
    settle(&memory, seed).await;
    late += consuming.iter().map(|it| it.stats().late).sum::<u64>();
    for ended in consuming {
        // What was delivered twice may still be handled by the first consumer.
        let report = ended.drain(Instant::now() + Duration::from_secs(1)).await;
        assert_eq!((report.unfinished, report.unsettled), (0, 0), "seed {seed}");
    }
    let (sent, handled, dead) = audit(&memory, &ledger, seed).await;
    [sent, handled, dead, usize::try_from(late).unwrap()]
}

/// Everyone waits, nothing goes wrong any more, and only what is sent can wake them.
async fn wake(memory: &Memory, ledger: &Shared, seed: u64) {
    memory.faults().refuse_sends(0);
    memory.faults().lose_confirmations(0);
    for _ in 0..3 {
        sleep(Duration::from_secs(6)).await;
        let message = Message::new("x");
        let id = message.id.clone();
        let mut outgoing = Outgoing::new(Address::Queue("q".into()), message);
        memory.send(std::slice::from_mut(&mut outgoing)).await;
        assert!(outgoing.result.unwrap().is_ok());
        // A batch may wait for more.
        sleep(300 * MILLISECOND).await;
        let mut ledger = ledger.lock().unwrap();
        assert!(
            ledger.begun.contains(&(id.clone(), 1)),
            "seed {seed}: nobody was woken"
        );
        ledger.sent.insert(id);
    }
}

fn fault(memory: &Memory, dice: &mut Dice) {
    let count = usize::try_from(dice.roll(4)).unwrap();
    match dice.roll(7) {
        0 => memory.lose_connection(dice.moment(5000)),
        1 => memory.faults().refuse_sends(count),
        2 => memory.faults().lose_confirmations(count),
        3 | 4 => memory.faults().deliver_twice(count),
        5 => memory.faults().shuffle(dice.roll(1000)),
        _ => memory.faults().be_slow(dice.moment(100)),
    }
}

async fn send(memory: &Memory, ledger: &Shared, dice: &mut Dice) {
    let mut batch = Vec::new();
    for _ in 0..=dice.roll(5) {
        let mut message = Message::new("x");
        message.partition_key = Some(format!("{}", dice.roll(5)).into());
        let mut outgoing = Outgoing::new(Address::Queue("q".into()), message);
        outgoing.after = (dice.roll(4) == 0).then(|| dice.moment(5000));
        batch.push((outgoing.message.id.clone(), outgoing));
    }
    let (ids, mut batch): (Vec<_>, Vec<_>) = batch.into_iter().unzip();
    memory.send(&mut batch).await;
    let mut ledger = ledger.lock().unwrap();
    for (id, outgoing) in ids.into_iter().zip(batch) {
        match outgoing.result.unwrap() {
            Ok(()) => ledger.sent.insert(id),
            Err(_) => ledger.unknown.insert(id),
        };
    }
}

async fn start(memory: &Memory, ledger: &Shared, dice: &mut Dice, ordered: bool) -> Consuming {
    let batch = usize::try_from(1 + dice.roll(2) * dice.roll(5)).unwrap();
    let policy = Policy {
        concurrency: usize::try_from(1 + dice.roll(5)).unwrap(),
        prefetch: (dice.roll(2) == 0).then(|| usize::try_from(1 + dice.roll(20)).unwrap()),
        attempts: ATTEMPTS,
        backoff: Backoff {
            first: 100 * MILLISECOND,
            most: 1000 * MILLISECOND,
        },
        timeout: 500 * MILLISECOND,
        batch,
        batch_wait: dice.moment(200),
        ordered,
        seed: Some(dice.roll(u64::MAX)),
        ..Policy::default()
    };
    let ledger = Arc::clone(ledger);
    let salt = dice.roll(u64::MAX);
    let work = if batch > 1 {
        Work::Batch(Arc::new(move |deliveries: Vec<Delivery>| {
            let each = deliveries.into_iter().map(|it| handle(&ledger, it, salt));
            let each: Vec<_> = each.collect();
            Box::pin(async move {
                let mut outcomes = Vec::new();
                for outcome in each {
                    outcomes.push(outcome.await);
                }
                outcomes
            })
        }))
    } else {
        Work::Each(Arc::new(move |delivery| {
            Box::pin(handle(&ledger, delivery, salt))
        }))
    };
    consume(memory, &"q".into(), policy, work).await.unwrap()
}

/// Begins at once; ends as the dice say.
fn handle(
    ledger: &Shared,
    delivery: Delivery,
    salt: u64,
) -> impl Future<Output = Outcome> + Send + 'static {
    let (id, attempt) = (delivery.message.id, delivery.attempt);
    let mut entries = ledger.lock().unwrap();
    if !entries.begun.insert((id.clone(), attempt)) {
        entries
            .wrong
            .push(format!("{id} was begun twice as attempt {attempt}"));
    }
    if attempt > ATTEMPTS {
        entries
            .wrong
            .push(format!("{id} was begun as attempt {attempt}"));
    }
    let count = entries.begun.len() as u64;
    drop(entries);
    let ledger = Arc::clone(ledger);
    async move {
        let mut dice = Dice(salt ^ count);
        sleep(dice.moment(100)).await;
        match dice.roll(10) {
            0 => Err(Failure::new("not yet")),
            1 => Err(Failure::reject("never")),
            2 => Err(Failure::retry_after(dice.moment(1000))),
            3 => panic_quietly(),
            4 => std::future::pending().await,
            _ => {
                ledger.lock().unwrap().handled.insert(id);
                Ok(())
            }
        }
    }
}

/// A panic without the hook's words.
fn panic_quietly() -> Outcome {
    std::panic::resume_unwind(Box::new("of a handler"));
}

/// Until nothing is left to do; a message that nobody is woken for never ends it.
async fn settle(memory: &Memory, seed: u64) {
    let began = Instant::now();
    loop {
        let counts = memory.inspect().unwrap().counts("q").await.unwrap();
        if counts.ready + counts.delayed + counts.in_flight == 0 {
            return;
        }
        let waited = began.elapsed();
        assert!(
            waited < Duration::from_mins(10),
            "seed {seed} hangs: {counts:?}"
        );
        sleep(100 * MILLISECOND).await;
    }
}

async fn audit(memory: &Memory, ledger: &Shared, seed: u64) -> (usize, usize, usize) {
    let letters = memory.inspect().unwrap().dead_letters("q", usize::MAX);
    let letters = letters.await.unwrap();
    let ledger = ledger.lock().unwrap();
    assert!(ledger.wrong.is_empty(), "seed {seed}: {:?}", ledger.wrong);
    let dead: BTreeSet<_> = letters.iter().map(|it| it.message.id.clone()).collect();
    assert_eq!(dead.len(), letters.len(), "seed {seed}: one died twice");
    // A broker may lose a message again while it is being given up, so there is no upper bound.
    assert!(letters.iter().all(|it| it.attempts >= 1), "seed {seed}");
    let ended: BTreeSet<_> = ledger.handled.union(&dead).cloned().collect();
    let lost: Vec<_> = ledger.sent.difference(&ended).collect();
    assert!(lost.is_empty(), "seed {seed} lost {lost:?}");
    let known: BTreeSet<_> = ledger.sent.union(&ledger.unknown).cloned().collect();
    assert!(ended.is_subset(&known), "seed {seed}: of nowhere");
    (ledger.sent.len(), ledger.handled.len(), dead.len())
}
