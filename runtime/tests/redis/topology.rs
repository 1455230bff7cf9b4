//! Exchanges, declarations, checks of what is sent, and DSNs.

use super::*;

fn bind(exchange: &str, queue: &str, pattern: Option<&str>) -> Binding {
    Binding {
        exchange: exchange.into(),
        queue: queue.into(),
        pattern: pattern.map(Arc::from),
    }
}

fn exchange(name: &str, kind: ExchangeKind) -> ExchangeDeclaration {
    ExchangeDeclaration {
        name: name.into(),
        kind,
    }
}

async fn publish(redis: &Redis, exchange: &str, key: &str) -> Result<(), ErrorKind> {
    let mut message = Message::new("x");
    message.routing_key = Some(key.into());
    send(
        redis,
        Outgoing::new(Address::Exchange(exchange.into()), message),
    )
    .await
    .map_err(|it| it.kind())
}

#[tokio::test]
async fn exchanges_copy_to_each_matching_queue_once_or_to_none() {
    on_redis(|redis| async move {
        let bounded = queue("bounded", |it| {
            it.max_length = Some(MaxLength {
                messages: 1,
                overflow: Overflow::Reject,
            });
        });
        let topology = Topology {
            queues: vec![queue("all", |_| {}), queue("some", |_| {}), bounded],
            exchanges: vec![
                exchange("fan", ExchangeKind::Fanout),
                exchange("topic", ExchangeKind::Topic),
                exchange("lonely", ExchangeKind::Fanout),
            ],
            bindings: vec![
                bind("fan", "all", None),
                bind("fan", "bounded", None),
                bind("topic", "all", Some("#")),
                bind("topic", "some", Some("a.*")),
                bind("topic", "some", Some("*.b")),
            ],
        };
        redis.declare(&topology).await.unwrap();
        redis.declare(&topology).await.unwrap();
        for (exchange, key, result, all, some) in [
            ("topic", "a.b", Ok(()), 1, 1),
            ("topic", "c", Ok(()), 2, 1),
            ("fan", "", Ok(()), 3, 1),
            ("fan", "", Err(ErrorKind::Full), 3, 1),
            ("lonely", "", Err(ErrorKind::Unroutable), 3, 1),
            ("none", "", Err(ErrorKind::NotFound), 3, 1),
        ] {
            assert_eq!(publish(&redis, exchange, key).await, result, "{exchange}");
            assert_eq!(counts(&redis, "all").await.ready, all, "{exchange} {key}");
            assert_eq!(counts(&redis, "some").await.ready, some, "{exchange} {key}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_queue_that_another_process_binds_gets_its_copies_at_once() {
    on_two_of_redis(|sender, other| async move {
        let of = |name: &str| Topology {
            queues: vec![queue(name, |_| {})],
            exchanges: vec![exchange("fan", ExchangeKind::Fanout)],
            bindings: vec![bind("fan", name, None)],
        };
        sender.declare(&of("first")).await.unwrap();
        publish(&sender, "fan", "").await.unwrap();
        other.declare(&of("second")).await.unwrap();
        publish(&sender, "fan", "").await.unwrap();
        assert_eq!(counts(&sender, "first").await.ready, 2);
        assert_eq!(counts(&sender, "second").await.ready, 1);
    })
    .await;
}

#[tokio::test]
async fn a_declaration_that_cannot_hold_declares_nothing() {
    on_redis(|redis| async move {
        declare(&redis, &[queue("q", |_| {})]).await;
        let ordered = if redis.capabilities().ordered {
            ErrorKind::Mismatch
        } else {
            ErrorKind::Unsupported
        };
        let cases = [
            (
                queue("q", |it| it.durable = false),
                None,
                ErrorKind::Mismatch,
            ),
            (
                queue("q", |it| it.ttl = Some(LEASE)),
                None,
                ErrorKind::Mismatch,
            ),
            (queue("q", |it| it.partitions = Some(2)), None, ordered),
            (
                queue("p", |it| it.max_priority = 1),
                None,
                ErrorKind::Unsupported,
            ),
            (queue("p", |_| {}), Some("nowhere"), ErrorKind::NotFound),
            (queue("p", |_| {}), Some("topic"), ErrorKind::Invalid),
        ];
        for (declaration, bound_to, kind) in cases {
            let name = Arc::clone(&declaration.name);
            let topology = Topology {
                queues: vec![queue("new", |_| {}), declaration],
                exchanges: vec![exchange("topic", ExchangeKind::Topic)],
                bindings: bound_to
                    .map(|it| bind(it, &name, None))
                    .into_iter()
                    .collect(),
            };
            let error = redis.declare(&topology).await.unwrap_err();
            assert_eq!(error.kind(), kind);
            assert!(error.to_string().contains(&*name), "{error}");
            let missing = send(&redis, to_queue("new", "a")).await.unwrap_err();
            assert_eq!(missing.kind(), ErrorKind::NotFound);
        }
    })
    .await;
}

#[tokio::test]
async fn sends_are_checked_one_by_one() {
    on_redis(|redis| async move {
        declare(&redis, &[queue("q", |_| {})]).await;
        let large = "x".repeat(1024 * 1024 + 1);
        let mut batch = [
            to_queue("q", "one"),
            to_queue("q", &large),
            to_queue("p", "lost"),
            to_queue("q", "two"),
        ];
        redis.send(&mut batch).await;
        let results = batch.map(|it| it.result.unwrap().map_err(|it| it.kind()));
        let expected = [
            Ok(()),
            Err(ErrorKind::TooLarge),
            Err(ErrorKind::NotFound),
            Ok(()),
        ];
        assert_eq!(results, expected);
        let consumer = consumer(&redis, "q", 9).await;
        assert_eq!(bodies(&take(&*consumer, 2).await), ["one", "two"]);
    })
    .await;
}

#[tokio::test]
async fn a_dsn_says_lease_and_prefix_and_nothing_unknown() {
    for query in ["lease=0", "lease=soon", "leash=1"] {
        let dsn = Dsn::parse(&format!("redis://host?{query}")).unwrap();
        let error = RedisOptions::from_dsn(&dsn).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config, "{query}");
    }
    let dsn = Dsn::parse("redis://host?lease=7&prefix=a.").unwrap();
    let options = RedisOptions::from_dsn(&dsn).unwrap();
    assert_eq!((options.lease.as_secs(), &*options.prefix), (7, "a."));
}
