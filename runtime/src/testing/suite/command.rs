//! The suite as a test program: the arguments that Cargo and its users pass to one, what it prints, and how it ends.

use std::env;
use std::io::{self, Write};
use std::process::ExitCode;
use std::sync::{Mutex, PoisonError};

use super::case::Case;
use super::report::{Outcome, Ran, Report};
use super::run::Suite;
use super::table;

/// What was asked for. What else test programs know is taken and means nothing here.
#[derive(Debug, Default)]
struct Arguments {
    list: bool,
    ignored: bool,
    exact: bool,
    skip: Vec<String>,
    names: Vec<String>,
}

impl Arguments {
    fn read(arguments: impl Iterator<Item = String>) -> Self {
        let mut read = Self::default();
        let mut arguments = arguments.peekable();
        while let Some(argument) = arguments.next() {
            match &*argument {
                "--list" => read.list = true,
                "--ignored" => read.ignored = true,
                "--exact" => read.exact = true,
                "--skip" => read.skip.extend(arguments.next()),
                "--format" | "--color" | "--test-threads" | "--logfile" => drop(arguments.next()),
                flag if flag.starts_with('-') => {}
                _ => read.names.push(argument),
            }
        }
        read
    }

    fn wants(&self, case: &Case) -> bool {
        let is = |it: &String| {
            if self.exact {
                case.name == it
            } else {
                case.name.contains(&**it)
            }
        };
        // None is ignored.
        let named = self.names.is_empty() || self.names.iter().any(is);
        named && !self.ignored && !self.skip.iter().any(is)
    }

    fn want_all(&self) -> bool {
        self.names.is_empty() && self.skip.is_empty() && !self.ignored
    }
}

impl Suite {
    /// Runs what the arguments of the process name, prints a line for each, and is what `main` returns. Fails where a promise
    /// is broken, or [`table`](Self::table) says something else.
    ///
    /// `MICROAGENT_SUITE_FULL=1` in the environment is [`in_full`](Self::in_full).
    pub fn main(self) -> ExitCode {
        let arguments = Arguments::read(env::args().skip(1));
        let is_full = env::var_os("MICROAGENT_SUITE_FULL").is_some_and(|it| it == "1");
        let suite = if is_full { self.in_full() } else { self };
        let out = Mutex::new(io::stdout());
        let print = |text: &str| {
            let mut out = out.lock().unwrap_or_else(PoisonError::into_inner);
            // Whoever reads no more has read enough.
            let _ = writeln!(out, "{text}");
        };
        if arguments.list {
            let wanted = Self::cases().filter(|it| arguments.wants(it));
            wanted.for_each(|it| print(&format!("{}: test", it.name)));
            return ExitCode::SUCCESS;
        }
        let report = suite.run(|it| arguments.wants(it), |it| print(&line(it)));
        print(&summary(&report));
        if report.failed() > 0 {
            return ExitCode::FAILURE;
        }
        match suite.table.filter(|_| arguments.want_all()) {
            None => ExitCode::SUCCESS,
            Some(path) => match table::keep(&path, &report) {
                Ok(()) => ExitCode::SUCCESS,
                Err(complaint) => {
                    print(&format!("{}: {complaint}", path.display()));
                    ExitCode::FAILURE
                }
            },
        }
    }
}

fn line(ran: &Ran) -> String {
    let (name, promise) = (ran.case.name, ran.case.promise);
    let seconds = ran.took.as_secs_f32();
    match &ran.outcome {
        Outcome::Passed => format!("test {name} ... ok ({seconds:.1} s)"),
        Outcome::NotOffered(what) => format!("test {name} ... not offered: {what}"),
        Outcome::Failed(why) => {
            format!("test {name} ... FAILED ({seconds:.1} s)\n  promised: {promise}\n  {why}")
        }
    }
}

fn summary(report: &Report) -> String {
    let failed: Vec<_> = report
        .ran
        .iter()
        .filter(|it| matches!(it.outcome, Outcome::Failed(_)))
        .map(|it| format!("\n  {}", it.case.name))
        .collect();
    format!(
        "\n{}: {} passed, {} not offered, {} failed; {:.1} s{}",
        report.backend,
        report.passed(),
        report.not_offered(),
        failed.len(),
        report.took.as_secs_f32(),
        failed.concat(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(arguments: &[&str]) -> usize {
        let arguments = Arguments::read(arguments.iter().map(|it| (*it).to_owned()));
        Suite::cases().filter(|it| arguments.wants(it)).count()
    }

    #[test]
    fn arguments_choose_as_they_do_for_other_tests() {
        let all = Suite::cases().count();
        assert_eq!(wanted(&[]), all);
        assert_eq!(wanted(&["--nocapture", "--test-threads", "1"]), all);
        assert_eq!(wanted(&["--ignored"]), 0);
        let first = Suite::cases().next().map(|it| it.name).unwrap_or_default();
        assert_eq!(wanted(&["--exact", first]), 1);
        assert_eq!(wanted(&["--exact", "universal"]), 0);
        assert_eq!(wanted(&["universal::"]), 16);
        assert_eq!(wanted(&["--skip", "universal::"]), all - 16);
    }

    #[test]
    fn every_case_has_a_name_of_its_own() {
        let mut names: Vec<_> = Suite::cases().map(|it| it.name).collect();
        names.sort_unstable();
        let count = names.len();
        names.dedup();
        assert_eq!(names.len(), count);
    }
}
