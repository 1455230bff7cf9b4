//! A queue as a stream by hand: a group reads, and what was handled is acknowledged and deleted before more is read.

use std::sync::Arc;

use redis::aio::MultiplexedConnection;
use redis::{Client, Pipeline, cmd};
use tokio::task::JoinHandle;

use super::{Job, TAKEN, connect, name, read, write};
use crate::work::{Seen, Send};

#[derive(Clone)]
pub(super) struct Producer {
    connection: MultiplexedConnection,
    stream: Arc<str>,
}

impl Send for Producer {
    async fn send(&self, ids: Vec<u64>) {
        let mut connection = self.connection.clone();
        let mut pipeline = Pipeline::with_capacity(ids.len());
        for id in ids {
            let body = write(&Job::new(id));
            let mut add = cmd("XADD");
            add.arg(&*self.stream)
                .arg("NOMKSTREAM")
                .arg("*")
                .arg("body")
                .arg(body);
            pipeline.add_command(add);
        }
        let ids: Vec<Option<String>> = pipeline
            .query_async(&mut connection)
            .await
            .expect("it is stored");
        assert!(ids.iter().all(Option::is_some), "the stream is there");
    }
}

pub(super) async fn start(client: &Client, seen: &Arc<Seen>) -> (Producer, JoinHandle<()>) {
    let mut connection = connect(client).await;
    let stream = name("work");
    let mut create = cmd("XGROUP");
    create
        .arg("CREATE")
        .arg(&*stream)
        .arg("workers")
        .arg("$")
        .arg("MKSTREAM");
    // It exists from the second run on.
    let _ = create.query_async::<()>(&mut connection).await;
    let reading = connect(client).await;
    let consuming = consume(
        (reading, connection.clone()),
        Arc::clone(&stream),
        Arc::clone(seen),
    );
    (Producer { connection, stream }, tokio::spawn(consuming))
}

type Entries = Vec<(String, Vec<(String, Vec<Vec<u8>>)>)>;

async fn consume(
    (mut reading, mut telling): (MultiplexedConnection, MultiplexedConnection),
    stream: Arc<str>,
    seen: Arc<Seen>,
) {
    loop {
        let mut read_group = cmd("XREADGROUP");
        read_group.arg("GROUP").arg("workers").arg("one");
        read_group.arg("COUNT").arg(TAKEN).arg("BLOCK").arg(1_000);
        read_group.arg("STREAMS").arg(&*stream).arg(">");
        let entries: Option<Entries> = read_group
            .query_async(&mut reading)
            .await
            .expect("the server answers");
        let Some((_, entries)) = entries.and_then(|it| it.into_iter().next()) else {
            continue;
        };
        let (mut acknowledge, mut delete) = (cmd("XACK"), cmd("XDEL"));
        acknowledge.arg(&*stream).arg("workers");
        delete.arg(&*stream);
        for (id, fields) in entries {
            seen.note(read::<Job>(&fields[1]).id);
            acknowledge.arg(&id);
            delete.arg(&id);
        }
        let mut pipeline = Pipeline::with_capacity(2);
        pipeline.add_command(acknowledge).add_command(delete);
        pipeline
            .query_async::<()>(&mut telling)
            .await
            .expect("the server answers");
    }
}
