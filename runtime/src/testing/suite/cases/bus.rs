//! Signals: who hears them, in which order, and what is lost.

use std::sync::Arc;
use std::time::Duration;

use crate::bus::{Audience, Form, Interest, Reach, ReplyTo};
use crate::error::ErrorKind;
use crate::message::Message;
use crate::testing::suite::equipment::{
    PATIENCE, Scene, becomes, everyone, fresh_inbox, poll_once, publication, signals, texts,
};

cases! { "signals", Bus:
    all_who_listen_hear_a_signal [] "every subscription that names a subject hears each of its signals once, and no others";
    signals_of_one_sender_keep_their_order [] "signals of one sender on one subject come in their order";
    a_signal_names_subject_sender_and_question [] "a signal comes with its subject, who sent it, and where answers go";
    bodies_of_signals_are_bytes [] "a body arrives byte by byte";
    headers_come_with_signals [BusHeaders] "id, headers and trace arrive as they were sent";
    what_a_buffer_has_no_room_for_is_counted [] "a slow subscription loses what is beyond its buffer, counts it, and costs others nothing";
    who_speaks_to_nobody_is_told [TellsNobody] "a signal that nobody listens to reaches nobody, before and after";
    a_wait_that_is_dropped_loses_nothing [] "a wait for signals may be dropped at any moment";
    each_publication_of_a_batch_is_told [] "one message of a batch that is too large does not fail the others";
    who_stops_hears_what_came_before [] "a stopped subscription hands out what it has, and ends";
    a_closed_bus_ends_all_on_it [] "closing ends subscriptions and refuses what comes after, and closing twice is fine";
    peers_that_come_and_go_harm_nobody [] "subscriptions that end leave the others as they are";
}

async fn all_who_listen_hear_a_signal(scene: &Scene) {
    let (here, there) = (scene.bus().await, scene.bus().await);
    let both = here.listen(signals(&["a", "a.b"]), 9).await;
    let first = there.listen(signals(&["a"]), 9).await;
    for (subject, body) in [("a", "1"), ("a.b", "2"), ("a", "3"), ("b", "4"), ("a", "5")] {
        here.emit(subject, body).await;
    }
    assert_eq!(texts(&first.hear(3).await), ["1", "3", "5"]);
    assert_eq!(texts(&both.hear(4).await), ["1", "2", "3", "5"]);
    for ear in [first, both] {
        ear.nothing_comes(Duration::from_millis(100)).await;
        assert_eq!(ear.0.lost(), crate::bus::Losses::default());
    }
}

async fn signals_of_one_sender_keep_their_order(scene: &Scene) {
    let (here, there) = (scene.bus().await, scene.bus().await);
    let count = scene.count(500, 10_000);
    let ear = there.listen(signals(&["s"]), count).await;
    let half =
        (0..count / 2).map(|number| publication(everyone("s"), Message::new(number.to_string())));
    let mut batch: Vec<_> = half.collect();
    here.0.publish(&mut batch).await;
    assert!(batch.iter().all(|it| matches!(it.result, Some(Ok(_)))));
    for number in count / 2..count {
        here.emit("s", &number.to_string()).await;
    }
    let expected: Vec<_> = (0..count).map(|it| it.to_string()).collect();
    assert_eq!(texts(&ear.hear(count).await), expected);
}

async fn a_signal_names_subject_sender_and_question(scene: &Scene) {
    let (here, there) = (scene.bus().await, scene.bus().await);
    let ear = there.listen(signals(&["who.is"]), 9).await;
    let asked = ReplyTo {
        inbox: fresh_inbox(),
        number: Some(u64::MAX - 1),
    };
    for reply_to in [None, Some(asked)] {
        let to = Audience::Everyone {
            subject: "who.is".into(),
            reply_to: reply_to.clone(),
        };
        here.say(to, "{}").await.expect("it goes out");
        let heard = ear.hear_one().await;
        assert_eq!(&*heard.sender, "suite");
        let Form::Signal {
            subject,
            reply_to: told,
        } = heard.form
        else {
            panic!("a signal: {heard:?}")
        };
        assert_eq!((&*subject, told), ("who.is", reply_to));
    }
}

async fn bodies_of_signals_are_bytes(scene: &Scene) {
    let (here, there) = (scene.bus().await, scene.bus().await);
    let ear = there.listen(signals(&["s"]), 9).await;
    let large = vec![b'x'; 100_000];
    for body in [&b""[..], b"{}", b"\xff\x00\r\n", &large] {
        let message = Message::new(body.to_vec());
        here.publish(everyone("s"), message)
            .await
            .expect("it goes out");
        assert_eq!(ear.hear_one().await.message.body, body);
    }
}

async fn headers_come_with_signals(scene: &Scene) {
    let (here, there) = (scene.bus().await, scene.bus().await);
    let ear = there.listen(signals(&["s"]), 9).await;
    let mut message = Message::new("{}");
    message
        .headers
        .insert("tenant", "acme")
        .expect("a header like any");
    message.trace = Some(Arc::new(crate::message::TraceContext {
        parent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".into(),
        state: "".into(),
    }));
    here.publish(everyone("s"), message.clone())
        .await
        .expect("it goes out");
    assert_eq!(*ear.hear_one().await.message, message);
}

async fn what_a_buffer_has_no_room_for_is_counted(scene: &Scene) {
    let (here, there) = (scene.bus().await, scene.bus().await);
    let slow = there.listen(signals(&["s"]), 3).await;
    let quick = there.listen(signals(&["s"]), 99).await;
    for number in 0..20 {
        here.emit("s", &number.to_string()).await;
    }
    let expected: Vec<_> = (0..20).map(|it| it.to_string()).collect();
    assert_eq!(texts(&quick.hear(20).await), expected);
    becomes("the loss is counted", async || {
        slow.0.lost().overflowed == 17
    })
    .await;
    assert_eq!(texts(&slow.hear(3).await), expected[..3]);
    here.emit("s", "room").await;
    assert_eq!(texts(&slow.hear(1).await), ["room"]);
    assert_eq!(quick.0.lost().overflowed, 0);
}

async fn who_speaks_to_nobody_is_told(scene: &Scene) {
    let (here, there) = (scene.bus().await, scene.bus().await);
    assert_eq!(here.emit("s", "1").await, Reach::Nobody);
    let ear = there.listen(signals(&["s"]), 9).await;
    assert_ne!(here.emit("s", "2").await, Reach::Nobody);
    assert_eq!(texts(&ear.hear(1).await), ["2"]);
    drop(ear);
    becomes("nobody listens", async || {
        here.emit("s", "3").await == Reach::Nobody
    })
    .await;
}

async fn a_wait_that_is_dropped_loses_nothing(scene: &Scene) {
    let (here, there) = (scene.bus().await, scene.bus().await);
    let ear = there.listen(signals(&["s"]), 99).await;
    let mut heard = Vec::new();
    for number in 0..50 {
        drop(poll_once(&mut Box::pin(ear.0.next(9, &mut heard))).await);
        here.emit("s", &number.to_string()).await;
        let next = ear.0.next(9, &mut heard);
        drop(tokio::time::timeout(Duration::from_micros(number * 40), next).await);
    }
    let rest = 50 - heard.len();
    heard.extend(ear.hear(rest).await);
    let expected: Vec<_> = (0..50).map(|it| it.to_string()).collect();
    assert_eq!(texts(&heard), expected);
}

async fn each_publication_of_a_batch_is_told(scene: &Scene) {
    let (here, there) = (scene.bus().await, scene.bus().await);
    let ear = there.listen(signals(&["s"]), 9).await;
    let large = vec![b'x'; here.0.capabilities().max_payload + 1];
    let bodies = [b"one".to_vec(), large, b"two".to_vec()];
    let mut batch = bodies.map(|it| publication(everyone("s"), Message::new(it)));
    here.0.publish(&mut batch).await;
    let results = batch.map(|it| it.result.expect("each has one"));
    let results = results.map(|it| it.map(drop).map_err(|it| it.kind()));
    assert_eq!(results, [Ok(()), Err(ErrorKind::TooLarge), Ok(())]);
    assert_eq!(texts(&ear.hear(2).await), ["one", "two"]);
}

async fn who_stops_hears_what_came_before(scene: &Scene) {
    let (here, there) = (scene.bus().await, scene.bus().await);
    let ear = there.listen(signals(&["s"]), 3).await;
    for body in ["1", "2", "3", "no room"] {
        here.emit("s", body).await;
    }
    becomes("the others are heard", async || {
        ear.0.lost().overflowed == 1
    })
    .await;
    assert_eq!(texts(&ear.hear(1).await), ["1"]);
    ear.0.stop();
    ear.0.stop();
    assert_eq!(texts(&ear.hear(2).await), ["2", "3"]);
    ear.has_ended().await;
}

async fn a_closed_bus_ends_all_on_it(scene: &Scene) {
    let bus = scene.bus().await;
    let ear = bus.listen(signals(&["s"]), 9).await;
    bus.close().await;
    bus.close().await;
    ear.has_ended().await;
    assert!(!ear.0.is_attached());
    let refused = bus.say(everyone("s"), "1").await;
    assert_eq!(refused, Err(ErrorKind::Closed));
    let refused = bus.0.subscribe(signals(&["s"]), 9).await;
    assert_eq!(refused.err().map(|it| it.kind()), Some(ErrorKind::Closed));
}

async fn peers_that_come_and_go_harm_nobody(scene: &Scene) {
    let (here, there) = (scene.bus().await, scene.bus().await);
    let ear = here.listen(signals(&["s"]), 99).await;
    for number in 0..10 {
        let guest = there.listen(signals(&["s"]), 1).await;
        let inbox = there.listen(Interest::Inbox(fresh_inbox()), 1).await;
        here.emit("s", &number.to_string()).await;
        drop((guest, inbox));
    }
    let expected: Vec<_> = (0..10).map(|it| it.to_string()).collect();
    let heard = tokio::time::timeout(PATIENCE, ear.hear(10)).await;
    assert_eq!(texts(&heard.expect("all are heard")), expected);
}
