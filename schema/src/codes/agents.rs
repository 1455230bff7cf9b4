//! Codes 05xx: agents and schedules.

codes! {
    /// An option on the wrong line.
    OPTION_ON_WRONG_LINE = 501 in "MAG0501";
    /// A period that is no duration.
    BAD_PERIOD = 502 in "MAG0502";
    /// A cron expression that is none.
    BAD_CRON = 503 in "MAG0503";
    /// An unknown time zone.
    UNKNOWN_TIMEZONE = 504 in "MAG0504";
    /// Several names on a line that takes one.
    ONE_NAME_A_LINE = 505 in "MAG0505";
    /// Several signals without a name for their method.
    RECEIVE_NEEDS_ALIAS = 506 in "MAG0506";
    /// An alias in the middle of a line.
    ALIAS_OF_ONE = 507 in "MAG0507";
    /// Variants or types of one name.
    VARIANT_CLASH = 508 in "MAG0508";
    /// Two lines that make one method.
    METHOD_CLASH = 509 in "MAG0509";
    /// A method that every agent has.
    METHOD_IS_PROVIDED = 510 in "MAG0510";
    /// Two senders of one name.
    SENDER_CLASH = 511 in "MAG0511";
}
