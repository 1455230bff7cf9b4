//! Patterns of topic exchanges, for every backend that routes by itself. Knows words and dots, not bindings.

/// A pattern of a topic exchange: words between dots, `*` for one word, `#` for any number of them.
///
/// ```
/// use microagent::broker::Pattern;
///
/// let pattern = Pattern::new("news.#");
/// assert!(pattern.matches("news") && pattern.matches("news.sport.rowing"));
/// assert!(!pattern.matches("alert.sport"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern(Box<str>);

impl Pattern {
    /// A pattern as it stands in a [`Binding`](super::Binding). Every text is one.
    pub fn new(text: impl Into<Box<str>>) -> Self {
        Self(text.into())
    }

    /// Whether a routing key is meant. An empty key has no words, as in RabbitMQ.
    ///
    /// Tries each word in turn, and after a failure lets the last `#` take one word more: never exponential, and without
    /// an allocation.
    pub fn matches(&self, key: &str) -> bool {
        let (mut pattern, mut key) = (words(&self.0), words(key));
        let mut retry = None;
        loop {
            match (pattern.next(), key.clone().next()) {
                (Some("#"), _) => {
                    retry = Some((pattern.clone(), key.clone()));
                    continue;
                }
                (Some(word), Some(it)) if word == "*" || word == it => {
                    key.next();
                    continue;
                }
                (None, None) => return true,
                _ => {}
            }
            let Some((after, rest)) = &mut retry else {
                return false;
            };
            if rest.next().is_none() {
                return false;
            }
            (pattern, key) = (after.clone(), rest.clone());
        }
    }
}

fn words(text: &str) -> impl Iterator<Item = &str> + Clone {
    text.split('.').filter(|_| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::Pattern;

    #[test]
    fn patterns_match_as_amqp_says() {
        for (pattern, matching, other) in [
            ("a.b", &["a.b"][..], &["a", "a.b.c", "a.c", ""][..]),
            ("*", &["a", "b"], &["", "a.b"]),
            ("#", &["", "a", "a.b.c"], &[]),
            ("*.b", &["a.b", "x.b"], &["b", "a.b.c", "a.a.b"]),
            ("#.b", &["b", "a.b", "a.a.b", "b.b"], &["", "b.a"]),
            ("a.#", &["a", "a.b", "a.b.c"], &["", "b", "b.a"]),
            ("a.*.c", &["a.b.c"], &["a.c", "a.b.b.c"]),
            (
                "a.#.c",
                &["a.c", "a.b.c", "a.b.b.c", "a.c.c"],
                &["a", "a.c.b"],
            ),
            ("#.b.#", &["b", "a.b", "b.c", "a.b.c"], &["", "a.c"]),
            ("#.*", &["a", "a.b"], &[""]),
            ("*.#.b", &["a.b", "b.b", "a.c.b"], &["b"]),
            ("#.a.#.b", &["a.b", "x.a.x.b", "a.a.b.b"], &["b.a", "a"]),
            ("", &[""], &["a"]),
            ("a..b", &["a..b"], &["a.b"]),
        ] {
            let compiled = Pattern::new(pattern);
            for key in matching {
                assert!(compiled.matches(key), "{pattern} ~ {key}");
            }
            for key in other {
                assert!(!compiled.matches(key), "{pattern} !~ {key}");
            }
        }
    }
}
