//! Watermill's universal cases that need one message or a few, as `pubsub/tests/test_pubsub.go` has them at v1.5: a topic is
//! a queue, a subscriber a consumer, `Nack` a return at once. Those with many are in `universal_many`.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::broker::Verdict;
use crate::testing::suite::equipment::{Scene, bodies, body, fan, retry, to_exchange, to_queue};

cases! { "universal", Broker:
    publish_subscribe [] "100 messages that were sent before anyone consumed arrive, each as it was sent";
    resend_on_error [] "what failed is delivered again, and nothing else is missing";
    no_ack [] "what is held blocks a consumer at its prefetch until it is acknowledged, and never comes again";
    publish_subscribe_in_order [] "messages of one sender come in the order in which they were sent";
    topic [] "queues keep their messages apart";
    message_context [] "a delivery ends with its acknowledgement and with the connection it came by";
    subscribe_context [] "a consumer that goes away takes nothing with it";
    new_subscriber_receives_old_messages [] "who comes later gets what was sent before";
    consumer_groups [Fanout] "each queue of an exchange gets all messages, whoever consumes the others";
}

/// Watermill: `TestPublishSubscribe`, 100 messages.
async fn publish_subscribe(scene: &Scene) {
    let broker = scene.broker().await;
    broker.queue("q").await;
    let has_headers = broker.capabilities().headers;
    let batch = (0..100).map(|number| {
        let mut outgoing = to_queue("q", &number.to_string());
        if has_headers {
            let message = std::sync::Arc::make_mut(&mut outgoing.message);
            let test = message.headers.insert("test", &format!("of {number}"));
            test.expect("a header like any");
        }
        outgoing
    });
    let batch: Vec<_> = batch.collect();
    let sent: Vec<_> = batch.iter().map(|it| it.message.clone()).collect();
    broker.send_batch(batch).await;
    let worker = broker.worker("q", 100).await;
    let came = worker.take(100).await;
    for (sent, came) in sent.iter().zip(&came) {
        assert_eq!(came.message.body, sent.body);
        assert!(!has_headers || came.message == *sent, "{came:?}");
    }
    worker.ack_all(&came).await;
    broker.close().await;
    worker.has_ended().await;
}

/// Watermill: `TestResendOnError`, 100 messages of which two fail at first.
async fn resend_on_error(scene: &Scene) {
    let broker = scene.broker().await;
    broker.queue("q").await;
    broker.put_numbers("q", 100).await;
    let worker = broker.worker("q", 100).await;
    for _ in 0..2 {
        let failed = worker.take_one().await;
        assert_eq!(worker.settle(&failed, retry(Duration::ZERO)).await, 0);
    }
    let came = worker.take_and_ack(100).await;
    let distinct: BTreeSet<_> = came.iter().map(|it| it.message.body.clone()).collect();
    assert_eq!(distinct.len(), 100);
    let tried_again = came.iter().filter(|it| it.attempt == 2).count();
    assert_eq!(tried_again, 2);
}

/// Watermill: `TestNoAck`, two messages.
async fn no_ack(scene: &Scene) {
    let broker = scene.broker().await;
    broker.queue("q").await;
    broker.put("q", &["1", "2"]).await;
    let worker = broker.worker("q", 1).await;
    let first = worker.take_one().await;
    worker.nothing_comes(Duration::from_millis(100)).await;
    worker.ack(&first).await;
    let second = worker.take_one().await;
    assert_eq!(bodies(&[first, second.clone()]), ["1", "2"]);
    worker.ack(&second).await;
    worker.nothing_comes(broker.past_lease()).await;
}

/// Watermill: `TestPublishSubscribeInOrder`, 1000 messages of 16 types, 100 in a quick run.
async fn publish_subscribe_in_order(scene: &Scene) {
    let broker = scene.broker().await;
    broker.queue("q").await;
    let count = scene.count(100, 1000);
    let body = |number: usize| format!("{} of type {}", number / 16, number % 16);
    // Half in one batch, half one by one: both keep their order.
    let half = (0..count / 2).map(|it| to_queue("q", &body(it)));
    broker.send_batch(half.collect()).await;
    for number in count / 2..count {
        broker.put("q", &[&body(number)]).await;
    }
    let worker = broker.worker("q", 10).await;
    let came = worker.take_and_ack(count).await;
    let expected: Vec<_> = (0..count).map(body).collect();
    assert_eq!(bodies(&came), expected);
}

/// Watermill: `TestTopic`, one message on each of two topics.
async fn topic(scene: &Scene) {
    let broker = scene.broker().await;
    broker.queue("q.1").await;
    broker.queue("q.2").await;
    broker.put("q.1", &["of 1"]).await;
    broker.put("q.2", &["of 2"]).await;
    for (queue, body) in [("q.2", "of 2"), ("q.1", "of 1")] {
        let worker = broker.worker(queue, 9).await;
        assert_eq!(bodies(&worker.take_and_ack(1).await), [body]);
        worker.nothing_comes(Duration::from_millis(100)).await;
    }
}

/// Watermill: `TestMessageCtx`. There a message has a context that ends with its acknowledgement or with the subscriber;
/// here its tag ends, and settling it once more does nothing.
async fn message_context(scene: &Scene) {
    let (broker, other) = (scene.broker().await, scene.broker().await);
    broker.queue("q").await;
    broker.put("q", &["1", "2"]).await;
    let worker = broker.worker("q", 2).await;
    let first = worker.take_one().await;
    worker.ack(&first).await;
    assert_eq!(worker.settle(&first, Verdict::Ack).await, 1);
    let second = worker.take_one().await;
    broker.close().await;
    assert_eq!(worker.settle(&second, Verdict::Ack).await, 1);
    let again = other.worker("q", 2).await.take_one().await;
    assert_eq!(body(&again), "2");
}

/// Watermill: `TestSubscribeCtx`, 20 messages and a subscriber whose context is cancelled.
async fn subscribe_context(scene: &Scene) {
    let broker = scene.broker().await;
    broker.queue("q").await;
    broker.put_numbers("q", 20).await;
    let cancelled = broker.worker("q", 9).await;
    drop(cancelled.next(9).await);
    drop(cancelled);
    let worker = broker.worker("q", 20).await;
    let came = worker.take_and_ack(20).await;
    let distinct: BTreeSet<_> = bodies(&came).into_iter().collect();
    assert_eq!(distinct.len(), 20);
}

/// Watermill: `TestNewSubscriberReceivesOldMessages`, three subscribers that come one after the other. There each reads a
/// log from its beginning; here they compete, and each finds what nobody has acknowledged.
async fn new_subscriber_receives_old_messages(scene: &Scene) {
    let broker = scene.broker().await;
    broker.queue("q").await;
    broker.put("q", &["0"]).await;
    let mut workers = Vec::new();
    for number in 0..3 {
        broker.put("q", &[&(number + 1).to_string()]).await;
        let other = scene.broker().await;
        let worker = other.worker("q", 1).await;
        let came = worker.take_and_ack(1).await;
        assert_eq!(bodies(&came), [number.to_string()]);
        worker.stop().await;
        workers.push((worker, other));
    }
    let last = broker.worker("q", 9).await.take_and_ack(1).await;
    assert_eq!(bodies(&last), ["3"]);
}

/// Watermill: `TestConsumerGroups`, 50 messages for two groups. A group here is a queue on the exchange.
async fn consumer_groups(scene: &Scene) {
    let broker = scene.broker().await;
    let topology = fan("all", &["group.1", "group.2"]);
    broker.declare(&topology).await.expect("it is declared");
    for number in 0..50 {
        let sent = broker
            .send(to_exchange("all", "", &number.to_string()))
            .await;
        sent.expect("it is sent");
    }
    for group in ["group.1", "group.2"] {
        let worker = scene.broker().await.worker(group, 50).await;
        let came = worker.take_and_ack(50).await;
        let expected: Vec<_> = (0..50).map(|it| it.to_string()).collect();
        assert_eq!(bodies(&came), expected);
        worker.nothing_comes(Duration::from_millis(100)).await;
    }
}
