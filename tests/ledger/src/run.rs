//! Runs the scenarios that are asked for, several at once since most of their time is waiting, and prints what they came to.

use std::process::ExitCode;
use std::sync::Arc;

use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::Result;
use crate::arguments::Arguments;
use crate::backend::{BACKENDS, Backend};
use crate::book::now;
use crate::report::{Line, table};
use crate::scenarios::{SCENARIOS, Scenario};
use crate::stage::{Form, Stage};
use crate::subject::Subject;

pub(crate) const ARGUMENTS: &[&str] = &["at-once", "backend", "full", "scenario", "seed", "who"];

/// Scenarios at once, where nothing is said.
const AT_ONCE: usize = 4;

/// What is asked for.
struct Wanted {
    scenarios: Vec<&'static Scenario>,
    backend: &'static Backend,
    form: Form,
    subjects: Vec<Subject>,
    seed: u64,
}

/// Fails where a promise of this project does not hold; what the Python library does is told beside it.
pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let wanted = Wanted::from(arguments)?;
    let at_once = arguments.number("at-once", AT_ONCE)?;
    println!("{}", wanted.backend.server.version()?);
    let reactor = tokio::runtime::Runtime::new()?;
    let lines = reactor.block_on(wanted.run(at_once))?;
    println!("{}", table(&lines));
    let broken = |it: &Line| {
        let holds = it.outcome.as_ref().is_ok_and(crate::report::Report::holds);
        it.who == "Rust" && !holds
    };
    Ok(ExitCode::from(u8::from(lines.iter().any(broken))))
}

impl Wanted {
    fn from(arguments: &Arguments) -> Result<Self> {
        let name = arguments.text("scenario").unwrap_or("all");
        let scenarios: Vec<_> = SCENARIOS
            .iter()
            .filter(|it| name == "all" || it.name == name)
            .collect();
        if scenarios.is_empty() {
            let known: Vec<_> = SCENARIOS.iter().map(|it| it.name).collect();
            return Err(format!("no scenario `{name}`; there is {}", known.join(", ")).into());
        }
        let name = arguments.text("backend").unwrap_or("redis");
        let backend = BACKENDS.iter().find(|it| it.name == name);
        let backend = backend.ok_or_else(|| {
            let known: Vec<_> = BACKENDS.iter().map(|it| it.name).collect();
            format!("no backend `{name}`; there is {}", known.join(", "))
        })?;
        let form = if arguments.has("full") {
            Form::Full
        } else {
            Form::Quick
        };
        Ok(Self {
            scenarios,
            backend,
            form,
            subjects: subjects(arguments.text("who"))?,
            seed: arguments.number("seed", now())?,
        })
    }

    /// Comes back with a line for each scenario and subject, in their order.
    async fn run(self, at_once: usize) -> Result<Vec<Line>> {
        let room = Arc::new(Semaphore::new(at_once.max(1)));
        let mut running = JoinSet::new();
        let each = self.scenarios.iter();
        let each = each.flat_map(|it| self.subjects.iter().map(move |subject| (*it, subject)));
        for (number, (scenario, subject)) in each.enumerate() {
            let (room, subject) = (Arc::clone(&room), subject.clone());
            let (backend, form, kept) = (self.backend, self.form, (scenario.keeping, self.seed));
            running.spawn(async move {
                let _room = room.acquire().await.expect("nobody closes it");
                let who = subject.name();
                let outcome = match Stage::new(subject, backend, form, kept) {
                    Ok(stage) => (scenario.run)(stage).await,
                    Err(error) => Err(error),
                };
                let outcome = outcome.map_err(|error| error.to_string());
                let Scenario { name, row, .. } = scenario;
                (
                    number,
                    Line {
                        row,
                        scenario: name,
                        who,
                        outcome,
                    },
                )
            });
        }
        let mut lines = running.join_all().await;
        lines.sort_by_key(|(number, _)| *number);
        Ok(lines.into_iter().map(|(_, line)| line).collect())
    }
}

/// Both, or the one that is asked for.
fn subjects(who: Option<&str>) -> Result<Vec<Subject>> {
    let skipped = std::env::var_os("MICROAGENT_SKIP_PYTHON").is_some_and(|it| it == "1");
    if skipped {
        eprintln!("MICROAGENT_SKIP_PYTHON=1: THE PYTHON LIBRARY IS NOT COMPARED HERE");
    }
    match who {
        Some("rust") => Ok(vec![Subject::rust()?]),
        Some("python") => Ok(vec![Subject::python()?]),
        None | Some("both") if skipped => Ok(vec![Subject::rust()?]),
        None | Some("both") => Ok(vec![Subject::rust()?, Subject::python()?]),
        Some(who) => Err(format!("`--who {who}`: there is rust, python and both").into()),
    }
}
