//! Servers that sentinels watch: the one that leads is found, a failover is followed, and with `wait` nothing that was
//! confirmed is lost by it.

use std::collections::BTreeSet;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use microagent::broker::{ConsumeOptions, Settlement, Verdict};

use super::server::{Server, directory, free_port};
use super::*;

/// One sentinel, ended when it is dropped.
struct Sentinel {
    port: u16,
    process: Child,
}

impl Sentinel {
    fn watching(master: u16) -> Self {
        let port = free_port();
        let at = directory(port);
        let config = at.join("sentinel.conf");
        let text = format!(
            "port {port}\nbind 127.0.0.1\ndir {}\nsentinel monitor mymaster 127.0.0.1 {master} 2\n\
             sentinel down-after-milliseconds mymaster 1000\nsentinel failover-timeout mymaster 5000\n",
            at.display()
        );
        std::fs::write(&config, text).unwrap();
        let program = std::env::var_os("MICROAGENT_REDIS_SERVER");
        let process = Command::new(program.unwrap_or("redis-server".into()))
            .arg(config)
            .arg("--sentinel")
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        Self { port, process }
    }
}

impl Drop for Sentinel {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        let _ = std::fs::remove_dir_all(directory(self.port));
    }
}

/// A server that leads, two that follow it, and three sentinels that know of each other.
struct Deployment {
    master: Server,
    _replicas: [Server; 2],
    sentinels: [Sentinel; 3],
}

impl Deployment {
    async fn start() -> Self {
        let master = Server::plain();
        let of = ["--replicaof", "127.0.0.1", &master.port.to_string()].map(str::to_owned);
        let of = of.each_ref().map(String::as_str);
        let replicas = [Server::start(&of), Server::start(&of)];
        until("both follow", async || {
            let info: String = master.ask(&["INFO", "replication"]).await;
            info.matches("state=online").count() == 2
        })
        .await;
        let sentinels = [(); 3].map(|()| Sentinel::watching(master.port));
        for sentinel in &sentinels {
            let client =
                redis::Client::open(format!("redis://127.0.0.1:{}", sentinel.port)).unwrap();
            until("a sentinel knows all", async || {
                let mut command = redis::cmd("SENTINEL");
                command.arg("MASTER").arg("mymaster");
                let Ok(mut direct) = client.get_multiplexed_async_connection().await else {
                    return false;
                };
                let Ok(facts) = command.query_async::<Vec<String>>(&mut direct).await else {
                    return false;
                };
                let says = |name: &str, value: &str| facts.windows(2).any(|it| it == [name, value]);
                says("num-slaves", "2") && says("num-other-sentinels", "2")
            })
            .await;
        }
        Self {
            master,
            _replicas: replicas,
            sentinels,
        }
    }

    fn dsn(&self, query: &str) -> String {
        let at = self
            .sentinels
            .each_ref()
            .map(|it| format!("127.0.0.1:{}", it.port));
        format!("redis+sentinel://{}/mymaster/0{query}", at.join(","))
    }
}

/// What became of messages that were sent while the server that led was killed.
struct Outcome {
    confirmed: BTreeSet<String>,
    processed: BTreeSet<String>,
    resumed_after: Duration,
}

async fn failover(query: &str) -> Outcome {
    let mut deployment = Deployment::start().await;
    let redis = Arc::new(connect(&deployment.dsn(query)).await.unwrap());
    declare(&redis).await.unwrap();
    let mut confirmed = BTreeSet::new();
    let mut killed = None;
    let mut resumed_after = Duration::ZERO;
    for number in 0..600 {
        if number == 300 {
            deployment.master.kill();
            killed = Some(Instant::now());
        }
        let body = number.to_string();
        while send(&redis, &body).await.is_err() {
            let began = killed.unwrap_or_else(Instant::now);
            assert!(began.elapsed() < 2 * SOON, "it does not resume");
            sleep(Duration::from_millis(10)).await;
        }
        confirmed.insert(body);
        if number == 300 {
            resumed_after = killed.unwrap().elapsed();
        }
    }
    let processed = take_all(&redis).await;
    Outcome {
        confirmed,
        processed,
        resumed_after,
    }
}

/// Takes what there is, until nothing has come for a while.
async fn take_all(redis: &Redis) -> BTreeSet<String> {
    let options = ConsumeOptions {
        prefetch: 50,
        name: "test".into(),
    };
    let consumer = redis.consume(&"q".into(), &options).await.unwrap();
    let mut processed = BTreeSet::new();
    loop {
        let mut deliveries = Vec::new();
        let next = consumer.next(50, &mut deliveries);
        if timeout(Duration::from_secs(3), next).await.is_err() {
            return processed;
        }
        let ack = |tag| Settlement {
            tag,
            verdict: Verdict::Ack,
        };
        let mut batch: Vec<_> = deliveries.iter().map(|it| ack(it.tag)).collect();
        consumer.settle(&mut batch).await.unwrap();
        processed.extend(
            deliveries
                .iter()
                .map(|it| std::str::from_utf8(&it.message.body).unwrap().to_owned()),
        );
    }
}

#[expect(clippy::print_stdout, reason = "a scorecard has its figures printed")]
fn print(name: &str, outcome: &Outcome) -> usize {
    let lost = outcome.confirmed.difference(&outcome.processed).count();
    println!(
        "sentinel failover{name}: confirmed {}, lost {lost}, resumed after {:?}",
        outcome.confirmed.len(),
        outcome.resumed_after
    );
    lost
}

#[tokio::test]
async fn what_a_replica_confirmed_outlives_a_failover() {
    if skipped() {
        return;
    }
    let outcome = failover("?wait=1").await;
    assert_eq!(print(", wait=1", &outcome), 0);
    assert!(outcome.resumed_after < Duration::from_secs(15));
}

#[tokio::test]
async fn a_failover_is_followed_and_what_it_may_lose_is_the_end_of_the_old_leader() {
    if skipped() {
        return;
    }
    let outcome = failover("").await;
    let lost = print("", &outcome);
    // What is lost was confirmed right before the end of the old leader, and is no more than was on its way to replicas.
    assert!(lost < 300, "{lost}");
    assert!((301..600).all(|it| outcome.processed.contains(&it.to_string())));
    assert!(outcome.resumed_after < Duration::from_secs(15));
}

#[tokio::test]
async fn too_few_replicas_are_told_from_a_message_that_is_safe() {
    if skipped() {
        return;
    }
    let server = Server::plain();
    let redis = connect(&format!("{}?wait=1", server.dsn())).await.unwrap();
    declare(&redis).await.unwrap();
    let error = send(&redis, "a").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert!(error.message().contains("0 of 1 replicas"), "{error}");
}

#[tokio::test]
async fn sentinels_that_are_away_or_know_nothing_are_named() {
    let gone = free_port();
    let dsn = format!("redis+sentinel://127.0.0.1:{gone}/mymaster?connect_timeout=1");
    let error = refused(&dsn).await;
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert!(error.message().contains("refused"), "{error}");
    if skipped() {
        return;
    }
    let sentinel = Sentinel::watching(free_port());
    let dsn = format!(
        "redis+sentinel://127.0.0.1:{gone},127.0.0.1:{}/other?connect_timeout=1",
        sentinel.port
    );
    let error = refused(&dsn).await;
    assert!(
        error.message().contains("watches no master of that name"),
        "{error}"
    );
}
