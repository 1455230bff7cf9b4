//! Dead letters, in a store of their own and as messages of another queue.

use super::*;

#[tokio::test]
async fn dead_letters_keep_bytes_reason_and_origin_and_come_back_once() {
    on_redis(|redis| async move {
        declare(&redis, &[queue("q", |_| {})]).await;
        let mut sent = to_queue("q", "");
        let message = Arc::make_mut(&mut sent.message);
        message.body = vec![0xff, 0x00].into();
        let tenant = redis.capabilities().headers.then_some("acme");
        if let Some(tenant) = tenant {
            message.headers.insert("tenant", tenant).unwrap();
        }
        send(&redis, sent).await.unwrap();
        let consumer = consumer(&redis, "q", 9).await;
        let first = take(&*consumer, 1).await.remove(0);
        let id = first.message.id.clone();
        settle(&*consumer, &first, retry(Duration::from_millis(100))).await;
        let second = take(&*consumer, 1).await.remove(0);
        settle(&*consumer, &second, rejected("not ours")).await;

        let inspect = redis.inspect().unwrap();
        let letters = inspect.dead_letters("q", usize::MAX).await.unwrap();
        let [letter] = &letters[..] else {
            panic!("{letters:?}")
        };
        assert_eq!(letter.message.id, id);
        assert_eq!(&letter.message.body[..], [0xff, 0x00]);
        assert_eq!(letter.message.headers.get("tenant"), tenant);
        assert_eq!(letter.cause.reason, Reason::Rejected);
        assert_eq!(&*letter.cause.detail, "not ours");
        assert_eq!((&*letter.queue, letter.attempts), ("q", 2));
        assert_eq!(letter.first_seen, first.first_seen);
        assert!(letter.died_at >= first.first_seen + Duration::from_millis(100));

        assert_eq!(inspect.redrive("q", usize::MAX).await.unwrap(), 1);
        assert_eq!(inspect.redrive("q", 9).await.unwrap(), 0);
        let again = take(&*consumer, 1).await.remove(0);
        assert_eq!((&again.message.id, again.attempt), (&id, 1));
        assert_eq!(again.first_seen, first.first_seen);
    })
    .await;
}

#[tokio::test]
async fn a_declared_dead_letter_queue_takes_them_as_messages() {
    on_redis(|redis| async move {
        let main = queue("q", |it| it.dead_letter = Some("morgue".into()));
        declare(&redis, &[main, queue("morgue", |_| {})]).await;
        put(&redis, &["a"]).await;
        let consumer_of_main = consumer(&redis, "q", 9).await;
        let held = take(&*consumer_of_main, 1).await;
        settle(&*consumer_of_main, &held[0], rejected("no")).await;
        let morgue = consumer(&redis, "morgue", 9).await;
        let dead = take(&*morgue, 1).await;
        assert_eq!(bodies(&dead), ["a"]);
        assert_eq!(dead[0].message.id, held[0].message.id);
        assert_eq!(dead[0].first_seen, held[0].first_seen);
        let headers: Vec<_> = dead[0].message.headers.iter().collect();
        let expected = [
            ("dead-letter-attempts", "1"),
            ("dead-letter-detail", "no"),
            ("dead-letter-queue", "q"),
            ("dead-letter-reason", "rejected"),
        ];
        assert_eq!(headers, expected);
        assert_eq!(counts(&redis, "q").await.dead, 0);
    })
    .await;
}

#[tokio::test]
async fn the_oldest_dead_letter_makes_room_at_the_limit() {
    if skipped() {
        return;
    }
    for store in STORES {
        let prefix = fresh_prefix();
        let options = RedisOptions {
            prefix: prefix.as_str().into(),
            max_dead_letters: 2,
            ..RedisOptions::default()
        };
        let dsn = kept(store, &dsn());
        let redis = Redis::connect(&dsn, options).await.unwrap();
        declare(&redis, &[queue("q", |_| {})]).await;
        put(&redis, &["a", "b", "c"]).await;
        let consumer = consumer(&redis, "q", 9).await;
        for delivery in take(&*consumer, 3).await {
            settle(&*consumer, &delivery, rejected("no")).await;
        }
        let letters = redis.inspect().unwrap().dead_letters("q", 9).await.unwrap();
        let kept: Vec<_> = letters.iter().map(|it| &it.message.body[..]).collect();
        assert_eq!(kept, [b"b", b"c"]);
        let counted = counts(&redis, "q").await;
        assert_eq!((counted.dead, counted.dropped), (2, 1));
        clean_up(&prefix).await;
    }
}

#[tokio::test]
async fn an_entry_by_hand_without_a_body_shows_what_it_has() {
    if skipped() {
        return;
    }
    let prefix = fresh_prefix();
    let redis = connect(STREAMS, &prefix).await;
    declare(&redis, &[queue("q", |_| {})]).await;
    let mut by_hand = ::redis::cmd("XADD");
    by_hand
        .arg(format!("{prefix}q"))
        .arg(&["*", "colour", "red"]);
    let _: String = by_hand
        .query_async(&mut direct(&dsn()).await)
        .await
        .unwrap();
    let consumer = consumer(&redis, "q", 9).await;
    let held = take(&*consumer, 1).await;
    assert_eq!(held[0].message.headers.get("colour"), Some("red"));
    settle(&*consumer, &held[0], rejected("no body")).await;
    let letters = redis.inspect().unwrap().dead_letters("q", 9).await.unwrap();
    let headers: Vec<_> = letters[0].message.headers.iter().collect();
    assert_eq!(headers, [("colour", "red")]);
    clean_up(&prefix).await;
}

#[tokio::test]
async fn where_the_declared_queue_takes_no_more_a_dead_letter_stays_with_its_own() {
    on_redis(|redis| async move {
        let main = queue("q", |it| it.dead_letter = Some("nowhere".into()));
        declare(&redis, &[main]).await;
        put(&redis, &["a"]).await;
        let consumer = consumer(&redis, "q", 9).await;
        let held = take(&*consumer, 1).await;
        settle(&*consumer, &held[0], rejected("no")).await;
        assert_eq!(counts(&redis, "q").await.dead, 1);
    })
    .await;
}
