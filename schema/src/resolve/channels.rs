//! Signals, calls and exchanges: payloads, replies, options, and names on the wire. Queues are read in `queues`; what
//! needs all types to be known (payload shapes, patterns) is checked later, in `check`.

use std::time::Duration;

use crate::ast;
use crate::case;
use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::model::CallId;
use crate::model::ExchangeId;
use crate::model::PackageId;
use crate::model::SignalId;
use crate::model::TypeRef;
use crate::resolve::annotations;
use crate::resolve::annotations::Annotations;
use crate::resolve::bodies;
use crate::resolve::draft::Draft;
use crate::resolve::draft::Site;
use crate::resolve::draft::broken;
use crate::resolve::options::Given;
use crate::resolve::routing;
use crate::resolve::rust_name;
use crate::resolve::types;
use crate::span::Span;

/// A shortest duration that is not nothing.
pub(crate) const SOME_TIME: Duration = Duration::from_millis(1);

/// The name on the wire: a quoted one as it stands, else with the package before it.
pub(crate) fn wire(draft: &Draft<'_>, package: PackageId, name: &ast::Name) -> String {
    match &name.written {
        ast::Written::Quoted(text) => text.clone(),
        _ if draft.model[package].flat => rust_name::wire(name).to_owned(),
        _ => format!("{}.{}", draft.package_name(package), rust_name::wire(name)),
    }
}

/// Payload and annotations of a declaration that may carry a body.
pub(crate) fn payload<'a>(
    draft: &mut Draft<'a>,
    site: Site,
    written: (&'a ast::Attributes, &'a ast::Payload),
    named: (&str, Span),
) -> (Option<TypeRef>, Annotations<'a>) {
    let (attributes, written) = written;
    let carrier = match written {
        ast::Payload::Fields(_) => annotations::CHANNEL_WITH_BODY,
        _ => annotations::CHANNEL,
    };
    let mut given = annotations::read(draft, attributes, carrier);
    let payload = bodies::payload(draft, site, written, (case::pascal(named.0), named.1));
    if let Some(ty) = &payload {
        annotations::examples(draft, &mut given, ty);
        check_not_optional(draft, written, ty);
    }
    bodies::pass_on(draft, payload.as_ref(), &given);
    (payload, given)
}

fn check_not_optional(draft: &mut Draft<'_>, written: &ast::Payload, ty: &TypeRef) {
    if let ast::Payload::Type(written) = written
        && ty.optional
    {
        let span = written.optional.first().copied().unwrap_or(written.span);
        let diagnostic =
            Diagnostic::error(codes::OPTIONAL_PAYLOAD, span, "a payload can't be missing")
                .help("take the `?` away, or put an optional field into a struct");
        draft.report(diagnostic);
    }
}

/// The span of the name that Rust items are made from.
pub(crate) fn name_span(name: &ast::Name) -> Span {
    name.alias.as_ref().map_or(name.span, |alias| alias.span)
}

pub(crate) fn resolve_signal<'a>(
    draft: &mut Draft<'a>,
    site: Site,
    declared: (&'a ast::Attributes, &'a ast::Signal),
    id: SignalId,
) {
    let (attributes, it) = declared;
    let name = draft.model[id].name.clone();
    let (payload, read) = payload(
        draft,
        site,
        (attributes, &it.payload),
        (&name, name_span(&it.name)),
    );
    if payload.is_none() {
        annotations::no_examples(draft, &read);
    }
    let reply = it
        .reply
        .as_ref()
        .map(|reply| types::resolve(draft, site, reply));
    let known: &[&str] = if reply.is_some() { &["deadline"] } else { &[] };
    let called = if reply.is_some() {
        "a signal with a reply"
    } else {
        "a signal without a reply"
    };
    let given = Given::new(draft, it.options.as_ref(), called, known);
    let deadline = given.duration(draft, "deadline", SOME_TIME);
    let wire = wire(draft, site.package, &it.name);
    let signal = &mut draft.model.signals[id.0 as usize];
    signal.wire = wire;
    signal.meta = read.meta;
    signal.payload = payload;
    signal.reply = reply;
    signal.deadline = deadline.unwrap_or(signal.deadline);
}

pub(crate) fn resolve_call<'a>(
    draft: &mut Draft<'a>,
    site: Site,
    declared: (&'a ast::Attributes, &'a ast::Call),
    id: CallId,
) {
    let (attributes, it) = declared;
    let name = draft.model[id].name.clone();
    let (payload, read) = payload(
        draft,
        site,
        (attributes, &it.payload),
        (&name, name_span(&it.name)),
    );
    if payload.is_none() {
        annotations::no_examples(draft, &read);
    }
    let reply = resolve_reply(draft, site, it);
    let throws = it
        .throws
        .as_ref()
        .map(|throws| resolve_throws(draft, site, throws));
    let given = Given::new(draft, it.options.as_ref(), "a call", &["deadline"]);
    let deadline = given.duration(draft, "deadline", SOME_TIME);
    let wire = wire(draft, site.package, &it.name);
    let call = &mut draft.model.calls[id.0 as usize];
    call.wire = wire;
    call.meta = read.meta;
    call.payload = payload;
    call.reply = reply;
    call.throws = throws;
    call.deadline = deadline.unwrap_or(call.deadline);
}

fn resolve_reply(draft: &mut Draft<'_>, site: Site, it: &ast::Call) -> TypeRef {
    if let Some(reply) = &it.reply {
        return types::resolve(draft, site, reply);
    }
    if draft.is_incomplete(site) {
        return broken(it.name.span);
    }
    let diagnostic = Diagnostic::error(
        codes::CALL_WITHOUT_REPLY,
        it.name.span,
        "a call has a reply",
    )
    .help(
        "write `-> T` behind it; for work without a reply declare a `queue`, for news a `signal`",
    );
    draft.report(diagnostic);
    broken(it.name.span)
}

fn resolve_throws(draft: &mut Draft<'_>, site: Site, throws: &ast::Type) -> TypeRef {
    let resolved = types::resolve(draft, site, throws);
    if let Some(&optional) = throws.optional.first() {
        let diagnostic = Diagnostic::error(
            codes::OPTIONAL_PAYLOAD,
            optional,
            "an error can't be missing",
        )
        .help("take the `?` away");
        draft.report(diagnostic);
    }
    resolved
}

/// Resolves an exchange; gives the id of its first queue's successor in order of declaration.
pub(crate) fn resolve_exchange<'a>(
    draft: &mut Draft<'a>,
    site: Site,
    declared: (&'a ast::Attributes, &'a ast::Exchange),
    id: ExchangeId,
) {
    let (attributes, it) = declared;
    let name = draft.model[id].name.clone();
    let (payload, read) = payload(
        draft,
        site,
        (attributes, &it.payload),
        (&name, name_span(&it.name)),
    );
    let payload =
        payload.unwrap_or_else(|| without_payload(draft, site, it.name.span, "an exchange"));
    let given = Given::new(draft, it.options.as_ref(), "an exchange", &["codec"]);
    check_codec(draft, given);
    let routing = it
        .routing
        .as_ref()
        .map(|template| routing::template(draft, site, template));
    let wire = wire(draft, site.package, &it.name);
    let exchange = &mut draft.model.exchanges[id.0 as usize];
    exchange.wire = wire;
    exchange.meta = read.meta;
    exchange.payload = payload;
    exchange.routing = routing;
}

pub(crate) fn without_payload(
    draft: &mut Draft<'_>,
    site: Site,
    span: Span,
    called: &str,
) -> TypeRef {
    if draft.is_incomplete(site) {
        return broken(span);
    }
    let diagnostic = Diagnostic::error(
        codes::NO_PAYLOAD,
        span,
        format!("{called} carries something"),
    )
    .help("write `: Type`, or fields in braces");
    draft.report(diagnostic);
    broken(span)
}

pub(crate) fn check_codec(draft: &mut Draft<'_>, given: Given<'_>) {
    given.choice(draft, "codec", &[("json", ())]);
}
