//! Where a bus or a broker is, as one line of text. It never shows a password: neither do the errors about it.

use std::fmt;

use crate::error::{Error, ErrorKind};

/// Where a bus or a broker is: `memory:`, `redis://localhost/7`. Printed, its secrets are replaced by `***`.
#[derive(Clone, PartialEq, Eq)]
pub struct Dsn(String);

impl Dsn {
    /// Reads a DSN: a scheme, a colon, and what the backend of that scheme makes of the rest.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] where there is no scheme; the text is then not shown, since it may be a password.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let text = text.trim();
        let scheme = text.split_once(':').map_or("", |(scheme, _)| scheme);
        let valid = |it: u8| it.is_ascii_lowercase() || it.is_ascii_digit() || it == b'+';
        if scheme.is_empty() || !scheme.bytes().all(valid) {
            return Err(Error::new(
                ErrorKind::Config,
                "a DSN begins with a scheme in lower case and a colon, such as `memory:`",
            ));
        }
        Ok(Self(text.to_owned()))
    }

    /// What stands before the colon.
    pub fn scheme(&self) -> &str {
        self.0.split_once(':').map_or("", |(scheme, _)| scheme)
    }

    /// The whole text, secrets included: for a backend's client, never for a log.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Dsn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&redact(&self.0))
    }
}

impl fmt::Debug for Dsn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Dsn({self})")
    }
}

/// Takes more away than is secret rather than less: a password may hold any character, encoded or not.
fn redact(text: &str) -> String {
    let (text, query) = match text.split_once('?') {
        // An `@` behind the question mark: the password may have one too.
        Some((before, after)) if !after.contains('@') => (before, Some(after)),
        _ => (text, None),
    };
    let (scheme, rest) = text.split_once(':').unwrap_or(("", text));
    let shown = match rest.rsplit_once('@') {
        Some((user_info, host)) => {
            let user = user_info.trim_start_matches('/').split(':').next();
            let slashes = if rest.starts_with("//") { "//" } else { "" };
            let user = if user_info.contains(':') {
                user.unwrap_or("")
            } else {
                ""
            };
            format!("{scheme}:{slashes}{user}:***@{host}")
        }
        None => format!("{scheme}:{rest}"),
    };
    match query {
        Some(query) => format!("{shown}?{}", redact_query(query)),
        None => shown,
    }
}

fn redact_query(query: &str) -> String {
    let redacted = query.split('&').map(|pair| match pair.split_once('=') {
        Some((name, _)) => format!("{name}=***"),
        None => "***".to_owned(),
    });
    redacted.collect::<Vec<_>>().join("&")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_password_is_shown() {
        for (text, shown) in [
            ("memory:", "memory:"),
            ("redis://localhost/7", "redis://localhost/7"),
            ("redis://:canary@host/0", "redis://:***@host/0"),
            ("redis://canary@host/0", "redis://:***@host/0"),
            (
                "amqp://ada:canary@host:5672/v",
                "amqp://ada:***@host:5672/v",
            ),
            ("amqp://ada:can@ry/?canary@host", "amqp://ada:***@host"),
            ("amqp://ada:canary?@host", "amqp://ada:***@host"),
            (
                "redis://h/0?password=canary&a",
                "redis://h/0?password=***&***",
            ),
        ] {
            let dsn = Dsn::parse(text).unwrap();
            assert_eq!(dsn.to_string(), shown, "{text}");
            assert!(!format!("{dsn:?}").contains("canary"), "{text}");
            assert_eq!(dsn.expose(), text);
        }
    }

    #[test]
    fn what_has_no_scheme_is_refused_unseen() {
        for text in [
            "",
            "canary",
            ":canary",
            "Canary:x",
            "ca nary:x",
            "//canary@host",
        ] {
            let error = Dsn::parse(text).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Config, "{text}");
            assert!(!error.to_string().to_lowercase().contains("nary"), "{text}");
        }
    }
}
