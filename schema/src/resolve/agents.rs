//! Agents: what each line is about, what its method is called, that the methods have names of their own. Options are read in `handlers`, senders in
//! `senders`.

use std::collections::HashMap;

use crate::ast;
use crate::ast::LineKind;
use crate::case;
use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::model;
use crate::model::AgentId;
use crate::model::Answered;
use crate::model::HandlerKind;
use crate::model::Received;
use crate::model::SignalId;
use crate::resolve::annotations;
use crate::resolve::channel_names::Wanted;
use crate::resolve::draft::Channel;
use crate::resolve::draft::Draft;
use crate::resolve::draft::Site;
use crate::resolve::handlers;
use crate::resolve::options::Given;
use crate::resolve::senders;
use crate::span::Span;

/// Methods that every agent has without a line.
const PROVIDED: [&str; 5] = ["pre_start", "post_start", "pre_stop", "agent", "agent_with"];

pub(crate) fn resolve<'a>(
    draft: &mut Draft<'a>,
    site: Site,
    declared: (&'a ast::Attributes, &'a ast::Agent),
    id: AgentId,
) {
    let (attributes, it) = declared;
    let read = annotations::read(draft, attributes, annotations::AGENT);
    Given::new(draft, it.options.as_ref(), "an agent", &[]);
    let mut handlers = Vec::new();
    let mut senders = Vec::new();
    for line in &it.lines {
        match &line.kind {
            LineKind::Emits(targets) | LineKind::Sends(targets) | LineKind::Calls(targets) => {
                senders.extend(senders::resolve(draft, site, line, targets));
            }
            _ => handlers.extend(resolve_handler(draft, site, line)),
        }
    }
    check_methods(draft, &handlers);
    senders::check(draft, &senders);
    let agent = &mut draft.model.agents[id.0 as usize];
    agent.meta = read.meta;
    agent.handlers = handlers;
    agent.senders = senders;
}

fn resolve_handler(draft: &mut Draft<'_>, site: Site, line: &ast::Line) -> Option<model::Handler> {
    let read = annotations::read(draft, &line.attributes, annotations::LINE);
    annotations::no_examples(draft, &read);
    let given = handlers::options(draft, line);
    let (method, span, kind) = match &line.kind {
        LineKind::Every { period, name } => (
            name.text.clone(),
            name.span,
            handlers::every(draft, given, period)?,
        ),
        LineKind::Cron { expression, name } => (
            name.text.clone(),
            name.span,
            handlers::cron(draft, given, expression)?,
        ),
        LineKind::Serve { name, alias } => match alias {
            Some(alias) => (alias.text.clone(), alias.span, HandlerKind::Serve),
            None => (
                format!("serve_{}", name.text),
                name.span,
                HandlerKind::Serve,
            ),
        },
        LineKind::Receive(targets) => receive(draft, site, given, targets)?,
        LineKind::Answer(targets) => {
            let (target, name) = single(draft, line, targets, "answer")?;
            let to = answered(draft, site, target)?;
            (name.0, name.1, handlers::answer(draft, given, to))
        }
        LineKind::Consume(targets) => {
            let (target, name) = single(draft, line, targets, "consume")?;
            let queue = consumed(draft, site, target)?;
            (name.0, name.1, handlers::consume(draft, given, queue))
        }
        LineKind::Emits(_) | LineKind::Sends(_) | LineKind::Calls(_) => return None,
    };
    Some(model::Handler {
        method,
        meta: read.meta,
        kind,
        span,
    })
}

/// The last segment of a path.
pub(crate) fn last(path: &ast::Path) -> &str {
    path.segments.last().map_or("", |last| last.text.as_str())
}

/// The only target of a line, and the name and place of its method.
fn single<'l>(
    draft: &mut Draft<'_>,
    line: &ast::Line,
    targets: &'l [ast::Target],
    verb: &str,
) -> Option<(&'l ast::Target, (String, Span))> {
    let (target, more) = targets.split_first()?;
    if let Some(second) = more.first() {
        let message = format!("`{verb}` takes one name");
        let help = format!(
            "write a line for each: `{verb} {}; {verb} {};`",
            last(&target.path),
            last(&second.path)
        );
        draft.report(
            Diagnostic::error(codes::ONE_NAME_A_LINE, second.path.span, message)
                .related(line.keyword, "this line")
                .help(help),
        );
    }
    let name = match &target.alias {
        Some(alias) => (alias.text.clone(), alias.span),
        None => (format!("{verb}_{}", last(&target.path)), target.path.span),
    };
    Some((target, name))
}

/// A channel of the wrong kind for its line.
pub(crate) fn report_kind(
    draft: &mut Draft<'_>,
    path: &ast::Path,
    found: Channel,
    texts: (&str, String),
) {
    let message = format!("`{}` is {}, {}", last(path), found.described(), texts.0);
    let diagnostic = Diagnostic::error(codes::WRONG_KIND_OF_CHANNEL, path.span, message)
        .related(draft.channel_span(found), "declared here")
        .help(texts.1);
    draft.report(diagnostic);
}

/// The line that fits a channel on the receiving side.
fn receiving_line(draft: &Draft<'_>, found: Channel, name: &str) -> String {
    match found {
        Channel::Signal(id) if draft.model[id].reply.is_some() => {
            format!("write `answer {name};` or `receive {name};`")
        }
        Channel::Signal(_) => format!("write `receive {name};`"),
        Channel::Call(_) => format!("write `answer {name};`"),
        Channel::Queue(_) => format!("write `consume {name};`"),
        Channel::Exchange(_) => {
            format!("bind a queue to it and consume that: `queue my_queue on {name};`")
        }
    }
}

fn answered(draft: &mut Draft<'_>, site: Site, target: &ast::Target) -> Option<Answered> {
    let found = draft.channel_by_path(site, &target.path, Wanted::CallOrSignal)?;
    match found {
        Channel::Call(id) => return Some(Answered::Call(id)),
        Channel::Signal(id) if draft.model[id].reply.is_some() => {
            return Some(Answered::Signal(id));
        }
        Channel::Signal(_) if draft.is_incomplete(site) => {}
        Channel::Signal(_) => {
            let help = format!(
                "write `receive {};`, or give the signal a reply: `-> T`",
                last(&target.path)
            );
            report_kind(
                draft,
                &target.path,
                found,
                ("without a reply there is nothing to answer", help),
            );
        }
        _ => {
            let help = receiving_line(draft, found, last(&target.path));
            report_kind(
                draft,
                &target.path,
                found,
                ("calls and signals with a reply are answered", help),
            );
        }
    }
    None
}

fn consumed(draft: &mut Draft<'_>, site: Site, target: &ast::Target) -> Option<model::QueueId> {
    let found = draft.channel_by_path(site, &target.path, Wanted::Queue)?;
    if let Channel::Queue(id) = found {
        return Some(id);
    }
    let help = receiving_line(draft, found, last(&target.path));
    report_kind(
        draft,
        &target.path,
        found,
        ("only queues are consumed", help),
    );
    None
}

fn received(draft: &mut Draft<'_>, site: Site, target: &ast::Target) -> Option<SignalId> {
    let found = draft.channel_by_path(site, &target.path, Wanted::Signal)?;
    if let Channel::Signal(id) = found {
        return Some(id);
    }
    let help = receiving_line(draft, found, last(&target.path));
    report_kind(
        draft,
        &target.path,
        found,
        ("only signals are received", help),
    );
    None
}

type Named = (String, Span, HandlerKind);

fn receive(
    draft: &mut Draft<'_>,
    site: Site,
    given: Given<'_>,
    targets: &[ast::Target],
) -> Option<Named> {
    let (last_target, before) = targets.split_last()?;
    for alias in before.iter().filter_map(|target| target.alias.as_ref()) {
        let diagnostic = Diagnostic::error(
            codes::ALIAS_OF_ONE,
            alias.span,
            "`as` names the whole line here",
        )
        .help("write it once, behind the last signal: one method receives them all");
        draft.report(diagnostic);
    }
    let signals: Vec<Option<SignalId>> = targets
        .iter()
        .map(|target| received(draft, site, target))
        .collect();
    let (method, span) = receiving_method(draft, last_target, before.is_empty())?;
    let union = (!before.is_empty()).then(|| case::pascal(&method));
    let signals: Vec<SignalId> = signals.into_iter().collect::<Option<_>>()?;
    let received = variants(draft, &signals, targets);
    Some((
        method,
        span,
        handlers::receive(draft, given, received, union),
    ))
}

/// The name and place of the method of a `receive` line; several signals need one that is given.
fn receiving_method(
    draft: &mut Draft<'_>,
    target: &ast::Target,
    single: bool,
) -> Option<(String, Span)> {
    let span = target.path.span;
    if let Some(alias) = &target.alias {
        return Some((alias.text.clone(), alias.span));
    }
    if single {
        return Some((format!("on_{}", last(&target.path)), span));
    }
    let message = "several signals need a name for their method";
    let diagnostic = Diagnostic::error(codes::RECEIVE_NEEDS_ALIAS, span, message)
        .help("name it behind the last: `receive a, b as on_either;`");
    draft.report(diagnostic);
    None
}

/// Names the variants after their signals; where two clash, what the `use` line binds stands before each.
fn variants(draft: &mut Draft<'_>, signals: &[SignalId], targets: &[ast::Target]) -> Vec<Received> {
    let mut counts: HashMap<String, usize> = HashMap::new();
    let plain: Vec<String> = signals
        .iter()
        .map(|&id| case::pascal(&draft.model[id].name))
        .collect();
    for name in &plain {
        *counts.entry(name.clone()).or_default() += 1;
    }
    let mut taken: HashMap<String, Span> = HashMap::new();
    let mut received = Vec::new();
    for ((&signal, name), target) in signals.iter().zip(&plain).zip(targets) {
        let variant = match target.path.segments.as_slice() {
            [package, _] if counts[name] > 1 => format!("{}{name}", case::pascal(&package.text)),
            _ => name.clone(),
        };
        if let Some(first) = taken.insert(variant.clone(), target.path.span) {
            let message = format!("two variants would be called `{variant}`");
            let diagnostic = Diagnostic::error(codes::VARIANT_CLASH, target.path.span, message)
                .related(first, "the first")
                .help("name each signal once; give packages another name with `use … as`");
            draft.report(diagnostic);
        }
        received.push(Received { signal, variant });
    }
    received
}

fn check_methods(draft: &mut Draft<'_>, handlers: &[model::Handler]) {
    let mut methods: HashMap<&str, Span> = HashMap::new();
    let mut unions: HashMap<&str, Span> =
        HashMap::from([("Context", Span::default()), ("With", Span::default())]);
    for handler in handlers {
        let key = handler.method.trim_end_matches('_');
        if PROVIDED.contains(&key) {
            let message = format!("every agent has a method `{}` already", handler.method);
            let diagnostic = Diagnostic::error(codes::METHOD_IS_PROVIDED, handler.span, message)
                .help("name the method otherwise with `as`, or give the schedule another name");
            draft.report(diagnostic);
        }
        if let Some(first) = methods.insert(key, handler.span) {
            let message = format!("two lines make a method `{}`", handler.method);
            let diagnostic = Diagnostic::error(codes::METHOD_CLASH, handler.span, message)
                .related(first, "the first")
                .help("name one of them with `as`");
            draft.report(diagnostic);
        }
        if let HandlerKind::Receive {
            union: Some(union), ..
        } = &handler.kind
            && let Some(first) = unions.insert(union, handler.span)
            && methods.get(key) == Some(&handler.span)
        {
            report_union(draft, union, handler.span, first);
        }
    }
}

fn report_union(draft: &mut Draft<'_>, union: &str, span: Span, first: Span) {
    let message = format!("the type of what this method receives would be a second `{union}`");
    let diagnostic =
        Diagnostic::error(codes::VARIANT_CLASH, span, message).help("name the method otherwise");
    let known = first != Span::default();
    draft.report(if known {
        diagnostic.related(first, "the first")
    } else {
        diagnostic
    });
}
