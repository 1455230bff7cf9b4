//! Faults of the bus, on demand.

use microagent::backend::memory::BusFaultCounts;
use microagent::bus::{Audience, Losses, Publication, ReplyTo, Subscription};

use super::*;

async fn publish(bus: &Memory, sender: &str, to: Audience, body: &str) -> Result<Reach, ErrorKind> {
    let mut batch = [Publication {
        to,
        sender: sender.into(),
        message: Message::new(body.to_owned()).into(),
        result: None,
    }];
    bus.publish(&mut batch).await;
    let [publication] = batch;
    publication.result.unwrap().map_err(|it| it.kind())
}

async fn emit(bus: &Memory, sender: &str, subject: &str, body: &str) -> Result<Reach, ErrorKind> {
    let (subject, reply_to) = (subject.into(), None);
    publish(bus, sender, Audience::Everyone { subject, reply_to }, body).await
}

async fn call(bus: &Memory, subject: &str, body: &str) -> Result<Reach, ErrorKind> {
    let to = Audience::One {
        subject: subject.into(),
        reply_to: ReplyTo {
            inbox: "inbox".into(),
            number: Some(1),
        },
        within: 60 * SECOND,
    };
    publish(bus, "caller", to, body).await
}

async fn subscribe(bus: &Memory, interest: Interest, buffer: usize) -> Box<dyn Subscription> {
    bus.subscribe(interest, buffer).await.unwrap()
}

/// What comes before a second has passed without anything.
async fn hear(subscription: &dyn Subscription) -> Vec<String> {
    let mut received = Vec::new();
    while let Ok(next) = tokio::time::timeout(SECOND, subscription.next(9, &mut received)).await {
        next.unwrap();
    }
    let body = |it: Received| String::from_utf8(it.message.body.to_vec()).unwrap();
    received.into_iter().map(body).collect()
}

#[tokio::test(start_paused = true)]
async fn publications_are_refused_lost_and_repeated_as_often_as_was_asked_for() {
    let memory = Memory::new();
    let one = subscribe(&memory, signals("s"), 9).await;
    let faults = memory.bus_faults();
    assert_eq!(faults.counts(), BusFaultCounts::default());
    faults.refuse_publishes(1);
    faults.lose_publishes(1);
    faults.deliver_twice(1);
    for (body, result) in [
        ("refused", Err(ErrorKind::Unavailable)),
        ("lost", Ok(Reach::Unknown)),
        ("twice", Ok(Reach::Subscriptions(1))),
        ("once", Ok(Reach::Subscriptions(1))),
    ] {
        assert_eq!(emit(&memory, "a", "s", body).await, result);
    }
    assert_eq!(hear(&*one).await, ["twice", "twice", "once"]);
    let expected = BusFaultCounts {
        refused: 1,
        lost: 1,
        missed: 0,
        repeated: 1,
    };
    assert_eq!(faults.counts(), expected);
    faults.refuse_publishes(9);
    faults.deliver_twice(9);
    faults.calm();
    emit(&memory, "a", "s", "calm").await.unwrap();
    assert_eq!(hear(&*one).await, ["calm"]);
    assert_eq!(faults.counts(), expected);
}

#[tokio::test(start_paused = true)]
async fn a_call_comes_once_whatever_is_repeated() {
    let memory = Memory::new();
    let one = subscribe(&memory, calls("c"), 9).await;
    memory.bus_faults().deliver_twice(9);
    call(&memory, "c", "x").await.unwrap();
    assert_eq!(hear(&*one).await, ["x"]);
    assert_eq!(memory.bus_faults().counts().repeated, 0);
}

#[tokio::test(start_paused = true)]
async fn what_others_publish_over_a_lost_connection_is_missed_and_counted() {
    let here = Memory::new();
    let there = here.clone();
    let lost = subscribe(&here, signals("s"), 9).await;
    let kept = subscribe(&there, signals("s"), 9).await;
    emit(&there, "a", "s", "before").await.unwrap();
    here.lose_bus_connection(10 * SECOND);
    let began = Instant::now();
    assert!(!lost.is_attached() && kept.is_attached());
    assert_eq!(
        emit(&there, "a", "s", "meanwhile").await,
        Ok(Reach::Subscriptions(1))
    );
    assert_eq!(
        emit(&here, "b", "s", "refused").await,
        Err(ErrorKind::Unavailable)
    );
    let refused = here.subscribe(signals("s"), 9).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Unavailable);
    assert_eq!(hear(&*kept).await, ["before", "meanwhile"]);
    drop(kept);
    assert_eq!(emit(&there, "a", "s", "to nobody").await, Ok(Reach::Nobody));
    assert_eq!(hear(&*lost).await, ["before"]);
    tokio::time::sleep_until(began + 10 * SECOND).await;
    assert!(lost.is_attached());
    emit(&there, "a", "s", "after").await.unwrap();
    assert_eq!(hear(&*lost).await, ["after"]);
    assert_eq!(
        lost.lost(),
        Losses {
            gaps: 1,
            ..Losses::default()
        }
    );
    let counts = here.bus_faults().counts();
    assert_eq!((counts.missed, counts.refused), (2, 1));
}

#[tokio::test(start_paused = true)]
async fn calls_wait_for_others_or_the_return_of_the_connection() {
    let here = Memory::new();
    let there = here.clone();
    let lost = subscribe(&here, calls("c"), 9).await;
    let mut waiting = tokio::spawn(async move {
        let mut received = Vec::new();
        lost.next(1, &mut received).await.unwrap();
        lost
    });
    tokio::task::yield_now().await;
    here.lose_bus_connection(10 * SECOND);
    assert_eq!(call(&there, "c", "a").await, Ok(Reach::Subscriptions(1)));
    let other = subscribe(&there, calls("c"), 9).await;
    assert_eq!(hear(&*other).await, ["a"]);
    drop(other);
    call(&there, "c", "b").await.unwrap();
    sleep(5 * SECOND).await;
    assert!(!waiting.is_finished());
    let began = Instant::now();
    let lost = (&mut waiting).await.unwrap();
    assert_eq!(began.elapsed(), 4 * SECOND);
    assert_eq!(lost.lost().gaps, 1);
}

#[tokio::test(start_paused = true)]
async fn a_question_over_a_lost_connection_ends_by_its_deadline() {
    let here = Memory::new();
    let bus: Arc<dyn BusBackend> = Arc::new(here.clone());
    let handle = |_| async {
        sleep(SECOND).await;
        reply("done")
    };
    let line = listen(&bus, calls("charge"), "one", handle).await;
    let asker = asker(&bus);
    let question = || asker.call("charge".into(), Message::new("x"), 5 * SECOND);
    assert!(question().await.is_ok());
    here.bus_faults().lose_publishes(1);
    assert!(matches!(question().await, Err(Unanswered::TimedOut)));
    here.bus_faults().refuse_publishes(1);
    let Err(Unanswered::Unsent(error)) = question().await else {
        panic!("it was refused");
    };
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert!(question().await.is_ok());
    assert_eq!((asker.stats().pending, line.stats().succeeded), (0, 2));
}

#[tokio::test(start_paused = true)]
async fn shuffled_publishers_keep_their_own_order_and_each_seed_replays() {
    let order = async |seed: Option<u64>, keeps: bool| {
        let memory = Memory::new();
        match seed {
            Some(seed) if keeps => memory.bus_faults().shuffle_publishers(seed),
            Some(seed) => memory.bus_faults().shuffle(seed),
            None => {}
        }
        let one = subscribe(&memory, signals("s"), 99).await;
        for number in 0..8 {
            for sender in ["a", "b", "c"] {
                emit(&memory, sender, "s", &format!("{sender}{number}"))
                    .await
                    .unwrap();
            }
        }
        hear(&*one).await
    };
    let of = |heard: &[String], sender: &str| -> Vec<String> {
        heard
            .iter()
            .filter(|it| it.starts_with(sender))
            .cloned()
            .collect()
    };
    let plain = order(None, true).await;
    let mut broken = 0;
    for seed in 0..20 {
        let kept = order(Some(seed), true).await;
        assert_eq!(kept, order(Some(seed), true).await);
        assert_ne!(kept, plain);
        for sender in ["a", "b", "c"] {
            assert_eq!(of(&kept, sender), of(&plain, sender));
        }
        let random = order(Some(seed), false).await;
        assert_eq!(random, order(Some(seed), false).await);
        broken += usize::from(of(&random, "a") != of(&plain, "a"));
        assert_eq!(random.len(), plain.len());
    }
    assert!(broken > 15, "{broken}");
}

#[tokio::test(start_paused = true)]
async fn a_slow_bus_takes_its_time_both_ways_and_loses_nothing() {
    let memory = Memory::new();
    let one = subscribe(&memory, signals("s"), 9).await;
    memory.bus_faults().be_slow(SECOND);
    let began = Instant::now();
    emit(&memory, "a", "s", "x").await.unwrap();
    assert_eq!(began.elapsed(), SECOND);
    let mut received = Vec::new();
    let hasty = tokio::time::timeout(SECOND / 2, one.next(9, &mut received)).await;
    assert!(hasty.is_err());
    one.next(9, &mut received).await.unwrap();
    assert_eq!(began.elapsed(), 5 * SECOND / 2);
    assert_eq!(received.len(), 1);
}
