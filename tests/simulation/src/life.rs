//! How one life goes: replicas start, trade while everything goes wrong, come to rest, and are called to account.

use std::collections::BTreeSet;
use std::time::Duration;

use microagent::testing::simulation::{Process, Sim};
use microagent::{Agent, Options};
use microagent_contract::Queue;
use microagent_contract::codec::decode_with;
use tokio::time::sleep;

use crate::agents::Market;
use crate::{
    Copier, Counted, Doubled, Item, Kind, MarketSenders as _, Noted, Platform, Producer, RoutedKey,
    Told, Worker, queues,
};

/// What a handler may take that nobody waits for any more.
const STRAY: Duration = Duration::from_secs(3);
/// With the five seconds until all is calm, more than an agent that fails takes to stop: three for handlers, two for
/// `pre_stop`.
const ENDED: Duration = Duration::from_secs(2);
/// A batch waits 100 ms for more; the rest is what handlers are busy with that the faults have left.
const PROMPTLY: Duration = Duration::from_millis(300);

/// Leads it.
pub async fn live(sim: Sim) {
    let market = Market::new(&sim);
    let producer = begin(&market);
    for _ in 0..10 + sim.roll(10) {
        sim.trouble();
        sleep(sim.moment(Duration::from_secs(1))).await;
    }
    market.smooth();
    // What has failed by now has ended.
    sleep(ENDED).await;
    sim.calm().await;
    producer.stop().await;
    rest(&sim).await;
    probe(&market).await;
    probe_bus(&market).await;
    rest(&sim).await;
    account(&market).await;
}

/// Begins all processes, and gives the one that is stopped first.
fn begin(market: &Market) -> Process {
    let process = |name: &str, make: fn(Market) -> Agent| {
        let market = market.clone();
        let process = market
            .sim
            .clone()
            .process(name, move || vec![make(market.anew())]);
        process.begin();
        process
    };
    process("worker-1", Worker::agent);
    process("worker-2", Worker::agent);
    process("copier", Copier::agent);
    process("producer", Producer::agent)
}

/// Nothing is left in any queue, and no handler goes on whose message is another's by now.
async fn rest(sim: &Sim) {
    sim.settle().await;
    sleep(STRAY).await;
    sim.settle().await;
}

/// Everyone waits, nothing goes wrong any more, and only what is sent can wake them.
async fn probe(market: &Market) {
    let Market { sim, ledger, .. } = market;
    let (broker, n) = (sim.broker(), ledger.number());
    let item = || Item::new(n, n);
    let key = RoutedKey {
        kind: Kind::Alert,
        platform: Platform::Ios,
    };
    for (queues, sending) in [
        (&["plain"][..], broker.send_plain(item())),
        (&["ordered"], broker.send_ordered(item())),
        (&["batched"], broker.send_batched(item())),
        (&["urgent"], broker.send_urgent(item())),
        (&["fleeting"], broker.send_fleeting(item())),
        (&["shedding"], broker.send_shedding(item())),
        (&["refusing"], broker.send_refusing(item())),
        (&["mortal"], broker.send_mortal(item())),
        (&["left", "right"], broker.publish_copies(item())),
        (&["alerts", "phones"], broker.publish_routed(key, item())),
    ] {
        sending.await.expect("nothing goes wrong any more");
        ledger.sent(queues, n, true);
        sleep(PROMPTLY).await;
        for queue in queues {
            let begun = ledger.pages().was_begun(queue, n);
            assert!(begun, "nobody was woken for {n} in {queue}");
        }
    }
    let (n, delay) = (ledger.number(), Duration::from_secs(1));
    let delayed = broker.with(Options::new().after(delay));
    let sent = delayed.send_plain(Item::new(n, n)).await;
    sent.expect("nothing goes wrong any more");
    ledger.sent(&["plain"], n, true);
    sleep(delay + PROMPTLY).await;
    let begun = ledger.pages().was_begun("plain", n);
    assert!(begun, "nobody was woken for {n}, which was delayed");
}

/// Both workers hear what is for all, and one of them what is for one.
async fn probe_bus(market: &Market) {
    let Market { sim, ledger, .. } = market;
    let (bus, n) = (sim.bus(), ledger.number());
    for sending in [bus.emit_told(Told::new(n)), bus.emit_noted(Noted::new(n))] {
        sending.await.expect("nothing goes wrong any more");
    }
    let mut answers = bus.ask_all_counted(Counted::new(n));
    while answers.next().await.is_some() {}
    // What comes of it is the handler's.
    let _ = bus.call_doubled(Doubled::new(n)).await;
    sleep(PROMPTLY).await;
    for (subject, expected) in [("told", 2), ("noted", 2), ("counted", 2), ("doubled", 1)] {
        let heard = ledger.pages().heard(subject, n);
        assert_eq!(heard, expected, "who heard {n} as {subject}");
    }
}

/// Each item is where it may be, and nobody was told otherwise.
async fn account(market: &Market) {
    check::<queues::Plain>(market, "plain").await;
    check::<queues::Ordered>(market, "ordered").await;
    check::<queues::Batched>(market, "batched").await;
    check::<queues::Urgent>(market, "urgent").await;
    check::<queues::Fleeting>(market, "fleeting").await;
    check::<queues::Shedding>(market, "shedding").await;
    check::<queues::Refusing>(market, "refusing").await;
    check::<queues::Left>(market, "left").await;
    check::<queues::Right>(market, "right").await;
    check::<queues::Alerts>(market, "alerts").await;
    check::<queues::Phones>(market, "phones").await;
    check::<queues::Graves>(market, "graves").await;
    check_mortal(market).await;
}

async fn check<Q: Queue<Payload = Item>>(market: &Market, queue: &'static str) {
    let dead = dead_numbers::<Q>(market).await;
    check_with::<Q>(market, queue, dead).await;
}

/// The dead of this queue are messages of another.
async fn check_mortal(market: &Market) {
    let handled = market.ledger.pages().handled.get("graves").cloned();
    let mut dead = handled.unwrap_or_default();
    dead.extend(dead_numbers::<queues::Graves>(market).await);
    check_with::<queues::Mortal>(market, "mortal", dead).await;
}

async fn dead_numbers<Q: Queue<Payload = Item>>(market: &Market) -> BTreeSet<u64> {
    let letters = market.sim.dead_letters::<Q>().await;
    let items = letters.iter().map(|it| {
        let item = decode_with::<Q::Codec, Item>(&it.message.body);
        item.expect("a dead letter keeps its bytes").n
    });
    items.collect()
}

async fn check_with<Q: Queue>(market: &Market, queue: &'static str, dead: BTreeSet<u64>) {
    let Market { sim, ledger, .. } = market;
    let balance = sim.balance::<Q>().await;
    let pages = ledger.pages();
    for id in sim.acked::<Q>() {
        let handled = pages.was_handled(queue, &id);
        assert!(handled, "{queue}: {id} was acknowledged and never handled");
    }
    let empty = BTreeSet::new();
    let confirmed = pages.confirmed.get(queue).unwrap_or(&empty);
    let handled = pages.handled.get(queue).unwrap_or(&empty);
    let missing = confirmed
        .iter()
        .filter(|it| !handled.contains(it) && !dead.contains(it));
    let missing: Vec<_> = missing.collect();
    sim.count_many("messages expired", balance.expired);
    sim.count_many("messages dropped by a limit", balance.dropped);
    let gone = balance.expired + balance.dropped + balance.waiting;
    assert!(
        missing.len() as u64 <= gone,
        "{queue} lost {missing:?}, of which at most {gone} may be gone: {balance}"
    );
}
