//! The libraries that are compared: by what commands their processes start. The Python one lives in an environment of its own
//! under `target`, made when it is first needed.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::Result;

/// Who does the work.
#[derive(Clone, Debug)]
pub(crate) enum Subject {
    /// This project; the program that holds its processes.
    Rust(PathBuf),
    /// The Python library; its interpreter.
    Python(PathBuf),
}

/// Where the Python programs are, and what they need.
const PYTHON: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/python");

impl Subject {
    /// This project.
    pub(crate) fn rust() -> Result<Self> {
        Ok(Self::Rust(std::env::current_exe()?))
    }

    /// The Python library, installed where it is not yet.
    ///
    /// # Errors
    /// Where there is no Python, or its packages can't be installed.
    pub(crate) fn python() -> Result<Self> {
        let program = std::env::current_exe()?;
        let profile = program.parent().ok_or("a program without a folder")?;
        let home = profile.join("ledger-python");
        let interpreter = home.join("bin/python");
        let wanted = std::fs::read_to_string(format!("{PYTHON}/requirements.txt"))?;
        let installed = home.join("installed.txt");
        if std::fs::read_to_string(&installed).is_ok_and(|it| it == wanted) {
            return Ok(Self::Python(interpreter));
        }
        let mut venv = Command::new("python3");
        done(venv.args(["-m", "venv", "--clear"]).arg(&home))?;
        let mut pip = Command::new(&interpreter);
        pip.args(["-m", "pip", "install", "--quiet", "--requirement"]);
        done(pip.arg(format!("{PYTHON}/requirements.txt")))?;
        std::fs::write(installed, wanted)?;
        Ok(Self::Python(interpreter))
    }

    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Rust(_) => "Rust",
            Self::Python(_) => "Python",
        }
    }

    /// A process in this role, `work` or `send`, that prints into this file.
    pub(crate) fn command(&self, role: &str, log: &Path) -> Result<Command> {
        let mut command = match self {
            Self::Rust(program) => {
                let mut command = Command::new(program);
                command.arg(role);
                command
            }
            Self::Python(interpreter) => {
                let mut command = Command::new(interpreter);
                command.arg(format!("{PYTHON}/{role}.py"));
                command
            }
        };
        let log = std::fs::File::create(log)?;
        command.stdout(Stdio::null()).stderr(log);
        Ok(command)
    }
}

fn done(command: &mut Command) -> Result<()> {
    let output = command.output();
    let output = output.map_err(|error| format!("{command:?}: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(format!("{command:?}: {said}").into())
}
