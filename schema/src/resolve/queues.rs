//! Queues: what they are bound to, and their options. What speaks of the fields of the payload is checked later, in
//! `check`.

use crate::ast;
use crate::ast::ValueKind;
use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::model;
use crate::model::ExchangeId;
use crate::model::Overflow;
use crate::model::QueueId;
use crate::resolve::channel_names::Wanted;
use crate::resolve::channels::SOME_TIME;
use crate::resolve::channels::check_codec;
use crate::resolve::channels::name_span;
use crate::resolve::channels::payload;
use crate::resolve::channels::wire;
use crate::resolve::channels::without_payload;
use crate::resolve::constraints::word;
use crate::resolve::draft::Channel;
use crate::resolve::draft::Draft;
use crate::resolve::draft::Site;
use crate::resolve::draft::broken;
use crate::resolve::options::Given;
use crate::span::Span;

const QUEUE_OPTIONS: [&str; 10] = [
    "key",
    "ordered",
    "partitions",
    "ttl",
    "max_length",
    "overflow",
    "max_priority",
    "dead_letter",
    "durable",
    "codec",
];

/// A queue, of its own or inside `exchange`.
pub(crate) fn resolve<'a>(
    draft: &mut Draft<'a>,
    site: Site,
    declared: (&'a ast::Attributes, &'a ast::Queue),
    ids: (QueueId, Option<ExchangeId>),
) {
    let (attributes, it) = declared;
    let (id, inside) = ids;
    let name = draft.model[id].name.clone();
    let (payload, read) = payload(
        draft,
        site,
        (attributes, &it.payload),
        (&name, name_span(&it.name)),
    );
    let binding = binding(draft, site, it, inside);
    let bound = it.binding.is_some() || inside.is_some();
    if let (true, Some(payload)) = (bound, &payload) {
        let diagnostic = Diagnostic::error(
            codes::PAYLOAD_OF_BOUND_QUEUE,
            payload.span,
            "a queue on an exchange carries what the exchange carries",
        )
        .help("take the payload away");
        draft.report(diagnostic);
    }
    let payload = match payload {
        Some(payload) => payload,
        None if bound => broken(it.name.span),
        None => without_payload(draft, site, it.name.span, "a queue"),
    };
    let options = queue_options(draft, site, it.options.as_ref(), id);
    let pattern = it
        .binding
        .as_ref()
        .and_then(|binding| binding.pattern.clone());
    draft.queue_places[id.0 as usize].pattern = pattern;
    let wire = wire(draft, site.package, &it.name);
    let queue = &mut draft.model.queues[id.0 as usize];
    queue.wire = wire;
    queue.meta = read.meta;
    queue.payload = payload;
    queue.binding = binding;
    queue.options = options;
}

fn binding(
    draft: &mut Draft<'_>,
    site: Site,
    it: &ast::Queue,
    inside: Option<ExchangeId>,
) -> Option<model::Binding> {
    let written = it.binding.as_ref();
    let path = written.and_then(|binding| binding.exchange.as_ref());
    let pattern = written
        .and_then(|binding| binding.pattern.as_ref())
        .map(|pattern| pattern.text.clone());
    let exchange = match (inside, path) {
        (Some(_), Some(path)) => {
            let diagnostic = Diagnostic::error(
                codes::BAD_BINDING,
                path.span,
                "a queue inside an exchange is bound to it",
            )
            .help("write `on` with a pattern only, or declare the queue outside");
            draft.report(diagnostic);
            return None;
        }
        (Some(exchange), None) => exchange,
        (None, Some(path)) => exchange_by_path(draft, site, path)?,
        (None, None) => {
            if let Some(written) = written.filter(|_| !draft.is_incomplete(site)) {
                let diagnostic = Diagnostic::error(
                    codes::BAD_BINDING,
                    written.span,
                    "this queue stands in no exchange",
                )
                .help("name the exchange: `queue x on exchange_name \"pattern\";`");
                draft.report(diagnostic);
            }
            return None;
        }
    };
    Some(model::Binding { exchange, pattern })
}

fn exchange_by_path(draft: &mut Draft<'_>, site: Site, path: &ast::Path) -> Option<ExchangeId> {
    match draft.channel_by_path(site, path, Wanted::Exchange)? {
        Channel::Exchange(id) => Some(id),
        other => {
            let message = format!(
                "this is {}, a queue is bound to an exchange",
                other.described()
            );
            let diagnostic = Diagnostic::error(codes::WRONG_KIND_OF_CHANNEL, path.span, message)
                .related(draft.channel_span(other), "declared here")
                .help("name an `exchange`");
            draft.report(diagnostic);
            None
        }
    }
}

fn queue_options(
    draft: &mut Draft<'_>,
    site: Site,
    options: Option<&ast::Options>,
    own: QueueId,
) -> model::QueueOptions {
    let given = Given::new(draft, options, "a queue", &QUEUE_OPTIONS);
    check_codec(draft, given);
    let dead_letter = given
        .get("dead_letter")
        .and_then(|value| dead_letter(draft, site, value, own));
    let key = given
        .get("key")
        .map_or_else(Vec::new, |value| key(draft, value));
    let places = &mut draft.queue_places[own.0 as usize];
    places.key.clone_from(&key);
    places.dead_letter = given.get("dead_letter").map(|value| value.span);
    let max_priority = given.small(draft, "max_priority", (1, 255));
    let overflow = [
        ("reject", Overflow::Reject),
        ("drop_oldest", Overflow::DropOldest),
    ];
    let resolved = model::QueueOptions {
        key: key.into_iter().map(|(field, _)| field).collect(),
        ordered: given.boolean(draft, "ordered").unwrap_or(false),
        partitions: given.small(draft, "partitions", (1, 10_000)),
        ttl: given.duration(draft, "ttl", SOME_TIME),
        max_length: given.integer(draft, "max_length", (1, u64::from(u32::MAX))),
        overflow: given
            .choice(draft, "overflow", &overflow)
            .unwrap_or_default(),
        max_priority: max_priority.and_then(|priority| u8::try_from(priority).ok()),
        dead_letter,
        durable: given.boolean(draft, "durable"),
    };
    check_pairs(draft, given, &resolved);
    resolved
}

/// Options that mean nothing without another one.
fn check_pairs(draft: &mut Draft<'_>, given: Given<'_>, resolved: &model::QueueOptions) {
    let ordered = given.name_span("ordered").filter(|_| resolved.ordered);
    let pairs = [
        (
            "overflow",
            "max_length",
            given.name_span("overflow"),
            given.get("max_length").is_some(),
        ),
        (
            "partitions",
            "ordered: true",
            given.name_span("partitions"),
            resolved.ordered,
        ),
        ("ordered", "key", ordered, given.get("key").is_some()),
    ];
    for (option, needed, span, present) in pairs {
        if let Some(span) = span.filter(|_| !present) {
            let message = format!("`{option}` means nothing without `{needed}`");
            let diagnostic = Diagnostic::error(codes::OPTION_NEEDS_ANOTHER, span, message)
                .help(format!("add `{needed}`, or take `{option}` away"));
            draft.report(diagnostic);
        }
    }
}

fn dead_letter(
    draft: &mut Draft<'_>,
    site: Site,
    value: &ast::Value,
    own: QueueId,
) -> Option<QueueId> {
    let ValueKind::Word(path) = &value.kind else {
        crate::resolve::options::wrong(draft, value, "name a queue: `dead_letter: mailer_dead`");
        return None;
    };
    let found = draft.channel_by_path(site, path, Wanted::Queue)?;
    let message = match found {
        Channel::Queue(id) if id != own => return Some(id),
        Channel::Queue(_) => "a queue can't be its own dead-letter queue".to_owned(),
        other => format!("this is {}, dead letters go to a queue", other.described()),
    };
    let diagnostic = Diagnostic::error(codes::BAD_DEAD_LETTER, value.span, message)
        .help("name another queue of the same payload");
    draft.report(diagnostic);
    None
}

/// One field or a list of them, as declared.
fn key(draft: &mut Draft<'_>, value: &ast::Value) -> Vec<(String, Span)> {
    let single = |value: &ast::Value| {
        let field = match &value.kind {
            ValueKind::Word(_) => word(value)?.to_owned(),
            ValueKind::String { text, .. } => text.clone(),
            _ => return None,
        };
        Some((field, value.span))
    };
    let fields: Option<Vec<(String, Span)>> = match &value.kind {
        ValueKind::List(items) if !items.is_empty() => items.iter().map(single).collect(),
        _ => single(value).map(|field| vec![field]),
    };
    if fields.is_none() {
        crate::resolve::options::wrong(
            draft,
            value,
            "write a field, or several in brackets: `key: [tenant, id]`; paths are not taken",
        );
    }
    fields.unwrap_or_default()
}
