//! Where a bus or a broker is, as one line of text: the one parser for all backends. It never shows a password, and neither do
//! the errors about it; it must not know what any backend makes of the parts.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use crate::error::{Error, ErrorKind};
use crate::nearest::hint;

/// Where a bus or a broker is: `memory:`, `redis://ada:secret@localhost:6379/7?lease=30`.
///
/// ```text
/// scheme ":" anything
/// scheme "://" [[user] [":" password] "@"] host [":" port] {"," host [":" port]} ["/" path] ["?" name "=" value {"&" ...}]
/// ```
///
/// User, password, path and values may hold any character, percent-encoded: `%40` is `@`, `%2F` is `/`. An IPv6 address
/// stands in brackets. Which schemes, hosts, paths and options there are is the backend's to say.
///
/// Printed, its secrets are replaced by `***`: the password, a user without one, and each option's value. An error about a
/// text that is no DSN does not show it at all, since any part of it may be a password.
///
/// ```
/// let dsn = microagent::Dsn::parse("redis://ada:s%40crets@db-1:6380,[::1]/7?lease=30")?;
/// assert_eq!(dsn.scheme(), "redis");
/// assert_eq!((dsn.user(), dsn.password()), (Some("ada"), Some("s@crets")));
/// assert_eq!(dsn.hosts()[0].port, Some(6380));
/// assert_eq!((&*dsn.hosts()[1].name, dsn.hosts()[1].port), ("::1", None));
/// assert_eq!(&*dsn.path()[0], "7");
/// assert_eq!(dsn.option("lease"), Some("30"));
/// assert_eq!(dsn.to_string(), "redis://ada:***@db-1:6380,[::1]/7?lease=***");
/// # Ok::<(), microagent::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Dsn {
    text: Box<str>,
    user: Option<Box<str>>,
    password: Option<Box<str>>,
    hosts: Vec<Host>,
    path: Vec<Box<str>>,
    options: Vec<(Box<str>, Box<str>)>,
}

/// A server, as a DSN names it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Host {
    /// A name or an address; an IPv6 address stands without its brackets. Never empty.
    pub name: Box<str>,
    /// None where the backend's usual one is meant.
    pub port: Option<u16>,
}

impl Dsn {
    /// Reads a DSN.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] where there is no scheme, or what follows `://` is no place; the text is not shown.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let text = text.trim();
        let (scheme, rest) = text.split_once(':').unwrap_or_default();
        let valid = |it: u8| it.is_ascii_lowercase() || it.is_ascii_digit() || it == b'+';
        if scheme.is_empty() || !scheme.bytes().all(valid) {
            return Err(refused(
                "a DSN begins with a scheme in lower case and a colon, such as `memory:`",
            ));
        }
        let mut dsn = Self {
            text: text.into(),
            user: None,
            password: None,
            hosts: Vec::new(),
            path: Vec::new(),
            options: Vec::new(),
        };
        if let Some(place) = rest.strip_prefix("//") {
            dsn.read(place)?;
        }
        Ok(dsn)
    }

    /// What stands behind `://`.
    fn read(&mut self, place: &str) -> Result<(), Error> {
        let (place, query) = place.split_once('?').unwrap_or((place, ""));
        let (authority, path) = place.split_once('/').unwrap_or((place, ""));
        if path.contains('@') || query.contains('@') {
            return Err(refused(
                "behind its servers a DSN holds no `@`; write `/`, `?` and `@` of a password as `%2F`, `%3F` and `%40`",
            ));
        }
        let hosts = match authority.rsplit_once('@') {
            Some((user, hosts)) => {
                let (user, password) = match user.split_once(':') {
                    Some((user, password)) => (user, Some(decoded(password, "password")?)),
                    None => (user, None),
                };
                self.password = password.filter(|it| !it.is_empty());
                self.user = Some(decoded(user, "user")?).filter(|it| !it.is_empty());
                hosts
            }
            None => authority,
        };
        if !hosts.is_empty() {
            self.hosts = hosts.split(',').map(host).collect::<Result<_, _>>()?;
        }
        let parts = path.trim_end_matches('/').split('/');
        if !path.is_empty() {
            self.path = parts
                .map(|it| decoded(it, "path"))
                .collect::<Result<_, _>>()?;
        }
        for pair in query.split('&').filter(|it| !it.is_empty()) {
            let Some((name, value)) = pair.split_once('=') else {
                return Err(refused(
                    "options of a DSN are written `name=value`, with `&` between them",
                ));
            };
            self.options.push((name.into(), decoded(value, "options")?));
        }
        Ok(())
    }

    /// What stands before the colon.
    pub fn scheme(&self) -> &str {
        self.text.split_once(':').map_or("", |(scheme, _)| scheme)
    }

    /// Who connects; never empty.
    pub fn user(&self) -> Option<&str> {
        self.user.as_deref()
    }

    /// What proves it: for a backend's client, never for a log. Never empty.
    pub fn password(&self) -> Option<&str> {
        self.password.as_deref()
    }

    /// The servers in their order; empty where none is named.
    pub fn hosts(&self) -> &[Host] {
        &self.hosts
    }

    /// What stands between the slashes behind the servers; a slash at the end means nothing.
    pub fn path(&self) -> &[Box<str>] {
        &self.path
    }

    /// The value of an option.
    pub fn option(&self, name: &str) -> Option<&str> {
        let mut options = self.options.iter();
        let (_, value) = options.find(|(it, _)| &**it == name)?;
        Some(value)
    }

    /// The value of an option, as a number or whatever else can be read from a text.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] where it is not; `what` says what is expected: `a number from 1`. The value is not shown.
    pub fn read_option<T: FromStr>(&self, name: &str, what: &str) -> Result<Option<T>, Error> {
        let Some(value) = self.option(name) else {
            return Ok(None);
        };
        let read = value.parse().map(Some);
        read.map_err(|_| refused(&format!("option `{name}` of `{self}` is not {what}")))
    }

    /// The value of an option that is a time in whole seconds, at least 1.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] where it is not.
    pub fn seconds(&self, name: &str) -> Result<Option<Duration>, Error> {
        let seconds =
            self.read_option::<std::num::NonZeroU32>(name, "a number of seconds from 1")?;
        Ok(seconds.map(|it| Duration::from_secs(it.get().into())))
    }

    /// Refuses each option that is not `known`, and one that is given twice.
    ///
    /// # Errors
    /// [`ErrorKind::Config`], with what there is, and what may have been meant.
    pub fn check_options(&self, known: &[&str]) -> Result<(), Error> {
        for (place, (name, _)) in self.options.iter().enumerate() {
            if !known.contains(&&**name) {
                let hint = hint(name, known.iter().copied());
                let known: Vec<_> = known.iter().map(|it| format!("`{it}`")).collect();
                let known = known.join(", ");
                return Err(refused(&format!(
                    "`{}://` has no such option: there are {known}{hint}",
                    self.scheme()
                )));
            }
            if self.options[..place].iter().any(|(it, _)| it == name) {
                return Err(refused(&format!("option `{name}` is given twice")));
            }
        }
        Ok(())
    }

    /// The whole text, secrets included: for a backend's client, never for a log.
    pub fn expose(&self) -> &str {
        &self.text
    }
}

fn refused(message: &str) -> Error {
    Error::new(ErrorKind::Config, message)
}

/// One server of the list.
fn host(text: &str) -> Result<Host, Error> {
    let (name, port) = match text.strip_prefix('[').and_then(|it| it.split_once(']')) {
        Some((address, "")) => (address, None),
        Some((address, rest)) => (address, rest.strip_prefix(':').or(Some(""))),
        None => match text.split_once(':') {
            Some((name, port)) => (name, Some(port)),
            None => (text, None),
        },
    };
    if name.is_empty() || name.contains(['[', ']']) {
        return Err(refused(
            "a server in a DSN is written `name`, `name:port` or `[address]:port`",
        ));
    }
    let port = match port.map(str::parse) {
        None => None,
        Some(Ok(port @ 1..)) => Some(port),
        Some(_) => {
            return Err(refused(
                "the port of a server in a DSN is a number from 1 to 65535; an IPv6 address stands in brackets, and a \
                 password goes before an `@`",
            ));
        }
    };
    let name = decoded(name, "servers")?;
    Ok(Host { name, port })
}

/// The text that was percent-encoded.
fn decoded(text: &str, what: &str) -> Result<Box<str>, Error> {
    let refused = || {
        refused(&format!(
            "the {what} of a DSN hold a `%` that begins no character; write it as `%25`"
        ))
    };
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let digit = |it: Option<u8>| char::from(it?).to_digit(16);
        let high = digit(rest.next()).ok_or_else(refused)?;
        let low = digit(rest.next()).ok_or_else(refused)?;
        bytes.push(u8::try_from(high * 16 + low).expect("two hexadecimal digits are a byte"));
    }
    let text = String::from_utf8(bytes).map_err(|_| refused())?;
    Ok(text.into())
}

impl fmt::Display for Dsn {
    /// Takes more away than is secret rather than less.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = self.scheme();
        let rest = &self.text[scheme.len() + 1..];
        let Some(place) = rest.strip_prefix("//") else {
            let rest = if rest.contains(['@', '?']) {
                "***"
            } else {
                rest
            };
            return write!(f, "{scheme}:{rest}");
        };
        write!(f, "{scheme}://")?;
        match (&self.user, &self.password) {
            (Some(user), Some(_)) => write!(f, "{user}:***@")?,
            (None, Some(_)) => f.write_str(":***@")?,
            (Some(_), None) => f.write_str("***@")?,
            (None, None) => {}
        }
        let (place, _) = place.split_once('?').unwrap_or((place, ""));
        f.write_str(place.rsplit_once('@').map_or(place, |(_, rest)| rest))?;
        for (place, (name, _)) in self.options.iter().enumerate() {
            let mark = if place == 0 { '?' } else { '&' };
            write!(f, "{mark}{name}=***")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Dsn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Dsn({self})")
    }
}

impl fmt::Display for Host {
    /// Without the port where the DSN has none.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.name.contains(':'), self.port) {
            (true, Some(port)) => write!(f, "[{}]:{port}", self.name),
            (true, None) => write!(f, "[{}]", self.name),
            (false, Some(port)) => write!(f, "{}:{port}", self.name),
            (false, None) => f.write_str(&self.name),
        }
    }
}

#[cfg(test)]
mod tests;
