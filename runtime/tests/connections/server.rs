//! A server of a test's own, with a directory of its own, killed when it is dropped.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use redis::aio::MultiplexedConnection;
use redis::{Client, FromRedisValue};

use super::*;

pub(super) struct Server {
    pub(super) port: u16,
    directory: PathBuf,
    arguments: Vec<String>,
    process: Child,
}

/// A port that nobody listens on.
pub(super) fn free_port() -> u16 {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    free.local_addr().unwrap().port()
}

/// A directory that goes with the port.
pub(super) fn directory(port: u16) -> PathBuf {
    let directory = std::env::temp_dir().join(format!("microagent-connections-{port}"));
    std::fs::create_dir_all(&directory).unwrap();
    directory
}

impl Server {
    /// A server that is told no more than where.
    pub(super) fn plain() -> Self {
        Self::start(&[])
    }

    /// A server with these arguments behind its port.
    pub(super) fn start(more: &[&str]) -> Self {
        let port = free_port();
        let number = port.to_string();
        Self::on(port, &[&["--port", &number], more].concat())
    }

    /// A server that listens on this port, as its arguments say.
    pub(super) fn on(port: u16, arguments: &[&str]) -> Self {
        let directory = directory(port);
        let arguments: Vec<_> = arguments.iter().map(|it| (*it).to_owned()).collect();
        let process = run(&arguments, &directory);
        Self {
            port,
            directory,
            arguments,
            process,
        }
    }

    pub(super) fn dsn(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    pub(super) fn kill(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }

    pub(super) fn start_again(&mut self) {
        self.process = run(&self.arguments, &self.directory);
    }

    /// `-STOP` has it answer nobody, and keep all connections.
    pub(super) fn signal(&self, name: &str) {
        let pid = self.process.id().to_string();
        let sent = Command::new("kill").args([name, &pid]).status();
        assert!(sent.unwrap().success());
    }

    /// A connection that knows nothing of ours, when the server is there.
    pub(super) async fn direct(&self) -> MultiplexedConnection {
        let client = Client::open(self.dsn()).unwrap();
        let began = Instant::now();
        loop {
            if let Ok(direct) = client.get_multiplexed_async_connection().await {
                return direct;
            }
            assert!(began.elapsed() < SOON, "no server on {}", self.port);
            sleep(Duration::from_millis(20)).await;
        }
    }

    /// The answer to one command.
    pub(super) async fn ask<T: FromRedisValue>(&self, words: &[&str]) -> T {
        let mut command = redis::Cmd::new();
        command.arg(words);
        command.query_async(&mut self.direct().await).await.unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        let _ = std::fs::remove_dir_all(&self.directory);
    }
}

fn run(arguments: &[String], directory: &Path) -> Child {
    let program = std::env::var_os("MICROAGENT_REDIS_SERVER");
    Command::new(program.unwrap_or("redis-server".into()))
        .args(arguments)
        .args(["--bind", "127.0.0.1", "--save", "", "--dir"])
        .arg(directory)
        .stdout(Stdio::null())
        .spawn()
        .expect("redis-server is installed, or MICROAGENT_REDIS_SERVER says where it is")
}
