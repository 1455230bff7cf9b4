//! The connection to one server that all commands share: one task keeps it, finds out that it is lost, and makes it anew with
//! backoff and jitter for as long as it takes. Knows no queues; no password leaves it.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use ::redis::{Pipeline, PushInfo, Value, cmd};
use tokio::sync::{Notify, watch};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, timeout};

use super::answer::read;
use super::fault::{self, checked, is_unusable, lost, told};
use super::open::{Opened, open, open_listening};
use super::place::Place;
use super::scripts::{self, Digests};
use crate::connect::waits::Waits;
use crate::error::{Error, ErrorKind};

/// How long the server may take to answer before the connection is given up: half-open sockets are found by it.
const ANSWER: Duration = Duration::from_secs(4);
/// How often the server is asked whether it is there: nobody else notices a connection that leads nowhere.
const ASK: Duration = Duration::from_secs(5);
/// How long a command waits for a lost connection to come back.
const PATIENCE: Duration = Duration::from_secs(4);
/// How long replicas may take to have what was sent; the server answers nothing else on this connection meanwhile.
const REPLICATED: Duration = Duration::from_secs(1);

/// Where to connect to, and one connection that all commands share.
#[derive(Debug)]
pub(super) struct Node {
    place: Arc<Place>,
    state: Arc<watch::Sender<State>>,
    keeper: Mutex<Option<JoinHandle<()>>>,
}

/// What has become of the shared connection.
#[derive(Debug, Clone)]
enum State {
    Here(Arc<Live>),
    /// It is being made anew.
    Away,
    /// The limit of the outage is over; why, in words.
    GivenUp(Arc<str>),
    /// This side has closed it.
    Closed,
}

/// A connection with the scripts loaded.
struct Live {
    opened: Opened,
    digests: Digests,
    given_up: Notify,
}

impl fmt::Debug for Live {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Live")
    }
}

impl Node {
    /// Connects, again and again until the place's deadline.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] at once where trying again won't help, [`ErrorKind::Unavailable`] at the deadline, each with what
    /// the last attempt came to. Cancelled, nothing stays behind.
    pub(super) async fn connect(place: Place) -> Result<Self, Error> {
        let began = Instant::now();
        let mut waits = Waits::new(Some(place.connect_timeout));
        let live = loop {
            let error = match Live::open(&place).await {
                Ok(live) => break live,
                Err(error) if error.kind() == ErrorKind::Config => return Err(error),
                Err(error) => error,
            };
            tracing::debug!(%error, "redis is not there yet");
            if !waits.next().await {
                let message = format!("no redis after {:?}: {}", began.elapsed(), error.message());
                return Err(Error::new(ErrorKind::Unavailable, message));
            }
        };
        let place = Arc::new(place);
        let live = Arc::new(live);
        let state = Arc::new(watch::Sender::new(State::Here(Arc::clone(&live))));
        let keeper = tokio::spawn(keep(Arc::clone(&place), Arc::clone(&state), live));
        Ok(Self {
            place,
            state,
            keeper: Mutex::new(Some(keeper)),
        })
    }

    /// The digests of all scripts, as this server tells them.
    pub(super) async fn digests(place: &Place) -> Result<Digests, Error> {
        Live::open(place).await.map(|it| it.digests)
    }

    /// A connection of its own, for reads that block; its answers may take this long.
    pub(super) async fn dedicated(&self, answer: Duration) -> Result<Opened, Error> {
        self.check_open()?;
        open(&self.place, answer).await
    }

    /// A connection of its own that listens: what the server pushes goes to `heard`, which must not block.
    pub(super) async fn listening(
        &self,
        heard: impl Fn(PushInfo) + Send + Sync + 'static,
    ) -> Result<Opened, Error> {
        self.check_open()?;
        open_listening(&self.place, ANSWER, heard).await
    }

    /// The connection that all share, when it is there. Cancel safe.
    async fn live(&self) -> Result<Arc<Live>, Error> {
        if let State::Here(live) = &*self.state.borrow()
            && !live.opened.is_lost()
        {
            return Ok(Arc::clone(live));
        }
        let mut state = self.state.subscribe();
        let waited = timeout(PATIENCE, state.wait_for(State::is_known)).await;
        let Ok(Ok(state)) = waited else {
            let message = format!("`{}` can't be reached at the moment", self.place);
            return Err(Error::new(ErrorKind::Unavailable, message));
        };
        match &*state {
            State::Here(live) => Ok(Arc::clone(live)),
            state => Err(state.ended().unwrap_or_else(closed)),
        }
    }

    /// Waits until the shared connection is there, or never will be. Cancel safe.
    pub(super) async fn known(&self) {
        let mut state = self.state.subscribe();
        // This node lives, so its sender does.
        let _ = state.wait_for(State::is_known).await;
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
        let mut connection = live.opened.clone();
        let answers = connection
            .send_packed_commands(&pipeline, 0, pipeline.len())
            .await;
        match answers {
            Ok(answers) => {
                if answers.iter().any(is_unusable) {
                    live.given_up.notify_one();
                }
                Ok(answers)
            }
            Err(error) => {
                live.given_up.notify_one();
                let message = format!("no answer came from `{}`: {}", self.place, told(&error));
                Err(Error::new(ErrorKind::Timeout, message))
            }
        }
    }

    /// The same for what must not be lost: ready when as many replicas have it as the DSN asks for.
    ///
    /// [`ErrorKind::Timeout`] where the server has it and too few replicas do.
    pub(super) async fn run_kept(
        &self,
        commands: impl FnOnce(&Digests) -> Pipeline,
    ) -> Result<Vec<Value>, Error> {
        let wanted = self.place.replicas;
        if wanted == 0 {
            return self.run(commands).await;
        }
        let within = u64::try_from(REPLICATED.as_millis()).expect("it is a second");
        let with_wait = |digests: &Digests| {
            let mut pipeline = commands(digests);
            pipeline.cmd("WAIT").arg(wanted).arg(within);
            pipeline
        };
        let mut answers = self.run(with_wait).await?;
        let had: u16 = read(checked(answers.pop().unwrap_or(Value::Nil))?)?;
        if had >= wanted {
            return Ok(answers);
        }
        let message = format!("{had} of {wanted} replicas had it within {REPLICATED:?}");
        Err(Error::new(ErrorKind::Timeout, message))
    }

    /// Fails where no command will be sent any more.
    pub(super) fn check_open(&self) -> Result<(), Error> {
        self.state.borrow().ended().map_or(Ok(()), Err)
    }

    /// No command is sent any more. Cancel safe.
    pub(super) async fn close(&self) {
        self.state.send_replace(State::Closed);
        if let Some(keeper) = self.keeper() {
            keeper.abort();
            // It was aborted, and has nothing to say.
            let _ = keeper.await;
        }
    }

    fn keeper(&self) -> Option<JoinHandle<()>> {
        let mut keeper = self.keeper.lock().unwrap_or_else(PoisonError::into_inner);
        keeper.take()
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        if let Some(keeper) = self.keeper() {
            keeper.abort();
        }
    }
}

impl State {
    /// Whether it is there or never will be. What has just been lost is not, although its keeper has not yet said so.
    fn is_known(&self) -> bool {
        match self {
            Self::Here(live) => !live.opened.is_lost(),
            Self::Away => false,
            Self::GivenUp(_) | Self::Closed => true,
        }
    }

    /// Why no command will be sent any more.
    fn ended(&self) -> Option<Error> {
        match self {
            Self::Here(_) | Self::Away => None,
            Self::GivenUp(why) => Some(Error::new(ErrorKind::Closed, &**why)),
            Self::Closed => Some(closed()),
        }
    }
}

fn closed() -> Error {
    Error::new(ErrorKind::Closed, "redis has been closed")
}

impl Live {
    /// Opens a connection and loads the scripts.
    async fn open(place: &Place) -> Result<Self, Error> {
        let mut opened = open(place, ANSWER).await?;
        let load = scripts::load();
        let loaded = opened.send_packed_commands(&load, 0, load.len()).await;
        let loaded = loaded.map_err(|it| fault::of_connecting(place, &place.settings, &it))?;
        let digests: Result<_, Error> = loaded
            .into_iter()
            .map(|answer| match answer {
                Value::ServerError(error) => {
                    let said = (Some(error.code()), error.details().unwrap_or_default());
                    Err(fault::of_greeting(place, &place.settings, said))
                }
                digest => read(digest),
            })
            .collect();
        Ok(Self {
            opened,
            digests: Digests(digests?),
            given_up: Notify::new(),
        })
    }

    /// Waits until it is of no use any more, and says why.
    async fn until_lost(&self) -> String {
        let mut connection = self.opened.clone();
        loop {
            tokio::select! { biased;
                () = self.opened.lost() => return "the connection was cut".to_owned(),
                () = self.given_up.notified() => return "a command failed".to_owned(),
                () = sleep(ASK) => {}
            }
            if let Err(error) = connection.send_packed_command(&cmd("PING")).await {
                return lost(&error).message().to_owned();
            }
        }
    }
}

/// Keeps the shared connection until it is aborted or an outage takes too long.
async fn keep(place: Arc<Place>, state: Arc<watch::Sender<State>>, first: Arc<Live>) {
    let mut live = first;
    loop {
        let why = live.until_lost().await;
        tracing::warn!(server = %place, why, "redis is away");
        let began = Instant::now();
        change(&state, State::Away);
        drop(live);
        match again(&place).await {
            Ok(opened) => live = Arc::new(opened),
            Err(error) => {
                let why = format!(
                    "redis was away for {:?}: {}",
                    began.elapsed(),
                    error.message()
                );
                tracing::error!(server = %place, why, "redis is given up");
                return change(&state, State::GivenUp(why.into()));
            }
        }
        tracing::info!(server = %place, after = ?began.elapsed(), "redis is back");
        change(&state, State::Here(Arc::clone(&live)));
    }
}

/// A new connection; at the limit of an outage, what the last attempt came to.
async fn again(place: &Place) -> Result<Live, Error> {
    let mut waits = Waits::new(place.reconnect_timeout);
    let mut last = Error::new(ErrorKind::Unavailable, "no attempt was made");
    while waits.next().await {
        match Live::open(place).await {
            Ok(live) => return Ok(live),
            Err(error) => {
                tracing::debug!(%error, "redis is still away");
                last = error;
            }
        }
    }
    Err(last)
}

/// What is closed stays so.
fn change(state: &watch::Sender<State>, to: State) {
    state.send_if_modified(|state| {
        let open = !matches!(state, State::Closed);
        if open {
            *state = to;
        }
        open
    });
}
