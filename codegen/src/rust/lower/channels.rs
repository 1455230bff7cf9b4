//! Markers of signals, calls, queues and exchanges: their payloads, and all that the runtime knows of them.

use std::time::Duration;

use microagent_schema::model::{
    Binding, Call, Exchange, Meta, Model, Overflow, PackageId, Queue, QueueId, RoutingWord, Signal,
    TypeRef,
};

use super::checks::Checks;
use super::object::described;
use super::scope::Scope;
use super::{describe, head, layout, types};
use crate::docs;
use crate::ident::{ident, pascal};
use crate::literal;
use crate::rust::view;

/// What an asker waits where the schema says nothing, as the contract crate has it.
const DEADLINE: Duration = Duration::from_secs(5);

/// What signals, calls, queues and exchanges have in common.
#[derive(Clone, Copy)]
pub(crate) struct Named<'a> {
    pub(crate) package: PackageId,
    pub(crate) name: &'a str,
    pub(crate) wire: &'a str,
    pub(crate) meta: &'a Meta,
}

macro_rules! named {
    ($($of:ident)*) => {$(
        impl<'a> From<&'a $of> for Named<'a> {
            fn from(it: &'a $of) -> Self {
                Self { package: it.package, name: &it.name, wire: &it.wire, meta: &it.meta }
            }
        }
    )*};
}
named!(Signal Call Queue Exchange);

impl Named<'_> {
    /// `accounts.mailer`
    pub(crate) fn full(&self, model: &Model) -> String {
        format!("{}.{}", model[self.package].name, self.name)
    }

    /// The name of its marker: `Mailer`.
    pub(crate) fn marker(&self) -> String {
        ident(&pascal(self.name))
    }
}

/// An expression that is a duration.
pub(crate) fn duration(duration: Duration) -> String {
    let count = i128::try_from(duration.as_millis()).expect("a duration of the schema is short");
    format!("__rt::milliseconds({})", literal::integer(count))
}

/// The modules with the markers of a package; a kind that it does not declare has none.
pub(crate) fn lower(scope: &Scope<'_>, checks: &mut Checks) -> Vec<view::Channels> {
    let model = scope.model;
    let signals = model
        .signals
        .iter()
        .filter(|it| it.package == scope.package);
    let signals = signals.map(|it| signal(scope, it, checks)).collect();
    let calls = model.calls.iter().filter(|it| it.package == scope.package);
    let calls = calls.map(|it| call(scope, it, checks)).collect();
    let queues = model.queues.iter().filter(|it| it.package == scope.package);
    let queues = queues.map(|it| queue(scope, it, checks)).collect();
    let exchanges = model
        .exchanges
        .iter()
        .filter(|it| it.package == scope.package);
    let exchanges = exchanges.map(|it| exchange(scope, it, checks)).collect();
    let package = &scope.this().name;
    [
        ("signals", signals),
        ("calls", calls),
        ("queues", queues),
        ("exchanges", exchanges),
    ]
    .into_iter()
    .filter(|(_, markers): &(_, Vec<view::Marker>)| !markers.is_empty())
    .map(|(kind, markers)| view::Channels {
        kind,
        docs: docs::line(&format!("The {kind} of package `{package}`, as types.")),
        markers,
    })
    .collect()
}

/// What all markers have; `kind` is that of the metadata, `types` what follows the name.
fn marker(scope: &Scope<'_>, named: Named<'_>, kind: &str, types: &str) -> view::Marker {
    let arguments = [&scope.this().name, named.name, named.wire]
        .map(literal::string)
        .join(", ");
    view::Marker {
        head: head::of(
            named.meta,
            &format!("{kind} `{}`.", named.full(scope.model)),
        ),
        text: format!("{}: {types}", named.marker()),
        meta: format!("__rt::{kind}Meta::new({arguments})"),
        options: Vec::new(),
    }
}

/// `super::Mail as __rt::Plain`
fn carried(scope: &Scope<'_>, ty: Option<&TypeRef>, name: &str, checks: &mut Checks) -> String {
    let Some(ty) = ty else {
        return "__rt::Empty as __rt::Plain".to_owned();
    };
    let codec = types::codec(scope, ty, name, checks);
    format!("{} as {codec}", types::rust_type(scope, ty))
}

fn with_deadline(marker: &mut view::Marker, deadline: Duration) {
    if deadline != DEADLINE {
        marker
            .options
            .push(format!(".with_deadline({})", duration(deadline)));
    }
}

fn signal(scope: &Scope<'_>, signal: &Signal, checks: &mut Checks) -> view::Marker {
    let scope = &scope.inside();
    let name = pascal(&signal.name);
    let mut types = carried(scope, signal.payload.as_ref(), &name, checks);
    if let Some(reply) = &signal.reply {
        let codec = types::codec(scope, reply, &format!("{name}Reply"), checks);
        types = format!(
            "{types} => {} as __rt::Replies<{codec}>",
            types::rust_type(scope, reply)
        );
    }
    let mut marker = marker(scope, signal.into(), "Signal", &types);
    with_deadline(&mut marker, signal.deadline);
    marker
}

fn call(scope: &Scope<'_>, call: &Call, checks: &mut Checks) -> view::Marker {
    let scope = &scope.inside();
    let name = pascal(&call.name);
    let mut types = carried(scope, call.payload.as_ref(), &name, checks);
    let reply = types::codec(scope, &call.reply, &format!("{name}Reply"), checks);
    let codec = match &call.throws {
        Some(throws) => {
            let throws = types::codec(scope, throws, &format!("{name}Error"), checks);
            format!("__rt::Throws<{reply}, {throws}>")
        }
        None => format!("__rt::Replies<{reply}>"),
    };
    types = format!("{types} => {} as {codec}", reply_type(scope, call));
    let mut marker = marker(scope, call.into(), "Call", &types);
    with_deadline(&mut marker, call.deadline);
    marker
}

/// What a caller gets: the reply, or a `Result` of it and the declared error.
pub(crate) fn reply_type(scope: &Scope<'_>, call: &Call) -> String {
    let reply = types::rust_type(scope, &call.reply);
    match &call.throws {
        Some(throws) => format!(
            "::core::result::Result<{reply}, {}>",
            types::rust_type(scope, throws)
        ),
        None => reply,
    }
}

fn queue(scope: &Scope<'_>, queue: &Queue, checks: &mut Checks) -> view::Marker {
    let scope = &scope.inside();
    // A bound queue reads what its exchange carries, which may have constraints of its own package.
    let types = match &queue.binding {
        Some(binding) => {
            let exchange = scope.item_of(Named::from(&scope.model[binding.exchange]), "exchanges");
            let payload = types::rust_type(scope, &queue.payload);
            format!("{payload} as <{exchange} as __rt::Exchange>::Codec")
        }
        None => carried(scope, Some(&queue.payload), &pascal(&queue.name), checks),
    };
    let mut marker = marker(scope, queue.into(), "Queue", &types);
    marker.options = queue_options(scope, queue);
    marker
}

fn queue_options(scope: &Scope<'_>, queue: &Queue) -> Vec<String> {
    let options = &queue.options;
    let mut calls = Vec::new();
    calls.extend(queue.binding.as_ref().map(|it| binding_option(scope, it)));
    if !options.key.is_empty() {
        let keys: Vec<String> = options.key.iter().map(|it| literal::string(it)).collect();
        calls.push(format!(".with_key(&[{}])", keys.join(", ")));
    }
    if options.ordered {
        calls.push(".ordered()".to_owned());
    }
    calls.extend(
        options
            .partitions
            .map(|it| format!(".with_partitions({})", literal::integer(it.into()))),
    );
    calls.extend(options.ttl.map(|it| format!(".with_ttl({})", duration(it))));
    calls.extend(
        options
            .max_length
            .map(|it| max_length(it, options.overflow)),
    );
    calls.extend(
        options
            .max_priority
            .map(|it| format!(".with_max_priority({it})")),
    );
    calls.extend(options.dead_letter.map(|it| dead_letter(scope, it)));
    calls.extend(options.durable.map(|it| format!(".with_durable({it})")));
    calls
}

fn binding_option(scope: &Scope<'_>, binding: &Binding) -> String {
    let exchange = scope.item_of(Named::from(&scope.model[binding.exchange]), "exchanges");
    let pattern = binding.pattern.as_deref();
    let pattern = pattern.map_or_else(String::new, |it| {
        format!(".with_pattern({})", literal::string(it))
    });
    format!(".with_binding(__rt::BindingMeta::new(<{exchange} as __rt::Exchange>::META){pattern})")
}

fn max_length(length: u64, overflow: Overflow) -> String {
    let overflow = match overflow {
        Overflow::Reject => "Reject",
        Overflow::DropOldest => "DropOldest",
    };
    let length = literal::integer(length.into());
    format!(".with_max_length({length}, __rt::Overflow::{overflow})")
}

/// Behind a closure, since two queues may name each other's exchanges and letters.
fn dead_letter(scope: &Scope<'_>, queue: QueueId) -> String {
    let marker = scope.item_of(Named::from(&scope.model[queue]), "queues");
    format!(".with_dead_letter(|| <{marker} as __rt::Queue>::META)")
}

fn exchange(scope: &Scope<'_>, exchange: &Exchange, checks: &mut Checks) -> view::Marker {
    let scope = &scope.inside();
    let mut types = carried(
        scope,
        Some(&exchange.payload),
        &pascal(&exchange.name),
        checks,
    );
    let key = match &exchange.routing {
        Some(_) => key_type(scope, exchange),
        None => "()".to_owned(),
    };
    types = format!("{types} => {key}");
    let mut marker = marker(scope, exchange.into(), "Exchange", &types);
    if let Some(routing) = &exchange.routing {
        marker.options.push(format!(
            ".with_routing({})",
            literal::string(&routing.template)
        ));
    }
    marker.options.extend(bound_queues(scope, exchange));
    marker
}

/// The queues of the exchange's own package, so that whoever publishes can declare them; behind a closure, since each
/// names the exchange.
fn bound_queues(scope: &Scope<'_>, exchange: &Exchange) -> Option<String> {
    let is_bound = |it: &&Queue| {
        it.binding
            .as_ref()
            .is_some_and(|binding| binding.exchange == exchange.id)
    };
    let queues = scope
        .model
        .queues
        .iter()
        .filter(|it| it.package == exchange.package);
    let metas = queues.filter(is_bound).map(|it| {
        let marker = scope.item_of(Named::from(it), "queues");
        format!("<{marker} as __rt::Queue>::META")
    });
    let metas: Vec<String> = metas.collect();
    (!metas.is_empty()).then(|| format!(".with_queues(|| const {{ &[{}] }})", metas.join(", ")))
}

/// `Push3Key`
pub(crate) fn key_type(scope: &Scope<'_>, exchange: &Exchange) -> String {
    scope.item(exchange.package, &format!("{}Key", pascal(&exchange.name)))
}

/// The keys of the routed exchanges of a package.
pub(crate) fn routing_keys(scope: &Scope<'_>) -> Vec<view::RoutingKey> {
    let exchanges = scope
        .model
        .exchanges
        .iter()
        .filter(|it| it.package == scope.package);
    exchanges.filter_map(|it| routing_key(scope, it)).collect()
}

fn routing_key(scope: &Scope<'_>, exchange: &Exchange) -> Option<view::RoutingKey> {
    let routing = exchange.routing.as_ref()?;
    let mut parameters = Vec::new();
    let mut words = Vec::with_capacity(routing.words.len());
    for word in &routing.words {
        words.push(match word {
            RoutingWord::Literal(text) => format!("literal({})", literal::string(text)),
            RoutingWord::Parameter { name, ty } => {
                let text = describe::type_ref(scope.model, ty);
                parameters.push(view::Member {
                    head: vec![described(name, &text)],
                    text: layout::field(&ident(name), &types::rust_type(scope, ty)),
                });
                format!("value({})", ident(name))
            }
        });
    }
    let mut head = vec![docs::line(&format!(
        "What `{}` routes by.",
        Named::from(exchange).full(scope.model)
    ))];
    head.extend(layout::attribute(
        "derive",
        &["Clone", "Debug", "PartialEq"].map(str::to_owned),
    ));
    Some(view::RoutingKey {
        head,
        name: key_type(scope, exchange),
        wire: literal::string(&exchange.wire),
        parameters,
        words: words.join(", "),
    })
}

impl Scope<'_> {
    /// The marker of a channel: `queues::Mailer`.
    pub(crate) fn item_of(&self, named: Named<'_>, kind: &str) -> String {
        self.item(named.package, &format!("{kind}::{}", named.marker()))
    }
}
