//! What stands between a case and a server, so that its connections can be cut and nobody else's are. Knows bytes only.

use std::net::SocketAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use microagent::Dsn;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::sleep;

/// A listener of its own; it ends when it is dropped, and all that goes through it.
pub(crate) struct Proxy {
    dsn: Dsn,
    own: SocketAddr,
    server: String,
    serving: Mutex<JoinHandle<()>>,
}

impl Proxy {
    /// Before the server of a DSN, within the runtime of the case.
    pub(crate) fn start(dsn: &str) -> Self {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let own = listener.local_addr().expect("it listens");
        let (scheme, rest) = dsn.split_once("://").expect("a DSN has a scheme");
        let end = rest.find(['/', '?']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at(end);
        let (user, server) = authority.rsplit_once('@').unwrap_or(("", authority));
        let at = if user.is_empty() { "" } else { "@" };
        let server = if server.contains(':') {
            server.to_owned()
        } else {
            format!("{server}:6379")
        };
        let through = format!("{scheme}://{user}{at}{own}{path}");
        let serving = tokio::spawn(serve(take(listener), server.clone()));
        Self {
            dsn: Dsn::parse(&through).expect("a DSN with another address is one"),
            own,
            server,
            serving: Mutex::new(serving),
        }
    }

    pub(crate) fn dsn(&self) -> Dsn {
        self.dsn.clone()
    }

    /// Cuts all connections, and refuses others until this has passed.
    pub(crate) fn cut(&self, away: Duration) {
        let (own, server) = (self.own, self.server.clone());
        let mut serving = self.serving.lock().unwrap_or_else(PoisonError::into_inner);
        serving.abort();
        *serving = tokio::spawn(async move {
            sleep(away).await;
            let listener = listen_again(own).await;
            serve(listener, server).await;
        });
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        let serving = self.serving.lock().unwrap_or_else(PoisonError::into_inner);
        serving.abort();
    }
}

fn take(listener: std::net::TcpListener) -> TcpListener {
    let ready = listener.set_nonblocking(true);
    ready.expect("a socket can be made so");
    TcpListener::from_std(listener).expect("the runtime takes a socket")
}

/// The port may be busy for a moment.
async fn listen_again(own: SocketAddr) -> TcpListener {
    loop {
        match TcpListener::bind(own).await {
            Ok(listener) => return listener,
            Err(_) => sleep(Duration::from_millis(10)).await,
        }
    }
}

/// Until it is aborted; the connections end with the set.
async fn serve(listener: TcpListener, server: String) {
    let mut connections = JoinSet::new();
    while let Ok((mut here, _)) = listener.accept().await {
        let server = server.clone();
        connections.spawn(async move {
            if let Ok(mut there) = TcpStream::connect(server).await {
                let _ = here.set_nodelay(true);
                let _ = there.set_nodelay(true);
                // A connection that was cut is no concern of the proxy's.
                let _ = copy_bidirectional(&mut here, &mut there).await;
            }
        });
    }
}
