//! The task that keeps a subscription to channels alive: it subscribes, asks the server now and then whether it is still
//! there, and begins anew when it is not. Knows no messages.

use std::sync::Arc;
use std::time::Duration;

use ::redis::{PushInfo, PushKind, Value, cmd, from_redis_value};
use tokio::time::timeout;

use super::mailbox::Mailbox;
use super::wire::Channels;
use crate::backend::redis::fault::lost;
use crate::backend::redis::link::Link;
use crate::connect::waits::Waits;
use crate::error::Error;

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
            if listener.mailbox.ends_with(&error) {
                return;
            }
            tracing::warn!(%error, "a subscription lost redis and attaches again");
        }
        listener.mailbox.detach();
        listener.link.turn(&mut waits).await;
    }
}

async fn listen(listener: &Listener, waits: &mut Waits) -> Result<(), Error> {
    let (channels, mailbox) = (
        Arc::clone(&listener.channels),
        Arc::clone(&listener.mailbox),
    );
    let heard = move |pushed: PushInfo| {
        if pushed.kind == PushKind::PMessage
            && let Ok([_, channel, body]) = <[Value; 3]>::try_from(pushed.data)
            && let Ok(channel) = from_redis_value::<String>(channel)
            && let Ok(body) = from_redis_value(body)
        {
            mailbox.put(channels.read(&channel, body));
        }
    };
    let mut connection = listener.link.listening(heard).await?;
    let subscribed = connection.psubscribe(&listener.patterns).await;
    subscribed.map_err(|it| lost(&it))?;
    listener.mailbox.attach();
    *waits = Waits::default();
    while !listener.mailbox.is_closed() {
        if timeout(ASK, connection.lost()).await.is_ok() {
            return Ok(());
        }
        let alive = connection.send_packed_command(&cmd("PING")).await;
        alive.map_err(|it| lost(&it))?;
    }
    Ok(())
}
