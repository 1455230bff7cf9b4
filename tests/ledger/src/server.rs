//! Servers that a run starts, kills and stops in their tracks, each on a port and in a directory of its own. One row per kind
//! of server; who uses one need not know which it is.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::time::{Instant, sleep};

use crate::Result;
use crate::process::Process;

/// How long a server may take to listen.
const LISTENING: Duration = Duration::from_secs(20);

/// What is known of a kind of server.
#[derive(Debug)]
pub(crate) struct Kind {
    /// Names the program, where it is not the one that is found by its name.
    variable: &'static str,
    program: &'static str,
    arguments: fn(&Place) -> Vec<String>,
}

/// Where a server keeps its data, and how well.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    pub(crate) port: u16,
    directory: PathBuf,
    pub(crate) keeping: Keeping,
}

/// When the server has what it confirms on disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Keeping {
    /// Before it confirms.
    Always,
    /// A second later at most.
    EverySecond,
    /// Never: it is not what dies.
    Never,
}

pub(crate) const REDIS: Kind = Kind {
    variable: "MICROAGENT_REDIS_SERVER",
    program: "redis-server",
    arguments: |place| {
        let (appends, fsync) = match place.keeping {
            Keeping::Always => ("yes", "always"),
            Keeping::EverySecond => ("yes", "everysec"),
            Keeping::Never => ("no", "no"),
        };
        let port = place.port.to_string();
        let directory = place.directory.display().to_string();
        let words = [
            "--port",
            &port,
            "--bind",
            "127.0.0.1",
            "--save",
            "",
            "--dir",
            &directory,
        ];
        let rest = ["--appendonly", appends, "--appendfsync", fsync];
        words
            .iter()
            .chain(&rest)
            .map(|it| (*it).to_owned())
            .collect()
    },
};

impl Kind {
    fn program(&self) -> Command {
        Command::new(std::env::var_os(self.variable).unwrap_or(self.program.into()))
    }

    /// What the program says of itself.
    ///
    /// # Errors
    /// Where there is none.
    pub(crate) fn version(&self) -> Result<String> {
        let output = self.program().arg("--version").output().map_err(|error| {
            let Self {
                program, variable, ..
            } = self;
            format!("no `{program}` ({error}): install it, or let `{variable}` say where it is")
        })?;
        let text = String::from_utf8_lossy(&output.stdout);
        let version = text.split_whitespace().find_map(|it| it.strip_prefix("v="));
        Ok(format!("{} {}", self.program, version.unwrap_or("?")))
    }
}

/// A server, ended when it is dropped.
#[derive(Debug)]
pub(crate) struct Server {
    kind: &'static Kind,
    pub(crate) place: Place,
    process: Option<Process>,
}

impl Server {
    /// One that does not run yet.
    pub(crate) fn new(kind: &'static Kind, directory: &Path, keeping: Keeping) -> Result<Self> {
        let directory = directory.join("server");
        std::fs::create_dir_all(&directory)?;
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let place = Place {
            port,
            directory,
            keeping,
        };
        Ok(Self {
            kind,
            place,
            process: None,
        })
    }

    /// Starts it where it was; ready when it listens.
    pub(crate) async fn start(&mut self) -> Result<()> {
        let mut command = self.kind.program();
        command
            .args((self.kind.arguments)(&self.place))
            .stdout(Stdio::null());
        self.process = Some(Process::spawn(self.kind.program, &mut command)?);
        let begun = Instant::now();
        while TcpStream::connect(("127.0.0.1", self.place.port))
            .await
            .is_err()
        {
            if begun.elapsed() > LISTENING {
                return Err(format!("{} does not listen", self.kind.program).into());
            }
            sleep(Duration::from_millis(20)).await;
        }
        Ok(())
    }

    /// `kill -9`, and it is gone when this comes back.
    pub(crate) fn kill(&mut self) -> Result<()> {
        self.process.take().map_or(Ok(()), Process::kill)
    }
}
