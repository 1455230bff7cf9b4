//! Five agents of a small shop in one process, on a contract crate that other services share. It opens two seconds
//! before midnight in Berlin, lives through a day's work, prints the daily report and ends by itself.

mod comments;
mod emails;
mod pushes;
mod reports;
mod users;

use std::env;
use std::process::ExitCode;
use std::time::{Duration, UNIX_EPOCH};

microagent::include_schema!(shop_agents);

/// 2024-06-30T21:59:58Z: in Berlin, two seconds before midnight.
const OPENING_TIME: Duration = Duration::from_secs(1_719_784_798);

fn main() -> ExitCode {
    let reports = reports::Reports::default();
    let closing_time = reports.closing_time();
    let dsn = env::var("SHOP_DSN").unwrap_or_else(|_| "memory:".into());
    microagent::app([
        users::Users::default().agent(),
        comments::Comments::default().agent(),
        emails::Emails.agent(),
        pushes::Pushes.agent(),
        reports.agent(),
    ])
    .bus(&dsn)
    .broker(&dsn)
    .clock(UNIX_EPOCH + OPENING_TIME)
    .shutdown(closing_time)
    .main()
}
