//! Five agents of a small shop in one process, on a contract crate that other services share. The shop opens three seconds
//! before midnight in Berlin, lives through a day's work, prints the daily report and ends by itself. On which bus and
//! broker it does, the caller says: the agents know neither.

mod comments;
mod emails;
mod pushes;
mod reports;
mod users;

use std::time::{Duration, UNIX_EPOCH};

use microagent::App;

microagent::include_schema!(shop_agents);

/// 2024-06-30T21:59:57Z: in Berlin, three seconds before midnight.
const OPENING_TIME: Duration = Duration::from_secs(1_719_784_797);

/// A day of the shop: all but the bus and the broker that it runs on.
pub fn day() -> App {
    let reports = reports::Reports::default();
    let closing_time = reports.closing_time();
    microagent::app([
        users::Users::default().agent(),
        comments::Comments::default().agent(),
        emails::Emails.agent(),
        pushes::Pushes.agent(),
        reports.agent(),
    ])
    .clock(UNIX_EPOCH + OPENING_TIME)
    .shutdown(closing_time)
}
