//! What can go wrong in a life, and how it is made to. Knows no agents, only processes.

use std::time::Duration;

use super::core::{Core, roll};
use super::process::Process;

/// The longest that a connection is away.
pub(super) const AWAY: Duration = Duration::from_secs(5);

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
    /// The next sends are refused.
    RefuseSends,
    /// The next sends arrive, and their senders don't know.
    LoseConfirmations,
    /// The next settlements are not heard, and tried again.
    LoseSettlements,
    /// The next deliveries are delivered to another consumer as well.
    DeliverTwice,
    /// Messages of queues without order come in any order, from now on.
    Reorder,
    /// Sending and fetching take up to 200 ms.
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
        Self::RefuseSends,
        Self::LoseConfirmations,
        Self::LoseSettlements,
        Self::DeliverTwice,
        Self::Reorder,
        Self::BeSlow,
        Self::BeFast,
    ];
}

/// Makes it happen, to a process that is drawn where it happens to one.
pub(super) fn cause(core: &Core, trouble: Trouble, processes: &[Process]) {
    let some = usize::try_from(1 + roll(4)).expect("it is below 5");
    let faults = core.memory.faults();
    match trouble {
        Trouble::Crash => draw(processes, true, Process::crash),
        Trouble::Stop => draw(processes, true, Process::begin_stop),
        Trouble::Start => draw(processes, false, Process::begin),
        Trouble::LoseBroker => {
            core.count("broker connections lost");
            let most = u64::try_from(AWAY.as_millis()).expect("it is short");
            let away = Duration::from_millis(roll(most));
            core.note(format_args!("the broker is away for {away:?}"));
            core.memory.lose_connection(away);
        }
        Trouble::RefuseSends => faults.refuse_sends(some),
        Trouble::LoseConfirmations => faults.lose_confirmations(some),
        Trouble::LoseSettlements => core.lose_settlements(some as u64),
        Trouble::DeliverTwice => {
            core.count("double deliveries asked for");
            faults.deliver_twice(some);
        }
        Trouble::Reorder => faults.shuffle(roll(u64::MAX)),
        Trouble::BeSlow => faults.be_slow(Duration::from_millis(roll(200))),
        Trouble::BeFast => faults.be_slow(Duration::ZERO),
    }
    core.note(format_args!("trouble: {trouble:?}"));
}

/// Nothing goes wrong any more. What is away comes back by itself.
pub(super) fn end(core: &Core) {
    let faults = core.memory.faults();
    faults.refuse_sends(0);
    faults.lose_confirmations(0);
    faults.deliver_twice(0);
    faults.be_slow(Duration::ZERO);
    core.set_calm(true);
    core.note(format_args!("calm"));
}

fn draw(processes: &[Process], running: bool, act: fn(&Process)) {
    let those: Vec<_> = processes
        .iter()
        .filter(|it| it.is_running() == running)
        .collect();
    let place = usize::try_from(roll(those.len() as u64)).unwrap_or(0);
    if let Some(process) = those.get(place) {
        act(process);
    }
}
