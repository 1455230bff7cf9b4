//! The five fields of a checked expression, in the form in which generated code holds them. Knows no dates.

/// A cron expression as sets: bit `n` of a field is the value `n`. Generated code holds it as a constant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct CronFields {
    /// Minutes 0 to 59.
    pub minutes: u64,
    /// Hours 0 to 23.
    pub hours: u32,
    /// Days of the month, 1 to 31.
    pub days: u32,
    /// Months, 1 to 12.
    pub months: u16,
    /// Weekdays, 0 to 6, where 0 is Sunday.
    pub weekdays: u8,
    /// The hour begins with `*`: the schedule runs by elapsed time where the clock is changed.
    pub hour_star: bool,
    /// The day of the month begins with `*`: it restricts the weekday instead of adding to it.
    pub day_star: bool,
    /// The weekday begins with `*`: it restricts the day of the month instead of adding to it.
    pub weekday_star: bool,
}

impl CronFields {
    /// `* * * * *`: what fields written by hand start from.
    pub const EVERY_MINUTE: Self = Self {
        minutes: (1 << 60) - 1,
        hours: (1 << 24) - 1,
        days: u32::MAX - 1,
        months: (1 << 13) - 2,
        weekdays: (1 << 7) - 1,
        hour_star: true,
        day_star: true,
        weekday_star: true,
    };

    /// The name of the first field that has no value, or one that it can't have.
    pub(super) fn malformed(&self) -> Option<&'static str> {
        let every = Self::EVERY_MINUTE;
        let fields = [
            ("minutes", self.minutes, every.minutes),
            ("hours", self.hours.into(), every.hours.into()),
            ("days", self.days.into(), every.days.into()),
            ("months", self.months.into(), every.months.into()),
            ("weekdays", self.weekdays.into(), every.weekdays.into()),
        ];
        let bad = |(_, set, every): &&(&str, u64, u64)| *set == 0 || set & !every != 0;
        fields.iter().find(bad).map(|(name, ..)| *name)
    }
}
