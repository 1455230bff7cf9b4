//! A TCP proxy before a server, in which connections are cut, stalled, delayed or go silent: at once, or where certain bytes
//! go by. It knows bytes only.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use crate::Result;

/// Who sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    Client,
    Server,
}

/// Where a connection goes silent: both of its ends stay open, and nothing comes through any more.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Trap {
    /// Who sends the bytes that spring it.
    pub(crate) from: Side,
    /// These bytes; where there are none, the first of a new connection.
    pub(crate) sees: &'static [u8],
    /// So many of those that were read with them still go through, counted from their beginning.
    pub(crate) lets: usize,
}

/// What all connections suffer.
#[derive(Clone, Copy, Debug, Default)]
struct Weather {
    /// Changes where all connections there are must end.
    cuts: u64,
    /// Changes where all connections there are go silent.
    silences: u64,
    stalled: Stalled,
    delay: Duration,
    refuses: bool,
}

/// In which directions nothing moves for now.
#[derive(Clone, Copy, Debug, Default)]
struct Stalled {
    client: bool,
    server: bool,
}

/// Ends with all its connections when it is dropped.
#[derive(Debug)]
pub(crate) struct Proxy {
    pub(crate) port: u16,
    shared: Arc<Shared>,
    _connections: JoinSet<()>,
}

#[derive(Debug)]
struct Shared {
    target: u16,
    weather: watch::Sender<Weather>,
    trap: Mutex<Option<Trap>>,
    /// How many have sprung.
    sprung: watch::Sender<usize>,
}

impl Proxy {
    /// Before the server on this port.
    pub(crate) async fn before(target: u16) -> Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let port = listener.local_addr()?.port();
        let shared = Arc::new(Shared {
            target,
            weather: watch::Sender::default(),
            trap: Mutex::default(),
            sprung: watch::Sender::new(0),
        });
        let mut connections = JoinSet::new();
        connections.spawn(accept(listener, Arc::clone(&shared)));
        Ok(Self {
            port,
            shared,
            _connections: connections,
        })
    }

    /// Ends all connections there are.
    pub(crate) fn cut(&self) {
        self.shared.weather.send_modify(|it| it.cuts += 1);
    }

    /// Lets nothing through on any connection there is, for good; new ones are served.
    pub(crate) fn silence(&self) {
        self.shared.weather.send_modify(|it| it.silences += 1);
    }

    /// Holds back what this side sends, or lets it go again.
    pub(crate) fn stall(&self, side: Side, stalled: bool) {
        self.shared.weather.send_modify(|it| match side {
            Side::Client => it.stalled.client = stalled,
            Side::Server => it.stalled.server = stalled,
        });
    }

    /// How long everything takes from now on.
    pub(crate) fn delay(&self, delay: Duration) {
        self.shared.weather.send_modify(|it| it.delay = delay);
    }

    /// Whether new connections end as soon as they have begun.
    pub(crate) fn refuse(&self, refuses: bool) {
        self.shared.weather.send_modify(|it| it.refuses = refuses);
    }

    /// Sets a trap for one connection, instead of the one before.
    pub(crate) fn set(&self, trap: Trap) {
        *self.shared.trap() = Some(trap);
    }

    /// Whether a trap that was set after `before` have sprung springs within this time.
    pub(crate) async fn springs(&self, before: usize, within: Duration) -> bool {
        let mut sprung = self.shared.sprung.subscribe();
        let springs = sprung.wait_for(|it| *it > before);
        timeout(within, springs).await.is_ok_and(|it| it.is_ok())
    }

    /// How many traps have sprung.
    pub(crate) fn sprung(&self) -> usize {
        *self.shared.sprung.borrow()
    }
}

impl Shared {
    fn trap(&self) -> MutexGuard<'_, Option<Trap>> {
        self.trap.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    let mut lines = JoinSet::new();
    loop {
        tokio::select! {
            biased;
            accepted = listener.accept() => {
                let Ok((client, _)) = accepted else { continue };
                if !shared.weather.borrow().refuses {
                    lines.spawn(serve(client, Arc::clone(&shared)));
                }
            }
            Some(_) = lines.join_next() => {}
        }
    }
}

/// One connection, until it is cut or both its ends are closed.
async fn serve(client: TcpStream, shared: Arc<Shared>) {
    let mut weather = shared.weather.subscribe();
    let (cuts, silences) = {
        let weather = weather.borrow_and_update();
        (weather.cuts, weather.silences)
    };
    // Where the server is away, so is the connection.
    let Ok(server) = TcpStream::connect(("127.0.0.1", shared.target)).await else {
        return;
    };
    // Else the proxy itself would be a delay.
    let _ = (client.set_nodelay(true), server.set_nodelay(true));
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = server.into_split();
    let line = Line {
        shared: &shared,
        silences,
        silent: AtomicBool::new(false),
        fresh: AtomicBool::new(true),
    };
    let both = async {
        tokio::join!(
            line.pump(Side::Client, from_client, to_server),
            line.pump(Side::Server, from_server, to_client)
        )
    };
    tokio::select! {
        biased;
        _ = weather.wait_for(|it| it.cuts != cuts) => {}
        _ = both => {}
    }
}

/// A connection.
struct Line<'a> {
    shared: &'a Shared,
    /// How many silences there had been when it began.
    silences: u64,
    silent: AtomicBool,
    /// Nothing has gone through.
    fresh: AtomicBool,
}

impl Line<'_> {
    async fn pump(
        &self,
        side: Side,
        mut from: impl AsyncRead + Unpin,
        mut to: impl AsyncWrite + Unpin,
    ) {
        let mut buffer = vec![0; 64 * 1024];
        let mut weather = self.shared.weather.subscribe();
        loop {
            let read = from.read(&mut buffer).await.unwrap_or(0);
            let blows = weather.wait_for(|it| match side {
                Side::Client => !it.stalled.client,
                Side::Server => !it.stalled.server,
            });
            let Ok(now) = blows.await.map(|it| *it) else {
                return;
            };
            if !now.delay.is_zero() {
                sleep(now.delay).await;
            }
            let lets = self.lets(side, &buffer[..read], now.silences);
            if read == 0 {
                break;
            }
            if to.write_all(&buffer[..lets]).await.is_err() {
                break;
            }
        }
        if self.silent.load(Ordering::Relaxed) {
            // The other end is not told: that is what half open means.
            std::future::pending::<()>().await;
        }
        // It may be closed already.
        let _ = to.shutdown().await;
    }

    /// How many of these bytes go through.
    fn lets(&self, side: Side, bytes: &[u8], silences: u64) -> usize {
        if silences != self.silences {
            self.silent.store(true, Ordering::Relaxed);
        }
        if self.silent.load(Ordering::Relaxed) {
            return 0;
        }
        let fresh = self.fresh.swap(false, Ordering::Relaxed);
        let mut trap = self.shared.trap();
        let caught = trap.filter(|it| it.from == side).and_then(|it| {
            let place = if it.sees.is_empty() {
                fresh.then_some(0)
            } else {
                find(bytes, it.sees)
            };
            place.map(|place| place.saturating_add(it.lets).min(bytes.len()))
        });
        let Some(lets) = caught else {
            return bytes.len();
        };
        *trap = None;
        self.silent.store(true, Ordering::Relaxed);
        self.shared.sprung.send_modify(|it| *it += 1);
        lets
    }
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|it| it == wanted)
}
