//! The wall clock that schedules look at. The one place that reads the time of day; under paused time it starts at a
//! given instant and follows tokio's clock, so that tests move it.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::watch;
use tokio::time::Instant;

/// How long the clock of the machine is trusted to go on as it does. Nobody says when it is set, and while the machine
/// sleeps it goes on without the monotonic one: cron is late by this at most then.
const TRUSTED: Duration = Duration::from_secs(5);

/// Tells the time of day.
#[derive(Clone, Debug)]
pub(crate) struct Clock {
    source: Source,
    /// By how much a test has set it.
    set: Arc<watch::Sender<TimeDelta>>,
}

#[derive(Clone, Debug)]
enum Source {
    /// The clock of the machine, read anew each time, since it may be set.
    Machine,
    /// A time of day at an instant of tokio's clock.
    Fixed {
        wall: DateTime<Utc>,
        instant: Instant,
    },
}

/// Waits until a clock is set that says so.
#[derive(Debug)]
pub(crate) struct Settings(watch::Receiver<TimeDelta>);

impl Clock {
    /// The clock of the machine.
    pub(crate) fn machine() -> Self {
        Self::of(Source::Machine)
    }

    fn of(source: Source) -> Self {
        Self {
            source,
            set: Arc::default(),
        }
    }

    /// A clock that shows `wall` now and goes on with tokio's.
    pub(crate) fn starting_at(wall: DateTime<Utc>) -> Self {
        Self::of(Source::Fixed {
            wall,
            instant: Instant::now(),
        })
    }

    /// Sets it: what it shows from now on is this much later, or earlier.
    #[cfg(any(test, feature = "testing"))]
    pub(crate) fn set(&self, by: TimeDelta) {
        self.set.send_modify(|set| *set += by);
    }

    /// Tells when it is set from now on.
    pub(crate) fn settings(&self) -> Settings {
        Settings(self.set.subscribe())
    }

    /// What it shows.
    pub(crate) fn now(&self) -> DateTime<Utc> {
        match self.source {
            Source::Machine => SystemTime::now().into(),
            Source::Fixed { wall, instant } => {
                let passed = TimeDelta::from_std(instant.elapsed()).unwrap_or(TimeDelta::MAX);
                wall.checked_add_signed(passed)
                    .and_then(|it| it.checked_add_signed(*self.set.borrow()))
                    .unwrap_or(DateTime::<Utc>::MAX_UTC)
            }
        }
    }

    /// How long until it shows `time`; nothing where that has passed.
    pub(crate) fn until(&self, time: DateTime<Utc>) -> Duration {
        (time - self.now()).to_std().unwrap_or(Duration::ZERO)
    }

    /// How long it can be trusted to go on as it does, [`Settings`] apart.
    pub(crate) fn trusted(&self) -> Duration {
        match self.source {
            Source::Machine => TRUSTED,
            Source::Fixed { .. } => Duration::MAX,
        }
    }
}

impl Settings {
    /// Ready when the clock was set. Cancel safe.
    pub(crate) async fn changed(&mut self) {
        if self.0.changed().await.is_err() {
            // The clock is gone: nobody can set it.
            std::future::pending::<()>().await;
        }
    }
}
