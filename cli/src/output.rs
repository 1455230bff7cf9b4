//! The one place that writes to standard output and standard error. Knows when not to color, and that a reader may
//! leave early.

use std::env;
use std::io::{self, BufWriter, ErrorKind, IsTerminal, Write};

use microagent_schema::diagnostic::Diagnostic;
use microagent_schema::render::render;
use microagent_schema::span::SourceMap;

use crate::exit::{Exit, Failure};

/// Where a command says something.
pub(crate) struct Output {
    stdout: BufWriter<Box<dyn Write>>,
    stderr: BufWriter<Box<dyn Write>>,
    colors: bool,
}

impl Output {
    pub(crate) fn standard() -> Self {
        let stderr = io::stderr();
        let wanted = env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
        let able = env::var_os("TERM").is_none_or(|value| value != "dumb");
        Self {
            colors: wanted && able && stderr.is_terminal(),
            stdout: BufWriter::new(Box::new(io::stdout().lock())),
            stderr: BufWriter::new(Box::new(stderr.lock())),
        }
    }

    /// What was asked for, to standard output.
    pub(crate) fn answer(&mut self, text: &str) -> Result<(), Failure> {
        written("standard output", self.stdout.write_all(text.as_bytes()))
    }

    /// What else is to be said, to standard error.
    pub(crate) fn note(&mut self, text: &str) -> Result<(), Failure> {
        written("standard error", self.stderr.write_all(text.as_bytes()))
    }

    /// Why it did not go well, to standard error.
    pub(crate) fn error(&mut self, message: &str) -> Result<(), Failure> {
        self.note(&format!("error: {message}\n"))
    }

    /// Diagnostics, drawn for people.
    pub(crate) fn diagnostics(
        &mut self,
        diagnostics: &[Diagnostic],
        sources: &SourceMap,
    ) -> Result<(), Failure> {
        let text = render(sources, diagnostics, self.colors);
        self.note(&text)
    }

    pub(crate) fn flush(&mut self) -> Result<(), Failure> {
        written("standard output", self.stdout.flush())?;
        written("standard error", self.stderr.flush())
    }
}

/// A reader that has left (`mag explain | head`) changes nothing about how the command ends.
fn written(place: &str, result: io::Result<()>) -> Result<(), Failure> {
    match result {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        Err(error) => Err(Failure::new(
            Exit::Io,
            format!("can't write to {place}: {error}"),
        )),
        Ok(()) => Ok(()),
    }
}
