//! Parts of agents that a run can leave out, as words in code and in the environment. Knows no agent.

use std::collections::BTreeSet;
use std::fmt;

use crate::error::{Error, ErrorKind};

/// Where parts are switched off from outside, separated by commas: `MICROAGENT_WITHOUT=schedules,servers`.
const VARIABLE: &str = "MICROAGENT_WITHOUT";

/// A part of agents that [`App::without`](crate::App::without) leaves out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Part {
    /// `every` and `cron`.
    Schedules,
    /// `receive` and `answer`: signals and calls.
    Receiving,
    /// `consume`: queues.
    Consuming,
    /// `serve`.
    Servers,
}

impl Part {
    /// All there are.
    pub const ALL: [Self; 4] = [
        Self::Schedules,
        Self::Receiving,
        Self::Consuming,
        Self::Servers,
    ];

    /// Its word in `MICROAGENT_WITHOUT` and in `info()`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Schedules => "schedules",
            Self::Receiving => "receiving",
            Self::Consuming => "consuming",
            Self::Servers => "servers",
        }
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What the environment switches off.
///
/// # Errors
/// [`ErrorKind::Config`] for a word that is none of theirs.
pub(crate) fn switched_off(
    environment: impl Fn(&str) -> Option<String>,
) -> Result<BTreeSet<Part>, Error> {
    let text = environment(VARIABLE).unwrap_or_default();
    let words = text.split(',').map(str::trim).filter(|it| !it.is_empty());
    words.map(part).collect()
}

fn part(word: &str) -> Result<Part, Error> {
    let known = Part::ALL.into_iter();
    if let Some(part) = known.clone().find(|it| it.as_str() == word) {
        return Ok(part);
    }
    let close = |it: &Part| distance(it.as_str(), word) <= 2;
    let hint = known.clone().find(close);
    let hint = hint.map_or(String::new(), |it| format!("; did you mean `{it}`?"));
    let known: Vec<_> = known.map(|it| format!("`{it}`")).collect();
    let known = known.join(", ");
    // Not repeated: someone may have put a password into the wrong variable.
    let text = format!("a word in `{VARIABLE}` is no part: there are {known}{hint}");
    Err(Error::new(ErrorKind::Config, text))
}

/// How many letters are to be changed, added or taken away to make one word the other.
fn distance(one: &str, other: &str) -> usize {
    let mut row: Vec<usize> = (0..=other.chars().count()).collect();
    for (i, a) in one.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, b) in other.chars().enumerate() {
            let changed = diagonal + usize::from(a != b);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[other.chars().count()]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Result<BTreeSet<Part>, Error> {
        switched_off(|name| (name == VARIABLE).then(|| text.to_owned()))
    }

    #[test]
    fn words_are_read_and_others_refused_with_a_hint() {
        assert!(switched_off(|_| None).unwrap().is_empty());
        for text in ["", " ", ","] {
            assert!(of(text).unwrap().is_empty(), "{text:?}");
        }
        let both = of("servers, schedules,servers").unwrap();
        assert_eq!(
            Vec::from_iter(both),
            [Part::Schedules, Part::Servers],
            "each once"
        );
        for part in Part::ALL {
            assert_eq!(Vec::from_iter(of(part.as_str()).unwrap()), [part]);
        }
        for (text, hint) in [
            ("servers,shedules", "did you mean `schedules`?"),
            ("recieving", "did you mean `receiving`?"),
            ("Servers", "did you mean `servers`?"),
            ("server", "did you mean `servers`?"),
            (
                "canary",
                "there are `schedules`, `receiving`, `consuming`, `servers`",
            ),
        ] {
            let error = of(text).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Config, "{text}");
            assert!(error.message().contains(hint), "{text}: {error}");
            assert!(!error.message().contains("canary"), "{error}");
        }
    }
}
