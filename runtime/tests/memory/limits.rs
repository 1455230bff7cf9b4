//! The limits that no queue declares: messages and dead letters of a queue, and what becomes of those beyond them.

use super::*;
use microagent::backend::memory::MemoryOptions;

async fn small() -> Memory {
    let memory = Memory::with_options(MemoryOptions {
        max_messages: 3,
        ..MemoryOptions::default()
    });
    declare(&memory, &[queue("q", |_| {})]).await;
    memory
}

#[tokio::test(start_paused = true)]
async fn a_queue_without_a_limit_has_that_of_its_memory() {
    let memory = small().await;
    put(&memory, &["a", "b", "c"]).await;
    let refused = send(&memory, to_queue("q", "d")).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Full);
    let held = consumer(&memory, "q", 9).await;
    let deliveries = next(&*held, 9).await;
    assert_eq!(bodies(&deliveries), ["a", "b", "c"]);
    let refused = send(&memory, to_queue("q", "d")).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Full, "what is held counts");
    settle(&*held, &deliveries[0], Verdict::Ack).await;
    put(&memory, &["d"]).await;
}

#[tokio::test(start_paused = true)]
async fn the_oldest_dead_letter_makes_room_and_is_counted() {
    let memory = small().await;
    let consumer = consumer(&memory, "q", 9).await;
    for body in ["a", "b", "c", "d", "e"] {
        put(&memory, &[body]).await;
        let delivery = next(&*consumer, 1).await.remove(0);
        settle(&*consumer, &delivery, rejected("not ours")).await;
    }
    let letters = memory.inspect().unwrap().dead_letters("q", 9).await;
    let left: Vec<_> = letters
        .unwrap()
        .into_iter()
        .map(|it| it.message.body.clone())
        .collect();
    assert_eq!(left, ["c", "d", "e"]);
    let counts = counts(&memory, "q").await;
    assert_eq!((counts.dead, counts.dropped), (3, 2));
}
