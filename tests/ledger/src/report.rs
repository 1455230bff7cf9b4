//! What a scenario came to, and the table of all of them. Knows numbers and words only.

use std::fmt::{self, Write};

use crate::account::Account;
use crate::book::Deed;
use crate::stage::Rest;

/// What one scenario came to.
#[derive(Debug)]
pub(crate) struct Report {
    pub(crate) account: Account,
    pub(crate) rest: Rest,
    recovered: Option<Recovered>,
    facts: Vec<String>,
    broken: Vec<String>,
}

/// Milliseconds until it went on; none where it never did.
type Recovered = Option<u64>;

impl Report {
    pub(crate) fn new(account: Account, rest: Rest) -> Self {
        Self {
            account,
            rest,
            recovered: None,
            facts: Vec::new(),
            broken: Vec::new(),
        }
    }

    pub(crate) fn lost(&self) -> usize {
        self.account
            .lost(&self.rest.dead)
            .saturating_sub(self.rest.waiting)
    }

    /// What it says beside the counters.
    pub(crate) fn fact(&mut self, name: &str, value: impl fmt::Display) -> &mut Self {
        self.facts.push(format!("{name} {value}"));
        self
    }

    /// A criterion, and whether it holds.
    pub(crate) fn check(&mut self, criterion: impl fmt::Display, holds: bool) -> &mut Self {
        if !holds {
            self.broken.push(criterion.to_string());
        }
        self
    }

    /// Nothing was lost, nothing came from nowhere.
    pub(crate) fn check_nothing_lost(&mut self) -> &mut Self {
        let (lost, unexpected) = (self.lost(), self.account.unexpected());
        self.check("lost 0", lost == 0)
            .check("unexpected 0", unexpected == 0)
    }

    /// It went on after so many milliseconds, or never, and should have within this many.
    pub(crate) fn recovered(&mut self, after: Option<u64>, within: u64) -> &mut Self {
        self.recovered = Some(after);
        let criterion = format!("recovered within {within} ms");
        self.check(criterion, after.is_some_and(|it| it <= within))
    }

    /// The last message was processed within this time after this instant.
    pub(crate) fn check_done(&mut self, since: u64, within: u64) -> &mut Self {
        let last = self.account.last(Deed::Processed);
        let done = self
            .account
            .is_settled()
            .then(|| last.saturating_sub(since));
        self.recovered = Some(done);
        let criterion = format!("the last one processed within {within} ms");
        self.check(criterion, done.is_some_and(|it| it <= within))
    }

    pub(crate) fn holds(&self) -> bool {
        self.broken.is_empty()
    }
}

/// A line of the table.
#[derive(Debug)]
pub(crate) struct Line {
    pub(crate) row: &'static str,
    pub(crate) scenario: &'static str,
    pub(crate) backend: &'static str,
    pub(crate) who: &'static str,
    pub(crate) outcome: Result<Report, String>,
}

const HEAD: &str = "\
| row | scenario | backend | who | sent | confirmed | processed | duplicated | lost | unexpected | left | dead | recovered after | holds | further |
|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|
";

/// All lines, as Markdown.
pub(crate) fn table(lines: &[Line]) -> String {
    let mut text = HEAD.to_owned();
    for line in lines {
        let written = writeln!(text, "{line}");
        written.expect("a text takes what it is given");
    }
    text
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            row,
            scenario,
            backend,
            who,
            outcome,
        } = self;
        write!(f, "| {row} | {scenario} | {backend} | {who} | ")?;
        match outcome {
            Ok(report) => write!(f, "{report} |"),
            Err(error) => write!(f, "| | | | | | | | | no | {error} |"),
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let account = &self.account;
        let counts = [
            account.sent(),
            account.confirmed(),
            account.processed(),
            account.duplicated(),
            self.lost(),
            account.unexpected(),
            self.rest.waiting,
            self.rest.dead.len(),
        ];
        for count in counts {
            write!(f, "{count} | ")?;
        }
        match self.recovered {
            None => {}
            Some(None) => f.write_str("never")?,
            Some(Some(passed)) => write!(f, "{passed} ms")?,
        }
        let holds = if self.holds() {
            "yes".to_owned()
        } else {
            format!("no: {}", self.broken.join(", "))
        };
        write!(f, " | {holds} | {}", self.facts.join(", "))
    }
}
