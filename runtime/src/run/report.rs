//! What the stop of a run left behind, as values.

use std::fmt;

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

/// One clause for each agent that left something or had something to finish; empty where none had.
impl fmt::Display for StopReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut between = "";
        for agent in self.agents.iter().filter(|it| !it.is_empty()) {
            write!(f, "{between}{agent}")?;
            between = "; ";
        }
        Ok(())
    }
}

/// `mail_service.MailAgent: returned 3, unfinished 1`.
impl fmt::Display for AgentReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.agent)?;
        let mut between = ": ";
        for (what, count) in self.counts().into_iter().filter(|(_, count)| *count > 0) {
            write!(f, "{between}{what} {count}")?;
            between = ", ";
        }
        Ok(())
    }
}

impl AgentReport {
    fn counts(&self) -> [(&'static str, usize); 4] {
        [
            ("returned", self.returned),
            ("finished", self.finished),
            ("unfinished", self.unfinished),
            ("unsettled", self.unsettled),
        ]
    }

    fn is_empty(&self) -> bool {
        self.counts().iter().all(|(_, count)| *count == 0)
    }

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
