//! The task that keeps a subscription to channels alive: it subscribes, asks the server now and then whether it is still
//! there, and begins anew when it is not. Knows no messages.

use std::sync::Arc;
use std::time::Duration;

use ::redis::{PushInfo, PushKind, RedisError, Value, cmd, from_redis_value};
use tokio::sync::Notify;
use tokio::time::timeout;

use super::mailbox::Mailbox;
use super::wire::Channels;
use crate::backend::redis::link::{Link, Waits, told};

/// How often the server is asked whether it is there: nobody else notices a connection that leads nowhere.
const ASK: Duration = Duration::from_secs(5);

/// What it listens to, and for whom.
pub(super) struct Listener {
    pub(super) link: Arc<Link>,
    pub(super) channels: Arc<Channels>,
    pub(super) patterns: Vec<String>,
    pub(super) mailbox: Arc<Mailbox>,
}

/// Listens until it is aborted or the mailbox is closed.
pub(super) async fn run(listener: Listener) {
    let mut waits = Waits::default();
    while !listener.mailbox.is_closed() {
        if let Err(error) = listen(&listener, &mut waits).await {
            tracing::warn!(
                error = told(&error),
                "a subscription lost redis and attaches again"
            );
        }
        listener.mailbox.detach();
        waits.next().await;
    }
}

async fn listen(listener: &Listener, waits: &mut Waits) -> Result<(), RedisError> {
    let cut = Arc::new(Notify::new());
    let (channels, mailbox) = (
        Arc::clone(&listener.channels),
        Arc::clone(&listener.mailbox),
    );
    let cutting = Arc::clone(&cut);
    let heard = move |pushed: PushInfo| match pushed.kind {
        PushKind::Disconnection => cutting.notify_one(),
        PushKind::PMessage => {
            if let Ok([_, channel, body]) = <[Value; 3]>::try_from(pushed.data)
                && let Ok(channel) = from_redis_value::<String>(channel)
                && let Ok(body) = from_redis_value(body)
            {
                mailbox.put(channels.read(&channel, body));
            }
        }
        _ => {}
    };
    let mut connection = listener.link.listening(heard).await?;
    connection.psubscribe(&listener.patterns).await?;
    listener.mailbox.attach();
    *waits = Waits::default();
    while !listener.mailbox.is_closed() {
        if timeout(ASK, cut.notified()).await.is_ok() {
            return Ok(());
        }
        cmd("PING").query_async::<String>(&mut connection).await?;
    }
    Ok(())
}
