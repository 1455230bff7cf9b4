//! Docs of the schema as docs of Rust: `///` lines, or `#[doc = "…"]` where a line could leave its comment. Knows as
//! much Markdown as it takes to keep rustdoc from finding a test.
//!
//! Invariants: outside a fence no line has four spaces or a tab where a code block could begin, nor a tag that begins
//! an HTML block; each fence that is written names a language that rustdoc does not run, is preceded by a blank line
//! and is closed by its own length of backticks. So no doctest appears, whatever the schema says.

use crate::literal;

/// Languages that a fence may keep; all others become `text`.
const LANGUAGES: &[&str] = &[
    "bash",
    "console",
    "csv",
    "graphql",
    "html",
    "http",
    "ini",
    "javascript",
    "json",
    "mag",
    "python",
    "sh",
    "sql",
    "text",
    "toml",
    "typescript",
    "xml",
    "yaml",
];

/// The lines that document an item, as they stand before it; none where there is nothing to say.
pub fn lines<S: AsRef<str>>(docs: &[S]) -> Vec<String> {
    let source: Vec<&str> = docs.iter().flat_map(|it| it.as_ref().split('\n')).collect();
    let mut lines = if source.iter().all(|it| is_plain(it)) {
        source.into_iter().map(str::to_owned).collect()
    } else {
        markdown(&source)
    };
    let content = lines
        .iter()
        .rposition(|it| !it.is_empty())
        .map_or(0, |last| last + 1);
    lines.truncate(content);
    let safe = lines.iter().all(|it| is_safe_in_a_comment(it));
    lines
        .iter()
        .map(|it| if safe { comment(it) } else { attribute(it) })
        .collect()
}

/// One line made here, with names of the schema in it.
pub fn line(text: &str) -> String {
    lines(&[text]).pop().unwrap_or_default()
}

/// `text` on one line of its own: what would end the line, or can't be seen in it, is a blank.
pub fn one_line(text: &str) -> String {
    let is_shown = |it: char| !it.is_control() && !is_invisible(it);
    text.chars()
        .map(|it| if is_shown(it) { it } else { ' ' })
        .collect()
}

/// `text` between backticks, on one line.
pub fn code(text: &str) -> String {
    let text = one_line(text);
    let fence = "`".repeat(longest_run(&text) + 1);
    if fence.len() == 1 {
        return format!("`{text}`");
    }
    format!("{fence} {text} {fence}")
}

/// Whether clippy would like other words: it wants backticks around anything that looks like code.
pub fn looks_like_code<S: AsRef<str>>(docs: &[S]) -> bool {
    docs.iter().any(|line| {
        line.as_ref().split_whitespace().any(|word| {
            word.contains(['_', ':', '<', '`'])
                || word.chars().skip(1).any(char::is_uppercase)
                    && word.chars().any(char::is_lowercase)
        })
    })
}

/// Text without any Markdown that matters here: no indentation, fence, tag, bracket or control character.
fn is_plain(line: &str) -> bool {
    !line.starts_with([
        ' ', '-', '*', '+', '>', '~', '`', '#', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9',
    ]) && !line.contains(['<', '[', '\t', '\r'])
        && !line.contains("://")
        && !line.ends_with(' ')
}

fn is_safe_in_a_comment(line: &str) -> bool {
    !line.chars().any(|it| it.is_control() || is_invisible(it))
}

/// What changes the direction of text, or can't be seen.
fn is_invisible(character: char) -> bool {
    matches!(character, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

fn comment(line: &str) -> String {
    if line.is_empty() {
        "///".to_owned()
    } else {
        format!("/// {line}")
    }
}

fn attribute(line: &str) -> String {
    format!("#[doc = {}]", literal::string(&format!(" {line}")))
}

/// See the invariants of the module.
fn markdown(source: &[&str]) -> Vec<String> {
    let has_references = source
        .iter()
        .any(|it| it.trim_start().starts_with('[') && it.contains("]:"));
    let mut lines: Vec<String> = Vec::with_capacity(source.len() + 2);
    let mut in_list = false;
    let mut rest = source;
    while let Some((line, after)) = rest.split_first() {
        let begins_block = lines.last().is_none_or(String::is_empty);
        if let Some(fence) = Fence::opened_by(line) {
            let end = after
                .iter()
                .position(|it| fence.is_closed_by(it))
                .unwrap_or(after.len());
            push_code(&mut lines, &fence.language, &after[..end]);
            rest = after.get(end + 1..).unwrap_or_default();
            continue;
        }
        if begins_block && !in_list && is_indented(line) {
            let end = rest
                .iter()
                .position(|it| !is_indented(it))
                .unwrap_or(rest.len());
            push_code(&mut lines, "text", &rest[..end]);
            rest = &rest[end..];
            continue;
        }
        let (prefix, content) = split_prefix(line);
        let begins_item = prefix.contains(|it: char| !it.is_whitespace());
        in_list = begins_item
            || (in_list && (!begins_block || prefix.starts_with(' ') || content.is_empty()));
        rest = after;
        if !(begins_block && content.is_empty()) {
            lines.push(paragraph(&prefix, content, has_references));
        }
    }
    lines
}

fn is_indented(line: &str) -> bool {
    (line.starts_with("    ") || line.starts_with('\t')) && !line.trim().is_empty()
}

/// A block of code at the left margin, on its own.
fn push_code(lines: &mut Vec<String>, language: &str, code: &[&str]) {
    if lines.last().is_some_and(|it| !it.is_empty()) {
        lines.push(String::new());
    }
    let longest = code.iter().map(|it| longest_run(it)).max().unwrap_or(0);
    let fence = "`".repeat(longest.max(2) + 1);
    let margin = code
        .iter()
        .filter(|it| !it.trim().is_empty())
        .map(|it| margin(it))
        .min()
        .unwrap_or(0);
    lines.push(format!("{fence}{language}"));
    for line in code {
        lines.push(
            line.get(margin..)
                .unwrap_or_default()
                .trim_end()
                .replace('\t', "    "),
        );
    }
    lines.push(fence);
    lines.push(String::new());
}

fn margin(line: &str) -> usize {
    line.len() - line.trim_start_matches([' ', '\t']).len()
}

/// How many backticks stand in a row at most.
fn longest_run(line: &str) -> usize {
    line.split(|it| it != '`').map(str::len).max().unwrap_or(0)
}

/// What stands before the text of a line: indentation, quote and list markers, each followed by three spaces at most.
fn split_prefix(line: &str) -> (String, &str) {
    let mut prefix = String::new();
    let mut rest = line;
    loop {
        let trimmed = rest.trim_start();
        let spaces = rest[..rest.len() - trimmed.len()]
            .replace('\t', "    ")
            .chars()
            .count();
        prefix.push_str(&"   "[..spaces.min(3)]);
        let marker = marker_length(trimmed);
        if marker == 0 {
            return (prefix, trimmed.trim_end());
        }
        prefix.push_str(&trimmed[..marker]);
        rest = &trimmed[marker..];
    }
}

/// The bytes of a quote marker, or of a list marker with space behind it; 0 where none stands.
fn marker_length(text: &str) -> usize {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let length = match text.as_bytes().get(digits) {
        Some(b'>') if digits == 0 => return 1,
        Some(b'-' | b'*' | b'+') if digits == 0 => 1,
        Some(b'.' | b')') if (1..=9).contains(&digits) => digits + 1,
        _ => return 0,
    };
    let ends = text[length..]
        .chars()
        .next()
        .is_none_or(char::is_whitespace);
    if ends { length } else { 0 }
}

/// A line of text: no HTML block begins here, and a bracket that is no link is a bracket.
fn paragraph(prefix: &str, content: &str, has_references: bool) -> String {
    let mut line = String::with_capacity(prefix.len() + content.len() + 2);
    line.push_str(prefix);
    if content.starts_with('<') && !content.starts_with("<http") {
        line.push('\\');
    }
    push_text(&mut line, content, has_references);
    line.truncate(line.trim_end().len());
    line.replace('\t', " ")
}

/// A bracket that is no link would be taken for the path of an item, and an address without angles for no link at all.
fn push_text(line: &mut String, content: &str, has_references: bool) {
    let mut in_code = false;
    let mut before = ' ';
    let mut taken = 0;
    for (index, character) in content.char_indices() {
        if index < taken {
            continue;
        }
        let rest = &content[index..];
        in_code ^= character == '`';
        if !in_code && before.is_whitespace() && is_address(rest) {
            let address = address(rest);
            line.extend(["<", address, ">"]);
            taken = index + address.len();
        } else {
            if character == '[' && !in_code && !has_references && before != '\\' && !is_link(rest) {
                line.push('\\');
            }
            line.push(character);
        }
        before = character;
    }
}

fn is_address(text: &str) -> bool {
    text.starts_with("http://") || text.starts_with("https://")
}

/// The address that a text begins with, without what ends the sentence around it.
fn address(text: &str) -> &str {
    let ends = |it: char| it.is_whitespace() || matches!(it, '<' | '>' | '`');
    let end = text.find(ends).unwrap_or(text.len());
    text[..end].trim_end_matches(['.', ',', ';', ':', '!', '?', ')', '"', '\''])
}

fn is_link(text: &str) -> bool {
    text.find(']')
        .is_some_and(|end| text[end + 1..].starts_with('('))
}

/// Three or more backticks or tildes that begin a block of code.
struct Fence {
    mark: char,
    length: usize,
    language: String,
}

impl Fence {
    fn opened_by(line: &str) -> Option<Self> {
        let (_, content) = split_prefix(line);
        let mark = content
            .chars()
            .next()
            .filter(|it| matches!(it, '`' | '~'))?;
        let info = content.trim_start_matches(mark);
        let length = content.len() - info.len();
        if length < 3 || (mark == '`' && info.contains('`')) {
            return None;
        }
        let language = info.trim().to_ascii_lowercase();
        let known = LANGUAGES.contains(&language.as_str());
        let language = if known { language } else { "text".to_owned() };
        Some(Self {
            mark,
            length,
            language,
        })
    }

    fn is_closed_by(&self, line: &str) -> bool {
        let content = line.trim_start_matches([' ', '\t', '>']).trim_end();
        content.len() >= self.length && content.chars().all(|it| it == self.mark)
    }
}

#[cfg(test)]
mod tests;
