//! Calls: one of those who answer gets each, in time or not at all.

use std::collections::BTreeSet;
use std::time::Duration;

use tokio::time::Instant;

use crate::bus::{Audience, Form, Reach, ReplyTo};
use crate::error::ErrorKind;
use crate::testing::suite::equipment::{
    PATIENCE, Scene, becomes, calls, fresh_inbox, one, signals, text, texts,
};

cases! { "calls", Bus:
    a_call_goes_to_one [Calls] "each call goes to one of those who answer, whichever process they are in";
    a_call_brings_its_deadline_and_its_asker [Calls] "a call comes with its subject, where its answer goes, and until when";
    a_call_that_is_late_is_left_out [Calls] "a call whose time is over is not handed out, and is counted";
    calls_beyond_the_room_are_refused [Calls] "a call that nobody has room for is refused as full, not lost";
    a_call_to_nobody_is_told [Calls, TellsNobody] "a call that nobody answers reaches nobody, at once";
    calls_and_signals_are_apart [Calls] "a call is not heard by those who listen to signals of its name";
    who_stops_leaves_calls_to_others [Calls] "calls that a stopped subscription has not handed out go to others";
}

async fn a_call_goes_to_one(scene: &Scene) {
    let (here, there) = (scene.bus().await, scene.bus().await);
    let ears = [
        here.listen(calls(&["c", "other"]), 99).await,
        there.listen(calls(&["c"]), 99).await,
    ];
    let asking = scene.bus().await;
    for number in 0..40 {
        let called = asking.say(one("c", PATIENCE), &number.to_string()).await;
        assert_ne!(called.expect("it goes out"), Reach::Nobody);
    }
    let mut all = Vec::new();
    while all.len() < 40 {
        let [first, second] = &ears;
        let heard = tokio::select! {
            biased;
            heard = first.hear_one() => heard,
            heard = second.hear_one() => heard,
        };
        all.extend(text(&heard).parse::<u32>());
    }
    let distinct: BTreeSet<_> = all.into_iter().collect();
    assert_eq!(distinct.len(), 40);
    for ear in ears {
        ear.nothing_comes(Duration::from_millis(200)).await;
    }
}

async fn a_call_brings_its_deadline_and_its_asker(scene: &Scene) {
    let (here, there) = (scene.bus().await, scene.bus().await);
    let ear = there.listen(calls(&["price.of"]), 9).await;
    let asker = ReplyTo {
        inbox: fresh_inbox(),
        number: Some(u64::MAX - 1),
    };
    let to = Audience::One {
        subject: "price.of".into(),
        reply_to: asker.clone(),
        within: PATIENCE,
    };
    let began = Instant::now();
    here.say(to, "{}").await.expect("it goes out");
    let heard = ear.hear_one().await;
    assert_eq!(&*heard.sender, "suite");
    let Form::Call {
        subject,
        reply_to,
        deadline,
    } = heard.form
    else {
        panic!("a call: {heard:?}")
    };
    assert_eq!((&*subject, reply_to), ("price.of", asker));
    // Clocks of processes may differ by a little.
    let little = Duration::from_secs(5);
    let expected = began + PATIENCE;
    assert!(
        deadline > expected - little && deadline < expected + little,
        "{deadline:?}"
    );
}

async fn a_call_that_is_late_is_left_out(scene: &Scene) {
    let (here, there) = (scene.bus().await, scene.bus().await);
    let ear = there.listen(calls(&["c"]), 9).await;
    let short = Duration::from_millis(20);
    here.say(one("c", short), "late")
        .await
        .expect("it goes out");
    tokio::time::sleep(short * 5).await;
    here.say(one("c", PATIENCE), "in time")
        .await
        .expect("it goes out");
    assert_eq!(texts(&ear.hear(1).await), ["in time"]);
    becomes("it is counted", async || ear.0.lost().late == 1).await;
}

async fn calls_beyond_the_room_are_refused(scene: &Scene) {
    let (here, there) = (scene.bus().await, scene.bus().await);
    let ear = there.listen(calls(&["c"]), 2).await;
    for body in ["1", "2"] {
        here.say(one("c", PATIENCE), body)
            .await
            .expect("there is room");
    }
    let refused = here.say(one("c", PATIENCE), "3").await;
    assert_eq!(refused, Err(ErrorKind::Full));
    assert_eq!(texts(&ear.hear(2).await), ["1", "2"]);
    here.say(one("c", PATIENCE), "4")
        .await
        .expect("there is room again");
    assert_eq!(texts(&ear.hear(1).await), ["4"]);
}

async fn a_call_to_nobody_is_told(scene: &Scene) {
    let (here, there) = (scene.bus().await, scene.bus().await);
    let called = here.say(one("c", PATIENCE), "1").await;
    assert_eq!(called, Ok(Reach::Nobody));
    let ear = there.listen(calls(&["c"]), 9).await;
    let called = here.say(one("c", PATIENCE), "2").await;
    assert!(
        matches!(called, Ok(it) if it != Reach::Nobody),
        "{called:?}"
    );
    assert_eq!(texts(&ear.hear(1).await), ["2"]);
    ear.0.stop();
    drop(ear);
    becomes("nobody answers", async || {
        here.say(one("c", PATIENCE), "3").await == Ok(Reach::Nobody)
    })
    .await;
}

async fn calls_and_signals_are_apart(scene: &Scene) {
    let (here, there) = (scene.bus().await, scene.bus().await);
    let (answering, listening) = (
        there.listen(calls(&["same"]), 9).await,
        there.listen(signals(&["same"]), 9).await,
    );
    here.say(one("same", PATIENCE), "call")
        .await
        .expect("it goes out");
    here.emit("same", "signal").await;
    assert_eq!(texts(&answering.hear(1).await), ["call"]);
    assert_eq!(texts(&listening.hear(1).await), ["signal"]);
    for ear in [answering, listening] {
        ear.nothing_comes(Duration::from_millis(200)).await;
    }
}

async fn who_stops_leaves_calls_to_others(scene: &Scene) {
    let (here, there) = (scene.bus().await, scene.bus().await);
    let stopping = here.listen(calls(&["c"]), 99).await;
    for number in 0..10 {
        let called = there.say(one("c", PATIENCE), &number.to_string()).await;
        called.expect("it goes out");
    }
    let mut heard = stopping.hear(1).await;
    let other = there.listen(calls(&["c"]), 99).await;
    stopping.0.stop();
    stopping.0.stop();
    // It may hand out what it had in its hands.
    while stopping.0.next(9, &mut heard).await.is_ok() {}
    heard.extend(other.hear(10 - heard.len()).await);
    let distinct: BTreeSet<_> = texts(&heard).into_iter().collect();
    assert_eq!(distinct.len(), 10);
}
