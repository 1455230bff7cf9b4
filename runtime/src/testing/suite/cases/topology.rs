//! Declarations, exchanges and bindings.

use tokio::task::JoinSet;

use crate::broker::{
    Binding, ExchangeDeclaration, ExchangeKind, Overflow, QueueDeclaration, Topology,
};
use crate::error::ErrorKind;
use crate::testing::suite::ability::Ability;
use crate::testing::suite::equipment::{Broker, Scene, bodies, fan, queue, to_exchange, to_queue};

cases! { "topology", Broker:
    declaring_again_changes_nothing [] "the same declaration again leaves queues and messages as they are";
    many_declare_the_same_at_once [] "processes that start together declare the same without harm";
    a_difference_names_both_sides [] "a queue that is declared otherwise is a mismatch that names it, and stays as it was";
    what_can_not_be_kept_is_refused [] "what the capabilities lack is refused by name, and nothing of the declaration is there";
    nothing_is_half_declared [] "a declaration that fails declares nothing";
    bindings_need_what_they_bind [Fanout] "a binding to what does not exist is not found, one without a pattern to a topic is invalid";
    an_exchange_of_another_kind_is_a_mismatch [Fanout, Topic] "an exchange that is declared otherwise is a mismatch";
    a_fanout_copies_to_all [Fanout] "each queue of an exchange gets one copy of each message";
    a_topic_routes_by_pattern [Topic] "a queue gets what one of its patterns matches, once";
    what_nobody_wants_is_unroutable [Topic] "a message that no binding takes is refused";
    copies_go_to_all_or_none [Fanout, OverflowReject] "where one queue of an exchange is full, none has a copy and the sender is told";
    a_binding_of_another_process_counts_at_once [Fanout] "queues that others bind get the next message, whoever sends it";
    copies_are_settled_apart [Fanout] "what becomes of one copy is nothing to the others";
}

async fn declaring_again_changes_nothing(scene: &Scene) {
    let broker = scene.broker().await;
    let mut topology = Topology {
        queues: vec![QueueDeclaration::new("q")],
        ..Topology::default()
    };
    if broker.capabilities().fanout {
        topology = fan("all", &["q"]);
    }
    broker.declare(&topology).await.expect("it is declared");
    broker.put("q", &["a"]).await;
    let other = scene.broker().await;
    other
        .declare(&topology)
        .await
        .expect("the same is declared");
    broker
        .declare(&topology)
        .await
        .expect("the same is declared");
    let worker = other.worker("q", 9).await;
    assert_eq!(bodies(&worker.take_and_ack(1).await), ["a"]);
}

async fn many_declare_the_same_at_once(scene: &Scene) {
    let mut tasks = JoinSet::new();
    for number in 0..8 {
        let broker = scene.broker().await;
        tasks.spawn(async move {
            let topology = if broker.capabilities().fanout {
                fan("all", &["q", "p"])
            } else {
                Topology::default()
            };
            broker
                .declare(&topology)
                .await
                .expect("the same is declared");
            broker.queue("q").await;
            broker.put("q", &[&number.to_string()]).await;
        });
    }
    tasks.join_all().await;
    scene
        .broker()
        .await
        .worker("q", 9)
        .await
        .take_and_ack(8)
        .await;
}

async fn a_difference_names_both_sides(scene: &Scene) {
    let broker = scene.broker().await;
    broker.queue("some.queue").await;
    broker.put("some.queue", &["a"]).await;
    let other = scene.broker().await;
    let otherwise = queue("some.queue", |it| it.durable = false);
    let topology = Topology {
        queues: vec![otherwise],
        ..Topology::default()
    };
    let error = other
        .declare(&topology)
        .await
        .expect_err("it is another queue");
    assert_eq!(error.kind(), ErrorKind::Mismatch, "{error}");
    assert!(error.message().contains("some.queue"), "{error}");
    for side in ["true", "false"] {
        assert!(error.message().contains(side), "no `{side}` in: {error}");
    }
    let worker = broker.worker("some.queue", 9).await;
    assert_eq!(bodies(&worker.take_and_ack(1).await), ["a"]);
}

async fn is_missing(broker: &Broker, name: &str) {
    let sent = broker.try_send(to_queue(name, "a")).await;
    assert_eq!(sent, Err(ErrorKind::NotFound), "`{name}` is there");
}

async fn what_can_not_be_kept_is_refused(scene: &Scene) {
    let broker = scene.broker().await;
    let has = broker.capabilities();
    let offer = crate::testing::suite::ability::Offer {
        broker: Some(has.clone()),
        ..Default::default()
    };
    let lacking = Ability::ALL.into_iter().filter(|it| !it.is_in(&offer));
    for (mut topology, name) in lacking.filter_map(|it| it.asked_for(has)) {
        topology.queues.insert(0, QueueDeclaration::new("beside"));
        let error = broker.declare(&topology).await.expect_err("it is not kept");
        assert_eq!(error.kind(), ErrorKind::Unsupported, "{error}");
        for part in [name, has.name] {
            assert!(error.message().contains(part), "no `{part}` in: {error}");
        }
        is_missing(&broker, "beside").await;
        is_missing(&broker, "asks").await;
    }
}

async fn nothing_is_half_declared(scene: &Scene) {
    let broker = scene.broker().await;
    broker.queue("q").await;
    let topology = Topology {
        queues: vec![queue("new", |_| {}), queue("q", |it| it.durable = false)],
        ..Topology::default()
    };
    let error = broker.declare(&topology).await.expect_err("it differs");
    assert_eq!(error.kind(), ErrorKind::Mismatch, "{error}");
    is_missing(&broker, "new").await;
}

async fn bindings_need_what_they_bind(scene: &Scene) {
    let broker = scene.broker().await;
    let mut cases = vec![("nowhere", "new", ErrorKind::NotFound)];
    if broker.capabilities().topic {
        cases.push(("topic", "new", ErrorKind::Invalid));
    }
    cases.push(("fan", "nowhere", ErrorKind::NotFound));
    for (exchange, bound, kind) in cases {
        let mut topology = fan("fan", &["new"]);
        if broker.capabilities().topic {
            topology.exchanges.push(topic("topic"));
        }
        topology.bindings.push(bind(exchange, bound, None));
        let error = broker.declare(&topology).await.expect_err("it can't hold");
        assert_eq!(error.kind(), kind, "{error}");
        is_missing(&broker, "new").await;
        let sent = broker.try_send(to_exchange("fan", "", "a")).await;
        assert_eq!(sent, Err(ErrorKind::NotFound));
    }
}

fn topic(name: &str) -> ExchangeDeclaration {
    ExchangeDeclaration {
        name: name.into(),
        kind: ExchangeKind::Topic,
    }
}

fn bind(exchange: &str, queue: &str, pattern: Option<&str>) -> Binding {
    Binding {
        exchange: exchange.into(),
        queue: queue.into(),
        pattern: pattern.map(Into::into),
    }
}

async fn an_exchange_of_another_kind_is_a_mismatch(scene: &Scene) {
    let broker = scene.broker().await;
    broker
        .declare(&fan("e", &["q"]))
        .await
        .expect("it is declared");
    let otherwise = Topology {
        exchanges: vec![topic("e")],
        ..Topology::default()
    };
    let error = broker.declare(&otherwise).await.expect_err("it differs");
    assert_eq!(error.kind(), ErrorKind::Mismatch, "{error}");
    assert!(error.message().contains("`e`"), "{error}");
}

async fn a_fanout_copies_to_all(scene: &Scene) {
    let broker = scene.broker().await;
    let queues = ["q.1", "q.2", "q.3"];
    broker
        .declare(&fan("all", &queues))
        .await
        .expect("it is declared");
    for body in ["a", "b"] {
        broker
            .send(to_exchange("all", "any.key", body))
            .await
            .expect("it is sent");
    }
    for queue in queues {
        let worker = broker.worker(queue, 9).await;
        assert_eq!(bodies(&worker.take_and_ack(2).await), ["a", "b"], "{queue}");
        worker
            .nothing_comes(std::time::Duration::from_millis(100))
            .await;
    }
}

async fn a_topic_routes_by_pattern(scene: &Scene) {
    let broker = scene.broker().await;
    let queues = [
        ("all", &["#"][..], &["a.b", "a", "a.b.c", "x.b"][..]),
        ("pair", &["a.*", "*.b"], &["a.b", "x.b"]),
        ("below", &["a.#"], &["a.b", "a", "a.b.c"]),
        ("exact", &["a"], &["a"]),
    ];
    let bindings = queues.iter().flat_map(|(queue, patterns, _)| {
        patterns
            .iter()
            .map(|pattern| bind("topic", queue, Some(pattern)))
    });
    let topology = Topology {
        queues: queues
            .iter()
            .map(|it| QueueDeclaration::new(it.0))
            .collect(),
        exchanges: vec![topic("topic")],
        bindings: bindings.collect(),
    };
    broker.declare(&topology).await.expect("it is declared");
    for key in ["a.b", "a", "a.b.c", "x.b"] {
        broker
            .send(to_exchange("topic", key, key))
            .await
            .expect("it is sent");
    }
    for (queue, _, keys) in queues {
        let worker = broker.worker(queue, 9).await;
        assert_eq!(
            bodies(&worker.take_and_ack(keys.len()).await),
            keys,
            "{queue}"
        );
        worker
            .nothing_comes(std::time::Duration::from_millis(100))
            .await;
    }
}

async fn what_nobody_wants_is_unroutable(scene: &Scene) {
    let broker = scene.broker().await;
    let topology = Topology {
        queues: vec![QueueDeclaration::new("q")],
        exchanges: vec![topic("topic"), topic("lonely")],
        bindings: vec![bind("topic", "q", Some("a.*"))],
    };
    broker.declare(&topology).await.expect("it is declared");
    for (exchange, key) in [("topic", "b.a"), ("topic", "a.b.c"), ("lonely", "a.b")] {
        let sent = broker.try_send(to_exchange(exchange, key, "a")).await;
        assert_eq!(sent, Err(ErrorKind::Unroutable), "{exchange} {key}");
    }
}

async fn copies_go_to_all_or_none(scene: &Scene) {
    let broker = scene.broker().await;
    let mut topology = fan("all", &["open", "bounded"]);
    topology.queues[1].max_length = Some(super::limits::of(1, Overflow::Reject));
    broker.declare(&topology).await.expect("it is declared");
    let send = async |body| broker.try_send(to_exchange("all", "", body)).await;
    assert_eq!(send("a").await, Ok(()));
    assert_eq!(send("b").await, Err(ErrorKind::Full));
    let bounded = broker.worker("bounded", 9).await;
    assert_eq!(bodies(&bounded.take_and_ack(1).await), ["a"]);
    assert_eq!(send("c").await, Ok(()));
    for (worker, expected) in [
        (broker.worker("open", 9).await, &["a", "c"][..]),
        (bounded, &["c"]),
    ] {
        assert_eq!(bodies(&worker.take_and_ack(expected.len()).await), expected);
    }
}

async fn a_binding_of_another_process_counts_at_once(scene: &Scene) {
    let (sender, other) = (scene.broker().await, scene.broker().await);
    sender
        .declare(&fan("all", &["first"]))
        .await
        .expect("it is declared");
    sender
        .send(to_exchange("all", "", "a"))
        .await
        .expect("it is sent");
    other
        .declare(&fan("all", &["second"]))
        .await
        .expect("it is declared");
    sender
        .send(to_exchange("all", "", "b"))
        .await
        .expect("it is sent");
    for (queue, expected) in [("first", &["a", "b"][..]), ("second", &["b"])] {
        let came = sender
            .worker(queue, 9)
            .await
            .take_and_ack(expected.len())
            .await;
        assert_eq!(bodies(&came), expected, "{queue}");
    }
}

async fn copies_are_settled_apart(scene: &Scene) {
    let broker = scene.broker().await;
    broker
        .declare(&fan("all", &["one", "other"]))
        .await
        .expect("it is declared");
    broker
        .send(to_exchange("all", "", "a"))
        .await
        .expect("it is sent");
    let (one, other) = (
        broker.worker("one", 9).await,
        broker.worker("other", 9).await,
    );
    let (held, copy) = (one.take_one().await, other.take_one().await);
    one.settle(
        &held,
        crate::testing::suite::equipment::retry(std::time::Duration::ZERO),
    )
    .await;
    other.ack(&copy).await;
    let again = one.take_one().await;
    assert_eq!(again.attempt, 2);
    one.ack(&again).await;
    other
        .nothing_comes(std::time::Duration::from_millis(200))
        .await;
}
