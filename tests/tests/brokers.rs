//! What a schema asks and a broker can't give is refused twice, by a build that names the broker and at the start of an
//! agent. Neither knows the other: here both say the same of each option, and the facts of the one are those of the other.

use std::time::Duration;

use microagent::backend::memory::Memory;
use microagent::backend::redis::{Redis, RedisOptions};
use microagent::broker::{
    Binding, BrokerBackend, Capabilities, ExchangeDeclaration, ExchangeKind, MaxLength, Overflow,
    QueueDeclaration, Topology,
};
use microagent::{Dsn, ErrorKind};
use microagent_schema::brokers::{BROKERS, Broker};
use microagent_schema::limits::Limits;
use microagent_schema::{Input, analyze};

/// The text of a schema, what an agent of it declares, and the one thing that a broker of everything lacks.
struct Case {
    schema: &'static str,
    declared: Topology,
    lacking: fn(&mut Capabilities),
}

fn queue(change: impl FnOnce(&mut QueueDeclaration)) -> Topology {
    let mut queue = QueueDeclaration::new("asked");
    change(&mut queue);
    Topology {
        queues: vec![queue],
        ..Topology::default()
    }
}

fn exchange(kind: ExchangeKind) -> Topology {
    Topology {
        exchanges: vec![ExchangeDeclaration {
            name: "asked".into(),
            kind,
        }],
        ..Topology::default()
    }
}

fn ordered_copies() -> Topology {
    let mut topology = queue(|it| it.partitions = Some(8));
    topology.bindings = vec![Binding {
        exchange: "users".into(),
        queue: "asked".into(),
        pattern: None,
    }];
    topology
}

fn limited(overflow: Overflow) -> Topology {
    queue(|it| {
        it.max_length = Some(MaxLength {
            messages: 9,
            overflow,
        });
    })
}

fn cases() -> [Case; 8] {
    let case = |schema, declared, lacking| Case {
        schema,
        declared,
        lacking,
    };
    [
        case(
            "queue asked: Order with { key: id, ordered: true };",
            queue(|it| it.partitions = Some(8)),
            |it| it.ordered = false,
        ),
        case(
            "exchange users: Order { queue asked with { key: id, ordered: true }; }",
            ordered_copies(),
            |it| it.ordered_copies = false,
        ),
        case(
            "queue asked: Order with { ttl: 1h };",
            queue(|it| it.ttl = Some(Duration::from_hours(1))),
            |it| it.ttl = false,
        ),
        case(
            "queue asked: Order with { max_priority: 9 };",
            queue(|it| it.max_priority = 9),
            |it| it.max_priority = 8,
        ),
        case(
            "queue asked: Order with { max_length: 9 };",
            limited(Overflow::Reject),
            |it| it.overflow_reject = false,
        ),
        case(
            "queue asked: Order with { max_length: 9, overflow: drop_oldest };",
            limited(Overflow::DropOldest),
            |it| it.overflow_drop_oldest = false,
        ),
        case(
            "exchange asked: Order;",
            exchange(ExchangeKind::Fanout),
            |it| it.fanout = false,
        ),
        case(
            "exchange asked: Order by \"{country: string}\";",
            exchange(ExchangeKind::Topic),
            |it| it.topic = false,
        ),
    ]
}

/// The sentence of a build that names the broker; none where it succeeds.
fn at_build(schema: &str, broker: &Broker) -> Option<String> {
    let text = format!("package shop;\nstruct Order {{ id: u64 }}\n{schema}\n");
    let input = Input {
        root: 0,
        path: "shop.mag".to_owned(),
        shown: "shop.mag".to_owned(),
        text: Ok(text.into_bytes()),
    };
    let mut analysis = analyze(vec![input], &Limits::default());
    assert!(analysis.model.is_some(), "{:?}", analysis.diagnostics);
    analysis.require(&[broker]);
    assert_eq!(analysis.model.is_some(), analysis.diagnostics.is_empty());
    let [diagnostic] = analysis.diagnostics.try_into().ok()?;
    Some(diagnostic.message)
}

/// The facts of a backend as the schema has them.
fn facts(name: &'static str, capabilities: &Capabilities) -> Broker {
    Broker {
        name,
        ordered: capabilities.ordered,
        ordered_copies: capabilities.ordered_copies,
        ttl: capabilities.ttl,
        max_priority: capabilities.max_priority,
        overflow_reject: capabilities.overflow_reject,
        overflow_drop_oldest: capabilities.overflow_drop_oldest,
        fanout: capabilities.fanout,
        topic: capabilities.topic,
        headers: capabilities.headers,
    }
}

#[test]
fn a_build_and_a_start_refuse_the_same_in_the_same_words() {
    let everything = Memory::new().capabilities().clone();
    for case in cases() {
        let mut lacking = everything.clone();
        lacking.name = "lame";
        case.declared.check(&everything).unwrap();
        assert_eq!(at_build(case.schema, &facts("lame", &everything)), None);
        (case.lacking)(&mut lacking);
        let error = case.declared.check(&lacking).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported);
        let at_start = error.message().replace("which lame", "which `lame`");
        let at_build = at_build(case.schema, &facts("lame", &lacking));
        assert_eq!(at_build, Some(at_start), "{}", case.schema);
    }
}

#[test]
fn duplicates_are_told_by_ids_and_refused_where_there_are_none() {
    let schema = "queue asked: Order;\nagent Clerk { consume asked with { dedupe: 1m }; }";
    let mut capabilities = Memory::new().capabilities().clone();
    assert_eq!(at_build(schema, &facts("lame", &capabilities)), None);
    capabilities.headers = false;
    let refused = at_build(schema, &facts("lame", &capabilities)).unwrap();
    let expected = "`Clerk` asks for `dedupe`, by the ids of messages, which `lame` can't do";
    assert_eq!(refused, expected);
}

/// A broker of this name; none where the developer asked that Redis be left out.
async fn connected(name: &str) -> Option<Box<dyn BrokerBackend>> {
    if name == "memory" {
        return Some(Box::new(Memory::new()));
    }
    if std::env::var_os("MICROAGENT_SKIP_REDIS").is_some_and(|it| it == "1") {
        #[expect(
            clippy::print_stderr,
            reason = "nobody is to believe that it was tested"
        )]
        {
            eprintln!("MICROAGENT_SKIP_REDIS=1: WHAT `{name}` CAN DO WAS NOT TESTED HERE");
        }
        return None;
    }
    let server = std::env::var("MICROAGENT_TEST_REDIS");
    let server = server.unwrap_or("redis://127.0.0.1:6379".to_owned());
    let dsn = server.replacen("redis", name, 1);
    let dsn = Dsn::parse(&dsn).expect("the server's DSN, with another scheme, is one");
    let redis = Redis::connect(&dsn, RedisOptions::default());
    let limit = Duration::from_secs(10);
    let redis = tokio::time::timeout(limit, redis).await;
    let redis = redis.unwrap_or_else(|_| panic!("no redis at {server}"));
    Some(Box::new(redis.expect("the server can be used")))
}

#[tokio::test]
async fn what_builds_know_of_a_broker_is_what_it_says_of_itself() {
    for broker in BROKERS {
        if let Some(backend) = connected(broker.name).await {
            assert_eq!(facts(broker.name, backend.capabilities()), *broker);
        }
    }
}
