//! What a message carries, how large it may be, and how each of a batch is told.

use std::sync::Arc;

use bytes::Bytes;

use crate::error::ErrorKind;
use crate::message::{Address, Message, MessageId, Outgoing, Provenance, TraceContext};
use crate::testing::suite::equipment::{Scene, bodies, to_queue};

cases! { "messages", Broker:
    bodies_are_bytes [] "a body arrives byte by byte, whatever it is";
    all_that_stands_beside_a_body_arrives [Headers] "id, headers, keys, provenance and trace arrive as they were sent";
    ids_of_others_are_kept [Headers] "an id that is not of our making arrives as it stands";
    as_much_as_is_allowed_arrives [] "a message of the largest size arrives";
    what_is_too_large_is_refused_at_once [] "a message beyond the largest size is refused, and nothing of it is sent";
    each_of_a_batch_is_told [] "one message of a batch that fails does not fail the others";
    a_large_batch_keeps_its_order [] "a batch to one queue arrives in its order";
    what_nobody_declared_is_not_found [] "sending to a queue or an exchange that does not exist is refused";
    what_is_sent_at_once_is_sent_the_same [] "a send that needs no wait is a send like any";
    counts_tell_what_a_queue_holds [Inspect] "what is ready, held and attached is counted";
}

async fn bodies_are_bytes(scene: &Scene) {
    let broker = scene.broker().await;
    broker.queue("q").await;
    let all: Vec<u8> = (0..=255).collect();
    let sent: Vec<Bytes> = vec![
        Bytes::new(),
        Bytes::from_static(b"{}"),
        Bytes::from_static(b"\xff\xfe\x00\r\n\x00"),
        Bytes::from_static("{\"name\":\"Zo\u{eb} \u{1f600}\"}\r\n".as_bytes()),
        all.into(),
        Bytes::from(vec![b'x'; 65_537]),
    ];
    let to = |body: &Bytes| {
        let message = Message::new(body.clone());
        Outgoing::new(Address::Queue("q".into()), message)
    };
    broker.send_batch(sent.iter().map(to).collect()).await;
    let came = broker.worker("q", 9).await.take_and_ack(sent.len()).await;
    let came: Vec<_> = came.iter().map(|it| it.message.body.clone()).collect();
    assert_eq!(came, sent);
}

fn laden() -> Message {
    let mut message = Message::new("{}");
    for (name, value) in [
        ("tenant", "acme"),
        ("empty", ""),
        ("long", &"v".repeat(4000)),
    ] {
        message
            .headers
            .insert(name, value)
            .expect("a header like any");
    }
    message
        .headers
        .insert("text", "Zo\u{eb} = 100 %")
        .expect("a header like any");
    message.routing_key = Some("a.b.c".into());
    message.partition_key = Some(vec![0xff, 0x00].into());
    message.provenance = Some(Arc::new(Provenance {
        package: "shop.v2".into(),
        fingerprint: u64::MAX,
        content_type: "application/json".into(),
    }));
    message.trace = Some(Arc::new(TraceContext {
        parent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".into(),
        state: "vendor=value".into(),
    }));
    message
}

async fn all_that_stands_beside_a_body_arrives(scene: &Scene) {
    let broker = scene.broker().await;
    broker.queue("q").await;
    let message = laden();
    let outgoing = Outgoing::new(Address::Queue("q".into()), message.clone());
    broker.send(outgoing).await.expect("it is sent");
    let came = scene.broker().await.worker("q", 9).await.take_one().await;
    assert_eq!(*came.message, message);
}

async fn ids_of_others_are_kept(scene: &Scene) {
    let broker = scene.broker().await;
    broker.queue("q").await;
    for text in ["7c9e6679-7425-40de-944b-e07fc1f90ae7", "order 17"] {
        let mut outgoing = to_queue("q", "a");
        Arc::make_mut(&mut outgoing.message).id = MessageId::from_text(text);
        broker.send(outgoing).await.expect("it is sent");
    }
    let came = broker.worker("q", 9).await.take_and_ack(2).await;
    let ids: Vec<_> = came.iter().map(|it| it.message.id.to_string()).collect();
    assert_eq!(ids, ["7c9e6679-7425-40de-944b-e07fc1f90ae7", "order 17"]);
}

async fn as_much_as_is_allowed_arrives(scene: &Scene) {
    let broker = scene.broker().await;
    broker.queue("q").await;
    let size = broker.capabilities().max_payload;
    assert!(size >= 1024, "a message of 1 KiB is not large: {size}");
    broker.put("q", &[&"x".repeat(size)]).await;
    let came = broker.worker("q", 9).await.take_and_ack(1).await;
    assert_eq!(came[0].message.body.len(), size);
}

async fn what_is_too_large_is_refused_at_once(scene: &Scene) {
    let broker = scene.broker().await;
    broker.queue("q").await;
    let size = broker.capabilities().max_payload;
    let body = to_queue("q", &"x".repeat(size + 1));
    let mut beside = to_queue("q", &"x".repeat(size - 1));
    let key = "a.b".into();
    Arc::make_mut(&mut beside.message).routing_key = Some(key);
    for outgoing in [body, beside] {
        let refused = broker.try_send(outgoing).await;
        assert_eq!(refused, Err(ErrorKind::TooLarge));
    }
    broker.put("q", &["small"]).await;
    assert_eq!(
        bodies(&broker.worker("q", 9).await.take_and_ack(1).await),
        ["small"]
    );
}

async fn each_of_a_batch_is_told(scene: &Scene) {
    let broker = scene.broker().await;
    broker.queue("q").await;
    let large = "x".repeat(broker.capabilities().max_payload + 1);
    let mut batch = [
        to_queue("q", "one"),
        to_queue("q", &large),
        to_queue("nowhere", "lost"),
        to_queue("q", "two"),
    ];
    broker.0.send(&mut batch).await;
    let results = batch.map(|it| it.result.expect("each has one").map_err(|it| it.kind()));
    let expected = [
        Ok(()),
        Err(ErrorKind::TooLarge),
        Err(ErrorKind::NotFound),
        Ok(()),
    ];
    assert_eq!(results, expected);
    let worker = broker.worker("q", 9).await;
    assert_eq!(bodies(&worker.take_and_ack(2).await), ["one", "two"]);
    broker.0.send(&mut []).await;
}

async fn a_large_batch_keeps_its_order(scene: &Scene) {
    let broker = scene.broker().await;
    broker.queue("q").await;
    let count = scene.count(1000, 10_000);
    broker.put_numbers("q", count).await;
    let came = broker.worker("q", 256).await.take_and_ack(count).await;
    let expected: Vec<_> = (0..count).map(|it| it.to_string()).collect();
    assert_eq!(bodies(&came), expected);
}

async fn what_nobody_declared_is_not_found(scene: &Scene) {
    let broker = scene.broker().await;
    let sent = broker.try_send(to_queue("nowhere", "a")).await;
    assert_eq!(sent, Err(ErrorKind::NotFound));
    let outgoing = Outgoing::new(Address::Exchange("nowhere".into()), Message::new("a"));
    assert_eq!(broker.try_send(outgoing).await, Err(ErrorKind::NotFound));
}

async fn what_is_sent_at_once_is_sent_the_same(scene: &Scene) {
    let broker = scene.broker().await;
    broker.queue("q").await;
    let mut sent = Vec::new();
    for number in 0..10 {
        let mut outgoing = to_queue("q", &number.to_string());
        if broker.0.send_now(&mut outgoing) {
            outgoing
                .result
                .expect("it has a result")
                .expect("it is sent");
        } else {
            assert!(outgoing.result.is_none(), "it did nothing");
            broker.send(outgoing).await.expect("it is sent");
        }
        sent.push(number.to_string());
    }
    let mut lost = to_queue("nowhere", "a");
    if broker.0.send_now(&mut lost) {
        let refused = lost.result.expect("it has a result");
        assert_eq!(refused.map_err(|it| it.kind()), Err(ErrorKind::NotFound));
    }
    let came = broker.worker("q", 10).await.take_and_ack(10).await;
    assert_eq!(bodies(&came), sent);
}

async fn counts_tell_what_a_queue_holds(scene: &Scene) {
    let broker = scene.broker().await;
    broker.queue("q").await;
    let empty = broker.counts("q").await;
    assert_eq!(empty, crate::broker::QueueCounts::default());
    broker.put_numbers("q", 5).await;
    assert_eq!(broker.counts("q").await.ready, 5);
    let worker = broker.worker("q", 2).await;
    worker.take(2).await;
    let other = scene.broker().await;
    other
        .counts_become("q", |it| {
            (it.ready, it.in_flight, it.consumers) == (3, 2, 1)
        })
        .await;
    let missing = broker.inspect().counts("nowhere").await;
    assert_eq!(missing.map_err(|it| it.kind()), Err(ErrorKind::NotFound));
}
