//! Connections to the server: made with a deadline, made anew with backoff and jitter for as long as it takes, given up when
//! the server does not answer. Knows no queues; no password leaves it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use ::redis::aio::MultiplexedConnection;
use ::redis::{
    AsyncConnectionConfig, Client, Cmd, ErrorKind as ClientErrorKind, Pipeline, ProtocolVersion,
    PushInfo, RedisError, ServerError, Value,
};
use tokio::sync::Mutex;
use tokio::time::{sleep, timeout};

use super::scripts::{self, Digests, Script};
use crate::error::{Error, ErrorKind};
use crate::random::random;

/// How long one attempt to connect may take.
const CONNECT: Duration = Duration::from_secs(5);
/// How long the server may take to answer before the connection is given up: half-open sockets are found by it.
const ANSWER: Duration = Duration::from_secs(4);
/// How long a command waits for a lost connection to come back.
const PATIENCE: Duration = Duration::from_secs(4);
/// The first wait between attempts, before jitter.
const FIRST_WAIT: Duration = Duration::from_millis(100);
/// The longest wait between attempts, before jitter.
const LONGEST_WAIT: Duration = Duration::from_secs(20);

/// Where to connect to, and one connection that all commands share.
#[derive(Debug)]
pub(super) struct Link {
    client: Client,
    live: Mutex<Option<Arc<Live>>>,
    closed: AtomicBool,
}

/// A connection with the scripts loaded.
pub(super) struct Live {
    connection: MultiplexedConnection,
    digests: Digests,
}

impl std::fmt::Debug for Live {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Live")
    }
}

/// Waits between attempts: exponential, with full jitter.
#[derive(Debug, Default)]
pub(super) struct Waits(u32);

impl Waits {
    pub(super) async fn next(&mut self) {
        let most = FIRST_WAIT
            .saturating_mul(1 << self.0.min(16))
            .min(LONGEST_WAIT);
        self.0 += 1;
        let most = u64::try_from(most.as_millis()).expect("it is below a minute");
        sleep(Duration::from_millis(random() % (most + 1))).await;
    }
}

impl Link {
    /// Connects; for as long as it takes where nobody answers.
    pub(super) async fn connect(client: Client) -> Result<Self, Error> {
        let link = Self {
            client,
            live: Mutex::default(),
            closed: AtomicBool::new(false),
        };
        let mut waits = Waits::default();
        let live = loop {
            match link.open().await {
                Ok(live) => break live,
                Err(error) if is_for_good(&error) => {
                    return Err(Error::new(ErrorKind::Config, told(&error)));
                }
                Err(error) => tracing::warn!(error = told(&error), "redis is not there yet"),
            }
            waits.next().await;
        };
        *link.live.lock().await = Some(Arc::new(live));
        Ok(link)
    }

    /// A connection of its own, for reads that block; its answers may take this long.
    pub(super) async fn dedicated(
        &self,
        answer: Duration,
    ) -> Result<MultiplexedConnection, RedisError> {
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(CONNECT))
            .set_response_timeout(Some(answer));
        let connecting = self
            .client
            .get_multiplexed_async_connection_with_config(&config);
        timeout(CONNECT, connecting)
            .await
            .unwrap_or_else(|_| Err(std::io::Error::from(std::io::ErrorKind::TimedOut).into()))
    }

    /// A connection of its own that listens: what the server pushes goes to `heard`, which must not block.
    pub(super) async fn listening(
        &self,
        heard: impl Fn(PushInfo) + Send + Sync + 'static,
    ) -> Result<MultiplexedConnection, RedisError> {
        let place = self.client.get_connection_info().clone();
        let settings = place.redis_settings().clone();
        let settings = settings.set_protocol(ProtocolVersion::RESP3);
        let client = Client::open(place.set_redis_settings(settings))?;
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(CONNECT))
            .set_response_timeout(Some(ANSWER))
            .set_push_sender(move |pushed| {
                heard(pushed);
                // An error would end what the client does with pushes.
                Ok::<(), std::convert::Infallible>(())
            });
        let connecting = client.get_multiplexed_async_connection_with_config(&config);
        timeout(CONNECT, connecting)
            .await
            .unwrap_or_else(|_| Err(std::io::Error::from(std::io::ErrorKind::TimedOut).into()))
    }

    async fn open(&self) -> Result<Live, RedisError> {
        let mut connection = self.dedicated(ANSWER).await?;
        let digests = scripts::load().query_async(&mut connection).await?;
        Ok(Live {
            connection,
            digests: Digests(digests),
        })
    }

    /// The connection that all share; made anew where it was lost. Cancel safe.
    async fn live(&self) -> Result<Arc<Live>, Error> {
        let connected = async {
            let mut live = self.live.lock().await;
            if let Some(live) = &*live {
                return Arc::clone(live);
            }
            let mut waits = Waits::default();
            loop {
                match self.open().await {
                    Ok(opened) => {
                        tracing::info!("redis is back");
                        return Arc::clone(live.insert(Arc::new(opened)));
                    }
                    Err(error) => tracing::debug!(error = told(&error), "redis is still away"),
                }
                waits.next().await;
            }
        };
        self.check_open()?;
        timeout(PATIENCE, connected)
            .await
            .map_err(|_| Error::new(ErrorKind::Unavailable, "redis can't be reached"))
    }

    /// Sends commands in one go and gives an answer for each, which may be an error of the server.
    ///
    /// [`ErrorKind::Unavailable`] where nothing was sent, [`ErrorKind::Timeout`] where that is unknown.
    pub(super) async fn run(
        &self,
        commands: impl FnOnce(&Digests) -> Pipeline,
    ) -> Result<Vec<Value>, Error> {
        let live = self.live().await?;
        let pipeline = commands(&live.digests);
        let mut connection = live.connection.clone();
        let answers = connection
            .send_packed_commands(&pipeline, 0, pipeline.len())
            .await;
        match answers {
            Ok(answers) => {
                if answers.iter().any(is_unusable) {
                    self.give_up(&live).await;
                }
                Ok(answers)
            }
            Err(error) => {
                tracing::warn!(error = told(&error), "redis is away");
                self.give_up(&live).await;
                let message = format!("no answer came from redis: {}", told(&error));
                Err(Error::new(ErrorKind::Timeout, message))
            }
        }
    }

    /// One command.
    pub(super) async fn run_one(&self, command: Cmd) -> Result<Value, Error> {
        let answers = self.run(|_| single(command)).await?;
        first(answers)
    }

    /// One script, with its arguments.
    pub(super) async fn run_script(
        &self,
        script: Script,
        keys: &[&str],
        arguments: &[&[u8]],
    ) -> Result<Value, Error> {
        let answers = self
            .run(|digests| {
                let mut command = digests.call(script, keys);
                command.arg(arguments);
                single(command)
            })
            .await?;
        first(answers)
    }

    /// The next who needs a connection makes a new one.
    async fn give_up(&self, lost: &Arc<Live>) {
        let mut live = self.live.lock().await;
        if live.as_ref().is_some_and(|it| Arc::ptr_eq(it, lost)) {
            *live = None;
        }
    }

    pub(super) fn check_open(&self) -> Result<(), Error> {
        if self.is_closed() {
            return Err(Error::new(ErrorKind::Closed, "redis has been closed"));
        }
        Ok(())
    }

    pub(super) fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Acquire)
    }

    /// No command is sent any more.
    pub(super) async fn close(&self) {
        self.closed.store(true, Ordering::Release);
        *self.live.lock().await = None;
    }
}

fn single(command: Cmd) -> Pipeline {
    let mut pipeline = Pipeline::with_capacity(1);
    pipeline.add_command(command);
    pipeline
}

/// The answer to a single command.
fn first(answers: Vec<Value>) -> Result<Value, Error> {
    answers
        .into_iter()
        .next()
        .ok_or_else(|| Error::new(ErrorKind::Backend, "redis gave no answer"))
        .and_then(checked)
}

/// What the server answered, or its error.
pub(super) fn checked(answer: Value) -> Result<Value, Error> {
    match answer {
        Value::ServerError(error) => Err(of_server(&error)),
        answer => Ok(answer),
    }
}

/// An error of the server, by what is known to have happened.
fn of_server(error: &ServerError) -> Error {
    let kind = match error.code() {
        // Refused before anything was done.
        "OOM" | "LOADING" | "READONLY" | "MASTERDOWN" | "CLUSTERDOWN" | "BUSY" | "NOSCRIPT"
        | "MISCONF" | "NOREPLICAS" => ErrorKind::Unavailable,
        "NOGROUP" => ErrorKind::NotFound,
        "WRONGTYPE" => ErrorKind::Mismatch,
        _ => ErrorKind::Backend,
    };
    let details = error.details().unwrap_or("");
    Error::new(kind, format!("redis says {} {details}", error.code()))
}

/// What a new connection, perhaps to another server, may cure.
fn is_unusable(answer: &Value) -> bool {
    let Value::ServerError(error) = answer else {
        return false;
    };
    matches!(error.code(), "NOSCRIPT" | "READONLY" | "MASTERDOWN")
}

/// No later attempt to connect would end otherwise.
fn is_for_good(error: &RedisError) -> bool {
    matches!(
        error.kind(),
        ClientErrorKind::AuthenticationFailed | ClientErrorKind::InvalidClientConfig
    )
}

/// An error of the client in a few words; it holds no address and no password.
pub(super) fn told(error: &RedisError) -> String {
    match error.detail() {
        Some(detail) => format!("{}: {detail}", error.category()),
        None => error.category().to_owned(),
    }
}
