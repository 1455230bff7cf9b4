//! The handles that users hold outside an agent, around the ports of whichever runtime made them.

use std::sync::Arc;

use crate::port::{BrokerPort, BusPort, Port, Ports};
use crate::{Options, SendError};

/// Sends signals and calls. Cheap to clone; all clones share one connection.
///
/// The methods come from the generated traits of each package: `use accounts::*; bus.emit_started().await?`.
#[derive(Clone, Debug)]
pub struct Bus(Arc<dyn BusPort>);

impl Bus {
    /// A handle around a port.
    pub fn new(port: Arc<dyn BusPort>) -> Self {
        Self(port)
    }

    /// The same, with options for what is sent through it.
    pub fn with(&self, options: Options) -> With<'_, Self> {
        With::new(self, options)
    }

    /// Flushes what was sent, ends the questions that still wait, and closes the connection where this handle and its clones
    /// are all that uses it. Closing again does nothing.
    ///
    /// # Errors
    /// Where the bus did not take what was sent, or did not answer in time. Cancelled, it is closed or not.
    pub async fn close(self) -> Result<(), SendError> {
        self.0.close().await
    }
}

impl Port for Bus {
    fn ports(&self) -> Ports<'_> {
        Ports {
            bus: Some(&*self.0),
            broker: None,
            options: None,
        }
    }
}

/// Sends to queues and exchanges. Cheap to clone; all clones share one connection.
///
/// The methods come from the generated traits of each package: `use accounts::*; broker.send_mailer(mail).await?`.
#[derive(Clone, Debug)]
pub struct Broker(Arc<dyn BrokerPort>);

impl Broker {
    /// A handle around a port.
    pub fn new(port: Arc<dyn BrokerPort>) -> Self {
        Self(port)
    }

    /// The same, with options for what is sent through it.
    pub fn with(&self, options: Options) -> With<'_, Self> {
        With::new(self, options)
    }

    /// Flushes what was sent, and closes the connection where this handle and its clones are all that uses it. Closing again
    /// does nothing.
    ///
    /// # Errors
    /// Where the broker did not take what was sent, or did not answer in time. Cancelled, it is closed or not.
    pub async fn close(self) -> Result<(), SendError> {
        self.0.close().await
    }
}

impl Port for Broker {
    fn ports(&self) -> Ports<'_> {
        Ports {
            bus: None,
            broker: Some(&*self.0),
            options: None,
        }
    }
}

/// A port whose messages get these options. May send whatever the port itself may send.
#[derive(Clone, Debug)]
pub struct With<'a, P> {
    port: &'a P,
    options: Options,
}

impl<'a, P: Port> With<'a, P> {
    /// `port`, with options for what is sent through it.
    pub fn new(port: &'a P, options: Options) -> Self {
        Self { port, options }
    }
}

impl<P: Port> Port for With<'_, P> {
    fn ports(&self) -> Ports<'_> {
        Ports {
            options: Some(&self.options),
            ..self.port.ports()
        }
    }
}
