//! Runs the scenarios that are asked for, several at once since most of their time is waiting, and prints what they came to.

use std::collections::BTreeSet;
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
use crate::server::Kind;
use crate::stage::{Form, Stage};
use crate::subject::Subject;

pub(crate) const ARGUMENTS: &[&str] = &["at-once", "backend", "full", "scenario", "seed", "who"];

/// Scenarios at once, where nothing is said.
const AT_ONCE: usize = 4;

/// What is asked for.
struct Wanted {
    plays: Vec<Play>,
    form: Form,
    seed: u64,
}

/// A scenario as one library goes through it on one backend.
struct Play {
    scenario: &'static Scenario,
    backend: &'static Backend,
    subject: Subject,
}

/// Fails where a promise of this project does not hold; what the Python library does is told beside it.
pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let wanted = Wanted::from(arguments)?;
    let at_once = arguments.number("at-once", AT_ONCE)?;
    for version in wanted.versions()? {
        println!("{version}");
    }
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
        let (scenario, backend) = (arguments.text("scenario"), arguments.text("backend"));
        let scenarios = named("scenario", SCENARIOS, scenario, |it| it.name)?;
        let backends = named("backend", BACKENDS, backend, |it| it.name)?;
        let subjects = subjects(arguments.text("who"))?;
        let is_full = arguments.has("full");
        let mut plays = Vec::new();
        // What is asked for by its name is played in either form.
        let all = is_full || scenario.is_some() || backend.is_some();
        for backend in backends {
            for scenario in &scenarios {
                let subjects = subjects.iter().filter(|it| backend.serves(it));
                let is_played = all || backend.is_quick(scenario.name);
                plays.extend(subjects.filter(|_| is_played).map(|subject| Play {
                    scenario,
                    backend,
                    subject: subject.clone(),
                }));
            }
        }
        if plays.is_empty() {
            return Err("the Python library is not compared on this backend".into());
        }
        Ok(Self {
            plays,
            form: if is_full { Form::Full } else { Form::Quick },
            seed: arguments.number("seed", now())?,
        })
    }

    /// What the servers say of themselves.
    fn versions(&self) -> Result<BTreeSet<String>> {
        let servers = self.plays.iter().map(|it| it.backend.server);
        servers.map(Kind::version).collect()
    }

    /// Comes back with a line for each play, in their order.
    async fn run(self, at_once: usize) -> Result<Vec<Line>> {
        let room = Arc::new(Semaphore::new(at_once.max(1)));
        let mut running = JoinSet::new();
        for (number, play) in self.plays.into_iter().enumerate() {
            let room = Arc::clone(&room);
            running.spawn(async move {
                let _room = room.acquire().await.expect("nobody closes it");
                (number, play.run(self.form, self.seed).await)
            });
        }
        let mut lines = running.join_all().await;
        lines.sort_by_key(|(number, _)| *number);
        Ok(lines.into_iter().map(|(_, line)| line).collect())
    }
}

impl Play {
    async fn run(self, form: Form, seed: u64) -> Line {
        let Self {
            scenario,
            backend,
            subject,
        } = self;
        let who = subject.name();
        let outcome = match Stage::new(subject, backend, form, (scenario.keeping, seed)) {
            Ok(stage) => (scenario.run)(stage).await,
            Err(error) => Err(error),
        };
        Line {
            row: scenario.row,
            scenario: scenario.name,
            backend: backend.name,
            who,
            outcome: outcome.map_err(|error| error.to_string()),
        }
    }
}

/// The one of this name, or all of them where none is given.
fn named<T>(
    what: &str,
    all: &'static [T],
    wanted: Option<&str>,
    name: fn(&T) -> &'static str,
) -> Result<Vec<&'static T>> {
    let is_wanted = |it: &&T| wanted.is_none_or(|wanted| wanted == name(it));
    let found: Vec<_> = all.iter().filter(is_wanted).collect();
    match wanted {
        Some(wanted) if found.is_empty() => {
            let known: Vec<_> = all.iter().map(name).collect();
            Err(format!("no {what} `{wanted}`; there is {}", known.join(", ")).into())
        }
        _ => Ok(found),
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
