//! Agents from start to end, on the memory backend and under paused time. `accounts` and `mail_service` stand for
//! generated code.

#![allow(
    missing_debug_implementations,
    unreachable_pub,
    dead_code,
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test crate with code as it is generated"
)]

mod accounts;
mod backends;
mod declared;
mod drain;
mod life;
mod mail_service;
mod mails;
mod phases;
mod queues;
mod schedules;
mod seen;
mod signals;
mod worlds;
