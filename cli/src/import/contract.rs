//! What a `signals.json` of the Python library says, as its version 1.9 reads it: JSON in, plain data and all problems
//! out. Knows no `.mag`.

use microagent_schema::codes::{LOST_IN_TRANSLATION, NOT_SIGNALS_JSON};
use microagent_schema::diagnostic::Diagnostic;
use microagent_schema::span::Span;

use super::json::{Entry, Text, Value};

/// The types that an argument may have, in the library's words.
pub(crate) const TYPES: [&str; 6] = ["string", "number", "boolean", "array", "object", "null"];

const TYPES_HELP: &str = "there are \"string\", \"number\", \"boolean\", \"array\", \"object\", \"null\", and lists of them";

#[derive(Debug, Default)]
pub(crate) struct Contract {
    pub(crate) signals: Vec<Signal>,
    pub(crate) queues: Vec<Queue>,
}

#[derive(Debug)]
pub(crate) struct Signal {
    pub(crate) name: Text,
    pub(crate) arguments: Vec<Argument>,
}

#[derive(Debug)]
pub(crate) struct Argument {
    pub(crate) name: Text,
    /// Some of [`TYPES`], in their order; all of them where nothing is said.
    pub(crate) types: Vec<&'static str>,
}

#[derive(Debug)]
pub(crate) struct Queue {
    pub(crate) name: Text,
    pub(crate) exchange: Option<Text>,
    pub(crate) topics: Vec<Text>,
}

/// The contract that a document holds, as far as it can be read, and what is wrong with it.
pub(crate) fn read(document: Value<'_>) -> (Contract, Vec<Diagnostic>) {
    let mut reader = Reader::default();
    let contract = reader.contract(document);
    (contract, reader.problems)
}

#[derive(Default)]
struct Reader {
    problems: Vec<Diagnostic>,
}

impl Reader {
    fn contract(&mut self, document: Value<'_>) -> Contract {
        let mut contract = Contract::default();
        for (key, value) in self.object(document, "a contract is an object") {
            match key.text.as_str() {
                "signals" => {
                    let signals = self.list(value, "`signals` is a list");
                    contract.signals = signals
                        .into_iter()
                        .filter_map(|it| self.signal(it))
                        .collect();
                }
                "queues" => {
                    let queues = self.list(value, "`queues` is a list");
                    contract.queues = queues.into_iter().filter_map(|it| self.queue(it)).collect();
                }
                "version" => self.version(value),
                other => self.left_out(other, key.span),
            }
        }
        contract
    }

    /// The library does not look at it; the files say 2.
    fn version(&mut self, value: Value<'_>) {
        if !matches!(value.written(), "1" | "2") {
            let message = format!(
                "version {} of this file is not known",
                shorten(value.written())
            );
            self.wrong(value.span(), message, "the library 1.9 reads version 2");
        }
    }

    fn left_out(&mut self, key: &str, span: Span) {
        let (message, help) = match key {
            "jsonlib" => (
                "`jsonlib` is left out: it names a module of Python".to_owned(),
                "what that module writes beyond JSON, such as `NaN`, can't be read by others",
            ),
            "default_prefix" => (
                "`default_prefix` is left out: deployments say it, not contracts".to_owned(),
                "name it in the DSN of the bus: `redis://host/0?channels=PREFIX`",
            ),
            other => (
                format!(
                    "`{}` is left out: the library does not read it",
                    shorten(other)
                ),
                "remove it",
            ),
        };
        let lost = Diagnostic::warning(LOST_IN_TRANSLATION, span, message);
        self.problems.push(lost.help(help));
    }

    fn signal(&mut self, value: Value<'_>) -> Option<Signal> {
        let shape = "a signal is an object with `name` and `providing_args`";
        let mut entries = self.object(value, shape);
        let name = self.required(&mut entries, "name", value);
        let arguments = self.required(&mut entries, "providing_args", value);
        self.others(entries);
        Some(Signal {
            name: self.name(name?)?,
            arguments: self.arguments(arguments?),
        })
    }

    fn arguments(&mut self, value: Value<'_>) -> Vec<Argument> {
        if let Some(names) = value.list() {
            let names = names.into_iter().filter_map(|it| self.name(it));
            return names
                .map(|name| Argument {
                    name,
                    types: TYPES.into(),
                })
                .collect();
        }
        let shape = "`providing_args` is a list of names, or an object from names to types";
        let entries = self.object(value, shape).into_iter();
        let arguments = entries.map(|(name, types)| Argument {
            name,
            types: self.types(types),
        });
        arguments.collect()
    }

    fn types(&mut self, value: Value<'_>) -> Vec<&'static str> {
        let written = value.list().unwrap_or_else(|| vec![value]);
        if written.is_empty() {
            self.wrong(
                value.span(),
                "an argument without any type".to_owned(),
                TYPES_HELP,
            );
        }
        let mut chosen = Vec::new();
        for one in written {
            let Some(name) = self.text(one, "a type is a string") else {
                continue;
            };
            let known = TYPES.into_iter().find(|it| *it == name.text);
            chosen.extend(known);
            if known.is_none() {
                let message = format!("there is no type `{}`", shorten(&name.text));
                self.wrong(name.span, message, TYPES_HELP);
            }
        }
        let all = TYPES.into_iter();
        all.filter(|it| chosen.contains(it)).collect()
    }

    fn queue(&mut self, value: Value<'_>) -> Option<Queue> {
        let shape = "a queue is an object with `name`, perhaps with `exchange` and `topics`";
        let mut entries = self.object(value, shape);
        let name = self.required(&mut entries, "name", value);
        let exchange = take(&mut entries, "exchange");
        let topics = take(&mut entries, "topics");
        self.others(entries);
        let exchange = exchange.and_then(|it| self.text(it, "`exchange` is a string"));
        Some(Queue {
            name: self.name(name?)?,
            exchange: exchange.filter(|it| !it.text.is_empty()),
            topics: topics.map_or_else(Vec::new, |it| self.topics(it)),
        })
    }

    fn topics(&mut self, value: Value<'_>) -> Vec<Text> {
        // Of a string the library would bind each letter.
        let topics = self.list(value, "`topics` is a list of strings");
        let topics = topics.into_iter();
        topics
            .filter_map(|it| self.text(it, "a topic is a string"))
            .collect()
    }

    /// What nobody reads, there as here.
    fn others(&mut self, entries: Vec<Entry<'_>>) {
        for (key, _) in entries {
            self.left_out(&key.text, key.span);
        }
    }

    fn required<'a>(
        &mut self,
        entries: &mut Vec<Entry<'a>>,
        key: &str,
        within: Value<'a>,
    ) -> Option<Value<'a>> {
        let found = take(entries, key);
        // What is no object at all was told already.
        if found.is_none() && within.kind() == "an object" {
            let message = format!("there is no `{key}`");
            self.wrong(
                within.span(),
                message,
                "the library fails on it with a `KeyError`",
            );
        }
        found
    }

    fn name(&mut self, value: Value<'_>) -> Option<Text> {
        self.text(value, "a name is a string")
    }

    fn text(&mut self, value: Value<'_>, shape: &str) -> Option<Text> {
        if !value.is_string() {
            self.shape(value, shape);
            return None;
        }
        value.string().map_err(|it| self.problems.push(*it)).ok()
    }

    fn list<'a>(&mut self, value: Value<'a>, shape: &str) -> Vec<Value<'a>> {
        value.list().unwrap_or_else(|| {
            self.shape(value, shape);
            Vec::new()
        })
    }

    fn object<'a>(&mut self, value: Value<'a>, shape: &str) -> Vec<Entry<'a>> {
        match value.object() {
            Some(Ok(entries)) => return entries,
            Some(Err(problem)) => self.problems.push(*problem),
            None => self.shape(value, shape),
        }
        Vec::new()
    }

    fn shape(&mut self, value: Value<'_>, shape: &str) {
        let message = format!("{shape}, and this is {}", value.kind());
        self.wrong(value.span(), message, "`mag explain MAG0602` shows one");
    }

    fn wrong(&mut self, span: Span, message: String, help: &str) {
        let problem = Diagnostic::error(NOT_SIGNALS_JSON, span, message);
        self.problems.push(problem.help(help));
    }
}

fn take<'a>(entries: &mut Vec<Entry<'a>>, key: &str) -> Option<Value<'a>> {
    let at = entries.iter().position(|(it, _)| it.text == key)?;
    Some(entries.remove(at).1)
}

/// A text as it may stand in a message.
fn shorten(text: &str) -> String {
    text.chars().take(40).collect()
}
