//! Dead letters, in a store of their own and as messages of another queue.

use super::*;

#[tokio::test(start_paused = true)]
async fn dead_letters_keep_bytes_reason_and_origin_and_come_back_once() {
    let memory = memory_with(|_| {}).await;
    let mut sent = to_queue("q", "");
    let message = Arc::make_mut(&mut sent.message);
    message.body = vec![0xff, 0x00].into();
    message.headers.insert("tenant", "acme").unwrap();
    let id = sent.message.id.clone();
    send(&memory, sent).await.unwrap();
    let consumer = consumer(&memory, "q", 9).await;
    let first = next(&*consumer, 1).await.remove(0);
    settle(&*consumer, &first, retry(5 * SECOND)).await;
    let second = next(&*consumer, 1).await.remove(0);
    settle(&*consumer, &second, rejected("not ours")).await;

    let inspect = memory.inspect().unwrap();
    let letters = inspect.dead_letters("q", 9).await.unwrap();
    let [letter] = &letters[..] else {
        panic!("{letters:?}")
    };
    assert_eq!(letter.message.id, id);
    assert_eq!(&letter.message.body[..], [0xff, 0x00]);
    assert_eq!(letter.message.headers.get("tenant"), Some("acme"));
    assert_eq!(letter.cause.reason, Reason::Rejected);
    assert_eq!(&*letter.cause.detail, "not ours");
    assert_eq!((&*letter.queue, letter.attempts), ("q", 2));
    assert_eq!(letter.first_seen, first.first_seen);
    assert_eq!(letter.died_at, first.first_seen + 5 * SECOND);

    assert_eq!(inspect.redrive("q", 9).await.unwrap(), 1);
    assert_eq!(inspect.redrive("q", 9).await.unwrap(), 0);
    let again = next(&*consumer, 9).await;
    assert_eq!((again.len(), again[0].attempt), (1, 1));
    assert_eq!(again[0].message.id, id);
    assert_eq!(again[0].first_seen, first.first_seen);
}

#[tokio::test(start_paused = true)]
async fn a_declared_dead_letter_queue_takes_them_as_messages() {
    let memory = Memory::new();
    let main = queue("q", |it| it.dead_letter = Some("morgue".into()));
    declare(&memory, &[main, queue("morgue", |_| {})]).await;
    put(&memory, &["a"]).await;
    let consumer_of_main = consumer(&memory, "q", 9).await;
    let held = next(&*consumer_of_main, 1).await;
    settle(&*consumer_of_main, &held[0], rejected("no")).await;
    let morgue = consumer(&memory, "morgue", 9).await;
    let dead = next(&*morgue, 9).await;
    assert_eq!(bodies(&dead), ["a"]);
    assert_eq!(dead[0].message.id, held[0].message.id);
    let headers: Vec<_> = dead[0].message.headers.iter().collect();
    let expected = [
        ("dead-letter-attempts", "1"),
        ("dead-letter-detail", "no"),
        ("dead-letter-queue", "q"),
        ("dead-letter-reason", "rejected"),
    ];
    assert_eq!(headers, expected);
    assert_eq!(counts(&memory, "q").await.dead, 0);
}

#[tokio::test(start_paused = true)]
async fn an_ordered_queue_of_dead_letters_reads_a_key_of_its_own() {
    let memory = Memory::new();
    let main = queue("q", |it| {
        it.dead_letter = Some("morgue".into());
        it.key = vec!["lane".into()];
        it.partitions = Some(2);
    });
    let morgue = queue("morgue", |it| {
        it.key = vec!["user".into()];
        it.partitions = Some(2);
    });
    declare(&memory, &[main, morgue]).await;
    for user in ["ada", "bob"] {
        let body = format!(r#"{{"lane":"left","user":"{user}"}}"#);
        let mut outgoing = to_queue("q", &body);
        Arc::make_mut(&mut outgoing.message).partition_key = Some("left".into());
        send(&memory, outgoing).await.unwrap();
        let consumer = consumer(&memory, "q", 1).await;
        let held = next(&*consumer, 1).await;
        settle(&*consumer, &held[0], rejected("no")).await;
    }
    let morgue = consumer(&memory, "morgue", 9).await;
    let dead = next(&*morgue, 9).await;
    let keys: Vec<_> = dead
        .iter()
        .map(|it| it.message.partition_key.clone())
        .collect();
    assert_eq!(keys, [Some("ada".into()), Some("bob".into())]);
}
