//! What holds for lists alone: peers that know the list and nothing beside it, and payloads that are equal.

use super::*;

/// A peer that knows lists only, as one in Python does.
struct Peer {
    connection: ::redis::aio::MultiplexedConnection,
    prefix: String,
}

impl Peer {
    async fn new(prefix: &str) -> Self {
        let client = ::redis::Client::open(dsn().expose()).unwrap();
        Self {
            connection: client.get_multiplexed_async_connection().await.unwrap(),
            prefix: prefix.to_owned(),
        }
    }

    async fn run<T: ::redis::FromRedisValue>(&mut self, name: &str, arguments: &[&str]) -> T {
        let mut command = ::redis::cmd(name);
        command.arg(format!("{}q", self.prefix)).arg(arguments);
        command.query_async(&mut self.connection).await.unwrap()
    }

    async fn elements(&mut self) -> Vec<String> {
        self.run("LRANGE", &["0", "-1"]).await
    }
}

/// A body with a queue `q` on lists, and a peer who shares it.
async fn with_peer<F: Future<Output = ()>>(body: impl FnOnce(Redis, Peer) -> F) {
    if skipped() {
        return;
    }
    let prefix = fresh_prefix();
    let redis = connect(LISTS, &prefix).await;
    declare(&redis, &[queue("q", |_| {})]).await;
    body(redis, Peer::new(&prefix).await).await;
}

#[tokio::test]
async fn an_element_is_the_payload_and_nothing_else() {
    with_peer(|redis, mut peer| async move {
        put(&redis, &["{\"a\":1}", "b"]).await;
        assert_eq!(peer.elements().await, ["{\"a\":1}", "b"]);
        let _: i64 = peer.run("RPUSH", &["c"]).await;
        let popped: String = peer.run("LPOP", &[]).await;
        assert_eq!(popped, "{\"a\":1}");
        let consumer = consumer(&redis, "q", 9).await;
        let taken = take(&*consumer, 2).await;
        assert_eq!(bodies(&taken), ["b", "c"]);
        assert!(taken.iter().all(|it| it.attempt == 1));
        // One that already waits is woken.
        let _: i64 = peer.run("RPUSH", &["d"]).await;
        assert_eq!(bodies(&take(&*consumer, 1).await), ["d"]);
        assert_eq!(peer.elements().await, <[&str; 0]>::default());
    })
    .await;
}

#[tokio::test]
async fn what_goes_back_unstarted_is_there_for_peers_in_its_old_place() {
    with_peer(|redis, mut peer| async move {
        put(&redis, &["a", "b", "c", "d"]).await;
        let consumer = consumer(&redis, "q", 3).await;
        let held = take(&*consumer, 3).await;
        consumer.stop().await.unwrap();
        let mut batch: Vec<_> = [
            (0, Verdict::Return),
            (2, Verdict::Return),
            (1, Verdict::Ack),
        ]
        .into_iter()
        .map(|(place, verdict): (usize, _)| Settlement {
            tag: held[place].tag,
            verdict,
        })
        .collect();
        consumer.settle(&mut batch).await.unwrap();
        assert_eq!(peer.elements().await, ["a", "c", "d"]);
    })
    .await;
}

#[tokio::test]
async fn what_a_dying_consumer_woke_up_for_is_taken_by_the_next() {
    with_peer(|redis, mut peer| async move {
        put(&redis, &["a", "b"]).await;
        let landing = format!("{{{}q}}:landing", peer.prefix);
        let _: String = peer.run("LMOVE", &[&landing, "LEFT", "RIGHT"]).await;
        assert_eq!(counts(&redis, "q").await.ready, 2);
        let consumer = consumer(&redis, "q", 9).await;
        let taken = take(&*consumer, 2).await;
        assert_eq!(bodies(&taken), ["a", "b"]);
        assert!(taken.iter().all(|it| it.attempt == 1));
    })
    .await;
}

#[tokio::test]
async fn of_a_thousand_equal_payloads_none_is_lost() {
    with_peer(|redis, _| async move {
        let mut batch: Vec<_> = (0..1000).map(|_| to_queue("q", "{}")).collect();
        redis.send(&mut batch).await;
        let mut done = 0;
        let mut round = 0;
        while done < 1000 {
            round += 1;
            let consumer = consumer(&redis, "q", 200).await;
            let mut deliveries = take(&*consumer, 1).await;
            let _ = tokio::time::timeout(SOON, consumer.next(199, &mut deliveries)).await;
            for (number, delivery) in deliveries.iter().enumerate() {
                // Some fail, some are delayed, and of the first rounds the last are lost with their consumer.
                let verdict = match number % 7 {
                    0 if delivery.attempt < 3 => retry(Duration::ZERO),
                    1 if delivery.attempt < 3 => retry(Duration::from_millis(20)),
                    2 if delivery.attempt < 3 && round < 4 => break,
                    _ => Verdict::Ack,
                };
                let acknowledges = matches!(verdict, Verdict::Ack);
                let late = settle(&*consumer, delivery, verdict).await;
                done += usize::from(acknowledges && late == 0);
            }
        }
        assert_eq!(done, 1000);
        let expected = QueueCounts {
            consumers: counts(&redis, "q").await.consumers,
            ..QueueCounts::default()
        };
        assert_eq!(counts(&redis, "q").await, expected);
    })
    .await;
}

#[tokio::test]
async fn what_no_element_can_hold_is_refused() {
    with_peer(|redis, _| async move {
        let mut sent = to_queue("q", "a");
        let message = Arc::make_mut(&mut sent.message);
        message.headers.insert("tenant", "acme").unwrap();
        let error = send(&redis, sent).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported);
        let ordered = queue("ordered", |it| it.partitions = Some(2));
        let topology = Topology {
            queues: vec![ordered],
            ..Topology::default()
        };
        let error = redis.declare(&topology).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported);
        let told = error.to_string();
        assert!(
            told.contains("`ordered`") && told.contains("redis lists"),
            "{told}"
        );
    })
    .await;
}

#[tokio::test]
async fn one_queue_is_kept_in_one_way() {
    if skipped() {
        return;
    }
    for (one, other) in [(STREAMS, LISTS), (LISTS, STREAMS)] {
        let prefix = fresh_prefix();
        declare(&connect(one, &prefix).await, &[queue("q", |_| {})]).await;
        let topology = Topology {
            queues: vec![queue("q", |_| {})],
            ..Topology::default()
        };
        let redis = connect(other, &prefix).await;
        let error = redis.declare(&topology).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Mismatch, "{one} {other}");
        assert!(error.to_string().contains("`q`"), "{error}");
    }
}
