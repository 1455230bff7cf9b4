//! Connections that are cut, go nowhere, or find nobody: who notices, how soon, and what comes back.

use std::sync::Arc;

use microagent::backend::redis::RedisBus;
use microagent::broker::ConsumeOptions;
use microagent::bus::{Audience, BusBackend, Interest, Publication, Subscription};

use super::server::{Server, free_port};
use super::*;

async fn bus(dsn: &str) -> RedisBus {
    let dsn = Dsn::parse(dsn).unwrap();
    let options = RedisOptions::from_dsn(&dsn).unwrap();
    let connecting = RedisBus::connect(&dsn, options);
    timeout(SOON, connecting).await.unwrap().unwrap()
}

async fn signals(bus: &RedisBus, buffer: usize) -> Box<dyn Subscription> {
    let interest = Interest::Signals(vec!["started".into()]);
    bus.subscribe(interest, buffer).await.unwrap()
}

/// How many clients the server has, without those that ask.
async fn clients(server: &Server) -> usize {
    let list: String = server.ask(&["CLIENT", "LIST"]).await;
    list.lines().filter(|it| !it.contains("cmd=client")).count()
}

#[tokio::test]
async fn who_is_not_there_at_the_start_is_waited_for_until_the_deadline() {
    let dsn = format!("redis://127.0.0.1:{}?connect_timeout=1", free_port());
    let began = Instant::now();
    let error = refused(&dsn).await;
    assert_eq!(
        (error.kind(), error.exit_code()),
        (ErrorKind::Unavailable, 69)
    );
    assert!(error.message().contains("refused"), "{error}");
    assert!(began.elapsed() >= Duration::from_secs(1));

    if skipped() {
        return;
    }
    let mut server = Server::plain();
    server.kill();
    let dsn = server.dsn();
    let connecting = tokio::spawn(async move { connect(&dsn).await });
    sleep(Duration::from_millis(500)).await;
    server.start_again();
    let redis = timeout(SOON, connecting).await.unwrap().unwrap().unwrap();
    declare(&redis).await.unwrap();
}

#[tokio::test]
async fn a_connection_that_is_cut_while_nobody_uses_it_comes_back_by_itself() {
    if skipped() {
        return;
    }
    let server = Server::plain();
    let redis = connect(&server.dsn()).await.unwrap();
    declare(&redis).await.unwrap();
    for _ in 0..5 {
        let _: i64 = server
            .ask(&["CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"])
            .await;
        until("it is back", async || clients(&server).await == 1).await;
        // Nothing was written to the connection that is gone.
        send(&redis, "a").await.unwrap();
    }
    let length: usize = server.ask(&["XLEN", "q"]).await;
    assert_eq!(length, 5);
}

#[tokio::test]
async fn an_outage_that_lasts_too_long_ends_it_where_the_dsn_says_so() {
    if skipped() {
        return;
    }
    let mut server = Server::plain();
    let dsn = format!("{}?reconnect_timeout=1", server.dsn());
    let redis = connect(&dsn).await.unwrap();
    declare(&redis).await.unwrap();
    let options = ConsumeOptions {
        prefetch: 1,
        name: "test".into(),
    };
    let consumer = redis.consume(&"q".into(), &options).await.unwrap();
    let bus = bus(&dsn).await;
    let subscription = signals(&bus, 9).await;
    server.kill();
    let (mut deliveries, mut received) = (Vec::new(), Vec::new());
    let ended = consumer.next(1, &mut deliveries);
    let error = timeout(SOON, ended).await.unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Closed);
    assert!(error.message().contains("redis was away"), "{error}");
    let ended = subscription.next(1, &mut received);
    let error = timeout(SOON, ended).await.unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Closed);
    assert_eq!(
        send(&redis, "a").await.unwrap_err().kind(),
        ErrorKind::Closed
    );
}

#[tokio::test]
async fn a_server_that_answers_nobody_is_noticed_on_every_connection() {
    if skipped() {
        return;
    }
    let server = Server::plain();
    let redis = connect(&server.dsn()).await.unwrap();
    declare(&redis).await.unwrap();
    let options = ConsumeOptions {
        prefetch: 1,
        name: "test".into(),
    };
    let consumer = redis.consume(&"q".into(), &options).await.unwrap();
    let bus = bus(&server.dsn()).await;
    let subscription = signals(&bus, 9).await;
    server.signal("-STOP");
    let began = Instant::now();
    until("both are away", async || {
        !consumer.is_attached() && !subscription.is_attached()
    })
    .await;
    assert!(began.elapsed() < Duration::from_secs(30));
    // The shared connection was given up as well: this is refused, nothing was sent.
    let began = Instant::now();
    loop {
        let error = send(&redis, "a").await.unwrap_err();
        if error.kind() == ErrorKind::Unavailable {
            break;
        }
        assert!(began.elapsed() < Duration::from_secs(30), "{error}");
    }
    server.signal("-CONT");
    until("all is back", async || {
        consumer.is_attached() && subscription.is_attached() && send(&redis, "b").await.is_ok()
    })
    .await;
    assert_eq!(subscription.lost().gaps, 1);
}

#[tokio::test]
async fn a_slow_subscriber_that_the_server_cuts_is_back_and_counts_a_gap() {
    if skipped() {
        return;
    }
    let server = Server::start(&["--client-output-buffer-limit", "pubsub 256kb 0 0"]);
    server.direct().await;
    let bus = bus(&server.dsn()).await;
    let subscription = signals(&bus, 16).await;
    // Nothing of this runtime runs while another thread publishes more than sockets hold.
    let (url, body) = (server.dsn(), vec![b'x'; 100_000]);
    let flood = std::thread::spawn(move || {
        let client = redis::Client::open(url).unwrap();
        let mut direct = client.get_connection().unwrap();
        for _ in 0..300 {
            let mut command = redis::cmd("PUBLISH");
            command.arg("PUBSUB:started:flood").arg(&body);
            let heard: i64 = command.query(&mut direct).unwrap();
            if heard == 0 {
                return true;
            }
        }
        false
    });
    assert!(flood.join().unwrap(), "the server has not cut it");
    let took = until("it is back", async || {
        subscription.lost().gaps == 1 && subscription.is_attached()
    })
    .await;
    assert!(took < Duration::from_secs(5), "{took:?}");

    let mut received = Vec::new();
    let mut publication = [Publication {
        to: Audience::Everyone {
            subject: "started".into(),
            reply_to: None,
        },
        sender: "test".into(),
        message: Arc::new(Message::new("{}")),
        result: None,
    }];
    bus.publish(&mut publication).await;
    let hearing = async {
        while received.is_empty() {
            subscription.next(9, &mut received).await.unwrap();
        }
    };
    timeout(SOON, hearing).await.unwrap();
}

#[tokio::test]
async fn fifty_clients_of_one_server_do_not_come_back_at_once() {
    if skipped() {
        return;
    }
    let mut server = Server::plain();
    let mut connected = Vec::new();
    for _ in 0..50 {
        connected.push(Arc::new(connect(&server.dsn()).await.unwrap()));
    }
    declare(&connected[0]).await.unwrap();
    server.kill();
    // Six attempts or so: by then the window is 3.2 s or 6.4 s.
    sleep(Duration::from_secs(4)).await;
    server.start_again();
    let began = Instant::now();
    let coming = connected.into_iter().map(|redis| {
        tokio::spawn(async move {
            // Nobody but the client itself decides when to try: a send that finds it away only waits.
            while send(&redis, "a")
                .await
                .is_err_and(|it| it.kind() == ErrorKind::Unavailable)
            {}
            began.elapsed()
        })
    });
    let mut back = Vec::new();
    for coming in coming.collect::<Vec<_>>() {
        back.push(timeout(2 * SOON, coming).await.unwrap().unwrap());
    }
    back.sort();
    let spread = back[49].checked_sub(back[0]).unwrap();
    assert!(spread >= Duration::from_millis(1600), "{back:?}");
}
