//! Askers: their inbox, their limits, and their end.

use microagent::Error;
use microagent::bus::{Audience, BusCapabilities, Publication, ReplyTo, Subscription};
use microagent::message::{BoxFuture, Wait};
use microagent::testing::rpc::AskerStats;
use tokio::runtime::Handle as Tokio;

use super::*;

/// Publishes an answer as whoever likes to could.
async fn forge(bus: &Arc<dyn BusBackend>, inbox: &str, number: u64) -> Reach {
    let reply_to = ReplyTo {
        inbox: inbox.into(),
        number: Some(number),
    };
    let mut batch = [Publication {
        to: Audience::Asker {
            reply_to,
            answer: Answer::Reply,
        },
        sender: "callee".into(),
        message: Message::new("forged").into(),
        result: None,
    }];
    bus.publish(&mut batch).await;
    let [publication] = batch;
    publication.result.unwrap().unwrap()
}

/// A receiver that never answers, and where those who ask it want their answers.
async fn silent(bus: &Arc<dyn BusBackend>) -> (Listening, Arc<Mutex<Vec<ReplyTo>>>) {
    let asked: Arc<Mutex<Vec<ReplyTo>>> = Arc::default();
    let seen = Arc::clone(&asked);
    let policy = ListenPolicy {
        concurrency: 1000,
        ..ListenPolicy::default()
    };
    let handle = move |received: Received| {
        let Form::Call { reply_to, .. } = received.form else {
            panic!("not a call")
        };
        seen.lock().unwrap().push(reply_to);
        std::future::pending()
    };
    let line = listen_with(bus, calls("charge"), "callee", policy, handle).await;
    (line, asked)
}

fn spawn_call(
    asker: &Arc<Asker>,
    within: Duration,
) -> tokio::task::JoinHandle<Result<Reply, Unanswered>> {
    let asker = Arc::clone(asker);
    tokio::spawn(async move { asker.call("charge".into(), Message::new("x"), within).await })
}

#[tokio::test(start_paused = true)]
async fn who_knows_the_inbox_can_not_guess_the_number() {
    let bus = bus();
    let (_line, heard) = silent(&bus).await;
    let asker = Arc::new(asker(&bus));
    let mut callers = Vec::new();
    for _ in 0..100 {
        callers.push(spawn_call(&asker, 5 * SECOND));
        tokio::task::yield_now().await;
    }
    sleep(SECOND).await;
    let seen = heard.lock().unwrap().clone();
    let mut numbers: Vec<_> = seen.iter().map(|it| it.number.unwrap()).collect();
    numbers.sort_unstable();
    assert_eq!(numbers.len(), 100);
    let nearest = numbers.windows(2).map(|it| it[1] - it[0]).min().unwrap();
    assert!(nearest > 1 << 32, "{nearest}");
    let mut guesses = 0;
    for number in (0..1000).chain(numbers.iter().flat_map(|it| [it - 1, it + 1])) {
        assert_eq!(
            forge(&bus, &seen[0].inbox, number).await,
            Reach::Subscriptions(1)
        );
        guesses += 1;
    }
    for caller in callers {
        assert!(matches!(caller.await.unwrap(), Err(Unanswered::TimedOut)));
    }
    let stats = asker.stats();
    assert_eq!(
        (stats.pending, stats.late, stats.overflowed),
        (0, guesses, 0)
    );
}

#[tokio::test(start_paused = true)]
async fn millions_of_answers_fill_no_memory_and_end_nothing() {
    let bus = bus();
    let (_line, heard) = silent(&bus).await;
    let asker = Arc::new(asker(&bus));
    let caller = spawn_call(&asker, 5 * SECOND);
    sleep(SECOND).await;
    let reply_to = heard.lock().unwrap()[0].clone();
    for number in 0..20_000 {
        forge(&bus, &reply_to.inbox, number).await;
    }
    sleep(SECOND).await;
    let stats = asker.stats();
    assert_eq!((stats.late, stats.overflowed), (4096, 20_000 - 4096));
    assert_eq!(stats.inbox_overflowed, stats.overflowed);
    forge(&bus, &reply_to.inbox, reply_to.number.unwrap()).await;
    assert_eq!(text(&caller.await.unwrap().unwrap()).2, "forged");
}

#[tokio::test(start_paused = true)]
async fn as_many_questions_wait_as_there_are_places() {
    let bus = bus();
    let policy = ListenPolicy {
        buffer: 100_000,
        ..ListenPolicy::default()
    };
    let _line = listen_with(&bus, signals("count"), "one", policy, |_| {
        std::future::pending()
    })
    .await;
    let asker = asker(&bus);
    let mut waiting = Vec::new();
    let error = loop {
        let asking = asker.ask("count".into(), Message::new("x"), 60 * SECOND);
        match asking.await {
            Ok(replies) => waiting.push(replies),
            Err(Unanswered::Unsent(error)) => break error,
            Err(other) => panic!("{other:?}"),
        }
    };
    assert_eq!(error.kind(), ErrorKind::Full);
    assert_eq!((waiting.len(), asker.stats().pending), (65_536, 65_536));
    asker.emit("count".into(), Message::new("x")).await.unwrap();
    waiting.pop();
    let asking = asker.ask("count".into(), Message::new("x"), SECOND);
    drop((asking.await.unwrap(), waiting));
    assert_eq!(asker.stats().pending, 0);
}

#[tokio::test(start_paused = true)]
async fn a_closed_asker_has_no_task_and_asks_no_more() {
    let bus = bus();
    let (line, _heard) = silent(&bus).await;
    let asker = Arc::new(asker(&bus));
    let unused = Asker::new(Arc::clone(&bus), "unused".into());
    let before = Tokio::current().metrics().num_alive_tasks();
    let caller = spawn_call(&asker, 60 * SECOND);
    sleep(SECOND).await;
    assert!(Tokio::current().metrics().num_alive_tasks() >= before + 2);
    asker.close().await;
    asker.close().await;
    unused.close().await;
    let Err(Unanswered::Unsent(error)) = caller.await.unwrap() else {
        panic!("there is no answer");
    };
    assert_eq!(error.kind(), ErrorKind::Closed);
    for asker in [&*asker, &unused] {
        let error = asker.emit("s".into(), Message::new("x")).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Closed);
        let answer = asker.call("charge".into(), Message::new("x"), SECOND).await;
        assert!(
            matches!(answer, Err(Unanswered::Unsent(error)) if error.kind() == ErrorKind::Closed)
        );
        assert_eq!(asker.stats(), AskerStats::default());
    }
    drop(line);
    tokio::task::yield_now().await;
    assert_eq!(Tokio::current().metrics().num_alive_tasks(), 0);
}

#[tokio::test(start_paused = true)]
async fn an_inbox_counts_what_it_missed_while_its_connection_was_away() {
    let here = Memory::new();
    let there: Arc<dyn BusBackend> = Arc::new(here.clone());
    let handle = |_| async {
        sleep(2 * SECOND).await;
        reply("missed")
    };
    let _line = listen(&there, calls("charge"), "callee", handle).await;
    let here = Arc::new(here);
    let asker = Arc::new(asker(&(Arc::clone(&here) as _)));
    let caller = spawn_call(&asker, 5 * SECOND);
    sleep(SECOND).await;
    here.lose_bus_connection(2 * SECOND);
    assert!(matches!(caller.await.unwrap(), Err(Unanswered::TimedOut)));
    assert_eq!((asker.stats().gaps, asker.stats().late), (1, 0));
    assert_eq!(here.bus_faults().counts().missed, 1);
    assert!(spawn_call(&asker, 5 * SECOND).await.unwrap().is_ok());
}

#[tokio::test(start_paused = true)]
async fn who_hears_a_call_and_has_nothing_to_say_is_nobody() {
    let bus = bus();
    let _line = listen(&bus, calls("charge"), "mute", |_| async { Ok(None) }).await;
    let asker = asker(&bus);
    let began = Instant::now();
    let answer = asker.call("charge".into(), Message::new("x"), SECOND).await;
    assert!(matches!(answer, Err(Unanswered::Nobody)));
    assert_eq!(began.elapsed(), Duration::ZERO);
}

/// The memory's bus, which ends the first inbox at once.
#[derive(Debug)]
struct EndsInbox(Memory, AtomicUsize);

impl BusBackend for EndsInbox {
    fn capabilities(&self) -> &BusCapabilities {
        BusBackend::capabilities(&self.0)
    }

    fn publish<'a>(&'a self, batch: &'a mut [Publication]) -> Wait<'a, ()> {
        self.0.publish(batch)
    }

    fn subscribe(
        &self,
        interest: Interest,
        buffer: usize,
    ) -> BoxFuture<'_, Result<Box<dyn Subscription>, Error>> {
        Box::pin(async move {
            let is_inbox = matches!(interest, Interest::Inbox(_));
            let subscription = self.0.subscribe(interest, buffer).await?;
            if is_inbox && self.1.fetch_add(1, Ordering::Relaxed) == 0 {
                subscription.stop();
            }
            Ok(subscription)
        })
    }

    fn close(&self) -> BoxFuture<'_, Result<(), Error>> {
        BusBackend::close(&self.0)
    }
}

#[tokio::test(start_paused = true)]
async fn an_inbox_that_ended_is_opened_again_by_the_next_question() {
    let bus: Arc<dyn BusBackend> = Arc::new(EndsInbox(Memory::new(), AtomicUsize::new(0)));
    let _line = listen(&bus, calls("charge"), "callee", |_| async { reply("paid") }).await;
    let asker = Arc::new(asker(&bus));
    let first = spawn_call(&asker, SECOND).await.unwrap();
    assert!(
        matches!(&first, Err(Unanswered::Unsent(error)) if error.kind() == ErrorKind::Closed),
        "{first:?}"
    );
    for _ in 0..3 {
        let next = spawn_call(&asker, SECOND).await.unwrap().unwrap();
        assert_eq!(text(&next).2, "paid");
    }
    asker.close().await;
    let closed = spawn_call(&asker, SECOND).await.unwrap();
    assert!(matches!(closed, Err(Unanswered::Unsent(_))));
}
