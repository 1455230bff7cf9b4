//! The wall clock that schedules look at. The one place that reads the time of day; under paused time it starts at a
//! given instant and follows tokio's clock, so that tests move it.

use std::time::{Duration, SystemTime};

use chrono::{DateTime, TimeDelta, Utc};
use tokio::time::Instant;

/// Tells the time of day.
#[derive(Clone, Debug)]
pub(crate) struct Clock {
    source: Source,
    /// By how many seconds a test has set it.
    #[cfg(test)]
    set: std::sync::Arc<std::sync::atomic::AtomicI64>,
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

impl Clock {
    /// The clock of the machine.
    pub(crate) fn machine() -> Self {
        Self::of(Source::Machine)
    }

    fn of(source: Source) -> Self {
        Self {
            source,
            #[cfg(test)]
            set: std::sync::Arc::default(),
        }
    }

    /// A clock that shows `wall` now and goes on with tokio's.
    pub(crate) fn starting_at(wall: DateTime<Utc>) -> Self {
        Self::of(Source::Fixed {
            wall,
            instant: Instant::now(),
        })
    }

    /// Sets it forward, or back.
    #[cfg(test)]
    pub(crate) fn set(&self, seconds: i64) {
        self.set
            .fetch_add(seconds, std::sync::atomic::Ordering::Relaxed);
    }

    /// What it shows.
    pub(crate) fn now(&self) -> DateTime<Utc> {
        let now = self.source.now();
        #[cfg(test)]
        let now = now + TimeDelta::seconds(self.set.load(std::sync::atomic::Ordering::Relaxed));
        now
    }

    /// How long until it shows `time`; nothing where that has passed.
    pub(crate) fn until(&self, time: DateTime<Utc>) -> Duration {
        (time - self.now()).to_std().unwrap_or(Duration::ZERO)
    }
}

impl Source {
    fn now(&self) -> DateTime<Utc> {
        match self {
            Self::Machine => SystemTime::now().into(),
            Self::Fixed { wall, instant } => {
                let passed = TimeDelta::from_std(instant.elapsed()).unwrap_or(TimeDelta::MAX);
                wall.checked_add_signed(passed)
                    .unwrap_or(DateTime::<Utc>::MAX_UTC)
            }
        }
    }
}
