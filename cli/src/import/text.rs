//! A contract as `.mag` text, each line with the place in the JSON that it comes from, so that what the language's own
//! checks say about the text can be told about the JSON.

use std::collections::{BTreeSet, HashMap};

use microagent_schema::case;
use microagent_schema::codes::{LOST_IN_TRANSLATION, NOT_SIGNALS_JSON};
use microagent_schema::diagnostic::Diagnostic;
use microagent_schema::limits::Limits;
use microagent_schema::span::Span;
use microagent_schema::suggest::suggest;

use super::contract::{Argument, Contract, Queue, Signal, TYPES};
use super::json::Text;
use super::topics::Exchange;

/// The text as lines, each with its place.
#[derive(Debug, Default)]
pub(crate) struct Lines(pub(crate) Vec<(String, Span)>);

impl Lines {
    fn push(&mut self, line: impl Into<String>, span: Span) {
        self.0.push((line.into(), span));
    }

    pub(crate) fn text(&self) -> String {
        let lines = self.0.iter().map(|(line, _)| format!("{line}\n"));
        lines.collect()
    }
}

/// What is not in the JSON: the name of the package, and the signals that are asked.
#[derive(Debug)]
pub(crate) struct Said<'a> {
    pub(crate) package: &'a str,
    pub(crate) replies: &'a BTreeSet<String>,
}

/// The text of a contract; `top` is the place of what stands for all of it.
pub(crate) fn lines(
    contract: &Contract,
    exchanges: &[Exchange<'_>],
    said: &Said<'_>,
    top: Span,
) -> Lines {
    let mut lines = Lines::default();
    lines.push("mag 1;", top);
    lines.push(
        "//! What agents of the Python library send, imported from their `signals.json`.",
        top,
    );
    lines.push(
        format!("package {} with {{ wire: flat }};", said.package),
        top,
    );
    let mut names = Names::default();
    for it in &contract.signals {
        lines.push("", top);
        let asked = said.replies.contains(&it.name.text);
        signal(
            &mut lines,
            &mut names,
            it,
            if asked { " -> json" } else { "" },
        );
    }
    let mut open: HashMap<&str, &Exchange<'_>> = HashMap::new();
    open.extend(exchanges.iter().map(|it| (it.name.text.as_str(), it)));
    for queue in &contract.queues {
        let Some(name) = &queue.exchange else {
            let (name, span) = (names.of(&queue.name, "queue"), queue.name.span);
            lines.push("", top);
            lines.push(format!("queue {name}: json;"), span);
            continue;
        };
        // All queues of an exchange stand in it, where the first one stands.
        if let Some(it) = open.remove(name.text.as_str()) {
            lines.push("", top);
            exchange(&mut lines, &mut names, it);
        }
    }
    lines
}

fn signal(lines: &mut Lines, names: &mut Names, signal: &Signal, reply: &str) {
    let (name, span) = (names.of(&signal.name, "signal"), signal.name.span);
    if signal.arguments.is_empty() {
        lines.push(format!("signal {name}{reply};"), span);
        return;
    }
    lines.push(format!("signal {name} {{"), span);
    let mut fields = Names::default();
    for argument in &signal.arguments {
        field(lines, &mut fields, argument);
    }
    let end = if reply.is_empty() { "" } else { ";" };
    lines.push(format!("}}{reply}{end}"), span);
}

fn field(lines: &mut Lines, fields: &mut Names, argument: &Argument) {
    let (name, span) = (fields.of(&argument.name, "argument"), argument.name.span);
    let ty = ty(&argument.types);
    if ty == "json" && argument.types != TYPES {
        lines.push(
            format!("    /// One of: {}.", argument.types.join(", ")),
            span,
        );
    }
    lines.push(format!("    {name}: {ty},"), span);
}

/// Only one type, and null beside it, has a type of its own. Python writes the null.
fn ty(types: &[&str]) -> &'static str {
    match types {
        ["string"] => "string",
        ["string", "null"] => "string? = null",
        ["number"] => "f64",
        ["number", "null"] => "f64? = null",
        ["boolean"] => "bool",
        ["boolean", "null"] => "bool? = null",
        ["array"] => "[json]",
        ["array", "null"] => "[json]? = null",
        ["object"] => "{string: json}",
        ["object", "null"] => "{string: json}? = null",
        _ => "json",
    }
}

fn exchange(lines: &mut Lines, names: &mut Names, exchange: &Exchange<'_>) {
    let (name, span) = (names.of(exchange.name, "exchange"), exchange.name.span);
    lines.push(
        format!("exchange {name}: json{} {{", key(exchange.words)),
        span,
    );
    for queue in &exchange.queues {
        bound(lines, names, queue);
    }
    lines.push("}", span);
}

/// ` by "{word_1: string}.{word_2: string}"`
fn key(words: Option<usize>) -> String {
    match words {
        None => String::new(),
        Some(1) => " by \"{topic: string}\"".to_owned(),
        Some(words) => {
            let words = (1..=words).map(|it| format!("{{word_{it}: string}}"));
            let words: Vec<String> = words.collect();
            format!(" by \"{}\"", words.join("."))
        }
    }
}

fn bound(lines: &mut Lines, names: &mut Names, queue: &Queue) {
    let name = names.of(&queue.name, "queue");
    match queue.topics.first() {
        None => lines.push(format!("    queue {name};"), queue.name.span),
        Some(topic) => {
            lines.push(format!("    queue {name}"), queue.name.span);
            lines.push(format!("        on {};", quoted(&topic.text)), topic.span);
        }
    }
}

/// What things are called in Rust, where they stand together.
#[derive(Debug, Default)]
struct Names {
    taken: BTreeSet<String>,
}

impl Names {
    /// A name as it is declared: itself, or quoted where it is none of ours, with `as` where none can be made of it.
    fn of(&mut self, name: &Text, what: &str) -> String {
        let longest = Limits::default().name_characters;
        let wire = &name.text;
        if case::is_snake(wire) && wire.len() <= longest && self.taken.insert(wire.clone()) {
            return wire.clone();
        }
        let derived = case::snake(wire);
        let legible = wire
            .chars()
            .all(|it| it.is_ascii() || !it.is_alphanumeric());
        let fits = legible && case::is_snake(&derived) && derived.len() <= longest;
        if fits && self.taken.insert(derived) {
            return quoted(wire);
        }
        let mut number = self.taken.len() + 1;
        while !self.taken.insert(format!("{what}_{number}")) {
            number += 1;
        }
        format!("{} as {what}_{number}", quoted(wire))
    }
}

/// The strings of `.mag` are those of JSON.
fn quoted(text: &str) -> String {
    serde_json::to_string(text).expect("a string is JSON")
}

/// Signals that are said to be asked, and are not there.
pub(crate) fn unknown_replies(contract: &Contract, said: &Said<'_>, top: Span) -> Vec<Diagnostic> {
    let known = |name: &str| contract.signals.iter().any(|it| it.name.text == name);
    let unknown = said.replies.iter().filter(|name| !known(name));
    let told = unknown.map(|name| {
        let names = contract.signals.iter().map(|it| it.name.text.as_str());
        Diagnostic::error(
            NOT_SIGNALS_JSON,
            top,
            format!("there is no signal `{name}`"),
        )
        .help("`--reply` names a signal of this file that receivers answer")
        .suggest(suggest(name, names))
    });
    told.collect()
}

/// The first argument that is a number, of which Python says no more.
pub(crate) fn wide_numbers(contract: &Contract) -> Option<Diagnostic> {
    let arguments = contract.signals.iter().flat_map(|it| &it.arguments);
    let mut numbers = arguments.filter(|it| ty(&it.types).starts_with("f64"));
    let name = &numbers.next()?.name;
    let message = format!("`{}` is a number, and becomes `f64`", name.text);
    let help = "write `i64` or `u64` where it counts or is an id: `f64` holds integers up to 2^53";
    Some(Diagnostic::warning(LOST_IN_TRANSLATION, name.span, message).help(help))
}
