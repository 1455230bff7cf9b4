//! What stands before an item or a member: docs and attributes.

use microagent_schema::model::Meta;

use super::describe;
use super::layout::attribute;
use crate::docs;
use crate::literal;

/// The docs of the schema with its examples, or else `fallback` (one line); then `#[deprecated]`.
pub(crate) fn of(meta: &Meta, fallback: &str) -> Vec<String> {
    let mut head = documented(meta, fallback);
    head.extend(deprecated(meta));
    head
}

/// As [`of`], where `#[deprecated]` would have no effect.
pub(crate) fn documented(meta: &Meta, fallback: &str) -> Vec<String> {
    let mut text = meta.docs.0.clone();
    if text.iter().all(|it| it.trim().is_empty()) {
        text = vec![fallback.to_owned()];
    }
    for example in &meta.examples {
        let mut json = String::new();
        describe::json(example, &mut json);
        text.extend([String::new(), "```json".to_owned(), json, "```".to_owned()]);
    }
    docs::lines(&text)
}

fn deprecated(meta: &Meta) -> Vec<String> {
    match meta.deprecated.as_deref() {
        None => Vec::new(),
        Some("") => vec!["#[deprecated]".to_owned()],
        Some(why) => attribute("deprecated", &[format!("note = {}", literal::string(why))]),
    }
}

/// `#[derive(…)]` of `derives` and those that the schema asks for beside them.
pub(crate) fn derive(derives: &[&str], asked: &[String]) -> Vec<String> {
    let mut all: Vec<String> = derives.iter().map(|&it| it.to_owned()).collect();
    for path in asked {
        let name = path.rsplit("::").next().unwrap_or(path);
        if !all.iter().any(|it| it == name || it == path) {
            all.push(absolute(path));
        }
    }
    attribute("derive", &all)
}

/// A path that means the same wherever the code stands: a crate's, unless it is one of the language's own derives.
fn absolute(path: &str) -> String {
    let first = path.split("::").next().unwrap_or(path);
    let is_relative = path.contains("::") && !matches!(first, "" | "crate" | "self" | "super");
    if is_relative {
        format!("::{path}")
    } else {
        path.to_owned()
    }
}

/// `#[allow(clippy::…)]` with the reason that all generated items share.
pub(crate) fn allow(lint: &str, reason: &str) -> Vec<String> {
    attribute(
        "allow",
        &[
            lint.to_owned(),
            format!("reason = {}", literal::string(reason)),
        ],
    )
}
