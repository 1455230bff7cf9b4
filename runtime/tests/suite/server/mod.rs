//! The acceptance suite on a real Redis server, however queues are kept there. `MICROAGENT_TEST_REDIS` is its DSN, by default
//! the one on this machine; who has none says `MICROAGENT_SKIP_REDIS=1`, and is told what was not tested. What is particular
//! to Redis is tested in `tests/redis`.

mod proxy;

use std::process::ExitCode;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use microagent::backend::redis::{Redis, RedisBus, RedisOptions};
use microagent::broker::BrokerBackend;
use microagent::bus::BusBackend;
use microagent::message::{BoxFuture, MessageId};
use microagent::testing::suite::{Place, Suite, Switch};
use microagent::{Dsn, Error};

use self::proxy::Proxy;

/// Short, since cases wait for its end.
const LEASE: Duration = Duration::from_secs(2);

/// Names that no other case has, and a proxy before the server that can be cut.
struct Fresh {
    dsn: String,
    prefix: String,
    proxy: OnceLock<Proxy>,
}

impl Fresh {
    fn new(dsn: String) -> Self {
        Self {
            dsn,
            prefix: format!("suite:{}:", MessageId::fresh()),
            proxy: OnceLock::new(),
        }
    }

    fn dsn(&self) -> Dsn {
        let proxy = self.proxy.get_or_init(|| Proxy::start(&self.dsn));
        proxy.dsn()
    }

    fn options(&self) -> RedisOptions {
        RedisOptions {
            lease: LEASE,
            prefix: self.prefix.as_str().into(),
            ..RedisOptions::default()
        }
    }
}

impl Place for Fresh {
    fn broker(&self) -> BoxFuture<'_, Result<Arc<dyn BrokerBackend>, Error>> {
        Box::pin(async { Ok(Arc::new(Redis::connect(&self.dsn(), self.options()).await?) as _) })
    }

    fn bus(&self) -> BoxFuture<'_, Result<Arc<dyn BusBackend>, Error>> {
        Box::pin(async { Ok(Arc::new(RedisBus::connect(&self.dsn(), self.options()).await?) as _) })
    }

    fn switch(&self) -> Option<&dyn Switch> {
        Some(self)
    }
}

impl Switch for Fresh {
    fn lose_connections(&self, away: Duration) {
        if let Some(proxy) = self.proxy.get() {
            proxy.cut(away);
        }
    }
}

/// Runs the suite on the server under test, in the way in which a DSN of this scheme keeps queues.
pub(crate) fn main(scheme: &str) -> ExitCode {
    if std::env::var_os("MICROAGENT_SKIP_REDIS").is_some_and(|it| it == "1") {
        eprintln!("MICROAGENT_SKIP_REDIS=1: NOTHING OF REDIS WAS TESTED HERE");
        return ExitCode::SUCCESS;
    }
    let given = std::env::var("MICROAGENT_TEST_REDIS");
    let given = given.unwrap_or("redis://127.0.0.1:6379".to_owned());
    let (_, rest) = given.split_once("://").expect("a DSN has a scheme");
    let dsn = format!("{scheme}://{rest}");
    Suite::new(move || Fresh::new(dsn.clone()))
        .table(concat!(env!("CARGO_MANIFEST_DIR"), "/CAPABILITIES.md"))
        .main()
}
