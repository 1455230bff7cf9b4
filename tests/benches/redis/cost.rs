//! What work costs on the processors: this process's threads and the server's, as Linux and the server tell.

use std::fs;

use redis::{Client, Connection, cmd};

use crate::work::Figures;

/// The server, asked about itself.
pub(crate) struct Server(Connection);

impl Server {
    pub(crate) fn at(dsn: &str) -> Self {
        let client = Client::open(dsn).expect("the DSN names a server");
        Self(client.get_connection().expect("the server is there"))
    }

    /// A run, with what it cost.
    pub(crate) fn measured(&mut self, run: impl FnOnce() -> Figures) -> Figures {
        let (own, server) = (own_seconds(), self.seconds());
        let figures = run();
        Figures {
            own: (own_seconds() - own) * 1e6,
            server: (self.seconds() - server) * 1e6,
            ..figures
        }
    }

    fn seconds(&mut self) -> f64 {
        let info: String = cmd("INFO")
            .arg("cpu")
            .query(&mut self.0)
            .expect("it answers");
        let used = |name: &str| {
            let line = info.lines().find_map(|it| it.strip_prefix(name));
            line.and_then(|it| it.parse::<f64>().ok()).unwrap_or(0.0)
        };
        used("used_cpu_user:") + used("used_cpu_sys:")
    }
}

/// Seconds that all threads of this process ran, those that have ended too; Linux counts hundredths.
fn own_seconds() -> f64 {
    let text = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let (_, fields) = text.rsplit_once(')').unwrap_or_default();
    let ticks = fields.split_whitespace().skip(11).take(2);
    ticks.filter_map(|it| it.parse::<f64>().ok()).sum::<f64>() / 100.0
}
