//! Ordered queues over several replicas: one handler per key at a time, and a retry that holds up its own key alone.

use std::collections::{BTreeMap, BTreeSet};

use super::*;

const REPLICAS: usize = 3;
const KEYS: u32 = 6;
const EACH: u32 = 20;

/// What the handlers of all replicas did.
#[derive(Default)]
struct Books {
    /// Keys that are being handled.
    running: BTreeSet<Vec<u8>>,
    /// How often a key was handled by two at once.
    overlaps: usize,
    /// The partition that each key came from.
    partitions: BTreeMap<Vec<u8>, BTreeSet<u32>>,
    /// Which replicas handled something.
    replicas: BTreeSet<usize>,
    seen: Seen,
}

/// A key that is being handled, until its handler has ended or was cancelled.
struct Running(Arc<Mutex<Books>>, Vec<u8>);

impl Running {
    fn begin(books: &Arc<Mutex<Books>>, delivery: &Delivery, replica: usize) -> Self {
        let key = delivery.message.partition_key.clone().unwrap().to_vec();
        let mut all = books.lock().unwrap();
        all.replicas.insert(replica);
        all.overlaps += usize::from(!all.running.insert(key.clone()));
        let partitions = all.partitions.entry(key.clone()).or_default();
        partitions.insert(delivery.partition.unwrap());
        Self(Arc::clone(books), key)
    }

    fn finish(&self, number: u32) {
        let mut all = self.0.lock().unwrap();
        all.seen.entry(self.1.clone()).or_default().push(number);
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.0.lock().unwrap().running.remove(&self.1);
    }
}

async fn send_keyed(memory: &Memory, key: &str, number: u32) {
    let mut message = Message::new(number.to_string());
    message.partition_key = Some(key.to_owned().into());
    send(memory, message).await;
}

/// Fails every fifth message once, and takes a while for all.
fn failing_at_times(books: &Arc<Mutex<Books>>, replica: usize) -> Work {
    let books = Arc::clone(books);
    each(move |delivery| {
        let running = Running::begin(&books, &delivery, replica);
        async move {
            sleep(SECOND / 10).await;
            let number: u32 = body(&delivery).parse().unwrap();
            if number % 5 == 2 && delivery.attempt == 1 {
                Err("not yet")?;
            }
            running.finish(number);
            Ok(())
        }
    })
}

#[tokio::test(start_paused = true)]
async fn replicas_share_the_keys_and_never_handle_one_key_at_once() {
    let memory = memory_with(|it| it.partitions = Some(4)).await;
    for number in 0..EACH {
        for key in 0..KEYS {
            send_keyed(&memory, &format!("key {key}"), number).await;
        }
    }
    let books: Arc<Mutex<Books>> = Arc::default();
    let policy = Policy {
        concurrency: 2,
        prefetch: Some(2),
        ordered: true,
        ..Policy::default()
    };
    let mut replicas = Vec::new();
    for replica in 0..REPLICAS {
        let work = failing_at_times(&books, replica);
        replicas.push(start(&memory, policy.clone(), work).await);
    }
    // One of them crashes in the middle of its messages, which go to the others.
    sleep(SECOND / 4).await;
    drop(replicas.pop());
    settle(&memory).await;
    let books = books.lock().unwrap();
    assert_eq!(books.overlaps, 0);
    assert_eq!(books.replicas.len(), REPLICAS);
    assert!(books.partitions.values().all(|it| it.len() == 1));
    assert_eq!(books.seen.len(), KEYS as usize);
    for numbers in books.seen.values() {
        assert_eq!(*numbers, (0..EACH).collect::<Vec<_>>());
    }
}

#[tokio::test(start_paused = true)]
async fn a_retry_holds_up_its_own_key_on_every_replica_and_no_other() {
    // One partition, so that the keys share it.
    let memory = memory_with(|it| it.partitions = Some(1)).await;
    for number in 0..3 {
        for key in ["failing", "good"] {
            send_keyed(&memory, key, number).await;
        }
    }
    let (log, began) = (Log::default(), Instant::now());
    let work = || {
        let log = log.clone();
        each(move |mut delivery| {
            let fails = delivery.message.partition_key.as_deref() == Some(b"failing");
            let first = body(&delivery) == "0" && delivery.attempt == 1;
            if fails {
                let marked = format!("failing {}", body(&delivery));
                Arc::make_mut(&mut delivery.message).body = marked.into();
            }
            log.note(&delivery, began);
            async move {
                if fails && first {
                    return Err(Failure::retry_after(10 * SECOND));
                }
                Ok(())
            }
        })
    };
    let policy = Policy {
        ordered: true,
        ..Policy::default()
    };
    let _replicas = [
        start(&memory, policy.clone(), work()).await,
        start(&memory, policy.clone(), work()).await,
        start(&memory, policy, work()).await,
    ];
    settle(&memory).await;
    let (failing, good): (Vec<_>, Vec<_>) = log
        .take()
        .into_iter()
        .partition(|it| it.0.starts_with("failing"));
    let order = |log: &[(String, u32, Duration)]| -> Vec<_> {
        log.iter().map(|it| (it.0.clone(), it.1)).collect()
    };
    let expected = [
        ("failing 0", 1),
        ("failing 0", 2),
        ("failing 1", 1),
        ("failing 2", 1),
    ];
    let expected = expected.map(|(body, attempt)| (body.to_owned(), attempt));
    assert_eq!(order(&failing), expected);
    assert!(
        failing[1..].iter().all(|it| it.2 >= 10 * SECOND),
        "{failing:?}"
    );
    let expected = [("0", 1), ("1", 1), ("2", 1)].map(|(body, at)| (body.to_owned(), at));
    assert_eq!(order(&good), expected);
    assert!(good.iter().all(|it| it.2 < SECOND), "{good:?}");
}
