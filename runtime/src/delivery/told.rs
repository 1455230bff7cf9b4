//! What the log is told of the attempts of one consumer that failed, and of messages that it gave up: a flood of them is
//! a few lines with a number. Knows neither verdicts nor brokers.

use std::fmt::Display;
use std::sync::Arc;

use crate::message::MessageId;
use crate::repeated::Repeated;

/// The failures of one consumer, as the log hears of them. Dropped, it tells what it has not told yet.
#[derive(Debug)]
pub(super) struct Told {
    queue: Arc<str>,
    failed: Repeated,
    given_up: Repeated,
}

impl Told {
    pub(super) fn new(queue: Arc<str>) -> Self {
        Self {
            queue,
            failed: Repeated::default(),
            given_up: Repeated::default(),
        }
    }

    /// An attempt failed and is made again.
    pub(super) fn failed(&self, (id, attempt): (&MessageId, u32), failure: &dyn Display) {
        if let Some(times) = self.failed.note() {
            let queue = &*self.queue;
            let text = "an attempt failed and is made again";
            tracing::warn!(queue, %id, attempt, %failure, times, "{text}");
        }
    }

    /// A message was given up.
    pub(super) fn given_up(&self, (id, attempt): (&MessageId, u32), failure: &dyn Display) {
        if let Some(times) = self.given_up.note() {
            let queue = &*self.queue;
            let text = "a message was dead-lettered";
            tracing::error!(queue, %id, attempt, %failure, times, "{text}");
        }
    }

    /// Tells the numbers that were kept back, where it is time to.
    pub(super) fn catch_up(&self) {
        self.tell(self.failed.due(), self.given_up.due());
    }

    fn tell(&self, failed: Option<u64>, given_up: Option<u64>) {
        let queue = &*self.queue;
        if let Some(times) = failed {
            tracing::warn!(queue, times, "attempts failed and are made again");
        }
        if let Some(times) = given_up {
            tracing::error!(queue, times, "messages were dead-lettered");
        }
    }
}

impl Drop for Told {
    fn drop(&mut self) {
        self.tell(self.failed.rest(), self.given_up.rest());
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::{Debug, Write as _};
    use std::sync::Mutex;
    use std::time::Duration;

    use tracing::field::{Field, Visit};
    use tracing::{Event, Metadata, Subscriber, span};

    use super::*;

    /// The fields of each event, as a log would show them.
    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<String>>>);

    struct Line(String);

    impl Visit for Line {
        fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
            write!(self.0, " {}={value:?}", field.name()).unwrap();
        }
    }

    impl Subscriber for Lines {
        fn enabled(&self, _metadata: &Metadata<'_>) -> bool {
            true
        }

        fn new_span(&self, _span: &span::Attributes<'_>) -> span::Id {
            span::Id::from_u64(1)
        }

        fn record(&self, _span: &span::Id, _values: &span::Record<'_>) {}

        fn record_follows_from(&self, _span: &span::Id, _follows: &span::Id) {}

        fn event(&self, event: &Event<'_>) {
            let mut line = Line(event.metadata().level().to_string());
            event.record(&mut line);
            self.0.lock().unwrap().push(line.0);
        }

        fn enter(&self, _span: &span::Id) {}

        fn exit(&self, _span: &span::Id) {}
    }

    #[tokio::test(start_paused = true)]
    async fn failures_are_told_with_queue_attempt_and_cause_and_a_flood_by_its_number() {
        let lines = Lines::default();
        let _guard = tracing::subscriber::set_default(lines.clone());
        let told = Told::new("mailer".into());
        let id = MessageId::from_text("order-7");
        for attempt in 2..40 {
            told.failed((&id, attempt), &"smtp is down");
            told.given_up((&id, attempt), &"smtp is down");
        }
        told.catch_up();
        tokio::time::sleep(Duration::from_secs(10)).await;
        told.catch_up();
        told.given_up((&id, 4), &"smtp is down");
        drop(told);
        assert_eq!(
            *lines.0.lock().unwrap(),
            [
                "WARN message=an attempt failed and is made again queue=\"mailer\" id=order-7 attempt=2 failure=smtp is down times=1",
                "ERROR message=a message was dead-lettered queue=\"mailer\" id=order-7 attempt=2 failure=smtp is down times=1",
                "WARN message=attempts failed and are made again queue=\"mailer\" times=37",
                "ERROR message=messages were dead-lettered queue=\"mailer\" times=37",
                "ERROR message=messages were dead-lettered queue=\"mailer\" times=1",
            ]
        );
    }
}
