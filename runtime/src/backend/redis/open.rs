//! One connection to the server that leads: the socket, the greeting, and the task that drives it, within one deadline. Knows
//! neither scripts nor who shares it.

use std::ops::{Deref, DerefMut};
use std::time::Duration;

use ::redis::aio::MultiplexedConnection;
use ::redis::{AsyncConnectionConfig, ProtocolVersion, PushInfo, RedisConnectionInfo};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::fault;
use super::place::{Place, Servers};
use super::sentinel;
use crate::connect::socket::{self, Endpoint, Security};
use crate::error::{Error, ErrorKind};

/// How long one attempt to connect may take, with all questions that belong to it.
const CONNECT: Duration = Duration::from_secs(5);

/// A connection, and the task that drives it for as long as this lives.
pub(super) struct Opened {
    connection: MultiplexedConnection,
    driver: JoinHandle<()>,
    /// Its sender is the driver's, and gone with it.
    ended: watch::Receiver<()>,
}

impl Opened {
    /// The other side, or this one, has ended it.
    pub(super) fn is_lost(&self) -> bool {
        self.ended.has_changed().is_err()
    }

    /// Ready when it is lost. Cancel safe.
    pub(super) async fn lost(&self) {
        let mut ended = self.ended.clone();
        while ended.changed().await.is_ok() {}
    }
}

impl Deref for Opened {
    type Target = MultiplexedConnection;

    fn deref(&self) -> &MultiplexedConnection {
        &self.connection
    }
}

impl DerefMut for Opened {
    fn deref_mut(&mut self) -> &mut MultiplexedConnection {
        &mut self.connection
    }
}

impl Drop for Opened {
    fn drop(&mut self) {
        self.driver.abort();
    }
}

/// A connection to the server that leads; its answers may take this long. Cancelled, nothing stays behind.
///
/// # Errors
/// [`ErrorKind::Config`] where trying again won't help, else [`ErrorKind::Unavailable`].
pub(super) async fn open(place: &Place, answer: Duration) -> Result<Opened, Error> {
    in_time(place, to_leader(place, &place.settings, config(answer))).await
}

/// The same, for one that listens: what the server pushes goes to `heard`, which must not block.
pub(super) async fn open_listening(
    place: &Place,
    answer: Duration,
    heard: impl Fn(PushInfo) + Send + Sync + 'static,
) -> Result<Opened, Error> {
    let settings = place.settings.clone().set_protocol(ProtocolVersion::RESP3);
    let config = config(answer).set_push_sender(move |pushed| {
        heard(pushed);
        // An error would end what the client does with pushes.
        Ok::<(), std::convert::Infallible>(())
    });
    in_time(place, to_leader(place, &settings, config)).await
}

fn config(answer: Duration) -> AsyncConnectionConfig {
    AsyncConnectionConfig::new().set_response_timeout(Some(answer))
}

async fn in_time(
    place: &Place,
    opening: impl Future<Output = Result<Opened, Error>>,
) -> Result<Opened, Error> {
    timeout(CONNECT, opening).await.unwrap_or_else(|_| {
        let hint = match place.security {
            Security::Plain => "",
            #[cfg(feature = "tls")]
            Security::Tls(_) => "; does it speak TLS on this port?",
        };
        let message = format!("`{place}` did not answer within {CONNECT:?}{hint}");
        Err(Error::new(ErrorKind::Unavailable, message))
    })
}

async fn to_leader(
    place: &Place,
    settings: &RedisConnectionInfo,
    config: AsyncConnectionConfig,
) -> Result<Opened, Error> {
    match &place.servers {
        // Who goes on has asked the cluster, and says which of its servers.
        Servers::Cluster(seeds) => to(place, &seeds[0], settings, config).await,
        Servers::One(endpoint) => to(place, endpoint, settings, config).await,
        Servers::Sentinels {
            sentinels,
            settings: as_whom,
            master,
        } => {
            let leader = sentinel::leader(place, sentinels, (as_whom, master)).await?;
            let mut opened = to(place, &leader, settings, config).await?;
            sentinel::check_leads(&mut opened, &leader).await?;
            Ok(opened)
        }
    }
}

/// A connection to this server.
pub(super) async fn to(
    place: &Place,
    endpoint: &Endpoint,
    settings: &RedisConnectionInfo,
    config: AsyncConnectionConfig,
) -> Result<Opened, Error> {
    let socket = socket::connect(endpoint, &place.security).await;
    let socket = socket.map_err(|it| fault::of_socket(place, &it))?;
    let greeted = MultiplexedConnection::new_with_config(settings, socket, config).await;
    let (connection, driving) = greeted.map_err(|it| fault::of_connecting(place, settings, &it))?;
    let (alive, ended) = watch::channel(());
    let driver = tokio::spawn(async move {
        driving.await;
        drop(alive);
    });
    Ok(Opened {
        connection,
        driver,
        ended,
    })
}
