//! Signals by hand: one connection publishes, another one listens.

use std::sync::Arc;

use redis::aio::MultiplexedConnection;
use redis::{Client, Pipeline, cmd};
use tokio::task::JoinHandle;

use super::{Job, connect, listen, message, name, read, write};
use crate::work::{Seen, Send};

#[derive(Clone)]
pub(super) struct Publisher {
    connection: MultiplexedConnection,
    channel: Arc<str>,
}

impl Send for Publisher {
    async fn send(&self, ids: Vec<u64>) {
        let mut connection = self.connection.clone();
        let mut pipeline = Pipeline::with_capacity(ids.len());
        for id in ids {
            let body = write(&Job::new(id));
            pipeline.add_command(cmd("PUBLISH").arg(&*self.channel).arg(body).clone());
        }
        let heard: Vec<u64> = pipeline
            .query_async(&mut connection)
            .await
            .expect("it is published");
        assert!(heard.iter().all(|it| *it == 1));
    }
}

pub(super) async fn start(client: &Client, seen: &Arc<Seen>) -> (Publisher, JoinHandle<()>) {
    let channel = name("noted");
    let (mut listening, mut pushes) = listen(client).await;
    listening
        .subscribe(&*channel)
        .await
        .expect("the server lets us listen");
    let seen = Arc::clone(seen);
    let task = tokio::spawn(async move {
        let _kept = listening;
        while let Some(push) = pushes.recv().await {
            if let Some(body) = message(push) {
                seen.note(read::<Job>(&body).id);
            }
        }
    });
    let connection = connect(client).await;
    (
        Publisher {
            connection,
            channel,
        },
        task,
    )
}
