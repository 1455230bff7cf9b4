//! What can be sent, as methods: of a package's trait, and of the contexts of agents.

use microagent_schema::model::{Call, Exchange, Queue, SenderTarget, Signal, TypeRef};

use super::channels::{self, Named};
use super::layout::{self, Signature};
use super::scope::Scope;
use super::{head, types};
use crate::docs;
use crate::ident::pascal;
use crate::literal;
use crate::rust::view;

/// A method before it is laid out.
pub(crate) struct Sending {
    /// `send`, which is both the beginning of its name and the function that it calls.
    verb: &'static str,
    function: &'static str,
    parameters: Vec<String>,
    result: String,
    /// `queues::Mailer`
    marker: String,
}

/// The methods that send to `target`.
pub(crate) fn methods(scope: &Scope<'_>, target: SenderTarget) -> Vec<Sending> {
    let model = scope.model;
    match target {
        SenderTarget::Emit(id) => vec![emit(scope, &model[id])],
        SenderTarget::Queue(id) => vec![send(scope, &model[id])],
        SenderTarget::Exchange(id) => vec![publish(scope, &model[id])],
        SenderTarget::Ask(id) => ask(scope, &model[id]),
        SenderTarget::Call(id) => vec![call(scope, &model[id])],
    }
}

const SENDING: &str = "__rt::Sending<'_>";

fn message(scope: &Scope<'_>, payload: Option<&TypeRef>) -> Vec<String> {
    let parameter = payload.map(|it| format!("message: {}", types::rust_type(scope, it)));
    parameter.into_iter().collect()
}

fn emit(scope: &Scope<'_>, signal: &Signal) -> Sending {
    Sending {
        verb: "emit",
        function: "emit",
        parameters: message(scope, signal.payload.as_ref()),
        result: SENDING.to_owned(),
        marker: scope.item_of(signal.into(), "signals"),
    }
}

fn ask(scope: &Scope<'_>, signal: &Signal) -> Vec<Sending> {
    let reply = signal
        .reply
        .as_ref()
        .map_or_else(|| "()".to_owned(), |it| types::rust_type(scope, it));
    let method = |verb, result| Sending {
        verb,
        function: verb,
        parameters: message(scope, signal.payload.as_ref()),
        result,
        marker: scope.item_of(signal.into(), "signals"),
    };
    vec![
        method("ask", format!("__rt::Asking<'_, {reply}>")),
        method("ask_all", format!("__rt::Answers<{reply}>")),
    ]
}

fn call(scope: &Scope<'_>, call: &Call) -> Sending {
    Sending {
        verb: "call",
        function: "call",
        parameters: message(scope, call.payload.as_ref()),
        result: format!("__rt::Calling<'_, {}>", channels::reply_type(scope, call)),
        marker: scope.item_of(call.into(), "calls"),
    }
}

fn send(scope: &Scope<'_>, queue: &Queue) -> Sending {
    Sending {
        verb: "send",
        function: "send",
        parameters: message(scope, Some(&queue.payload)),
        result: SENDING.to_owned(),
        marker: scope.item_of(queue.into(), "queues"),
    }
}

fn publish(scope: &Scope<'_>, exchange: &Exchange) -> Sending {
    let mut parameters = message(scope, Some(&exchange.payload));
    let is_routed = exchange.routing.is_some();
    if is_routed {
        parameters.insert(0, format!("key: {}", channels::key_type(scope, exchange)));
    }
    Sending {
        verb: "publish",
        function: if is_routed { "publish_by" } else { "publish" },
        parameters,
        result: SENDING.to_owned(),
        marker: scope.item_of(exchange.into(), "exchanges"),
    }
}

impl Sending {
    /// The method called after `name`, in an `impl` or a trait at column 4 of module `indent`.
    pub(crate) fn lower(&self, name: &str, indent: usize, head: Vec<String>) -> view::Method {
        let is_trait = indent == TRAIT_INDENT;
        let visibility = if is_trait { "" } else { "pub " };
        let mut parameters = vec!["&self".to_owned()];
        parameters.extend(self.parameters.iter().cloned());
        let signature = Signature {
            indent,
            name: &format!("{visibility}fn {}_{name}", self.verb),
            parameters: &parameters,
            result: &self.result,
            end: if is_trait { "" } else { " {" },
        };
        let mut arguments = vec!["self".to_owned()];
        let names = self.parameters.iter().filter_map(|it| it.split(':').next());
        arguments.extend(names.map(str::to_owned));
        if self.parameters.is_empty() {
            arguments.push("__rt::Empty".to_owned());
        }
        let path = format!("__rt::{}::<{}>", self.function, self.marker);
        view::Method {
            head,
            signature: signature.lines(),
            body: layout::call(indent + 4, &path, &arguments),
        }
    }
}

/// The column of the methods of a package's trait.
pub(crate) const TRAIT_INDENT: usize = 8;
/// The column of the methods of an agent's context.
pub(crate) const CONTEXT_INDENT: usize = 12;

/// What can be sent of a package; none where there is nothing.
pub(crate) fn lower(scope: &Scope<'_>) -> Option<view::PackageSenders> {
    let name = trait_name(scope);
    let senders: Vec<view::Sender> = targets(scope)
        .into_iter()
        .map(|it| sender(scope, it))
        .collect();
    if senders.is_empty() {
        return None;
    }
    let package = &scope.this().name;
    Some(view::PackageSenders {
        docs: docs::line(&format!("All that can be sent of package `{package}`.")),
        name,
        senders,
    })
}

/// `AccountsV2Senders` for `accounts.v2`.
fn trait_name(scope: &Scope<'_>) -> String {
    format!("{}Senders", pascal(&scope.this().name))
}

/// What a package declares that can be sent: a bound queue gets its messages from its exchange alone.
fn targets(scope: &Scope<'_>) -> Vec<SenderTarget> {
    let (model, package) = (scope.model, scope.package);
    let signals = model.signals.iter().filter(|it| it.package == package);
    let calls = model.calls.iter().filter(|it| it.package == package);
    let queues = model
        .queues
        .iter()
        .filter(|it| it.package == package && it.binding.is_none());
    let exchanges = model.exchanges.iter().filter(|it| it.package == package);
    let signals = signals.map(|it| {
        if it.reply.is_some() {
            SenderTarget::Ask(it.id)
        } else {
            SenderTarget::Emit(it.id)
        }
    });
    signals
        .chain(calls.map(|it| SenderTarget::Call(it.id)))
        .chain(queues.map(|it| SenderTarget::Queue(it.id)))
        .chain(exchanges.map(|it| SenderTarget::Exchange(it.id)))
        .collect()
}

/// What is sent to, and how that is said.
pub(crate) struct Target<'a> {
    pub(crate) named: Named<'a>,
    /// `send to`
    verb: &'static str,
    /// `sends`
    keyword: &'static str,
    handle: &'static str,
}

pub(crate) fn target<'a>(scope: &Scope<'a>, target: SenderTarget) -> Target<'a> {
    let model = scope.model;
    let (named, verb, keyword, handle) = match target {
        SenderTarget::Emit(id) => ((&model[id]).into(), "emit", "emits", "Bus"),
        SenderTarget::Ask(id) => ((&model[id]).into(), "ask", "calls", "Bus"),
        SenderTarget::Call(id) => ((&model[id]).into(), "call", "calls", "Bus"),
        SenderTarget::Queue(id) => ((&model[id]).into(), "send to", "sends", "Broker"),
        SenderTarget::Exchange(id) => ((&model[id]).into(), "publish to", "sends", "Broker"),
    };
    Target {
        named,
        verb,
        keyword,
        handle,
    }
}

impl Target<'_> {
    /// `MailerSender`
    pub(crate) fn marker(&self) -> String {
        format!("{}Sender", pascal(self.named.name))
    }

    /// The docs of a method where the schema has none: ``Send to `accounts.mailer`.``
    pub(crate) fn docs(&self, scope: &Scope<'_>) -> String {
        let mut verb = self.verb.to_owned();
        verb[..1].make_ascii_uppercase();
        format!("{verb} `{}`.", self.named.full(scope.model))
    }
}

/// What rustc says to whoever sends to `full` without having declared it. It can't see whether the agent is of the same
/// package, where the name stands alone; in a package with no agents it never is.
fn refusal(scope: &Scope<'_>, target: &Target<'_>, full: &str) -> Vec<String> {
    let (keyword, name) = (target.keyword, target.named.name);
    let message = format!("`{{Self}}` may not {} `{full}`", target.verb);
    let agents = &scope.model.agents;
    let note = if agents.iter().any(|it| it.package == target.named.package) {
        format!("add `{keyword} {name};` to the agent, or `{keyword} {full};` in another package")
    } else {
        format!("add `{keyword} {full};` to the agent")
    };
    let said = [
        ("message", message.as_str()),
        ("label", "not declared in the agent's schema"),
        ("note", &note),
    ];
    let said = said.map(|(key, text)| format!("{key} = {}", literal::string(text)));
    layout::attribute("diagnostic::on_unimplemented", &said)
}

fn sender(scope: &Scope<'_>, of: SenderTarget) -> view::Sender {
    let target = target(scope, of);
    let full = target.named.full(scope.model);
    let mut head = vec![docs::line(&format!("May {} `{full}`.", target.verb))];
    if scope.has_prelude {
        head.extend(refusal(scope, &target, &full));
    }
    let method_head = head::of(target.named.meta, &target.docs(scope));
    let methods = methods(scope, of).into_iter();
    view::Sender {
        name: target.marker(),
        head,
        handle: target.handle,
        methods: methods
            .map(|it| it.lower(target.named.name, TRAIT_INDENT, method_head.clone()))
            .collect(),
    }
}

/// Whether the package's trait has methods for `target` as well: a signal with a reply is asked there, not emitted.
pub(crate) fn has_marker(scope: &Scope<'_>, target: SenderTarget) -> bool {
    match target {
        SenderTarget::Emit(id) => scope.model[id].reply.is_none(),
        SenderTarget::Queue(id) => scope.model[id].binding.is_none(),
        SenderTarget::Exchange(_) | SenderTarget::Ask(_) | SenderTarget::Call(_) => true,
    }
}
