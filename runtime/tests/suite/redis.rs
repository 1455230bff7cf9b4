//! The acceptance suite on Redis streams, on a real server. `MICROAGENT_TEST_REDIS` is its DSN, by default the one on this
//! machine; who has none says `MICROAGENT_SKIP_REDIS=1`, and is told what was not tested. What is particular to Redis is
//! tested in `tests/redis`.

#![expect(
    clippy::print_stderr,
    reason = "nobody is to believe that it was tested"
)]

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
    prefix: String,
    proxy: OnceLock<Proxy>,
}

impl Fresh {
    fn new() -> Self {
        Self {
            prefix: format!("suite:{}:", MessageId::fresh()),
            proxy: OnceLock::new(),
        }
    }

    fn dsn(&self) -> Dsn {
        let proxy = self.proxy.get_or_init(|| Proxy::start(&server()));
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

fn server() -> String {
    let given = std::env::var("MICROAGENT_TEST_REDIS");
    given.unwrap_or("redis://127.0.0.1:6379".to_owned())
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

fn main() -> ExitCode {
    if std::env::var_os("MICROAGENT_SKIP_REDIS").is_some_and(|it| it == "1") {
        eprintln!("MICROAGENT_SKIP_REDIS=1: NOTHING OF REDIS WAS TESTED HERE");
        return ExitCode::SUCCESS;
    }
    Suite::new(Fresh::new)
        .table(concat!(env!("CARGO_MANIFEST_DIR"), "/CAPABILITIES.md"))
        .main()
}
