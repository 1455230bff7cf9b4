//! The acceptance suite on the directory, as anybody runs it on a backend of their own.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::{env, fs, process};

use microagent::Error;
use microagent::broker::BrokerBackend;
use microagent::bus::BusBackend;
use microagent::message::BoxFuture;
use microagent::testing::suite::{Place, Suite};
use own_backend::{FileBroker, FileBus};

/// A directory of one case.
struct Directory(PathBuf);

impl Directory {
    fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        Self(env::temp_dir().join(format!("own-backend-suite-{}-{count}", process::id())))
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

impl Place for Directory {
    fn broker(&self) -> BoxFuture<'_, Result<Arc<dyn BrokerBackend>, Error>> {
        Box::pin(async { Ok(Arc::new(FileBroker::new(&self.0)) as _) })
    }

    fn bus(&self) -> BoxFuture<'_, Result<Arc<dyn BusBackend>, Error>> {
        Box::pin(async { Ok(Arc::new(FileBus::new(&self.0)) as _) })
    }
}

fn main() -> ExitCode {
    Suite::new(Directory::new).main()
}
