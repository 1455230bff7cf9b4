//! What can go wrong in a life, and how it is made to. Knows no agents, only processes.

use std::time::Duration;

use tokio::time::sleep;

use super::core::{Core, roll};
use super::process::Process;

/// The longest that a connection is away, in milliseconds.
const AWAY: u64 = 5_000;
/// The slowest that the broker is, in milliseconds.
const SLOW: u64 = 200;

/// Something that goes wrong, or ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Trouble {
    /// A process is killed. The broker may take it for alive until its leases end.
    Crash,
    /// A process is told to stop in order, wherever it is.
    Stop,
    /// A process that has ended starts again.
    Start,
    /// All connections to the broker are lost, for up to 5 s.
    LoseBroker,
    /// The connection of a process to the bus is lost, for up to 5 s.
    LoseBus,
    /// The next sends are refused.
    RefuseSends,
    /// The next sends arrive, and their senders don't know.
    LoseConfirmations,
    /// The next signals, calls and answers are refused.
    RefusePublications,
    /// The next signals, calls and answers arrive nowhere, and their senders don't know.
    LosePublications,
    /// The next settlements are not heard, and tried again.
    LoseSettlements,
    /// The next deliveries are delivered to another consumer as well.
    DeliverTwice,
    /// Messages of queues without order come in any order, from now on.
    Reorder,
    /// Sending, fetching and publishing take up to 200 ms.
    BeSlow,
    /// They are as fast as ever.
    BeFast,
}

impl Trouble {
    /// All there are.
    pub const ALL: &[Self] = &[
        Self::Crash,
        Self::Stop,
        Self::Start,
        Self::LoseBroker,
        Self::LoseBus,
        Self::RefuseSends,
        Self::LoseConfirmations,
        Self::RefusePublications,
        Self::LosePublications,
        Self::LoseSettlements,
        Self::DeliverTwice,
        Self::Reorder,
        Self::BeSlow,
        Self::BeFast,
    ];
}

/// Makes it happen, to a process that is drawn where it happens to one.
pub(super) fn cause(core: &Core, trouble: Trouble, processes: &[Process]) {
    core.note(format_args!("trouble: {trouble:?}"));
    let some = usize::try_from(1 + roll(4)).expect("it is below 5");
    let away = Duration::from_millis(roll(AWAY));
    let delay = Duration::from_millis(roll(SLOW));
    let (faults, bus_faults) = (core.memory.faults(), core.memory.bus_faults());
    match trouble {
        Trouble::Crash => draw(processes, true, Process::crash),
        Trouble::Stop => draw(processes, true, Process::begin_stop),
        Trouble::Start => draw(processes, false, Process::begin),
        Trouble::LoseBroker => {
            core.count("broker connections lost");
            core.memory.lose_connection(away);
        }
        Trouble::LoseBus => draw(processes, true, |it| it.lose_bus(away)),
        Trouble::RefuseSends => faults.refuse_sends(some),
        Trouble::LoseConfirmations => faults.lose_confirmations(some),
        Trouble::RefusePublications => bus_faults.refuse_publishes(some),
        Trouble::LosePublications => bus_faults.lose_publishes(some),
        Trouble::LoseSettlements => core.lose_settlements(some as u64),
        Trouble::DeliverTwice => {
            core.count("double deliveries asked for");
            faults.deliver_twice(some);
            bus_faults.deliver_twice(some);
        }
        Trouble::Reorder => faults.shuffle(roll(u64::MAX)),
        Trouble::BeSlow => be_slow(core, delay),
        Trouble::BeFast => be_slow(core, Duration::ZERO),
    }
}

fn be_slow(core: &Core, delay: Duration) {
    core.memory.faults().be_slow(delay);
    core.memory.bus_faults().be_slow(delay);
}

/// Nothing goes wrong any more. Ready when what is away is back.
pub(super) async fn end(core: &Core) {
    core.note(format_args!("calm"));
    let faults = core.memory.faults();
    faults.refuse_sends(0);
    faults.lose_confirmations(0);
    faults.deliver_twice(0);
    core.memory.bus_faults().calm();
    be_slow(core, Duration::ZERO);
    core.set_calm(true);
    sleep(Duration::from_millis(AWAY)).await;
}

fn draw(processes: &[Process], running: bool, act: impl Fn(&Process)) {
    let those: Vec<_> = processes
        .iter()
        .filter(|it| it.is_running() == running)
        .collect();
    let place = usize::try_from(roll(those.len() as u64)).unwrap_or(0);
    if let Some(process) = those.get(place) {
        act(process);
    }
}
