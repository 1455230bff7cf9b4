//! `mag check`: everything that is wrong with the schemas, in one run.

use microagent_build::generate::{self, Checked};
use microagent_schema::Analysis;
use microagent_schema::diagnostic::Severity;
use microagent_schema::render::json;

use crate::arguments::{Check, Style};
use crate::exit::{Exit, Failure};
use crate::output::Output;
use crate::project::{Project, projects};

pub(crate) fn run(arguments: &Check, output: &mut Output) -> Result<Exit, Failure> {
    let projects = projects(&arguments.sources)?;
    let brokers = generate::brokers(&arguments.brokers)
        .map_err(|error| Failure::new(Exit::Usage, error.to_string()))?;
    let mut checked: Vec<Checked> = projects.iter().map(Project::check).collect();
    for one in &mut checked {
        one.analysis.require(&brokers);
    }
    for (project, checked) in projects.iter().zip(&checked) {
        match arguments.format {
            Style::Json => document(&checked.analysis, output)?,
            Style::Text => show(&checked.analysis, output)?,
        }
        gap(project, checked, output)?;
    }
    let exit = exit(&checked);
    if exit == Exit::NoInput {
        return Err(Failure::new(exit, "there is no `.mag` file"));
    }
    Ok(exit)
}

fn exit(checked: &[Checked]) -> Exit {
    if checked
        .iter()
        .any(|checked| checked.analysis.model.is_none())
    {
        Exit::Data
    } else if checked
        .iter()
        .all(|checked| checked.loaded.files.is_empty())
    {
        Exit::NoInput
    } else {
        Exit::Good
    }
}

/// One document on one line, also where all is well.
fn document(analysis: &Analysis, output: &mut Output) -> Result<(), Failure> {
    let json = json(&analysis.sources, &analysis.diagnostics);
    output.answer(&format!("{}\n", json.trim_end()))
}

/// All diagnostics drawn, and how many there are.
pub(crate) fn show(analysis: &Analysis, output: &mut Output) -> Result<(), Failure> {
    let diagnostics = &analysis.diagnostics;
    if diagnostics.is_empty() {
        return Ok(());
    }
    output.diagnostics(diagnostics, &analysis.sources)?;
    let count = |severity: Severity| {
        let of_severity = diagnostics.iter().filter(|one| one.severity == severity);
        of_severity.count()
    };
    let errors = counted(count(Severity::Error), "error");
    let warnings = counted(count(Severity::Warning), "warning");
    output.note(&format!("{errors}, {warnings}\n"))
}

/// Says that the contracts of dependencies are unknown, where that may be what is wrong.
pub(crate) fn gap(
    project: &Project,
    checked: &Checked,
    output: &mut Output,
) -> Result<(), Failure> {
    match &project.incomplete {
        Some(why) if checked.analysis.model.is_none() => output.note(&format!(
            "note: the contracts of dependencies are not known, because `cargo metadata` failed:\n{why}\n"
        )),
        _ => Ok(()),
    }
}

fn counted(count: usize, noun: &str) -> String {
    match count {
        0 => format!("no {noun}s"),
        1 => format!("1 {noun}"),
        count => format!("{count} {noun}s"),
    }
}
