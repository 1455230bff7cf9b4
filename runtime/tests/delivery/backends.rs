//! Brokers from outside: what they lack is refused, and what they leave hanging is given up.

use microagent::testing::delivery::Dedupe;

use super::*;

#[tokio::test(start_paused = true)]
async fn what_the_broker_lacks_is_refused_by_name() {
    let ordered = Policy {
        ordered: true,
        ..Policy::default()
    };
    let deduplicated = Policy {
        dedupe: Some(Dedupe::new(Duration::from_mins(1))),
        ..Policy::default()
    };
    for (policy, option) in [(ordered, "ordered"), (deduplicated, "dedupe")] {
        let work = each(|_| async { Ok(()) });
        let error = consume(&Plain::default(), &"shop.mailer".into(), policy, work)
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported);
        for name in ["shop.mailer", "plain", option] {
            assert!(error.to_string().contains(name), "{error}");
        }
    }
}

/// A broker from outside that can nothing, and leaves its consumers hanging.
#[derive(Debug)]
struct Plain(Capabilities);

impl Default for Plain {
    fn default() -> Self {
        Self(Capabilities {
            name: "plain",
            ..Capabilities::default()
        })
    }
}

impl BrokerBackend for Plain {
    fn capabilities(&self) -> &Capabilities {
        &self.0
    }

    fn declare<'a>(&'a self, _: &'a Topology) -> BoxFuture<'a, Result<(), Error>> {
        Box::pin(async { Ok(()) })
    }

    fn send<'a>(&'a self, _: &'a mut [Outgoing]) -> Wait<'a, ()> {
        Wait::ready(())
    }

    fn consume<'a>(
        &'a self,
        _: &'a Arc<str>,
        _: &'a ConsumeOptions,
    ) -> BoxFuture<'a, Result<Box<dyn Consumer>, Error>> {
        Box::pin(async { Ok(Box::new(Hanging::default()) as Box<dyn Consumer>) })
    }

    fn close(&self) -> BoxFuture<'_, Result<(), Error>> {
        Box::pin(async { Ok(()) })
    }
}

/// A consumer that has one message and never hears of its end.
#[derive(Debug, Default)]
struct Hanging {
    handed_out: AtomicUsize,
    stopped: tokio::sync::Notify,
}

impl Consumer for Hanging {
    fn next<'a>(
        &'a self,
        _limit: usize,
        into: &'a mut Vec<Delivery>,
    ) -> Wait<'a, Result<(), Error>> {
        if self.handed_out.fetch_add(1, Ordering::Relaxed) == 0 {
            into.push(Delivery {
                message: Message::new("x").into(),
                tag: Tag {
                    epoch: 1,
                    number: 1,
                },
                attempt: 1,
                first_seen: std::time::UNIX_EPOCH,
                partition: None,
            });
            return Wait::ready(Ok(()));
        }
        Wait::later(async {
            self.stopped.notified().await;
            Err(Error::new(ErrorKind::Closed, "stopped"))
        })
    }

    fn settle<'a>(&'a self, _batch: &'a mut Vec<Settlement>) -> Wait<'a, Result<Settled, Error>> {
        Wait::later(std::future::pending())
    }

    fn renew<'a>(&'a self, _held: &'a [Tag]) -> Wait<'a, Result<(), Error>> {
        Wait::ready(Ok(()))
    }

    fn stop(&self) -> Wait<'_, Result<(), Error>> {
        self.stopped.notify_one();
        Wait::ready(Ok(()))
    }

    fn is_attached(&self) -> bool {
        true
    }
}

#[tokio::test(start_paused = true)]
async fn a_broker_that_hangs_does_not_hold_up_the_end() {
    for grace in [Duration::ZERO, SECOND, 10 * SECOND] {
        let broker = Plain::default();
        let work = each(|_| async { Ok(()) });
        let consuming = consume(&broker, &"q".into(), Policy::default(), work)
            .await
            .unwrap();
        // The pump waits for the settlement when the drain comes.
        sleep(SECOND).await;
        let began = Instant::now();
        let report = consuming.drain(began + grace).await;
        assert_eq!(report.unsettled, 1);
        assert!(began.elapsed() <= grace + SECOND, "{:?}", began.elapsed());
    }
}
