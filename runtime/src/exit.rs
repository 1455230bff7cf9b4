//! How a program ends: the code of each kind of error, after sysexits, and the one place that prints.

use std::error::Error as StdError;
use std::io::Write;
use std::process::ExitCode;

use crate::error::{Error, ErrorKind};
use crate::failure::shown;

/// A service that is needed is not there.
const UNAVAILABLE: u8 = 69;
/// Something went wrong inside the program.
const INTERNAL: u8 = 70;
/// The program is not configured as it must be.
const CONFIG: u8 = 78;

/// Prints what went wrong, with its causes, and gives the code to exit with.
pub(crate) fn report(result: Result<(), Error>) -> ExitCode {
    let Err(error) = result else {
        return ExitCode::SUCCESS;
    };
    // Where nothing can be printed, the code still tells.
    let _ = writeln!(std::io::stderr().lock(), "error: {}", chain(&error));
    let code = error.exit_code();
    // A cause that panics where it is dropped would end the program with another code.
    std::mem::forget(error);
    ExitCode::from(code)
}

impl Error {
    /// The code with which [`main`](crate::main) ends a program for it, after sysexits: 69 where something that is needed
    /// can't be reached, 78 where the program is not configured as it must be, else 70.
    pub fn exit_code(&self) -> u8 {
        code(self.kind())
    }
}

/// The code for a kind of error.
fn code(kind: ErrorKind) -> u8 {
    match kind {
        ErrorKind::Config
        | ErrorKind::Invalid
        | ErrorKind::Mismatch
        | ErrorKind::NotFound
        | ErrorKind::Unsupported => CONFIG,
        ErrorKind::Unavailable | ErrorKind::Timeout | ErrorKind::Closed | ErrorKind::Backend => {
            UNAVAILABLE
        }
        ErrorKind::Failed
        | ErrorKind::Aborted
        | ErrorKind::TooLarge
        | ErrorKind::Unroutable
        | ErrorKind::Full => INTERNAL,
    }
}

/// An error, its causes and what its run left behind, in one line; a cause that its error has quoted is not said again.
fn chain(error: &Error) -> String {
    let mut text = error.message().to_owned();
    let mut source = error.source();
    while let Some(cause) = source {
        let said = shown(|| cause.to_string());
        if !text.contains(&said) {
            text.push_str(": ");
            text.push_str(&said);
        }
        source = cause.source();
    }
    let left = error.left().map(ToString::to_string).unwrap_or_default();
    if !left.is_empty() {
        text.push_str("; at the stop ");
        text.push_str(&left);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::{AgentReport, StopReport};

    #[test]
    fn codes_tell_whose_turn_it_is() {
        for (kind, expected) in [
            (ErrorKind::Config, 78),
            (ErrorKind::Mismatch, 78),
            (ErrorKind::Unsupported, 78),
            (ErrorKind::Unavailable, 69),
            (ErrorKind::Timeout, 69),
            (ErrorKind::Failed, 70),
            (ErrorKind::Aborted, 70),
        ] {
            assert_eq!(code(kind), expected, "{kind:?}");
        }
    }

    #[test]
    fn causes_are_said_once() {
        let cause = Error::new(ErrorKind::Unavailable, "no route");
        let error = Error::new(ErrorKind::Failed, "agent `x` could not be made").with_source(cause);
        assert_eq!(
            chain(&error),
            "agent `x` could not be made: unavailable: no route"
        );
    }

    /// An error that can't be shown, and can't be dropped.
    #[derive(Debug)]
    struct Broken;

    impl std::fmt::Display for Broken {
        fn fmt(&self, _: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            panic!("not to be shown")
        }
    }

    impl StdError for Broken {}

    impl Drop for Broken {
        fn drop(&mut self) {
            panic!("not to be dropped")
        }
    }

    #[test]
    fn a_cause_that_panics_changes_no_code() {
        let error = || Error::new(ErrorKind::Config, "no `bus`").with_source(Broken);
        let unshown = error();
        assert_eq!(
            chain(&unshown),
            "no `bus`: an error that panics when it is shown"
        );
        std::mem::forget(unshown);
        assert_eq!(report(Err(error())), ExitCode::from(78));
    }

    #[test]
    fn what_was_left_is_said_where_something_was() {
        let agent = |agent: &str, returned, unfinished| AgentReport {
            agent: agent.to_owned(),
            returned,
            unfinished,
            ..AgentReport::default()
        };
        let error = |agents| {
            let error = Error::new(ErrorKind::Failed, "agent `x` failed");
            chain(&error.with_left(StopReport { agents }))
        };
        let left = vec![agent("p.A", 3, 1), agent("p.B", 0, 0), agent("p.C", 0, 2)];
        assert_eq!(
            error(left),
            "agent `x` failed; at the stop p.A: returned 3, unfinished 1; p.C: unfinished 2"
        );
        assert_eq!(error(vec![agent("p.A", 0, 0)]), "agent `x` failed");
    }
}
