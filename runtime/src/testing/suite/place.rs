//! What the author of a backend supplies. Knows no case.

use std::sync::Arc;
use std::time::Duration;

use crate::broker::BrokerBackend;
use crate::bus::BusBackend;
use crate::error::{Error, ErrorKind};
use crate::message::BoxFuture;

/// Where one case runs, and no other: a directory, a database, a prefix of names. Dropped when the case has ended; what it
/// left may be removed then.
///
/// A backend that is a broker or a bus alone leaves the other function as it is, and is not asked for its cases.
pub trait Place: Send + Sync + 'static {
    /// A connection of its own, as another process would have.
    ///
    /// # Errors
    /// Whatever fails the case; [`ErrorKind::Unsupported`] where there is no broker.
    fn broker(&self) -> BoxFuture<'_, Result<Arc<dyn BrokerBackend>, Error>> {
        Box::pin(async { Err(Error::new(ErrorKind::Unsupported, "there is no broker")) })
    }

    /// A connection of its own, as another process would have.
    ///
    /// # Errors
    /// Whatever fails the case; [`ErrorKind::Unsupported`] where there is no bus.
    fn bus(&self) -> BoxFuture<'_, Result<Arc<dyn BusBackend>, Error>> {
        Box::pin(async { Err(Error::new(ErrorKind::Unsupported, "there is no bus")) })
    }

    /// What cuts connections, for the cases in which they are lost. Default: none, and these cases are not offered.
    fn switch(&self) -> Option<&dyn Switch> {
        None
    }
}

/// Cuts the connections that a [`Place`] made.
pub trait Switch: Send + Sync {
    /// Loses all connections that were made until now, of brokers and buses. None comes back before this has passed. Comes
    /// back at once.
    fn lose_connections(&self, away: Duration);
}
