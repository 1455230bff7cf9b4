//! What goes down with every value that is read or written: how deep we stand, and, on the way back from a
//! failure, where it happened and why. The hot path pays one pointer; the path is built only when something failed.
//!
//! It must not know any codec, nor the public errors that are made of it.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::fmt::{self, Display, Write as _};

/// Containers in containers that may be read or written: what `serde_json` reads at most.
pub const MAX_DEPTH: u32 = 127;

/// Bytes of stack that one read or write may take: half of what a worker thread has. A level of a type with many fields
/// takes tens of kilobytes, so that a type which holds itself could end the stack, and the process, before
/// [`MAX_DEPTH`].
const MAX_STACK: usize = 1 << 20;

/// Why a value was refused, without the place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reason {
    /// Another JSON kind than expected.
    Kind,
    /// The right kind, yet no value of the type.
    Value,
    /// No value of a closed enum or union.
    Unknown,
    /// A required key is absent.
    Missing,
    /// A key stands twice in its object.
    Duplicate,
    /// NaN or an infinity.
    NotFinite,
    /// Nested too deeply.
    Depth,
}

/// One refusal.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Fault {
    pub(crate) reason: Reason,
    expected: Cow<'static, str>,
    found: Option<String>,
}

impl Fault {
    pub(crate) fn new(reason: Reason, expected: impl Into<Cow<'static, str>>) -> Self {
        let expected = expected.into();
        Self {
            reason,
            expected,
            found: None,
        }
    }

    #[cold]
    pub(crate) fn kind(expected: impl Into<Cow<'static, str>>, found: impl Into<String>) -> Self {
        Self {
            found: Some(found.into()),
            ..Self::new(Reason::Kind, expected)
        }
    }

    #[cold]
    pub(crate) fn value(expected: impl Into<Cow<'static, str>>, found: impl Display) -> Self {
        Self {
            found: Some(quoted(&found.to_string())),
            ..Self::new(Reason::Value, expected)
        }
    }

    #[cold]
    pub(crate) fn depth() -> Self {
        Self::new(Reason::Depth, format!("{MAX_DEPTH} levels"))
    }

    #[cold]
    fn stack() -> Self {
        let room = "there is room on the stack for values of this size";
        Self::new(Reason::Depth, room)
    }

    #[cold]
    pub(crate) fn unknown(expected: impl Into<Cow<'static, str>>, found: impl Display) -> Self {
        Self {
            reason: Reason::Unknown,
            ..Self::value(expected, found)
        }
    }
}

impl Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.reason {
            Reason::Kind | Reason::Value | Reason::Unknown => {
                write!(formatter, "expected {}", self.expected)?;
                match &self.found {
                    Some(found) => write!(formatter, ", found {found}"),
                    None => Ok(()),
                }
            }
            Reason::Missing => formatter.write_str("required, but missing"),
            Reason::Duplicate => write!(formatter, "{} is given twice", self.expected),
            Reason::NotFinite => formatter.write_str("NaN and infinities are no JSON"),
            Reason::Depth => write!(formatter, "nested deeper than {}", self.expected),
        }
    }
}

/// A value as an error shows it: short, on one line.
fn quoted(text: &str) -> String {
    const SHOWN: usize = 40;
    let mut shown: String = text
        .chars()
        .take(SHOWN)
        .flat_map(char::escape_debug)
        .collect();
    if text.chars().nth(SHOWN).is_some() {
        shown.push('…');
    }
    format!("`{shown}`")
}

/// One step into a value.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Step {
    Key(String),
    Index(usize),
}

#[derive(Debug, Default)]
struct Failure {
    fault: Option<Fault>,
    /// From the inside out, as it is collected.
    steps: Vec<Step>,
}

/// Goes by reference through all codecs of one read or write.
#[derive(Debug)]
pub struct Trail {
    depth: Cell<u32>,
    /// Where the stack stood at the start.
    start: usize,
    borrows: bool,
    /// Made when something fails, so that until then there is one word to keep.
    failure: RefCell<Option<Box<Failure>>>,
}

/// One level of depth; leaving it is dropping it.
#[derive(Debug)]
pub(crate) struct Level<'a>(&'a Cell<u32>);

impl Drop for Level<'_> {
    #[inline]
    fn drop(&mut self) {
        self.0.set(self.0.get() - 1);
    }
}

impl Default for Trail {
    fn default() -> Self {
        Self {
            depth: Cell::default(),
            start: stack_position(),
            borrows: false,
            failure: RefCell::default(),
        }
    }
}

impl Trail {
    /// For input whose text outlives the read, so that raw parts need no copy.
    pub(crate) fn of_borrowed_text() -> Self {
        Self {
            borrows: true,
            ..Self::default()
        }
    }

    pub(crate) fn borrows(&self) -> bool {
        self.borrows
    }

    /// Levels that may still be entered.
    #[inline]
    pub(crate) fn levels_left(&self) -> u32 {
        MAX_DEPTH - self.depth.get()
    }

    /// Enters a list or an object.
    #[inline]
    pub(crate) fn enter(&self) -> Result<Level<'_>, Fault> {
        if self.levels_left() == 0 {
            return Err(Fault::depth());
        }
        if self.start.abs_diff(stack_position()) > MAX_STACK {
            return Err(Fault::stack());
        }
        self.depth.set(self.depth.get() + 1);
        Ok(Level(&self.depth))
    }

    #[cold]
    pub(crate) fn note(&self, fault: Fault) {
        self.failure.borrow_mut().get_or_insert_default().fault = Some(fault);
    }

    #[cold]
    pub(crate) fn step_out_of_key(&self, key: &str) {
        self.step_out(Step::Key(shortened(key)));
    }

    #[cold]
    pub(crate) fn step_out_of_index(&self, index: usize) {
        self.step_out(Step::Index(index));
    }

    fn step_out(&self, step: Step) {
        let mut failure = self.failure.borrow_mut();
        failure.get_or_insert_default().steps.push(step);
    }

    /// Forgets what was found and where inside: both could show a sensitive value.
    pub(crate) fn redact(&self) {
        if let Some(failure) = &mut *self.failure.borrow_mut() {
            failure.steps.clear();
            if let Some(fault) = &mut failure.fault {
                fault.found = None;
            }
        }
    }

    /// The fault, if it was one of ours, and the JSON path.
    pub(crate) fn into_parts(self) -> (Option<Fault>, String) {
        let failure = self.failure.into_inner().unwrap_or_default();
        let mut path = String::new();
        for step in failure.steps.iter().rev() {
            append(&mut path, step);
        }
        (failure.fault, path)
    }
}

fn append(path: &mut String, step: &Step) {
    let is_plain = |key: &str| {
        !key.is_empty()
            && key
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    };
    // Writing to a string cannot fail.
    let _ = match step {
        Step::Index(index) => write!(path, "[{index}]"),
        Step::Key(key) if is_plain(key) && path.is_empty() => write!(path, "{key}"),
        Step::Key(key) if is_plain(key) => write!(path, ".{key}"),
        Step::Key(key) => write!(path, "[{key:?}]"),
    };
}

/// About where the stack ends now: the address of something that was just put there.
#[inline]
fn stack_position() -> usize {
    let top = 0_u8;
    std::ptr::from_ref(&top).addr()
}

/// A key as a path shows it: keys of maps are data, and may be as long as a message.
fn shortened(key: &str) -> String {
    const SHOWN: usize = 64;
    match key.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &key[..end]),
        None => key.to_owned(),
    }
}
