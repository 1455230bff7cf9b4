//! Parts of agents that a run can leave out, as words in code and in the environment. Knows no agent.

use std::collections::BTreeSet;
use std::fmt;

use crate::error::{Error, ErrorKind};
use crate::nearest::hint;

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
    let hint = hint(word, known.clone().map(Part::as_str));
    let known: Vec<_> = known.map(|it| format!("`{it}`")).collect();
    let known = known.join(", ");
    // Not repeated: someone may have put a password into the wrong variable.
    let text = format!("a word in `{VARIABLE}` is no part: there are {known}{hint}");
    Err(Error::new(ErrorKind::Config, text))
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
