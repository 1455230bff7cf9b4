//! The command line: names with values. Knows no meaning of any.

use std::collections::BTreeMap;
use std::str::FromStr;

use crate::Result;

/// `--name value`, or `--name` alone.
#[derive(Debug)]
pub(crate) struct Arguments(BTreeMap<String, String>);

impl Arguments {
    /// # Errors
    /// A word that is none of `known`, or a value without a name.
    pub(crate) fn parse(words: impl Iterator<Item = String>, known: &[&str]) -> Result<Self> {
        let mut words = words.peekable();
        let mut named = BTreeMap::new();
        while let Some(word) = words.next() {
            let name = word.strip_prefix("--").filter(|it| known.contains(it));
            let Some(name) = name else {
                return Err(
                    format!("`{word}` is unknown; there is --{}", known.join(", --")).into(),
                );
            };
            let value = words.next_if(|it| !it.starts_with("--"));
            named.insert(name.to_owned(), value.unwrap_or_default());
        }
        Ok(Self(named))
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// # Errors
    /// Where it is not said.
    pub(crate) fn needed(&self, name: &str) -> Result<&str> {
        self.text(name)
            .ok_or_else(|| format!("`--{name}` is missing").into())
    }

    /// # Errors
    /// A value that is no number.
    pub(crate) fn number<N: FromStr>(&self, name: &str, default: N) -> Result<N> {
        let Some(text) = self.text(name) else {
            return Ok(default);
        };
        text.parse()
            .map_err(|_| format!("`--{name} {text}` is no number").into())
    }
}
