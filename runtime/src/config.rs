//! What a run is told from outside: which bus and which broker. In code, else in the environment; nothing is assumed.

use std::error::Error as _;
use std::fmt;
use std::sync::Arc;

use crate::dsn::Dsn;
use crate::error::{Error, ErrorKind};

/// One of the two things that a run connects to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    Bus,
    Broker,
}

impl Role {
    fn name(self) -> &'static str {
        match self {
            Self::Bus => "bus",
            Self::Broker => "broker",
        }
    }

    fn variable(self) -> &'static str {
        match self {
            Self::Bus => "MICROAGENT_BUS",
            Self::Broker => "MICROAGENT_BROKER",
        }
    }
}

/// Where a backend is that was given as an object.
pub(crate) const GIVEN: &str = "given as an object";

/// A bus or a broker, as it was said in code.
pub(crate) enum Said<B: ?Sized> {
    Dsn(String),
    Backend(Arc<B>),
}

/// Where a run finds its bus or its broker.
pub(crate) enum Place<B: ?Sized> {
    Dsn(Dsn),
    Backend(Arc<B>),
}

impl<B: ?Sized> fmt::Display for Place<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Dsn(dsn) => dsn.fmt(f),
            Self::Backend(_) => f.write_str(GIVEN),
        }
    }
}

/// What was said in code, else in the environment.
///
/// # Errors
/// [`ErrorKind::Config`] where neither says anything, or what it says is no DSN.
pub(crate) fn place<B: ?Sized>(
    role: Role,
    in_code: Option<Said<B>>,
    environment: impl Fn(&str) -> Option<String>,
) -> Result<Place<B>, Error> {
    let (name, variable) = (role.name(), role.variable());
    let (text, whence) = match in_code {
        Some(Said::Backend(backend)) => return Ok(Place::Backend(backend)),
        Some(Said::Dsn(text)) => (text, "given in code".to_owned()),
        None => match environment(variable).filter(|text| !text.trim().is_empty()) {
            Some(text) => (text, format!("in `{variable}`")),
            None => return Err(unsaid(role)),
        },
    };
    let dsn = Dsn::parse(&text).map_err(|error| {
        Error::new(ErrorKind::Config, format!("the {name} {whence}")).with_source(error)
    })?;
    Ok(Place::Dsn(dsn))
}

fn unsaid(role: Role) -> Error {
    let (name, variable) = (role.name(), role.variable());
    Error::new(
        ErrorKind::Config,
        format!(
            "no {name} is configured: set `{variable}`, or say `microagent::app(..).{name}(\"..\")` in code; \
             `memory:` is a {name} inside this process, which forgets everything when it ends"
        ),
    )
}

/// The bus and the broker.
///
/// # Errors
/// What either was not found for; where neither was, it is said of both at once.
pub(crate) fn both<A, B>(bus: Result<A, Error>, broker: Result<B, Error>) -> Result<(A, B), Error> {
    match (bus, broker) {
        (Ok(bus), Ok(broker)) => Ok((bus, broker)),
        (Err(bus), Err(broker)) => Err(Error::new(
            ErrorKind::Config,
            format!("{}; {}", with_cause(&bus), with_cause(&broker)),
        )),
        (Err(error), _) | (_, Err(error)) => Err(error),
    }
}

fn with_cause(error: &Error) -> String {
    match error.source() {
        Some(cause) => format!("{}: {cause}", error.message()),
        None => error.message().to_owned(),
    }
}

/// The environment of this process.
pub(crate) fn environment(variable: &str) -> Option<String> {
    std::env::var(variable).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_goes_before_the_environment_and_nothing_is_assumed() {
        let set = |name: &str| (name == "MICROAGENT_BUS").then(|| "memory:env".to_owned());
        let of = |role, in_code: Option<&str>| {
            let in_code = in_code.map(|it| Said::<()>::Dsn(it.to_owned()));
            place(role, in_code, set).map(|it| it.to_string())
        };

        assert_eq!(of(Role::Bus, Some("memory:code")).unwrap(), "memory:code");
        assert_eq!(of(Role::Bus, None).unwrap(), "memory:env");
        let given = place(Role::Bus, Some(Said::Backend(Arc::new(()))), set).unwrap();
        assert!(matches!(given, Place::Backend(_)));
        for (role, in_code) in [(Role::Broker, None), (Role::Broker, Some("canary"))] {
            let error = of(role, in_code).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Config);
            assert!(!format!("{error:?}").contains("canary"));
        }
        let none = |role| place::<()>(role, None, |_| None);
        let error = both(none(Role::Bus), none(Role::Broker)).map(|_| ());
        let error = error.unwrap_err().to_string();
        assert!(error.contains("`MICROAGENT_BUS`"), "{error}");
        assert!(error.contains("`MICROAGENT_BROKER`"), "{error}");
        let error = of(Role::Broker, None).unwrap_err().to_string();
        assert!(error.contains("`MICROAGENT_BROKER`"), "{error}");
        assert!(error.contains("memory:"), "{error}");
    }
}
