//! Options behind `with`: which ones a declaration knows, each once, with a value of the right kind. Knows nothing of
//! what the options do.

use std::collections::HashMap;
use std::time::Duration;

use crate::ast;
use crate::ast::ValueKind;
use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::resolve::constraints::word;
use crate::resolve::draft::Draft;
use crate::span::Span;

/// The options of one declaration.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Given<'a> {
    entries: &'a [ast::OptionEntry],
}

impl<'a> Given<'a> {
    /// Takes options as they were written and refuses those that `called` does not know.
    pub(crate) fn new(
        draft: &mut Draft<'_>,
        options: Option<&'a ast::Options>,
        called: &str,
        known: &[&str],
    ) -> Self {
        let given = Self::unchecked(draft, options);
        for entry in given
            .entries
            .iter()
            .filter(|entry| !known.contains(&entry.name.text.as_str()))
        {
            unknown(draft, entry, called, known);
        }
        given
    }

    /// Takes options and refuses only repeated ones; the caller says which are known.
    pub(crate) fn unchecked(draft: &mut Draft<'_>, options: Option<&'a ast::Options>) -> Self {
        let entries = options.map_or(&[][..], |options| options.entries.as_slice());
        let mut seen = HashMap::new();
        for entry in entries {
            let name = &entry.name.text;
            if let Some(first) = seen.insert(name, entry.name.span) {
                let message = format!("`{name}` is given twice");
                let diagnostic =
                    Diagnostic::error(codes::REPEATED_OPTION, entry.name.span, message)
                        .related(first, "first given here")
                        .help("keep one of them");
                draft.report(diagnostic);
            }
        }
        Self { entries }
    }

    pub(crate) fn entries(self) -> &'a [ast::OptionEntry] {
        self.entries
    }

    pub(crate) fn get(self, name: &str) -> Option<&'a ast::Value> {
        let entry = self.entries.iter().find(|entry| entry.name.text == name)?;
        Some(&entry.value)
    }

    pub(crate) fn name_span(self, name: &str) -> Option<Span> {
        let entry = self.entries.iter().find(|entry| entry.name.text == name)?;
        Some(entry.name.span)
    }

    /// A duration; zero only where it means something.
    pub(crate) fn duration(
        self,
        draft: &mut Draft<'_>,
        name: &str,
        least: Duration,
    ) -> Option<Duration> {
        let value = self.get(name)?;
        duration(draft, value, least)
    }

    pub(crate) fn boolean(self, draft: &mut Draft<'_>, name: &str) -> Option<bool> {
        let value = self.get(name)?;
        if let ValueKind::Bool(it) = value.kind {
            return Some(it);
        }
        wrong(draft, value, "write `true` or `false`");
        None
    }

    pub(crate) fn integer(
        self,
        draft: &mut Draft<'_>,
        name: &str,
        range: (u64, u64),
    ) -> Option<u64> {
        let value = self.get(name)?;
        if let ValueKind::Integer(digits) = &value.kind
            && let Ok(number) = digits.parse::<u64>()
            && (range.0..=range.1).contains(&number)
        {
            return Some(number);
        }
        wrong(
            draft,
            value,
            &format!("write an integer from {} to {}", range.0, range.1),
        );
        None
    }

    pub(crate) fn small(self, draft: &mut Draft<'_>, name: &str, range: (u32, u32)) -> Option<u32> {
        let number = self.integer(draft, name, (range.0.into(), range.1.into()))?;
        u32::try_from(number).ok()
    }

    /// One of some words.
    pub(crate) fn choice<T: Copy>(
        self,
        draft: &mut Draft<'_>,
        name: &str,
        choices: &[(&str, T)],
    ) -> Option<T> {
        let value = self.get(name)?;
        let written = word(value).unwrap_or("");
        if let Some((_, choice)) = choices.iter().find(|(choice, _)| *choice == written) {
            return Some(*choice);
        }
        let names: Vec<&str> = choices.iter().map(|(choice, _)| *choice).collect();
        let suggestion = draft.nearest(written, names.iter().copied());
        let diagnostic = Diagnostic::error(
            codes::OPTION_VALUE,
            value.span,
            format!("`{name}` does not take this"),
        )
        .help(format!("write `{}`", names.join("` or `")))
        .suggest(suggestion);
        draft.report(diagnostic);
        None
    }
}

/// A value as a duration of at least `least`.
pub(crate) fn duration(
    draft: &mut Draft<'_>,
    value: &ast::Value,
    least: Duration,
) -> Option<Duration> {
    let help = match &value.kind {
        ValueKind::Duration(it) if Duration::from_millis(it.milliseconds) >= least => {
            return Some(Duration::from_millis(it.milliseconds));
        }
        ValueKind::Duration(_) => "it must be longer than nothing".to_owned(),
        ValueKind::Integer(digits) => {
            format!("write a duration with its unit: `{digits}s` or `{digits}ms`")
        }
        _ => "write a duration: `250ms`, `5s`, `10m`, `4h`, `7d`".to_owned(),
    };
    wrong(draft, value, &help);
    None
}

/// A value of the wrong kind or size.
pub(crate) fn wrong(draft: &mut Draft<'_>, value: &ast::Value, help: &str) {
    let diagnostic = Diagnostic::error(
        codes::OPTION_VALUE,
        value.span,
        "the option does not take this value",
    )
    .help(help);
    draft.report(diagnostic);
}

/// An option that nothing of this kind has.
pub(crate) fn unknown(
    draft: &mut Draft<'_>,
    entry: &ast::OptionEntry,
    called: &str,
    known: &[&str],
) {
    let name = entry.name.text.as_str();
    let help = if known.is_empty() {
        format!("{called} has no options")
    } else {
        format!("{called} has `{}`", known.join("`, `"))
    };
    let suggestion = draft.nearest(name, known.iter().copied());
    let diagnostic = Diagnostic::error(
        codes::UNKNOWN_OPTION,
        entry.name.span,
        format!("{called} has no option `{name}`"),
    )
    .help(help)
    .suggest(suggestion);
    draft.report(diagnostic);
}
