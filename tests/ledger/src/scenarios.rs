//! The scenarios, a row each. What happens in one is in its module.

use microagent::message::BoxFuture;

use crate::Result;
use crate::report::Report;
use crate::server::Keeping;
use crate::stage::Stage;

mod abort;
mod chaos;
mod half_open;
mod kill_consumer;
mod kill_server;
mod late_server;
mod outage;
mod poison;
mod reconnect;
mod stop_consumer;
mod terminate;

/// Something that goes wrong, and what must hold all the same.
#[derive(Debug)]
pub(crate) struct Scenario {
    pub(crate) name: &'static str,
    /// Its row of the scorecard.
    pub(crate) row: &'static str,
    pub(crate) keeping: Keeping,
    pub(crate) run: fn(Stage) -> BoxFuture<'static, Result<Report>>,
}

macro_rules! scenario {
    ($row:literal, $name:literal, $module:ident, $keeping:ident) => {
        Scenario {
            name: $name,
            row: $row,
            keeping: Keeping::$keeping,
            run: |stage| Box::pin($module::run(stage)),
        }
    };
}

pub(crate) const SCENARIOS: &[Scenario] = &[
    scenario!("1", "kill-consumer", kill_consumer, Never),
    scenario!("2", "terminate", terminate, Never),
    scenario!("3", "kill-server", kill_server, Always),
    scenario!("3", "kill-server-everysec", kill_server, EverySecond),
    scenario!("4", "outage", outage, Always),
    scenario!("6", "late-server", late_server, Never),
    scenario!("8", "abort", abort, Never),
    scenario!("11", "half-open", half_open, Never),
    scenario!("19", "reconnect", reconnect, Always),
    scenario!("27", "stop-consumer", stop_consumer, Never),
    scenario!("30", "poison", poison, Never),
    scenario!("41", "chaos", chaos, Always),
];
