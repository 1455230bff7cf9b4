//! A server of the test's own that is killed, started again and stopped in its tracks: what was confirmed arrives, and
//! consumers attach again by themselves. `MICROAGENT_REDIS_SERVER` is the program, by default `redis-server`.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use tokio::time::{Instant, sleep, timeout};

use super::*;

/// A server with a directory of its own, killed when it is dropped.
pub(super) struct Server {
    port: u16,
    directory: PathBuf,
    process: Child,
}

impl Server {
    pub(super) fn start() -> Self {
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = free.local_addr().unwrap().port();
        drop(free);
        let directory = std::env::temp_dir().join(format!("microagent-redis-{port}"));
        std::fs::create_dir_all(&directory).unwrap();
        let process = run(port, &directory);
        Self {
            port,
            directory,
            process,
        }
    }

    pub(super) fn dsn(&self) -> Dsn {
        Dsn::parse(&format!("redis://127.0.0.1:{}", self.port)).unwrap()
    }

    pub(super) fn kill(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }

    pub(super) fn start_again(&mut self) {
        self.process = run(self.port, &self.directory);
    }

    fn signal(&self, name: &str) {
        let pid = self.process.id().to_string();
        let sent = Command::new("kill").args([name, &pid]).status();
        assert!(sent.unwrap().success());
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        let _ = std::fs::remove_dir_all(&self.directory);
    }
}

fn run(port: u16, directory: &PathBuf) -> Child {
    let program = std::env::var_os("MICROAGENT_REDIS_SERVER");
    Command::new(program.unwrap_or("redis-server".into()))
        .args(["--port", &port.to_string(), "--bind", "127.0.0.1"])
        .args(["--appendonly", "yes", "--appendfsync", "always"])
        .args(["--save", "", "--dir"])
        .arg(directory)
        .stdout(Stdio::null())
        .spawn()
        .expect("redis-server is installed, or MICROAGENT_REDIS_SERVER says where it is")
}

async fn on(store: &str, server: &Server) -> Redis {
    let options = RedisOptions {
        lease: LEASE,
        ..RedisOptions::default()
    };
    // It may not listen yet: connecting waits for it.
    let dsn = kept(store, &server.dsn());
    let connecting = Redis::connect(&dsn, options);
    timeout(SOON, connecting).await.unwrap().unwrap()
}

/// Sends until it is confirmed, as many times as it takes.
async fn send_surely(redis: &Redis, body: &str) {
    while send(redis, to_queue("q", body)).await.is_err() {
        sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_server_confirmed_arrives_however_often_it_is_killed() {
    if skipped() {
        return;
    }
    for store in STORES {
        let mut server = Server::start();
        let redis = Arc::new(on(store, &server).await);
        declare(&redis, &[queue("q", |_| {})]).await;
        let consumer = consumer(&redis, "q", 20).await;
        let consuming = tokio::spawn(async move {
            let mut seen = BTreeSet::new();
            while seen.len() < 600 {
                let mut deliveries = Vec::new();
                consumer.next(20, &mut deliveries).await.unwrap();
                let settlement = |it: &Delivery| Settlement {
                    tag: it.tag,
                    verdict: Verdict::Ack,
                };
                let mut batch: Vec<_> = deliveries.iter().map(settlement).collect();
                seen.extend(bodies(&deliveries).into_iter().map(str::to_owned));
                while consumer.settle(&mut batch).await.is_err() {
                    sleep(Duration::from_millis(10)).await;
                }
            }
            seen
        });
        let sender = Arc::clone(&redis);
        let sending = tokio::spawn(async move {
            for number in 0..600 {
                send_surely(&sender, &number.to_string()).await;
            }
        });
        for _ in 0..2 {
            sleep(Duration::from_millis(300)).await;
            server.kill();
            sleep(Duration::from_millis(300)).await;
            server.start_again();
        }
        timeout(SOON * 6, sending).await.unwrap().unwrap();
        let seen = timeout(SOON * 6, consuming).await.unwrap().unwrap();
        let sent: BTreeSet<_> = (0..600).map(|it| it.to_string()).collect();
        assert_eq!(seen, sent);
        // What was sent twice, since nobody confirmed it, may still be there; nothing else is.
        let inspect = redis.inspect().unwrap();
        let rest = super::consumer(&redis, "q", 20).await;
        let began = Instant::now();
        loop {
            // The first question after a cut finds it.
            if let Ok(counts) = inspect.counts("q").await
                && counts.ready + counts.delayed + counts.in_flight == 0
            {
                break;
            }
            assert!(began.elapsed() < 3 * SOON);
            let mut twice = Vec::new();
            let next = rest.next(1, &mut twice);
            if timeout(Duration::from_millis(100), next).await.is_ok() {
                assert!(sent.contains(bodies(&twice)[0]));
                settle(&*rest, &twice[0], Verdict::Ack).await;
            }
        }
    }
}

#[tokio::test]
async fn a_server_that_no_longer_answers_is_noticed_and_its_return_too() {
    if skipped() {
        return;
    }
    for store in STORES {
        let server = Server::start();
        let redis = on(store, &server).await;
        declare(&redis, &[queue("q", |_| {})]).await;
        let consumer = consumer(&redis, "q", 20).await;
        assert!(consumer.is_attached());
        server.signal("-STOP");
        let began = Instant::now();
        while consumer.is_attached() {
            assert!(began.elapsed() < 3 * SOON);
            sleep(Duration::from_millis(50)).await;
        }
        let error = send(&redis, to_queue("q", "lost?")).await.unwrap_err();
        assert!(error.kind().is_transient(), "{error}");
        server.signal("-CONT");
        send_surely(&redis, "a").await;
        loop {
            let delivery = take(&*consumer, 1).await.remove(0);
            settle(&*consumer, &delivery, Verdict::Ack).await;
            // The other one may have arrived: nobody confirmed it.
            if bodies(&[delivery]) == ["a"] {
                break;
            }
        }
        assert!(consumer.is_attached());
    }
}

#[tokio::test]
async fn a_server_that_lost_its_data_gets_its_queues_again() {
    if skipped() {
        return;
    }
    for store in STORES {
        let server = Server::start();
        let redis = on(store, &server).await;
        declare(&redis, &[queue("q", |_| {})]).await;
        let consumer = consumer(&redis, "q", 20).await;
        put(&redis, &["a"]).await;
        let held = take(&*consumer, 1).await;
        let mut direct = direct(&server.dsn()).await;
        let flushed: String = ::redis::cmd("FLUSHALL")
            .query_async(&mut direct)
            .await
            .unwrap();
        assert_eq!(flushed, "OK");
        assert_eq!(settle(&*consumer, &held[0], Verdict::Ack).await, 1);
        send_surely(&redis, "b").await;
        assert_eq!(bodies(&take(&*consumer, 1).await), ["b"]);
    }
}
