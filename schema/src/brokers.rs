//! What each broker can give, and what a schema asks beyond it. The facts are those that the runtime's backends declare of
//! themselves; a test holds the two against each other, since neither may know the other.

use crate::Analysis;
use crate::ast;
use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::model::{HandlerKind, Model, Overflow, Queue};
use crate::span::Span;
use crate::suggest::suggest;

/// A broker and what it can give.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "a table of what there is and what not"
)]
pub struct Broker {
    /// What `build.rs` and `mag check` call it: as the scheme of its DSN.
    pub name: &'static str,
    pub ordered: bool,
    /// Order of what comes to a queue through an exchange.
    pub ordered_copies: bool,
    pub ttl: bool,
    pub max_priority: u8,
    pub overflow_reject: bool,
    pub overflow_drop_oldest: bool,
    pub fanout: bool,
    pub topic: bool,
    /// Ids and headers travel with messages.
    pub headers: bool,
}

/// One that can do everything but tell priorities apart.
const STREAMS: Broker = Broker {
    name: "redis",
    ordered: true,
    ordered_copies: true,
    ttl: true,
    max_priority: 0,
    overflow_reject: true,
    overflow_drop_oldest: true,
    fanout: true,
    topic: true,
    headers: true,
};

/// All that come with the runtime.
pub const BROKERS: &[Broker] = &[
    Broker {
        name: "memory",
        max_priority: u8::MAX,
        ..STREAMS
    },
    STREAMS,
    Broker {
        name: "redis+list",
        ordered: false,
        ordered_copies: false,
        headers: false,
        ..STREAMS
    },
];

/// The broker of this name.
///
/// # Errors
/// A sentence that says which names there are, and which was probably meant.
pub fn named(name: &str) -> Result<&'static Broker, String> {
    let names = || BROKERS.iter().map(|broker| broker.name);
    BROKERS.iter().find(|it| it.name == name).ok_or_else(|| {
        let known = names().map(|name| format!("`{name}`")).collect::<Vec<_>>();
        let meant = suggest(name, names()).map_or_else(String::new, |meant| {
            format!("\n  help: did you mean `{meant}`?")
        });
        format!(
            "no broker is called `{name}`; there is {}{meant}",
            known.join(", ")
        )
    })
}

impl Analysis {
    /// Refuses what own packages (those of root 0) declare or consume and one of these brokers can't give: an error for
    /// each option, and no model. Does nothing where there is none already.
    pub fn require(&mut self, brokers: &[&Broker]) {
        let Some(model) = &self.model else { return };
        let mut found = Vec::new();
        for queue in model.queues.iter().filter(|queue| concerns(model, queue)) {
            let declared = Declared {
                queue,
                options: options(&self.files, queue.span),
            };
            for broker in brokers {
                found.extend(declared.beyond(broker));
            }
        }
        for exchange in &model.exchanges {
            if model[exchange.package].root != OWN {
                continue;
            }
            let routes = exchange.routing.is_some();
            let asks = if routes {
                "routing by pattern"
            } else {
                "copies to all its queues"
            };
            let can = |it: &Broker| if routes { it.topic } else { it.fanout };
            let lacking = brokers.iter().filter(|broker| !can(broker));
            found.extend(lacking.map(|it| refusal(it, &exchange.name, (asks, exchange.span))));
        }
        for (agent, span) in deduplicating(model) {
            let lacking = brokers.iter().filter(|broker| !broker.headers);
            found.extend(lacking.map(|it| refusal(it, agent, (DEDUPE, span))));
        }
        if !found.is_empty() {
            self.model = None;
            self.diagnostics.append(&mut found);
            self.diagnostics
                .sort_by_key(|diagnostic| (diagnostic.primary.span, diagnostic.code));
        }
    }
}

/// The root that code is generated for.
const OWN: usize = 0;

/// Declared here, or consumed by an agent that is.
fn concerns(model: &Model, queue: &Queue) -> bool {
    let own = |agent: &&crate::model::Agent| model[agent.package].root == OWN;
    let consumes = |kind: &HandlerKind| matches!(kind, HandlerKind::Consume { queue: it, .. } if *it == queue.id);
    let mut handlers = model.agents.iter().filter(own).flat_map(|it| &it.handlers);
    model[queue.package].root == OWN || handlers.any(|handler| consumes(&handler.kind))
}

const DEDUPE: &str = "`dedupe`, by the ids of messages";

/// The own agents that tell duplicates by the ids of messages, and the lines that say so.
fn deduplicating(model: &Model) -> impl Iterator<Item = (&str, Span)> {
    let own = model
        .agents
        .iter()
        .filter(|it| model[it.package].root == OWN);
    own.flat_map(|agent| {
        let lines = agent.handlers.iter();
        let asking = lines.filter(|it| {
            matches!(
                it.kind,
                HandlerKind::Consume {
                    dedupe: Some(_),
                    ..
                }
            )
        });
        asking.map(|line| (agent.name.as_str(), line.span))
    })
}

/// A queue and the options that were written for it.
struct Declared<'a> {
    queue: &'a Queue,
    options: &'a [ast::OptionEntry],
}

impl Declared<'_> {
    fn beyond(&self, broker: &Broker) -> Vec<Diagnostic> {
        let Queue {
            options: asked,
            binding,
            ..
        } = self.queue;
        let limited = |overflow| asked.max_length.is_some() && asked.overflow == overflow;
        let priority = asked.max_priority.unwrap_or(0);
        let lacking = [
            (asked.ordered && !broker.ordered, "ordered", "order"),
            (
                asked.ordered && broker.ordered && binding.is_some() && !broker.ordered_copies,
                "ordered",
                "order of what comes from an exchange",
            ),
            (asked.ttl.is_some() && !broker.ttl, "ttl", "a time to live"),
            (
                priority > broker.max_priority,
                "max_priority",
                "more priorities than there are",
            ),
            (
                limited(Overflow::Reject) && !broker.overflow_reject,
                "max_length",
                "a length that rejects",
            ),
            (
                limited(Overflow::DropOldest) && !broker.overflow_drop_oldest,
                "overflow",
                "a length that drops the oldest",
            ),
        ];
        let lacking = lacking.iter().filter(|(lacks, ..)| *lacks);
        lacking
            .map(|(_, option, what)| refusal(broker, &self.queue.name, (what, self.span(option))))
            .collect()
    }

    /// Where the option stands, else the name of the queue.
    fn span(&self, option: &str) -> Span {
        let entry = self.options.iter().find(|it| it.name.text == option);
        entry.map_or(self.queue.span, |it| it.name.span.to(it.value.span))
    }
}

/// The options of the queue whose name stands there; none where nothing was written.
fn options(files: &[ast::File], name: Span) -> &[ast::OptionEntry] {
    let items = files.iter().flat_map(|file| &file.items);
    let queues = items.flat_map(|item| match &item.kind {
        ast::ItemKind::Queue(queue) => vec![queue],
        ast::ItemKind::Exchange(it) => it.queues.iter().map(|it| &it.queue).collect(),
        _ => Vec::new(),
    });
    let mut named = queues.filter(|queue| queue.name.span.start == name.start);
    let options = named.next().and_then(|queue| queue.options.as_ref());
    options.map_or(&[], |options| &options.entries)
}

fn refusal(broker: &Broker, name: &str, (what, span): (&str, Span)) -> Diagnostic {
    let message = format!("`{name}` asks for {what}, which `{}` can't do", broker.name);
    Diagnostic::error(codes::BEYOND_BROKER, span, message)
        .help("take the option out, or run on another broker and name that one")
}
