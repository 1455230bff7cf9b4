//! What a run is told from outside: which bus and which broker. In code, else in the environment; nothing is assumed.

use std::error::Error as _;

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

/// What was said in code, else in the environment.
///
/// # Errors
/// [`ErrorKind::Config`] where neither says anything, or what it says is no DSN.
pub(crate) fn dsn(
    role: Role,
    in_code: Option<&str>,
    environment: impl Fn(&str) -> Option<String>,
) -> Result<Dsn, Error> {
    let (name, variable) = (role.name(), role.variable());
    if let Some(text) = in_code {
        return Dsn::parse(text).map_err(|error| {
            Error::new(ErrorKind::Config, format!("the {name} given in code")).with_source(error)
        });
    }
    match environment(variable).filter(|text| !text.trim().is_empty()) {
        Some(text) => Dsn::parse(&text).map_err(|error| {
            Error::new(ErrorKind::Config, format!("the {name} in `{variable}`")).with_source(error)
        }),
        None => Err(Error::new(
            ErrorKind::Config,
            format!(
                "no {name} is configured: set `{variable}`, or say `microagent::app(..).{name}(\"..\")` in code; \
                 `memory:` is a {name} inside this process, which forgets everything when it ends"
            ),
        )),
    }
}

/// The bus and the broker, as [`dsn`] finds them.
///
/// # Errors
/// As [`dsn`]; where neither is configured it is said of both at once.
pub(crate) fn dsns(
    bus: Option<&str>,
    broker: Option<&str>,
    environment: impl Fn(&str) -> Option<String>,
) -> Result<(Dsn, Dsn), Error> {
    match (
        dsn(Role::Bus, bus, &environment),
        dsn(Role::Broker, broker, &environment),
    ) {
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
        let of = |role, in_code| dsn(role, in_code, set).map(|it| it.expose().to_owned());

        assert_eq!(of(Role::Bus, Some("memory:code")).unwrap(), "memory:code");
        assert_eq!(of(Role::Bus, None).unwrap(), "memory:env");
        for (role, in_code) in [(Role::Broker, None), (Role::Broker, Some("canary"))] {
            let error = of(role, in_code).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Config);
            assert!(!format!("{error:?}").contains("canary"));
        }
        let error = dsns(None, None, |_| None).unwrap_err().to_string();
        assert!(error.contains("`MICROAGENT_BUS`"), "{error}");
        assert!(error.contains("`MICROAGENT_BROKER`"), "{error}");
        let error = of(Role::Broker, None).unwrap_err().to_string();
        assert!(error.contains("`MICROAGENT_BROKER`"), "{error}");
        assert!(error.contains("memory:"), "{error}");
    }
}
