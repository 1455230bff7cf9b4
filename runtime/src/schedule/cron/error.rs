//! Why there is no schedule.

use std::fmt;

/// A schedule that can't be made. What a contract says was checked before; this is for fields made by hand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScheduleError {
    kind: ScheduleErrorKind,
    /// The zone or the field that is meant.
    subject: String,
}

/// What is wrong with a schedule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ScheduleErrorKind {
    /// No time zone of the IANA database has this name.
    UnknownTimezone,
    /// A field has no value, or one that it can't have.
    MalformedField,
    /// No year has such a date.
    NeverDue,
}

impl ScheduleError {
    pub(super) fn unknown_timezone(name: &str) -> Self {
        Self {
            kind: ScheduleErrorKind::UnknownTimezone,
            subject: name.to_owned(),
        }
    }

    pub(super) fn malformed_field(name: &str) -> Self {
        Self {
            kind: ScheduleErrorKind::MalformedField,
            subject: name.to_owned(),
        }
    }

    pub(super) fn never_due() -> Self {
        Self {
            kind: ScheduleErrorKind::NeverDue,
            subject: String::new(),
        }
    }

    /// What is wrong, for code that acts on it.
    #[must_use]
    pub fn kind(&self) -> ScheduleErrorKind {
        self.kind
    }
}

impl fmt::Display for ScheduleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let subject = &self.subject;
        match self.kind {
            ScheduleErrorKind::UnknownTimezone => write!(f, "unknown time zone `{subject}`"),
            ScheduleErrorKind::MalformedField => {
                write!(
                    f,
                    "the field `{subject}` of a cron schedule has no value, or one out of range"
                )
            }
            ScheduleErrorKind::NeverDue => f.write_str("the date of a cron schedule never comes"),
        }
    }
}

impl std::error::Error for ScheduleError {}
