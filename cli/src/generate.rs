//! `mag gen`: the code that a build script would generate, or the contract in another form, into a folder.

use std::fs;
use std::path::Path;

use microagent_build::generate;
use microagent_build::{ErrorKind, write};
use microagent_schema::Analysis;
use microagent_schema::model::Model;

use crate::arguments::{Gen, Target};
use crate::check;
use crate::exit::{Exit, Failure};
use crate::output::Output;
use crate::project::{Project, projects};

pub(crate) fn run(arguments: &Gen, output: &mut Output) -> Result<Exit, Failure> {
    let projects = projects(&arguments.sources)?;
    let [project] = projects.as_slice() else {
        return Err(Failure::new(
            Exit::Usage,
            "this workspace has several schemas\n  help: name the folder of one, or go into its crate",
        ));
    };
    let checked = project.check();
    check::show(&checked.analysis, output)?;
    check::gap(project, &checked, output)?;
    let Some(model) = &checked.analysis.model else {
        return Ok(Exit::Data);
    };
    if checked.loaded.files.is_empty() {
        return Err(Failure::new(Exit::NoInput, "there is no `.mag` file"));
    }
    match arguments.target {
        Target::Rust => rust(project, model, &arguments.out, output),
        Target::SignalsJson => signals_json(&checked.analysis, model, &arguments.out, output),
    }
}

fn rust(
    project: &Project,
    model: &Model,
    out: &Path,
    output: &mut Output,
) -> Result<Exit, Failure> {
    let source = portable(&project.own[0].shown);
    let files =
        generate::rust(model, source, &project.dependencies).map_err(|error| failure(&error))?;
    let changes = write::write(out, &files).map_err(|error| failure(&error))?;
    for path in &changes.written {
        output.answer(&format!("wrote {}\n", path.display()))?;
    }
    for path in &changes.removed {
        output.answer(&format!("removed {}\n", path.display()))?;
    }
    Ok(Exit::Good)
}

/// Beside what else stands in the folder.
fn signals_json(
    analysis: &Analysis,
    model: &Model,
    out: &Path,
    output: &mut Output,
) -> Result<Exit, Failure> {
    let (files, losses) = microagent_codegen::signals_json(model)
        .map_err(|error| Failure::new(Exit::Data, error.to_string()))?;
    output.diagnostics(&losses, &analysis.sources)?;
    fs::create_dir_all(out).map_err(|error| Failure::create(out, &error))?;
    for file in &files {
        let path = out.join(&file.path);
        if fs::read(&path).is_ok_and(|text| text == file.text.as_bytes()) {
            continue;
        }
        fs::write(&path, &file.text).map_err(|error| Failure::create(&path, &error))?;
        output.answer(&format!("wrote {}\n", path.display()))?;
    }
    Ok(Exit::Good)
}

/// The folder of the schema as generated code names it: never where it stands on this machine.
fn portable(shown: &str) -> &str {
    let path = Path::new(shown);
    let name = path.file_name().and_then(|name| name.to_str());
    match name {
        Some(name) if path.is_absolute() => name,
        _ => shown,
    }
}

fn failure(error: &microagent_build::Error) -> Failure {
    let exit = match error.kind() {
        ErrorKind::Io => Exit::CantCreate,
        _ => Exit::Data,
    };
    let help = match error.kind() {
        ErrorKind::Generator => {
            "\n  help: say which crate has the Rust types of a package: `-I CRATE=DIR`"
        }
        _ => "",
    };
    Failure::new(exit, format!("{error}{help}"))
}
