//! What the stop of a run left behind, as values.

use microagent_contract::meta::AgentMeta;

use crate::delivery::DrainReport;

/// What the stop of a run left behind, agent by agent, in the order in which they were given to [`app`](crate::app).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct StopReport {
    /// One for each agent.
    pub agents: Vec<AgentReport>,
}

impl StopReport {
    /// Everything that had begun has ended, and the broker knows of it.
    pub fn is_clean(&self) -> bool {
        let clean = |it: &AgentReport| it.unfinished == 0 && it.unsettled == 0;
        self.agents.iter().all(clean)
    }
}

/// What the stop of one agent left behind.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct AgentReport {
    /// The agent, with its package: `mail_service.MailAgent`.
    pub agent: String,
    /// Messages of queues that were not started and went back with no attempt counted.
    pub returned: usize,
    /// Handlers of messages that ran when the stop began and ended within the deadline.
    pub finished: usize,
    /// Handlers and runs of schedules that did not end in time and were cancelled. Messages of queues went back with an
    /// attempt counted.
    pub unfinished: usize,
    /// Messages that were handled and whose acknowledgement the broker did not take: it delivers them again.
    pub unsettled: usize,
}

impl AgentReport {
    pub(super) fn new(meta: &AgentMeta, left: DrainReport) -> Self {
        Self {
            agent: format!("{}.{}", meta.package(), meta.name()),
            returned: left.returned,
            finished: left.finished,
            unfinished: left.unfinished,
            unsettled: left.unsettled,
        }
    }
}
