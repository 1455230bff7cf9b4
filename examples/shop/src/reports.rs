//! Counts what happens and tells it: at midnight, and to whoever asks over HTTP.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::{Router, http::StatusCode, routing::get};
use microagent::{Outcome, Tick};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, watch};

use crate::{ReportAgent, report_agent::Context, report_agent::Count};

#[derive(Default)]
pub(crate) struct Reports {
    counts: Arc<Counts>,
    midnight: Arc<Notify>,
    address: watch::Sender<Option<SocketAddr>>,
}

#[derive(Default)]
struct Counts {
    users: AtomicUsize,
    comments: AtomicUsize,
}

impl Counts {
    fn report(&self) -> String {
        let users = self.users.load(Ordering::Relaxed);
        let comments = self.comments.load(Ordering::Relaxed);
        format!("{users} users signed up, {comments} comments were written")
    }
}

impl ReportAgent for Reports {
    async fn count(&self, _cx: &Context, what: Count) -> Outcome {
        let counter = match what {
            Count::UserCreated(_) => &self.counts.users,
            Count::UserCommented(_) => &self.counts.comments,
        };
        counter.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }

    async fn daily_report(&self, _cx: &Context, _tick: Tick) -> Outcome {
        println!("reports: today, {}", self.counts.report());
        self.midnight.notify_one();
        Ok(())
    }

    /// Runs for ever; it is cancelled when the agent stops.
    async fn serve_http(&self, cx: &Context) -> Outcome {
        let counts = Arc::clone(&self.counts);
        let (ready, info) = (cx.clone(), cx.clone());
        let routes = Router::new()
            .route("/report", get(async move || counts.report()))
            .route("/ready", get(async move || ready_or_not(&ready)))
            .route("/info", get(async move || info.info().to_string()));
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        self.address.send_replace(Some(listener.local_addr()?));
        axum::serve(listener, routes).await?;
        Ok(())
    }
}

impl Reports {
    /// Is over when the daily report was written and somebody has read it over HTTP.
    pub(crate) fn closing_time(&self) -> impl Future<Output = ()> + Send + use<> {
        let midnight = Arc::clone(&self.midnight);
        let mut address = self.address.subscribe();
        async move {
            midnight.notified().await;
            let served = address.wait_for(Option::is_some).await.map(|it| *it);
            match served.ok().flatten() {
                Some(address) => read_all(address).await,
                None => println!("http: no server"),
            }
        }
    }
}

/// What a load balancer or Kubernetes wants to know.
fn ready_or_not(cx: &Context) -> (StatusCode, &'static str) {
    if cx.is_ready() {
        (StatusCode::OK, "ready")
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "not ready")
    }
}

async fn read_all(address: SocketAddr) {
    for path in ["/report", "/ready"] {
        let answer = read(address, path).await;
        println!("http: {}", answer.unwrap_or_else(|it| it.to_string()));
    }
    let info = read(address, "/info").await.unwrap_or_default();
    let agents = info.matches(r#""state":"serving""#).count();
    println!("http: {agents} agents serve");
}

/// What a browser does, in five lines.
async fn read(address: SocketAddr, path: &str) -> std::io::Result<String> {
    let mut connection = TcpStream::connect(address).await?;
    let request = format!("GET {path} HTTP/1.1\r\nHost: shop\r\nConnection: close\r\n\r\n");
    connection.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    connection.read_to_string(&mut answer).await?;
    Ok(answer.rsplit("\r\n").next().unwrap_or_default().to_owned())
}
