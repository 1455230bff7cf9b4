//! Routing keys from typed values: words between dots. Knows no exchange.

use serde::Serialize;

use crate::error::{SendError, SendErrorKind};

/// Puts a routing key together; generated code calls it for each word of a template.
#[derive(Debug)]
pub struct RoutingWords {
    wire: &'static str,
    key: Result<String, SendError>,
}

impl RoutingWords {
    /// No word yet, of a key for the exchange with this wire name.
    pub fn new(wire: &'static str) -> Self {
        Self {
            wire,
            key: Ok(String::new()),
        }
    }

    /// A word of the template itself.
    #[must_use]
    pub fn literal(self, word: &str) -> Self {
        self.push(word)
    }

    /// A string, an integer, a boolean or an enum, as it is written on the wire.
    #[must_use]
    pub fn value(self, value: &impl Serialize) -> Self {
        match serde_json::to_value(value) {
            Ok(serde_json::Value::String(text)) => self.push(&text),
            Ok(other) => self.push(&other.to_string()),
            Err(error) => self.refuse(&error.to_string()),
        }
    }

    /// The whole key.
    ///
    /// # Errors
    /// [`SendErrorKind::Invalid`] where a value was empty or had a dot.
    pub fn finish(self) -> Result<Option<String>, SendError> {
        self.key.map(Some)
    }

    fn push(mut self, word: &str) -> Self {
        if word.is_empty() {
            return self.refuse("a word of the routing key is empty");
        }
        if word.contains('.') {
            return self.refuse(&format!("the word `{word}` of the routing key has a dot"));
        }
        if let Ok(key) = &mut self.key {
            if !key.is_empty() {
                key.push('.');
            }
            key.push_str(word);
        }
        self
    }

    fn refuse(mut self, why: &str) -> Self {
        if self.key.is_ok() {
            self.key =
                Err(SendError::new(SendErrorKind::Invalid, self.wire).with_source(why.to_owned()));
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_joined_by_dots() {
        let words = RoutingWords::new("push")
            .literal("v1")
            .value(&"android")
            .value(&7)
            .value(&true);
        assert_eq!(
            words.finish().unwrap().as_deref(),
            Some("v1.android.7.true")
        );
    }

    #[test]
    fn a_word_that_reads_as_other_words_is_refused() {
        for bad in ["", "a.b", "."] {
            let error = RoutingWords::new("push")
                .value(&bad)
                .literal("x")
                .finish()
                .unwrap_err();
            assert_eq!(error.kind(), SendErrorKind::Invalid, "{bad:?}");
        }
    }
}
