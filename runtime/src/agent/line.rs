//! The options of each kind of line, as generated code states them. The defaults are those of the language; only what
//! differs is written.

use std::time::Duration;

use crate::schedule::ScheduleId;
use crate::schedule::cron::CronFields;

const MINUTE: Duration = Duration::from_mins(1);

/// What happens when a run is due while the one before it still goes on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Overlap {
    /// It is left out, and counted.
    #[default]
    Skip,
    /// It begins when the other has ended. One waits; more are left out, and counted.
    Queue,
    /// Both run, and so do more, up to 64 at a time; what is due then is left out, and counted.
    Parallel,
}

/// What happens to runs whose time passed while the process could not see it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Missed {
    /// They are left out, and counted.
    #[default]
    Skip,
    /// One run stands for all of them.
    Once,
}

macro_rules! options {
    ($($(#[$doc:meta])* $name:ident: $ty:ty;)*) => {$(
        $(#[$doc])*
        #[must_use]
        pub fn $name(mut self, $name: $ty) -> Self {
            self.$name = $name;
            self
        }
    )*};
}

/// `consume`
#[derive(Clone, Debug)]
pub struct ConsumeLine {
    pub(crate) method: &'static str,
    pub(crate) concurrency: usize,
    pub(crate) retries: u32,
    pub(crate) backoff: (Duration, Duration),
    pub(crate) timeout: Duration,
    pub(crate) batch: Option<(usize, Duration)>,
    pub(crate) dedupe: Option<Duration>,
}

impl ConsumeLine {
    /// One at a time, three retries with a backoff of 1 s to 60 s, a timeout of 60 s.
    pub fn new(method: &'static str) -> Self {
        Self {
            method,
            concurrency: 1,
            retries: 3,
            backoff: (Duration::from_secs(1), MINUTE),
            timeout: MINUTE,
            batch: None,
            dedupe: None,
        }
    }

    options! {
        /// Handlers at a time.
        concurrency: usize;
        /// Attempts after the first.
        retries: u32;
        /// How long a handler may take.
        timeout: Duration;
    }

    /// The wait before the first retry, and the longest.
    #[must_use]
    pub fn backoff(mut self, first: Duration, longest: Duration) -> Self {
        self.backoff = (first, longest);
        self
    }

    /// Messages of a batch at most, and how long the first one waits for more.
    #[must_use]
    pub fn batch(mut self, size: usize, wait: Duration) -> Self {
        self.batch = Some((size, wait));
        self
    }

    /// How long the ids of handled messages are remembered, so that one that is delivered again is not handled again.
    #[must_use]
    pub fn dedupe(mut self, window: Duration) -> Self {
        self.dedupe = Some(window);
        self
    }
}

/// `receive`
#[derive(Clone, Copy, Debug)]
pub struct ReceiveLine {
    pub(crate) method: &'static str,
    pub(crate) concurrency: usize,
    pub(crate) timeout: Duration,
}

impl ReceiveLine {
    /// 16 at a time, a timeout of 60 s.
    pub fn new(method: &'static str) -> Self {
        Self {
            method,
            concurrency: 16,
            timeout: MINUTE,
        }
    }

    options! {
        /// Handlers at a time.
        concurrency: usize;
        /// How long a handler may take.
        timeout: Duration;
    }
}

/// `answer`
#[derive(Clone, Copy, Debug)]
pub struct AnswerLine {
    pub(crate) method: &'static str,
    pub(crate) concurrency: usize,
    pub(crate) timeout: Option<Duration>,
}

impl AnswerLine {
    /// 16 at a time, for as long as the declaration's deadline.
    pub fn new(method: &'static str) -> Self {
        Self {
            method,
            concurrency: 16,
            timeout: None,
        }
    }

    options! {
        /// Handlers at a time.
        concurrency: usize;
    }

    /// How long a handler may take.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }
}

/// `every`
#[derive(Clone, Debug)]
pub struct EveryLine {
    pub(crate) id: ScheduleId,
    pub(crate) period: Duration,
    pub(crate) start_after: Duration,
    pub(crate) jitter: Duration,
    pub(crate) timeout: Duration,
    pub(crate) overlap: Overlap,
}

impl EveryLine {
    /// At the start and then each `period`, with a timeout of 60 s.
    pub fn new(id: ScheduleId, period: Duration) -> Self {
        Self {
            id,
            period,
            start_after: Duration::ZERO,
            jitter: Duration::ZERO,
            timeout: MINUTE,
            overlap: Overlap::Skip,
        }
    }

    options! {
        /// How long after the start the first run is.
        start_after: Duration;
        /// Each run is later by a random time of up to this; it does not add up.
        jitter: Duration;
        /// How long a run may take.
        timeout: Duration;
        /// What happens when the run before still goes on.
        overlap: Overlap;
    }
}

/// `cron`
#[derive(Clone, Debug)]
pub struct CronLine {
    pub(crate) id: ScheduleId,
    pub(crate) expression: &'static str,
    pub(crate) fields: CronFields,
    pub(crate) timezone: &'static str,
    pub(crate) timeout: Duration,
    pub(crate) overlap: Overlap,
    pub(crate) missed: Missed,
    pub(crate) once_per_fleet: bool,
}

impl CronLine {
    /// At the times of the expression in this zone, with a timeout of 60 s.
    pub fn new(
        id: ScheduleId,
        expression: &'static str,
        fields: CronFields,
        timezone: &'static str,
    ) -> Self {
        Self {
            id,
            expression,
            fields,
            timezone,
            timeout: MINUTE,
            overlap: Overlap::Skip,
            missed: Missed::Skip,
            once_per_fleet: false,
        }
    }

    options! {
        /// How long a run may take.
        timeout: Duration;
        /// What happens when the run before still goes on.
        overlap: Overlap;
        /// What happens to runs whose time has passed.
        missed: Missed;
    }

    /// One replica runs it.
    #[must_use]
    pub fn once_per_fleet(mut self) -> Self {
        self.once_per_fleet = true;
        self
    }
}
