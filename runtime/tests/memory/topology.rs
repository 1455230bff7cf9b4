//! Exchanges, declarations, checks of what is sent, and connections.

use super::*;

#[tokio::test(start_paused = true)]
async fn exchanges_copy_to_each_matching_queue_once_or_to_none() {
    let memory = Memory::new();
    let bounded = queue("bounded", |it| {
        it.max_length = Some(MaxLength {
            messages: 1,
            overflow: Overflow::Reject,
        });
    });
    let bind = |exchange: &str, queue: &str, pattern: Option<&str>| Binding {
        exchange: exchange.into(),
        queue: queue.into(),
        pattern: pattern.map(Arc::from),
    };
    let exchange = |name: &str, kind| ExchangeDeclaration {
        name: name.into(),
        kind,
    };
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
    memory.declare(&topology).await.unwrap();
    memory.declare(&topology).await.unwrap();
    for (exchange, key, result, all, some) in [
        ("topic", "a.b", Ok(()), 1, 1),
        ("topic", "c", Ok(()), 2, 1),
        ("fan", "", Ok(()), 3, 1),
        ("fan", "", Err(ErrorKind::Full), 3, 1),
        ("lonely", "", Err(ErrorKind::Unroutable), 3, 1),
        ("none", "", Err(ErrorKind::NotFound), 3, 1),
    ] {
        let mut message = Message::new("x");
        message.routing_key = Some(key.into());
        let outgoing = Outgoing::new(Address::Exchange(exchange.into()), message);
        let sent = send(&memory, outgoing).await.map_err(|it| it.kind());
        assert_eq!(sent, result, "{exchange} {key}");
        assert_eq!(counts(&memory, "all").await.ready, all, "{exchange} {key}");
        assert_eq!(
            counts(&memory, "some").await.ready,
            some,
            "{exchange} {key}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_declaration_that_cannot_hold_declares_nothing() {
    let memory = memory_with(|_| {}).await;
    let ordered = |it: &mut QueueDeclaration| it.partitions = Some(2);
    let cases: [(QueueDeclaration, Option<&str>, ErrorKind); 4] = [
        (queue("q", ordered), None, ErrorKind::Mismatch),
        (
            queue("p", |it| {
                ordered(it);
                it.max_priority = 3;
            }),
            None,
            ErrorKind::Unsupported,
        ),
        (queue("p", |_| {}), Some("nowhere"), ErrorKind::NotFound),
        (queue("p", |_| {}), Some("topic"), ErrorKind::Invalid),
    ];
    for (declaration, exchange, kind) in cases {
        let name = Arc::clone(&declaration.name);
        let topology = Topology {
            queues: vec![queue("new", |_| {}), declaration],
            exchanges: vec![ExchangeDeclaration {
                name: "topic".into(),
                kind: ExchangeKind::Topic,
            }],
            bindings: exchange
                .map(|exchange| Binding {
                    exchange: exchange.into(),
                    queue: Arc::clone(&name),
                    pattern: None,
                })
                .into_iter()
                .collect(),
        };
        let error = memory.declare(&topology).await.unwrap_err();
        assert_eq!(error.kind(), kind);
        assert!(error.to_string().contains(&*name), "{error}");
        let missing = send(&memory, to_queue("new", "a")).await.unwrap_err();
        assert_eq!(missing.kind(), ErrorKind::NotFound);
    }
}

#[tokio::test(start_paused = true)]
async fn sends_are_checked_one_by_one() {
    let memory = Memory::with_options(MemoryOptions {
        max_payload: 10,
        ..MemoryOptions::default()
    });
    declare(&memory, &[queue("q", |_| {})]).await;
    let mut batch = [
        to_queue("q", "fits"),
        to_queue("q", "eleven byte"),
        to_queue("p", "lost"),
        to_queue("q", "fits too"),
    ];
    memory.send(&mut batch).await;
    let results = batch.map(|it| it.result.unwrap().map_err(|it| it.kind()));
    assert_eq!(
        results,
        [
            Ok(()),
            Err(ErrorKind::TooLarge),
            Err(ErrorKind::NotFound),
            Ok(())
        ]
    );
    let consumer = consumer(&memory, "q", 9).await;
    assert_eq!(bodies(&next(&*consumer, 9).await), ["fits", "fits too"]);
}

#[tokio::test(start_paused = true)]
async fn stopping_ends_the_intake_and_closing_gives_back() {
    let memory = memory_with(|_| {}).await;
    let other_connection = memory.clone();
    put(&memory, &["a", "b"]).await;
    let one = consumer(&memory, "q", 1).await;
    let held = next(&*one, 1).await;
    one.stop().await.unwrap();
    let ended = one.next(1, &mut Vec::new()).await.unwrap_err();
    assert_eq!(ended.kind(), ErrorKind::Closed);
    assert_eq!(settle(&*one, &held[0], Verdict::Ack).await, 0);

    let two = consumer(&memory, "q", 9).await;
    assert_eq!(next(&*two, 9).await.len(), 1);
    BrokerBackend::close(&memory).await.unwrap();
    BrokerBackend::close(&memory).await.unwrap();
    assert!(!two.is_attached());
    let ended = two.next(1, &mut Vec::new()).await.unwrap_err();
    assert_eq!(ended.kind(), ErrorKind::Closed);
    let refused = send(&memory, to_queue("q", "c")).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Closed);
    let three = consumer(&other_connection, "q", 9).await;
    assert_eq!(next(&*three, 9).await[0].attempt, 2);
}

#[tokio::test(start_paused = true)]
async fn one_name_is_one_memory_as_long_as_it_is_used() {
    let one = Memory::from_dsn("memory:shared").unwrap();
    declare(&one, &[queue("q", |_| {})]).await;
    let other = Memory::from_dsn("memory:shared").unwrap();
    send(&other, to_queue("q", "a")).await.unwrap();
    assert_eq!(counts(&one, "q").await.ready, 1);
    let elsewhere = Memory::from_dsn("memory:").unwrap();
    assert!(send(&elsewhere, to_queue("q", "a")).await.is_err());
    drop((one, other));
    let anew = Memory::named("shared");
    assert!(send(&anew, to_queue("q", "a")).await.is_err());
    let error = Memory::from_dsn("redis://:canary@host").unwrap_err();
    assert!(!error.to_string().contains("canary"));
}

#[tokio::test(start_paused = true)]
async fn each_ordered_queue_of_an_exchange_reads_its_own_key() {
    let memory = Memory::new();
    let by = |name: &str, key: &str| {
        queue(name, |it| {
            it.partitions = Some(2);
            it.key = vec![key.into()];
        })
    };
    let bind = |queue: &str| Binding {
        exchange: "fan".into(),
        queue: queue.into(),
        pattern: None,
    };
    let topology = Topology {
        queues: vec![by("by user", "user"), by("by shop", "shop")],
        exchanges: vec![ExchangeDeclaration {
            name: "fan".into(),
            kind: ExchangeKind::Fanout,
        }],
        bindings: vec![bind("by user"), bind("by shop")],
    };
    memory.declare(&topology).await.unwrap();
    for body in [
        r#"{"user":"a","shop":1}"#,
        r#"{"user":"b","shop":1}"#,
        r#"{"user":"a","shop":2}"#,
        "no object",
    ] {
        let message = Message::new(body.to_owned());
        let outgoing = Outgoing::new(Address::Exchange("fan".into()), message);
        send(&memory, outgoing).await.unwrap();
    }
    // One message per key is on its way at a time; what has no key is in order among itself.
    for (queue, keys) in [
        ("by user", [Some("a"), Some("b"), None]),
        ("by shop", [Some("1"), Some("2"), None]),
    ] {
        let consumer = consumer(&memory, queue, 9).await;
        let deliveries = next(&*consumer, 9).await;
        let key = |it: &Delivery| it.message.partition_key.clone();
        let expected = keys.map(|it| it.map(|it| it.as_bytes().to_vec().into()));
        assert_eq!(
            deliveries.iter().map(key).collect::<Vec<_>>(),
            expected,
            "{queue}"
        );
    }
}

type Lack = fn(&mut Capabilities);

#[test]
fn what_a_backend_cannot_do_is_refused_by_name() {
    let all = Capabilities {
        name: "some broker",
        ordered: true,
        ordered_copies: true,
        fanout: true,
        ..Capabilities::default()
    };
    let topology = Topology {
        queues: vec![queue("q", |it| it.partitions = Some(2))],
        exchanges: vec![ExchangeDeclaration {
            name: "fan".into(),
            kind: ExchangeKind::Fanout,
        }],
        bindings: vec![Binding {
            exchange: "fan".into(),
            queue: "q".into(),
            pattern: None,
        }],
    };
    topology.check(&all).unwrap();
    let lacks: [(Lack, &str); 3] = [
        (|it| it.ordered = false, "`q`"),
        (|it| it.ordered_copies = false, "`q`"),
        (|it| it.fanout = false, "`fan`"),
    ];
    for (lack, name) in lacks {
        let mut capabilities = all.clone();
        lack(&mut capabilities);
        let error = topology.check(&capabilities).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported);
        for part in [name, "some broker"] {
            assert!(error.message().contains(part), "{error}");
        }
    }
}
