//! The limit of members in one body. Nesting is checked before anything recurses, in `recover`.

use crate::ast::{self, ItemKind, Payload, UnionMemberKind};
use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::parse::build::Ctx;
use crate::span::Span;

/// Reports each body of an item with too many members, at the first one over the limit.
pub(super) fn members(cx: &mut Ctx<'_>, item: &ast::Item) {
    match &item.kind {
        ItemKind::Struct(item) => check(cx, item.body.members.iter().map(|member| member.span)),
        ItemKind::Enum(item) => check(cx, item.members.iter().map(|member| member.span)),
        ItemKind::Union(item) => {
            check(cx, item.members.iter().map(|member| member.span));
            for member in &item.members {
                if let UnionMemberKind::Variant { payload: inner, .. } = &member.kind {
                    payload(cx, inner);
                }
            }
        }
        ItemKind::Signal(item) => payload(cx, &item.payload),
        ItemKind::Call(item) => payload(cx, &item.payload),
        ItemKind::Queue(item) => payload(cx, &item.payload),
        ItemKind::Exchange(item) => {
            payload(cx, &item.payload);
            check(cx, item.queues.iter().map(|queue| queue.span));
        }
        ItemKind::Agent(item) => check(cx, item.lines.iter().map(|line| line.span)),
        ItemKind::Alias(_) => {}
    }
}

fn payload(cx: &mut Ctx<'_>, payload: &Payload) {
    if let Payload::Fields(body) = payload {
        check(cx, body.members.iter().map(|member| member.span));
    }
}

fn check(cx: &mut Ctx<'_>, mut members: impl ExactSizeIterator<Item = Span>) {
    let limit = cx.limits.members;
    let count = members.len();
    if let Some(span) = members.nth(limit) {
        let message = format!("{count} members, where {limit} are allowed");
        let help = "split it, or say it with a list or a map";
        cx.report(Diagnostic::error(codes::TOO_MANY_MEMBERS, span, message).help(help));
    }
}
