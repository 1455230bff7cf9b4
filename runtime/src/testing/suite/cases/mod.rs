//! The cases, a file for each group. They know a backend by its traits alone, wait for conditions and never for time to
//! pass where something can be waited for.

mod attempts;
mod bus;
mod calls;
mod consumers;
mod crashes;
mod dead_letters;
mod driver;
mod limits;
mod messages;
mod ordered;
mod outages;
mod questions;
mod timing;
mod topology;
mod universal;
mod universal_many;

use super::Case;

/// In the order in which they are begun: what takes long comes first.
pub(super) const GROUPS: &[&[Case]] = &[
    outages::CASES,
    universal_many::CASES,
    crashes::CASES,
    universal::CASES,
    attempts::CASES,
    timing::CASES,
    dead_letters::CASES,
    ordered::CASES,
    driver::CASES,
    consumers::CASES,
    messages::CASES,
    limits::CASES,
    topology::CASES,
    calls::CASES,
    questions::CASES,
    bus::CASES,
];
