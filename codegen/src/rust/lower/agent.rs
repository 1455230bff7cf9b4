//! Agents: the trait with a method per line, the context with what the agent declared to send, and the table of lines.

use microagent_schema::model::{Agent, Handler, HandlerKind, Received, Shape};

use super::layout::{self, Signature};
use super::lines;
use super::scope::Scope;
use super::senders::{self, CONTEXT_INDENT, TRAIT_INDENT};
use super::{channels::Named, head, types};
use crate::docs;
use crate::ident::{agent_module, ident, screaming};
use crate::literal;
use crate::rust::view;

/// What users may do around the life of an agent.
const HOOKS: [(&str, &str); 3] = [
    (
        "pre_start",
        "Runs before the agent hears or does anything; a failure keeps it from starting.",
    ),
    (
        "post_start",
        "Runs when all lines are attached, before any message is handled; a failure ends the agent.",
    ),
    (
        "pre_stop",
        "Runs when the agent stops, after its last message; the connections are still open.",
    ),
];

pub(crate) fn lower(scope: &Scope<'_>, agent: &Agent) -> view::Agent {
    let module = agent_module(&agent.name);
    let inside = &scope.inside();
    let (markers, senders) = what_it_sends(inside, agent);
    let fallback = format!(
        "Agent `{}` of package `{}`: a method per line.",
        agent.name,
        scope.this().name
    );
    view::Agent {
        name: ident(&agent.name),
        head: head::of(&agent.meta, &fallback),
        module_head: module_head(scope, agent, &module),
        meta: meta(scope, agent),
        schedules: agent
            .handlers
            .iter()
            .filter_map(|it| schedule(scope, agent, it))
            .collect(),
        unions: agent
            .handlers
            .iter()
            .filter_map(|it| union(inside, it))
            .collect(),
        markers,
        senders,
        lines: agent
            .handlers
            .iter()
            .flat_map(|it| lines::lower(inside, it))
            .flat_map(|it| layout::row(16, &it))
            .collect(),
        declaration: declaration(&ident(&agent.name)),
        handlers: agent
            .handlers
            .iter()
            .map(|it| handler(scope, it, &module))
            .collect(),
        hooks: HOOKS
            .iter()
            .map(|(name, docs)| hook(name, docs, &module))
            .collect(),
        module,
    }
}

fn module_head(scope: &Scope<'_>, agent: &Agent, module: &str) -> Vec<String> {
    let mut head = vec![format!("/// What `{}` handles and sends.", agent.name)];
    if scope.this().name == module {
        head.extend(head::allow(
            "clippy::module_inception",
            "an agent may be called like its package",
        ));
    }
    head
}

fn meta(scope: &Scope<'_>, agent: &Agent) -> Vec<String> {
    let arguments = [
        literal::string(&scope.this().name),
        literal::string(&agent.name),
        "super::FINGERPRINT".to_owned(),
    ];
    let declaration = "pub(super) const __META: &__rt::AgentMeta =";
    layout::constant(8, declaration, "&__rt::AgentMeta::new", &arguments)
}

/// `mail_service.MailAgent`
fn full_name(scope: &Scope<'_>, agent: &Agent) -> String {
    format!("{}.{}", scope.this().name, agent.name)
}

fn schedule(scope: &Scope<'_>, agent: &Agent, handler: &Handler) -> Option<view::Constant> {
    if !matches!(
        handler.kind,
        HandlerKind::Every { .. } | HandlerKind::Cron { .. }
    ) {
        return None;
    }
    let arguments =
        [full_name(scope, agent), handler.method.clone()].map(|it| literal::string(&it));
    let declaration = format!(
        "pub const {}: __rt::ScheduleId =",
        screaming(&handler.method)
    );
    Some(view::Constant {
        docs: format!(
            "/// Names the schedule of `{}`, in tests and tools.",
            handler.method
        ),
        text: layout::constant(8, &declaration, "__rt::ScheduleId::new", &arguments),
    })
}

/// The enum of what one method receives.
fn union(scope: &Scope<'_>, handler: &Handler) -> Option<view::Union> {
    let HandlerKind::Receive { signals, union, .. } = &handler.kind else {
        return None;
    };
    let name = ident(union.as_ref()?);
    let mut head = vec![format!("/// What `{}` receives.", handler.method)];
    if signals.iter().any(|it| has_struct(scope, it)) {
        head.extend(head::allow(
            "clippy::large_enum_variant",
            "a variant is as large as what it says",
        ));
    }
    head.extend(head::derive(&["Clone", "Debug", "PartialEq"], &[]));
    Some(view::Union {
        head,
        name,
        variants: signals.iter().map(|it| received(scope, it)).collect(),
    })
}

fn has_struct(scope: &Scope<'_>, received: &Received) -> bool {
    let payload = scope.model[received.signal].payload.as_ref();
    payload.is_some_and(|it| matches!(it.shape, Shape::Named(_)))
}

fn received(scope: &Scope<'_>, received: &Received) -> view::Member {
    let signal = &scope.model[received.signal];
    let payload = signal
        .payload
        .as_ref()
        .map(|it| types::rust_type(scope, it));
    view::Member {
        head: vec![format!("/// `{}`", Named::from(signal).full(scope.model))],
        text: layout::variant(12, &ident(&received.variant), payload.as_deref()),
    }
}

/// The traits of what an agent may send, and the methods for it.
fn what_it_sends(scope: &Scope<'_>, agent: &Agent) -> (Vec<String>, Vec<view::Method>) {
    let mut markers: Vec<String> = Vec::new();
    let mut methods = Vec::new();
    for sender in &agent.senders {
        let target = senders::target(scope, sender.target);
        let marker = scope.item(target.named.package, &target.marker());
        if senders::has_marker(scope, sender.target) && !markers.contains(&marker) {
            markers.push(marker);
        }
        let mut head = head::documented(target.named.meta, &target.docs(scope));
        if !sender.meta.docs.0.is_empty() {
            head = docs::lines(&sender.meta.docs.0);
        }
        let sendings = senders::methods(scope, sender.target).into_iter();
        methods.extend(sendings.map(|it| it.lower(&sender.name, CONTEXT_INDENT, head.clone())));
    }
    (markers, methods)
}

/// `pub trait MailAgent: …`, as rustfmt breaks it.
fn declaration(name: &str) -> Vec<String> {
    let bounds = "::core::marker::Send + ::core::marker::Sync + ::core::marker::Sized + 'static";
    vec![
        format!("pub trait {name}:"),
        format!("    {bounds}"),
        "{".to_owned(),
    ]
}

/// What a method of the trait returns.
fn future(output: &str) -> String {
    format!("impl ::core::future::Future<Output = {output}> + ::core::marker::Send")
}

fn handler(scope: &Scope<'_>, handler: &Handler, module: &str) -> view::Method {
    let mut parameters = vec!["&self".to_owned(), format!("cx: &{module}::Context")];
    parameters.extend(lines::parameter(scope, handler, module));
    let name = format!("fn {}", ident(&handler.method));
    let signature = Signature {
        indent: TRAIT_INDENT,
        name: &name,
        parameters: &parameters,
        result: &future(&lines::outcome(scope, handler)),
        end: ";",
    };
    view::Method {
        head: head::of(&handler.meta, &lines::describe(scope, handler)),
        signature: signature.lines(),
        body: Vec::new(),
    }
}

fn hook(name: &str, docs: &str, module: &str) -> view::Method {
    let signature = Signature {
        indent: TRAIT_INDENT,
        name: &format!("fn {name}"),
        parameters: &["&self".to_owned(), format!("cx: &{module}::Context")],
        result: &future("__rt::Outcome"),
        end: " {",
    };
    view::Method {
        head: vec![format!("/// {docs}")],
        signature: signature.lines(),
        body: Vec::new(),
    }
}
