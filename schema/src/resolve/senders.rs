//! The sending lines of an agent: what `emits`, `sends` and `calls` may name, and that the methods they make differ.

use crate::ast;
use crate::ast::LineKind;
use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::model;
use crate::model::SenderTarget;
use crate::resolve::agents::last;
use crate::resolve::agents::report_kind;
use crate::resolve::annotations;
use crate::resolve::channel_names::Wanted;
use crate::resolve::draft::Channel;
use crate::resolve::draft::Draft;
use crate::resolve::draft::Site;
use crate::resolve::handlers;
use crate::span::Span;
use std::collections::HashMap;

pub(crate) fn resolve(
    draft: &mut Draft<'_>,
    site: Site,
    line: &ast::Line,
    targets: &[ast::Target],
) -> Vec<model::Sender> {
    let read = annotations::read(draft, &line.attributes, annotations::LINE);
    handlers::options(draft, line);
    let resolve = match &line.kind {
        LineKind::Emits(_) => emitted,
        LineKind::Sends(_) => sent,
        _ => called,
    };
    let mut senders = Vec::new();
    for target in targets {
        if let Some(resolved) = resolve(draft, site, target) {
            let name = target
                .alias
                .as_ref()
                .map_or(last(&target.path), |alias| alias.text.as_str());
            let span = target
                .alias
                .as_ref()
                .map_or(target.path.span, |alias| alias.span);
            senders.push(model::Sender {
                name: name.to_owned(),
                target: resolved,
                meta: read.meta.clone(),
                span,
            });
        }
    }
    senders
}

/// The line that fits a channel on the sending side.
fn sending_line(draft: &Draft<'_>, found: Channel, name: &str) -> String {
    match found {
        Channel::Signal(id) if draft.model[id].reply.is_some() => {
            format!("write `calls {name};` to ask, `emits {name};` to tell")
        }
        Channel::Signal(_) => format!("write `emits {name};`"),
        Channel::Call(_) => format!("write `calls {name};`"),
        Channel::Queue(_) | Channel::Exchange(_) => format!("write `sends {name};`"),
    }
}

fn target_of(
    draft: &mut Draft<'_>,
    site: Site,
    target: &ast::Target,
    wanted: Wanted,
) -> Option<Channel> {
    draft.channel_by_path(site, &target.path, wanted)
}

fn emitted(draft: &mut Draft<'_>, site: Site, target: &ast::Target) -> Option<SenderTarget> {
    let found = target_of(draft, site, target, Wanted::Signal)?;
    if let Channel::Signal(id) = found {
        return Some(SenderTarget::Emit(id));
    }
    let help = sending_line(draft, found, last(&target.path));
    report_kind(
        draft,
        &target.path,
        found,
        ("only signals are emitted", help),
    );
    None
}

fn sent(draft: &mut Draft<'_>, site: Site, target: &ast::Target) -> Option<SenderTarget> {
    let found = target_of(draft, site, target, Wanted::QueueOrExchange)?;
    match found {
        Channel::Exchange(id) => return Some(SenderTarget::Exchange(id)),
        Channel::Queue(id) => match &draft.model[id].binding {
            None => return Some(SenderTarget::Queue(id)),
            Some(binding) => {
                let exchange = &draft.model[binding.exchange];
                let help = format!(
                    "write `sends {};`: every queue on it gets its copy",
                    exchange.name
                );
                report_kind(
                    draft,
                    &target.path,
                    found,
                    ("but one that an exchange fills", help),
                );
            }
        },
        _ => {
            let help = sending_line(draft, found, last(&target.path));
            report_kind(
                draft,
                &target.path,
                found,
                ("queues and exchanges are sent to", help),
            );
        }
    }
    None
}

fn called(draft: &mut Draft<'_>, site: Site, target: &ast::Target) -> Option<SenderTarget> {
    let found = target_of(draft, site, target, Wanted::CallOrSignal)?;
    match found {
        Channel::Call(id) => return Some(SenderTarget::Call(id)),
        Channel::Signal(id) if draft.model[id].reply.is_some() => {
            return Some(SenderTarget::Ask(id));
        }
        _ => {
            let help = sending_line(draft, found, last(&target.path));
            report_kind(
                draft,
                &target.path,
                found,
                ("calls and signals with a reply are called", help),
            );
        }
    }
    None
}

/// The methods that one sender makes.
pub(crate) fn sender_methods(name: &str, target: SenderTarget) -> Vec<String> {
    match target {
        SenderTarget::Emit(_) => vec![format!("emit_{name}")],
        SenderTarget::Queue(_) => vec![format!("send_{name}")],
        SenderTarget::Exchange(_) => vec![format!("publish_{name}")],
        SenderTarget::Ask(_) => vec![format!("ask_{name}"), format!("ask_all_{name}")],
        SenderTarget::Call(_) => vec![format!("call_{name}")],
    }
}

pub(crate) fn check(draft: &mut Draft<'_>, senders: &[model::Sender]) {
    let mut methods: HashMap<String, (Span, SenderTarget)> = HashMap::new();
    for sender in senders {
        for method in sender_methods(&sender.name, sender.target) {
            let Some((first, target)) =
                methods.insert(method.clone(), (sender.span, sender.target))
            else {
                continue;
            };
            let message = if target == sender.target {
                format!("`{}` is declared twice", sender.name)
            } else {
                format!("two senders make a method `{method}`")
            };
            let diagnostic = Diagnostic::error(codes::SENDER_CLASH, sender.span, message)
                .related(first, "the first")
                .help("name one of them with `as`");
            draft.report(diagnostic);
            break;
        }
    }
}
