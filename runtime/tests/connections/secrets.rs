//! A canary instead of each password, on every way to an error: it is in no error, no event at any level, and nothing that is
//! printed for debugging.

use std::fmt::{Debug, Write};
use std::sync::{Arc, Mutex, Once};

use microagent::backend::redis::RedisBus;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

use super::server::{Server, free_port};
use super::*;

/// Everything that anybody tells `tracing`, at every level.
#[derive(Clone, Default)]
struct Overheard(Arc<Mutex<String>>);

/// Listens in every thread from the first test on. `tracing` asks of each of its places once whether anybody listens, and a
/// test that listens to nobody may be asked just as another begins to listen: what is told there stays unheard.
pub(crate) fn listen_everywhere() {
    static LISTENING: Once = Once::new();
    LISTENING.call_once(|| {
        tracing::subscriber::set_global_default(Overheard::default())
            .expect("nobody else of these tests listens everywhere");
    });
}

struct Text<'a>(&'a mut String);

impl Visit for Text<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let _ = write!(self.0, " {}={value:?}", field.name());
    }
}

impl Subscriber for Overheard {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        span.record(&mut Text(&mut self.0.lock().unwrap()));
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, values: &Record<'_>) {
        values.record(&mut Text(&mut self.0.lock().unwrap()));
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut text = self.0.lock().unwrap();
        let _ = write!(text, "\n{}", event.metadata().level());
        event.record(&mut Text(&mut text));
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

/// A server that says back what it hears, and one that says nothing and hangs up.
async fn impostor(echoes: bool) -> u16 {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut heard = [0; 4096];
            while let Ok(count @ 1..) = stream.read(&mut heard).await {
                if !echoes || stream.write_all(&heard[..count]).await.is_err() {
                    break;
                }
            }
        }
    });
    port
}

/// All that can be seen of what connecting came to.
async fn seen(dsn: &str) -> String {
    let mut seen = String::new();
    let parsed = match Dsn::parse(dsn) {
        Ok(parsed) => parsed,
        Err(error) => return format!("{error} {error:?}"),
    };
    let _ = write!(seen, "{parsed} {parsed:?}");
    let options = RedisOptions::from_dsn(&parsed);
    let _ = write!(seen, "{options:?}");
    let Ok(options) = options else { return seen };
    let connecting = Redis::connect(&parsed, options.clone());
    match timeout(SOON, connecting).await.unwrap() {
        Ok(redis) => {
            let declared = declare(&redis).await;
            let sent = send(&redis, "a").await;
            let _ = write!(seen, "{redis:?} {declared:?} {sent:?}");
        }
        Err(error) => {
            let _ = write!(
                seen,
                "{error} {error:?} {:?}",
                std::error::Error::source(&error)
            );
        }
    }
    let connecting = RedisBus::connect(&parsed, options);
    let bus = timeout(SOON, connecting).await.unwrap();
    let _ = write!(seen, "{bus:?}");
    seen
}

#[tokio::test]
async fn no_way_to_an_error_shows_a_password() {
    if skipped() {
        return;
    }
    let overheard = Overheard::default();
    let _listening = tracing::subscriber::set_default(overheard.clone());
    let server = Server::start(&["--requirepass", "canary-right"]);
    server_is_there(server.port).await;
    let (at, gone) = (server.port, free_port());
    let (echo, mute) = (impostor(true).await, impostor(false).await);
    let mut all = String::new();
    for dsn in [
        "canary".to_owned(),
        "redis://ada:can/canary@h".to_owned(),
        "redis://h:canary".to_owned(),
        "redis://h?canary".to_owned(),
        "redis://h?lease=canary".to_owned(),
        "rediss://:canary@h?ca=/nowhere".to_owned(),
        format!("redis://ada:canary@127.0.0.1:{at}"),
        format!("redis://:canary@127.0.0.1:{at}"),
        format!("redis://:canary-right@127.0.0.1:{at}"),
        format!("redis://:canary-right@127.0.0.1:{at}/99?connect_timeout=1"),
        format!("rediss://:canary@127.0.0.1:{at}?insecure=yes&connect_timeout=1"),
        format!("redis://:canary@127.0.0.1:{gone}?connect_timeout=1"),
        format!("redis://:canary@127.0.0.1:{echo}?connect_timeout=1"),
        format!("redis://:canary@127.0.0.1:{mute}?connect_timeout=1"),
        format!("rediss://:canary@127.0.0.1:{echo}?connect_timeout=1"),
        "redis://:canary@no-such-host.invalid?connect_timeout=1".to_owned(),
        format!(
            "redis+sentinel://:canary@127.0.0.1:{gone}/m?sentinel_password=canary&connect_timeout=1"
        ),
        format!(
            "redis+sentinel://:canary@127.0.0.1:{at}/m?sentinel_password=canary&connect_timeout=1"
        ),
        format!(
            "redis+sentinel://:canary@127.0.0.1:{at}/m?sentinel_password=canary-right&connect_timeout=1"
        ),
    ] {
        let seen = seen(&dsn).await;
        assert!(
            !seen.contains("canary-") && !seen.contains("canary@"),
            "{seen}"
        );
        let _ = write!(all, "\n{seen}");
    }
    assert!(!all.contains("canary"), "{all}");
    let overheard = overheard.0.lock().unwrap();
    assert!(overheard.contains("not there yet"), "{overheard}");
    assert!(!overheard.contains("canary"), "{overheard}");
}

#[tokio::test]
async fn no_outage_shows_a_password() {
    if skipped() {
        return;
    }
    let overheard = Overheard::default();
    let _listening = tracing::subscriber::set_default(overheard.clone());
    let mut server = Server::start(&["--requirepass", "canary"]);
    server_is_there(server.port).await;
    let dsn = format!("redis://:canary@127.0.0.1:{}", server.port);
    let redis = connect(&dsn).await.unwrap();
    let mut errors = format!("{:?}", declare(&redis).await);
    server.kill();
    let _ = write!(errors, "{:?}", send(&redis, "a").await);
    server.start_again();
    until("it is back", async || {
        send(&redis, "b")
            .await
            .is_err_and(|it| it.kind() == ErrorKind::NotFound)
    })
    .await;
    // Another password from now on: it goes on trying, since somebody may mend it.
    let client = redis::Client::open(dsn.clone()).unwrap();
    let mut direct = client.get_multiplexed_async_connection().await.unwrap();
    for words in [
        &["CONFIG", "SET", "requirepass", "canary-2"][..],
        &["CLIENT", "KILL", "TYPE", "normal"],
    ] {
        let mut command = redis::Cmd::new();
        command.arg(words);
        let _ = command.query_async::<redis::Value>(&mut direct).await;
    }
    until("the new password is missed", async || {
        overheard
            .0
            .lock()
            .unwrap()
            .contains("the password is wrong")
    })
    .await;
    let error = send(&redis, "c").await.unwrap_err();
    let _ = write!(errors, "{error:?} {redis:?}");
    assert!(!errors.contains("canary"), "{errors}");
    let overheard = overheard.0.lock().unwrap();
    for told in [
        "redis is away",
        "redis is back",
        "still away",
        "the password is wrong",
    ] {
        assert!(overheard.contains(told), "{told}: {overheard}");
    }
    assert!(!overheard.contains("canary"), "{overheard}");
}

async fn server_is_there(port: u16) {
    until("the server listens", async || {
        tokio::net::TcpStream::connect(("127.0.0.1", port))
            .await
            .is_ok()
    })
    .await;
}
