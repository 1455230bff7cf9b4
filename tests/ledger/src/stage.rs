//! Where a scenario takes place: a server of its own, the processes around it, and the ledgers that they write. Knows how to
//! start and to count; what happens is the scenario's.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::ExitStatus;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use microagent::Dsn;
use tokio::time::{Instant, sleep};

use crate::Result;
use crate::account::Account;
use crate::backend::{Backend, Point};
use crate::book;
use crate::process::Process;
use crate::proxy::Proxy;
use crate::report::Report;
use crate::server::{Keeping, Server};
use crate::subject::Subject;

/// The queue of all scenarios.
const QUEUE: &str = "ledger.jobs";
/// More dead letters than any scenario makes.
const ALL: usize = 100_000;

/// How large a scenario is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// Small enough for every test run.
    Quick,
    /// With the numbers of the promise.
    Full,
}

/// Its files are gone when it is dropped.
#[derive(Debug)]
pub(crate) struct Stage {
    pub(crate) subject: Subject,
    backend: &'static Backend,
    pub(crate) form: Form,
    pub(crate) server: Server,
    /// The port that processes are told: the server's, or that of who stands before it.
    pub(crate) port: u16,
    /// What the DSN says beside it, as in `&connect_timeout=5`.
    pub(crate) also: &'static str,
    directory: PathBuf,
    processes: usize,
    /// Decides what is left to chance.
    pub(crate) seed: u64,
}

/// What the broker has at the end.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rest {
    /// What still waits, is delayed or held.
    pub(crate) waiting: usize,
    pub(crate) dead: BTreeSet<u64>,
}

static STAGES: AtomicUsize = AtomicUsize::new(0);

impl Stage {
    /// With a server that does not run yet.
    pub(crate) fn new(
        subject: Subject,
        backend: &'static Backend,
        form: Form,
        (keeping, seed): (Keeping, u64),
    ) -> Result<Self> {
        let number = STAGES.fetch_add(1, Ordering::Relaxed);
        let name = format!("ledger-{}-{number}", std::process::id());
        let directory = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&directory)?;
        let server = Server::new(backend.server, &directory, keeping)?;
        Ok(Self {
            subject,
            backend,
            form,
            port: server.place.port,
            server,
            also: "",
            directory,
            processes: 0,
            seed,
        })
    }

    /// The number for this form.
    pub(crate) fn of<N>(&self, quick: N, full: N) -> N {
        match self.form {
            Form::Quick => quick,
            Form::Full => full,
        }
    }

    /// Milliseconds that something may take which is promised within so many: a machine that builds and tests at the same time
    /// gets some more.
    pub(crate) fn within(&self, promised: u64) -> u64 {
        promised + self.of(5_000, 0)
    }

    /// How long a message stays with a consumer that shows no sign of life.
    pub(crate) fn lease(&self) -> Duration {
        Duration::from_secs(self.of(2, 30))
    }

    fn dsn(&self) -> String {
        (self.backend.dsn)(self.port, self.lease().as_secs()) + self.also
    }

    /// Starts a process with a ledger of its own. A `work` consumes until it is ended, a `send` ends by itself.
    pub(crate) fn start(&mut self, role: &str, options: &[(&str, &str)]) -> Result<Process> {
        self.processes += 1;
        let name = format!("{role}-{}", self.processes);
        let mut command = self
            .subject
            .command(role, &self.directory.join(format!("{name}.log")))?;
        command.args(["--dsn", &self.dsn(), "--ledger"]);
        command.arg(self.directory.join(format!("{name}.ledger")));
        for (option, value) in options {
            command.arg(format!("--{option}"));
            command.args(Some(value).filter(|it| !it.is_empty()));
        }
        Process::spawn(&name, &mut command)
    }

    /// Sends, and comes back when all is confirmed or refused.
    pub(crate) async fn send(
        &mut self,
        count: u64,
        options: &[(&str, &str)],
    ) -> Result<ExitStatus> {
        let count = count.to_string();
        let options = [&[("count", &*count)], options].concat();
        self.start("send", &options)?
            .end(Duration::from_mins(10))
            .await
    }

    /// What became of everything so far.
    pub(crate) fn account(&self) -> Result<Account> {
        Ok(Account::of(book::read_all(&self.directory)?))
    }

    /// Looks until it is so, and says whether it came to be within this time.
    pub(crate) async fn until(
        &self,
        within: Duration,
        is_so: impl Fn(&Account) -> bool,
    ) -> Result<bool> {
        let begun = Instant::now();
        loop {
            let looked = Instant::now();
            if is_so(&self.account()?) {
                return Ok(true);
            }
            if begun.elapsed() > within {
                return Ok(false);
            }
            // Looking is not to be what the machine is busy with.
            sleep(Duration::from_millis(30).max(looked.elapsed() * 4)).await;
        }
    }

    /// As long as it may take; less for a library that is known to come back at once or never.
    pub(crate) fn patience(&self, within: Duration) -> Duration {
        match &self.subject {
            Subject::Rust(_) => within,
            Subject::Python(_) => within.min(Duration::from_secs(12)),
        }
    }

    /// What the library says on the wire, point by point.
    pub(crate) fn points(&self) -> &'static [Point] {
        self.backend.points(&self.subject)
    }

    /// Puts a proxy before the server, for the processes that start from now on.
    pub(crate) async fn proxy(&mut self) -> Result<Proxy> {
        let proxy = Proxy::before(self.server.place.port).await?;
        self.port = proxy.port;
        Ok(proxy)
    }

    /// Looks into the broker until it has no more than this waiting, and as many dead letters as this.
    pub(crate) async fn until_rest(
        &self,
        within: Duration,
        waiting: usize,
        dead: usize,
    ) -> Result<Rest> {
        let begun = Instant::now();
        loop {
            let rest = self.rest().await?;
            let is_so = rest.waiting <= waiting && rest.dead.len() >= dead;
            if is_so || begun.elapsed() > self.patience(within) {
                return Ok(rest);
            }
            sleep(Duration::from_millis(200)).await;
        }
    }

    /// Waits until all that was confirmed has been processed, and counts.
    pub(crate) async fn settle(&self, within: Duration) -> Result<Report> {
        self.until(self.patience(within), Account::is_settled)
            .await?;
        // The last acknowledgements are on their way.
        let rest = match &self.subject {
            Subject::Rust(_) => self.until_rest(self.lease() * 2, 0, 0).await?,
            Subject::Python(_) => self.rest().await?,
        };
        Ok(Report::new(self.account()?, rest))
    }

    /// What the broker has.
    pub(crate) async fn rest(&self) -> Result<Rest> {
        match &self.subject {
            Subject::Rust(_) => self.rest_of_rust().await,
            Subject::Python(_) => self.rest_of_python(),
        }
    }

    async fn rest_of_rust(&self) -> Result<Rest> {
        // The server itself, whatever stands before it.
        let dsn = (self.backend.dsn)(self.server.place.port, self.lease().as_secs());
        let backend = (self.backend.connect)(Dsn::parse(&dsn)?).await?;
        let inspect = backend
            .inspect()
            .ok_or("this backend can't be looked into")?;
        let counts = inspect.counts(QUEUE).await?;
        let letters = inspect.dead_letters(QUEUE, ALL).await?;
        backend.close().await?;
        let mut dead = BTreeSet::new();
        for letter in letters {
            let body: serde_json::Value = serde_json::from_slice(&letter.message.body)?;
            dead.extend(body["id"].as_u64());
        }
        let waiting = counts.ready + counts.delayed + counts.in_flight;
        Ok(Rest { waiting, dead })
    }

    /// It has no dead letters: what it gives up is gone.
    fn rest_of_python(&self) -> Result<Rest> {
        let log = self.directory.join("rest.log");
        let mut command = self.subject.command("rest", &log)?;
        command.stdout(std::process::Stdio::piped());
        let dsn = (self.backend.dsn)(self.server.place.port, 1);
        let output = command.args(["--dsn", &dsn]).output()?;
        let text = String::from_utf8(output.stdout)?;
        Ok(Rest {
            waiting: text.trim().parse()?,
            dead: BTreeSet::new(),
        })
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        // What is left behind is in the way of nobody.
        let _ = self.server.kill();
        if std::env::var_os("LEDGER_KEEP").is_none() {
            let _ = std::fs::remove_dir_all(&self.directory);
        }
    }
}
