//! The lines of the laid out text: indentation, comments, blank lines. Knows the trivia of the tree and nothing else.

use crate::ast::{Comment, DocLine, Trivia};
use crate::format::WIDTH;

/// Text that is laid out in one line where it fits, else with each part on a line of its own.
#[derive(Clone, Debug)]
pub(super) enum Doc {
    Text(String),
    /// Parts one behind the other.
    Row(Vec<Doc>),
    /// Brackets around parts with commas between.
    Group {
        open: &'static str,
        parts: Vec<Doc>,
        close: &'static str,
        padded: bool,
    },
}

impl Doc {
    /// The text in one line.
    pub(super) fn flat(&self) -> String {
        match self {
            Doc::Text(text) => text.clone(),
            Doc::Row(parts) => parts.iter().map(Doc::flat).collect(),
            Doc::Group {
                open, parts, close, ..
            } if parts.is_empty() => format!("{open}{close}"),
            Doc::Group {
                open,
                parts,
                close,
                padded,
            } => {
                let inside = parts.iter().map(Doc::flat).collect::<Vec<_>>().join(", ");
                let pad = if *padded { " " } else { "" };
                format!("{open}{pad}{inside}{pad}{close}")
            }
        }
    }
}

/// Lines that were laid out, and the one that is being written.
#[derive(Debug, Default)]
pub(super) struct Writer {
    out: String,
    /// The unfinished line.
    current: String,
    level: usize,
}

impl Writer {
    pub(super) fn indent(&mut self) {
        self.level += 1;
    }

    pub(super) fn dedent(&mut self) {
        self.level -= 1;
    }

    /// A blank line, unless one stands there or the text or body just began.
    pub(super) fn blank(&mut self) {
        if !self.out.is_empty() && !self.out.ends_with("\n\n") && !self.out.ends_with("{\n") {
            self.out.push('\n');
        }
    }

    /// Begins a line, or goes on with it.
    pub(super) fn start(&mut self, text: &str) {
        if self.current.is_empty() {
            self.current = "    ".repeat(self.level);
        }
        self.current.push_str(text);
    }

    /// Begins a line unless the text is empty.
    pub(super) fn start_if_any(&mut self, text: &str) {
        if !text.is_empty() {
            self.start(text);
        }
    }

    /// Names with commas between, each line as full as it gets, those behind the first one indented.
    pub(super) fn wrapped(&mut self, names: &[String]) {
        self.indent();
        for (index, name) in names.iter().enumerate() {
            let end = if index + 1 < names.len() { "," } else { "" };
            if self.current.trim().is_empty() || self.fits(&format!(" {name}{end};")) {
                let gap = if self.current.trim().is_empty() {
                    ""
                } else {
                    " "
                };
                self.start(&format!("{gap}{name}{end}"));
            } else {
                self.line("");
                self.start(&format!("{name}{end}"));
            }
        }
        self.dedent();
    }

    /// A whole line, or the rest of the one that was begun.
    pub(super) fn line(&mut self, text: &str) {
        self.start(text);
        self.out.push_str(self.current.trim_end());
        self.out.push('\n');
        self.current.clear();
    }

    /// Whether a text fits behind what stands on the line.
    pub(super) fn fits(&self, text: &str) -> bool {
        let used = if self.current.is_empty() {
            4 * self.level
        } else {
            self.current.chars().count()
        };
        used + text.chars().count() <= WIDTH
    }

    /// Puts a text behind what stands on the line, broken where it does not fit, and ends the line.
    pub(super) fn list(&mut self, doc: &Doc, end: &str) {
        self.put(doc, end.chars().count());
        self.line(end);
    }

    /// Puts a text behind what stands on the line, broken where it and `reserve` columns behind it do not fit.
    pub(super) fn put(&mut self, doc: &Doc, reserve: usize) {
        let flat = doc.flat();
        if self.fits(&format!("{flat}{}", " ".repeat(reserve))) {
            self.start(&flat);
            return;
        }
        match doc {
            Doc::Text(text) => self.start(text),
            Doc::Row(parts) => {
                for (index, part) in parts.iter().enumerate() {
                    let rest: usize = parts[index + 1..].iter().map(width_before_break).sum();
                    self.put(
                        part,
                        if index + 1 == parts.len() {
                            reserve
                        } else {
                            rest
                        },
                    );
                }
            }
            Doc::Group {
                open, parts, close, ..
            } if parts.is_empty() => self.start(&format!("{open}{close}")),
            Doc::Group {
                open, parts, close, ..
            } => {
                self.line(open);
                self.indent();
                for part in parts {
                    self.put(part, 1);
                    self.line(",");
                }
                self.dedent();
                self.start(close);
            }
        }
    }

    /// Comments before a node. The caller has set the blank line before them.
    pub(super) fn leading(&mut self, trivia: &Trivia) {
        if trivia.blank_before {
            self.blank();
        }
        self.comments(&trivia.leading);
        if trivia.blank_after {
            self.blank();
        }
    }

    fn comments(&mut self, comments: &[Comment]) {
        for (index, comment) in comments.iter().enumerate() {
            if comment.blank_before && index > 0 {
                self.blank();
            }
            self.line(&format!("//{}", comment.text));
        }
    }

    pub(super) fn docs(&mut self, docs: &[DocLine]) {
        for doc in docs {
            self.line(format!("/// {}", doc.text).trim_end());
        }
    }

    /// The comment behind a node, put back onto its last line.
    pub(super) fn trailing(&mut self, trivia: &Trivia) {
        if let Some(comment) = &trivia.trailing {
            if self.out.ends_with('\n') {
                self.out.pop();
            }
            self.out.push_str(" //");
            self.out.push_str(&comment.text);
            self.out.push('\n');
        }
    }

    /// Comments before the end of a body or file.
    pub(super) fn end(&mut self, trivia: &Trivia) {
        if !trivia.leading.is_empty() {
            if trivia.blank_before {
                self.blank();
            }
            self.comments(&trivia.leading);
        }
    }

    pub(super) fn finish(self) -> String {
        let mut out = self.out;
        out.truncate(out.trim_end().len());
        if !out.is_empty() {
            out.push('\n');
        }
        out
    }
}

/// The columns that a part needs on the line where the part before it ends.
fn width_before_break(doc: &Doc) -> usize {
    match doc {
        Doc::Text(text) => text.chars().count(),
        Doc::Row(parts) => parts.iter().map(width_before_break).sum(),
        Doc::Group {
            open, parts, close, ..
        } => open.len() + if parts.is_empty() { close.len() } else { 0 },
    }
}
