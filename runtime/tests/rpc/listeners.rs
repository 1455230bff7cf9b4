//! Those who listen: replicas, buffers, and their end.

use super::*;

#[tokio::test(start_paused = true)]
async fn of_three_replicas_each_call_is_handled_by_one_and_none_is_idle() {
    let bus = bus();
    let handled: Arc<Mutex<Vec<Vec<u8>>>> = Arc::default();
    let mut lines = Vec::new();
    for replica in ["one", "two", "three"] {
        let handled = Arc::clone(&handled);
        let handle = move |received: Received| {
            handled.lock().unwrap().push(received.message.body.to_vec());
            async move {
                sleep(SECOND / 100).await;
                reply(replica)
            }
        };
        lines.push(listen(&bus, calls("charge"), replica, handle).await);
    }
    let asker = Arc::new(asker(&bus));
    let mut callers = tokio::task::JoinSet::new();
    for number in 0..1000 {
        let asker = Arc::clone(&asker);
        callers.spawn(async move {
            let question = Message::new(number.to_string());
            let answer = asker.call("charge".into(), question, 5 * SECOND).await;
            text(&answer.unwrap()).0.to_owned()
        });
    }
    let by = callers.join_all().await;
    for replica in ["one", "two", "three"] {
        let share = by.iter().filter(|it| *it == replica).count();
        assert!(share > 200, "{replica}: {share}");
    }
    let mut handled = std::mem::take(&mut *handled.lock().unwrap());
    assert_eq!(handled.len(), 1000);
    handled.sort();
    handled.dedup();
    assert_eq!(handled.len(), 1000);
    assert_eq!(asker.stats().pending, 0);
}

#[tokio::test(start_paused = true)]
async fn a_busy_replica_holds_no_call_that_an_idle_one_could_take() {
    let bus = bus();
    let policy = || ListenPolicy {
        concurrency: 1,
        ..ListenPolicy::default()
    };
    let slow = |_| async {
        sleep(4 * SECOND).await;
        reply("slow")
    };
    let _slow = listen_with(&bus, calls("charge"), "slow", policy(), slow).await;
    let asker = Arc::new(asker(&bus));
    let call = || {
        let asker = Arc::clone(&asker);
        tokio::spawn(async move {
            let answer = asker
                .call("charge".into(), Message::new("{}"), 5 * SECOND)
                .await;
            answer.map(|it| text(&it).0.to_owned())
        })
    };
    let first = call();
    sleep(SECOND).await;
    let second = call();
    sleep(SECOND).await;
    let quick = |_| async { reply("quick") };
    let _quick = listen_with(&bus, calls("charge"), "quick", policy(), quick).await;
    assert_eq!(second.await.unwrap().unwrap(), "quick");
    assert_eq!(first.await.unwrap().unwrap(), "slow");
}

#[tokio::test(start_paused = true)]
async fn a_slow_receiver_loses_what_its_buffer_has_no_room_for_and_counts_it() {
    let bus = bus();
    let policy = ListenPolicy {
        concurrency: 1,
        buffer: 10,
        ..ListenPolicy::default()
    };
    let handle = |_| async {
        sleep(SECOND).await;
        Ok(None)
    };
    let slow = listen_with(&bus, signals("s"), "slow", policy, handle).await;
    let quick = listen(&bus, signals("s"), "quick", |_| async { Ok(None) }).await;
    let asker = asker(&bus);
    for _ in 0..100 {
        asker.emit("s".into(), Message::new("{}")).await.unwrap();
        tokio::task::yield_now().await;
        tokio::task::yield_now().await;
    }
    sleep(60 * SECOND).await;
    asker.emit("s".into(), Message::new("{}")).await.unwrap();
    sleep(60 * SECOND).await;
    let stats = slow.stats();
    assert_eq!(stats.succeeded + stats.overflowed, 101);
    assert_eq!(stats.succeeded, 12);
    assert_eq!(
        (quick.stats().succeeded, quick.stats().overflowed),
        (101, 0)
    );
}

#[tokio::test(start_paused = true)]
async fn calls_beyond_the_buffers_are_refused() {
    let bus = bus();
    let policy = ListenPolicy {
        concurrency: 1,
        buffer: 2,
        ..ListenPolicy::default()
    };
    let handle = |_| async {
        sleep(SECOND).await;
        reply("done")
    };
    let _line = listen_with(&bus, calls("charge"), "slow", policy, handle).await;
    tokio::task::yield_now().await;
    let asker = Arc::new(asker(&bus));
    let mut callers = tokio::task::JoinSet::new();
    for _ in 0..4 {
        let asker = Arc::clone(&asker);
        callers.spawn(async move {
            asker
                .call("charge".into(), Message::new("{}"), 60 * SECOND)
                .await
        });
        sleep(SECOND / 100).await;
    }
    let answers = callers.join_all().await;
    let full = |it: &Result<Reply, Unanswered>| matches!(it, Err(Unanswered::Unsent(error)) if error.kind() == ErrorKind::Full);
    assert_eq!(answers.iter().filter(|it| it.is_ok()).count(), 3);
    assert_eq!(answers.iter().filter(|it| full(it)).count(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_listener_drains_and_leaves_its_calls_to_others() {
    let bus = bus();
    let policy = || ListenPolicy {
        concurrency: 2,
        ..ListenPolicy::default()
    };
    let handle = |received: Received| async move {
        let seconds = if received.message.body == "quick" {
            2
        } else {
            50
        };
        sleep(seconds * SECOND).await;
        reply("one")
    };
    let one = listen_with(&bus, calls("charge"), "one", policy(), handle).await;
    let asker = Arc::new(asker(&bus));
    let mut callers = Vec::new();
    for question in ["quick", "slow", "waiting"] {
        let asker = Arc::clone(&asker);
        callers.push(tokio::spawn(async move {
            let answer = asker
                .call("charge".into(), Message::new(question), 30 * SECOND)
                .await;
            answer.map_or_else(|it| it.to_string(), |it| text(&it).2.to_owned())
        }));
        tokio::task::yield_now().await;
    }
    sleep(SECOND).await;
    let two = listen_with(&bus, calls("charge"), "two", policy(), |_| async {
        reply("two")
    })
    .await;
    let began = Instant::now();
    let report = one.drain(began + 10 * SECOND).await;
    let expected = ListenReport {
        finished: 1,
        unfinished: 1,
    };
    assert_eq!(report, expected);
    assert_eq!(began.elapsed(), 10 * SECOND);
    let mut answers = Vec::new();
    for caller in callers {
        answers.push(caller.await.unwrap());
    }
    assert_eq!(answers, ["one", "receiver `one` failed", "two"]);
    assert_eq!(two.stats().succeeded, 1);
    two.drain(Instant::now()).await;
    let gone = asker.call("charge".into(), Message::new("x"), SECOND).await;
    assert!(matches!(gone, Err(Unanswered::Nobody)));
}

#[tokio::test(start_paused = true)]
async fn closing_ends_questions_and_lines() {
    let memory = Memory::new();
    let bus: Arc<dyn BusBackend> = Arc::new(memory.clone());
    let line = listen(&bus, calls("charge"), "one", |_| std::future::pending()).await;
    let asker = Arc::new(asker(&bus));
    let caller = tokio::spawn({
        let asker = Arc::clone(&asker);
        async move {
            asker
                .call("charge".into(), Message::new("x"), 60 * SECOND)
                .await
        }
    });
    sleep(SECOND).await;
    bus.close().await.unwrap();
    let Err(Unanswered::Unsent(error)) = caller.await.unwrap() else {
        panic!("there is no answer");
    };
    assert_eq!(error.kind(), ErrorKind::Closed);
    assert_eq!(line.ended().await.kind(), ErrorKind::Closed);
    tokio::task::yield_now().await;
    assert!(!line.is_attached());
    let error = asker.emit("s".into(), Message::new("x")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Closed);
}

#[tokio::test(start_paused = true)]
async fn an_inbox_is_private() {
    let bus = bus();
    let heard: Arc<Mutex<Option<Received>>> = Arc::default();
    let seen = Arc::clone(&heard);
    let _line = listen(&bus, calls("charge"), "one", move |received| {
        *seen.lock().unwrap() = Some(received);
        std::future::pending()
    })
    .await;
    let asker = Arc::new(asker(&bus));
    let caller = tokio::spawn({
        let asker = Arc::clone(&asker);
        async move {
            asker
                .call("charge".into(), Message::new("x"), 5 * SECOND)
                .await
        }
    });
    sleep(SECOND).await;
    let received = heard.lock().unwrap().take().unwrap();
    let Form::Call { reply_to, .. } = received.form else {
        panic!("not a call")
    };
    assert_eq!(reply_to.inbox.len(), 32);
    let taken = bus.subscribe(Interest::Inbox(reply_to.inbox), 1).await;
    assert_eq!(taken.unwrap_err().kind(), ErrorKind::Invalid);
    assert!(matches!(caller.await.unwrap(), Err(Unanswered::TimedOut)));
}

#[tokio::test(start_paused = true)]
async fn a_question_that_finds_no_room_is_not_waited_for() {
    let bus = bus();
    let policy = ListenPolicy {
        concurrency: 1,
        buffer: 1,
        ..ListenPolicy::default()
    };
    let interest = signals("count");
    let _line = listen_with(&bus, interest, "one", policy, |_| std::future::pending()).await;
    let asker = asker(&bus);
    for _ in 0..2 {
        asker.emit("count".into(), Message::new("x")).await.unwrap();
        sleep(SECOND).await;
    }
    let began = Instant::now();
    let answer = asker.ask("count".into(), Message::new("x"), SECOND).await;
    let Err(Unanswered::Unsent(error)) = answer else {
        panic!("nobody can answer: {answer:?}");
    };
    assert_eq!(error.kind(), ErrorKind::Full);
    assert_eq!(began.elapsed(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn what_a_listener_has_heard_is_handled_before_its_end() {
    let bus = bus();
    let seen: Arc<Mutex<Vec<String>>> = Arc::default();
    let policy = ListenPolicy {
        concurrency: 1,
        ..ListenPolicy::default()
    };
    let handle = {
        let seen = Arc::clone(&seen);
        move |received: Received| {
            let seen = Arc::clone(&seen);
            async move {
                sleep(4 * SECOND).await;
                let text = String::from_utf8(received.message.body.to_vec()).unwrap();
                seen.lock().unwrap().push(text);
                reply("one")
            }
        }
    };
    let line = listen_with(&bus, signals("count"), "one", policy, handle).await;
    let asker = asker(&bus);
    let mut answers = Vec::new();
    for question in ["a", "b", "c", "d"] {
        let asking = asker.ask("count".into(), Message::new(question), 60 * SECOND);
        answers.push(asking.await.unwrap());
        tokio::task::yield_now().await;
    }
    let began = Instant::now();
    let report = line.drain(began + 10 * SECOND).await;
    assert_eq!(*seen.lock().unwrap(), ["a", "b"]);
    let expected = ListenReport {
        finished: 2,
        unfinished: 2,
    };
    assert_eq!(report, expected);
    assert_eq!(began.elapsed(), 10 * SECOND);
    let mut kinds = Vec::new();
    for answer in &mut answers {
        kinds.push(answer.next().await.unwrap().answer);
    }
    let expected = [Answer::Reply, Answer::Reply, Answer::Failed, Answer::Failed];
    assert_eq!(kinds, expected);
    assert_eq!(began.elapsed(), 10 * SECOND);
}

#[tokio::test(start_paused = true)]
async fn what_was_heard_over_a_slow_bus_is_handled_before_its_end_or_told_as_lost() {
    for (slow, grace, expected, handled) in [
        (SECOND / 5, 60 * SECOND, (4, 0), 4),
        // Slower than the end can wait: at least one is known not to be handled.
        (3600 * SECOND, 2 * SECOND, (0, 1), 0),
    ] {
        let memory = Memory::new();
        let bus: Arc<dyn BusBackend> = Arc::new(memory.clone());
        let policy = ListenPolicy {
            concurrency: 1,
            ..ListenPolicy::default()
        };
        let line = listen_with(&bus, signals("s"), "one", policy, |_| async { Ok(None) }).await;
        memory.bus_faults().be_slow(slow);
        // It begins to wait, as long as the bus is slow.
        tokio::task::yield_now().await;
        memory.bus_faults().be_slow(Duration::ZERO);
        let asker = asker(&bus);
        for _ in 0..4 {
            asker.emit("s".into(), Message::new("x")).await.unwrap();
        }
        memory.bus_faults().be_slow(slow);
        let (stats, began) = (line.monitor(), Instant::now());
        let report = line.drain(began + grace).await;
        assert_eq!((report.finished, report.unfinished), expected, "{slow:?}");
        assert_eq!(stats.stats().succeeded, handled, "{slow:?}");
        assert!(began.elapsed() <= grace, "{slow:?}");
    }
}
