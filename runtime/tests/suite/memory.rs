//! The acceptance suite on the memory backend, in paused time. What is particular to it is tested in `tests/memory`.

use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use microagent::Error;
use microagent::backend::memory::Memory;
use microagent::broker::BrokerBackend;
use microagent::bus::BusBackend;
use microagent::message::BoxFuture;
use microagent::testing::suite::{Place, Suite, Switch};

/// A memory of a case's own, and the connections to its bus, each of which is lost by itself.
#[derive(Default)]
struct Fresh {
    memory: Memory,
    buses: Mutex<Vec<Arc<Memory>>>,
}

impl Place for Fresh {
    fn broker(&self) -> BoxFuture<'_, Result<Arc<dyn BrokerBackend>, Error>> {
        Box::pin(async { Ok(Arc::new(self.memory.clone()) as _) })
    }

    fn bus(&self) -> BoxFuture<'_, Result<Arc<dyn BusBackend>, Error>> {
        let bus = Arc::new(self.memory.clone());
        let mut buses = self.buses.lock().unwrap_or_else(PoisonError::into_inner);
        buses.push(Arc::clone(&bus));
        Box::pin(async { Ok(bus as _) })
    }

    fn switch(&self) -> Option<&dyn Switch> {
        Some(self)
    }
}

impl Switch for Fresh {
    fn lose_connections(&self, away: Duration) {
        self.memory.lose_connection(away);
        let buses = self.buses.lock().unwrap_or_else(PoisonError::into_inner);
        for bus in &*buses {
            bus.lose_bus_connection(away);
        }
    }
}

fn main() -> ExitCode {
    Suite::new(Fresh::default)
        .in_paused_time()
        .table(concat!(env!("CARGO_MANIFEST_DIR"), "/CAPABILITIES.md"))
        .main()
}
