//! From a DSN to a backend. The one place that knows all backends by name; everyone else knows the traits.

use std::sync::Arc;
use std::time::Duration;

use microagent_contract::{Broker, Bus};
use tokio::time::timeout;

use crate::broker::BrokerBackend;
use crate::bus::BusBackend;
#[cfg(feature = "testing")]
use crate::config::GIVEN;
use crate::config::Place;
use crate::dsn::Dsn;
use crate::error::{Error, ErrorKind};
use crate::port::{broker_port, bus_port, own_broker_port, own_bus_port};

#[cfg(feature = "redis")]
pub(crate) mod socket;
#[cfg(all(feature = "redis", feature = "tls"))]
pub(crate) mod tls;
#[cfg(feature = "redis")]
pub(crate) mod waits;

/// What receivers are told of who sends from outside any agent.
pub(crate) const OUTSIDE: &str = "microagent";

/// How long a backend may take to close.
const CLOSE: Duration = Duration::from_secs(2);

/// The bus and the broker of a run.
#[derive(Clone, Debug)]
pub(crate) struct Backends {
    pub(crate) bus: Arc<dyn BusBackend>,
    pub(crate) broker: Arc<dyn BrokerBackend>,
    /// Where they are, without secrets.
    pub(crate) bus_place: Box<str>,
    pub(crate) broker_place: Box<str>,
}

impl Backends {
    /// What is connected already.
    #[cfg(feature = "testing")]
    pub(crate) fn given(bus: Arc<dyn BusBackend>, broker: Arc<dyn BrokerBackend>) -> Self {
        Self {
            bus,
            broker,
            bus_place: GIVEN.into(),
            broker_place: GIVEN.into(),
        }
    }

    /// Connects to what is not connected yet.
    pub(crate) async fn connect(
        bus: Place<dyn BusBackend>,
        broker: Place<dyn BrokerBackend>,
    ) -> Result<Self, Error> {
        let (bus_place, broker_place) = (bus.to_string().into(), broker.to_string().into());
        let bus = match bus {
            Place::Dsn(dsn) => bus_backend(&dsn).await?,
            Place::Backend(backend) => backend,
        };
        let broker = match broker {
            Place::Dsn(dsn) => broker_backend(&dsn).await?,
            Place::Backend(backend) => backend,
        };
        Ok(Self {
            bus,
            broker,
            bus_place,
            broker_place,
        })
    }

    /// Flushes and closes both; what does not close in time is left to the end of the process.
    pub(crate) async fn close(&self) {
        let closing = async { tokio::join!(self.broker.close(), self.bus.close()) };
        let Ok((broker, bus)) = timeout(CLOSE, closing).await else {
            tracing::warn!("the backends did not close within {CLOSE:?}");
            return;
        };
        for error in [broker.err(), bus.err()].into_iter().flatten() {
            tracing::warn!(%error, "a backend did not close well");
        }
    }
}

/// A bus for use outside agents: `let bus = connect_bus("redis://localhost/7").await?; bus.emit_started().await?;`.
///
/// `memory:` is the bus that agents of this process share that were told `memory:` as well, as long as one of them is
/// connected; `memory:name` is another.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> microagent::Result<()> {
/// let bus = microagent::connect_bus("memory:").await?;
/// // ... bus.emit_started().await?;
/// bus.close().await?;
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// [`ErrorKind::Config`] where the DSN is none, or no backend of this build knows it; [`ErrorKind::Unavailable`] where
/// nobody answers. Cancelled, nothing stays behind.
pub async fn connect_bus(dsn: &str) -> Result<Bus, Error> {
    let dsn = Dsn::parse(dsn)?;
    let backend = bus_backend(&dsn).await?;
    Ok(Bus::new(own_bus_port(&backend, &OUTSIDE.into())))
}

/// A bus for use outside agents, over a backend that exists already: one of your own, or one that a test looks into.
///
/// The backend stays its owner's, who closes it: `close` of the handle does not.
///
/// ```
/// # use std::sync::Arc;
/// use microagent::{backend::memory::Memory, bus::BusBackend};
///
/// let memory: Arc<dyn BusBackend> = Arc::new(Memory::new());
/// let bus = microagent::bus_over(&memory);
/// # drop(bus);
/// ```
pub fn bus_over(backend: &Arc<dyn BusBackend>) -> Bus {
    Bus::new(bus_port(backend, &OUTSIDE.into()))
}

/// A broker for use outside agents: `let broker = connect_broker("amqp://localhost").await?; broker.send_mailer(mail).await?;`.
///
/// `memory:` is the broker that agents of this process share that were told `memory:` as well, as long as one of them is
/// connected; `memory:name` is another.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> microagent::Result<()> {
/// let broker = microagent::connect_broker("memory:").await?;
/// // ... broker.send_mailer(mail).await?;
/// broker.close().await?;
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// [`ErrorKind::Config`] where the DSN is none, or no backend of this build knows it; [`ErrorKind::Unavailable`] where
/// nobody answers. Cancelled, nothing stays behind.
pub async fn connect_broker(dsn: &str) -> Result<Broker, Error> {
    let dsn = Dsn::parse(dsn)?;
    let backend = broker_backend(&dsn).await?;
    Ok(Broker::new(own_broker_port(&backend)))
}

/// A broker for use outside agents, over a backend that exists already: one of your own, or one that a test looks into.
///
/// The backend stays its owner's, who closes it: `close` of the handle does not.
///
/// ```
/// # use std::sync::Arc;
/// use microagent::{backend::memory::Memory, broker::BrokerBackend};
///
/// let memory: Arc<dyn BrokerBackend> = Arc::new(Memory::new());
/// let broker = microagent::broker_over(&memory);
/// # drop(broker);
/// ```
pub fn broker_over(backend: &Arc<dyn BrokerBackend>) -> Broker {
    Broker::new(broker_port(backend))
}

#[cfg_attr(
    not(feature = "redis"),
    expect(clippy::unused_async, reason = "backends with a server connect here")
)]
async fn bus_backend(dsn: &Dsn) -> Result<Arc<dyn BusBackend>, Error> {
    match family(dsn) {
        #[cfg(feature = "memory")]
        "memory" => Ok(Arc::new(crate::backend::memory::Memory::from_dsn(
            dsn.expose(),
        )?)),
        #[cfg(feature = "redis")]
        "redis" | "rediss" => {
            use crate::backend::redis::{RedisBus, RedisOptions};
            let options = RedisOptions::from_dsn(dsn)?;
            Ok(Arc::new(RedisBus::connect(dsn, options).await?))
        }
        _ => Err(unknown("bus", dsn)),
    }
}

#[cfg_attr(
    not(feature = "redis"),
    expect(clippy::unused_async, reason = "backends with a server connect here")
)]
async fn broker_backend(dsn: &Dsn) -> Result<Arc<dyn BrokerBackend>, Error> {
    match family(dsn) {
        #[cfg(feature = "memory")]
        "memory" => Ok(Arc::new(crate::backend::memory::Memory::from_dsn(
            dsn.expose(),
        )?)),
        #[cfg(feature = "redis")]
        "redis" | "rediss" => {
            use crate::backend::redis::{Redis, RedisOptions};
            let options = RedisOptions::from_dsn(dsn)?;
            Ok(Arc::new(Redis::connect(dsn, options).await?))
        }
        _ => Err(unknown("broker", dsn)),
    }
}

/// Schemes, the feature of this crate that each needs, and whether this build has it.
const BACKENDS: &[(&str, &str, bool)] = &[
    ("memory", "memory", cfg!(feature = "memory")),
    ("redis", "redis", cfg!(feature = "redis")),
    ("rediss", "redis` and feature `tls", cfg!(feature = "redis")),
];

/// The first word of a scheme says which backend, those behind it how.
fn family(dsn: &Dsn) -> &str {
    dsn.scheme().split('+').next().unwrap_or_default()
}

fn unknown(role: &str, dsn: &Dsn) -> Error {
    let known: Vec<_> = BACKENDS
        .iter()
        .map(|(name, ..)| format!("`{name}:`"))
        .collect();
    let (scheme, family) = (dsn.scheme(), family(dsn));
    let text = match BACKENDS.iter().find(|(name, ..)| *name == family) {
        Some((_, feature, _)) => {
            format!("a {role} on `{scheme}:` needs feature `{feature}` of crate `microagent`")
        }
        None => format!(
            "no {role} is known by the scheme `{scheme}:`; there is {}",
            known.join(", ")
        ),
    };
    Error::new(ErrorKind::Config, text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_unknown_scheme_is_told_what_there_is() {
        for dsn in ["carrier-pigeon", "pigeon://ada:canary@coop"] {
            let error = connect_broker(dsn).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Config, "{dsn}");
            assert!(error.message().contains("`memory:`"), "{error}");
            assert!(!format!("{error:?}").contains("canary"), "{error}");
        }
    }
}
