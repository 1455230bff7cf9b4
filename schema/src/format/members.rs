//! Lays out what stands between braces: fields, values of enums, members of unions.

use crate::ast::{self, MemberKind};
use crate::format::lines::{Doc, Writer};
use crate::format::values;

/// A body with more fields than this has each on a line of its own.
const MEMBERS_ON_A_LINE: usize = 4;

/// A member, as it is laid out: what stands before it, and its text where it has no lines of its own.
pub(super) struct Laid<'a> {
    pub(super) attributes: &'a ast::Attributes,
    pub(super) content: Content<'a>,
}

pub(super) enum Content<'a> {
    Inline(Doc),
    /// A member of a union with a body of its own.
    Nested(&'a ast::Name, &'a ast::Body),
}

pub(super) fn body(out: &mut Writer, body: &ast::Body, reserve: usize) {
    braces(out, &fields(body), &body.end, reserve);
}

fn fields(body: &ast::Body) -> Vec<Laid<'_>> {
    let laid = |member: &'_ ast::Member| Content::Inline(field(&member.kind));
    body.members
        .iter()
        .map(|member| Laid {
            attributes: &member.attributes,
            content: laid(member),
        })
        .collect()
}

fn field(kind: &MemberKind) -> Doc {
    let (head, ty, default) = match kind {
        MemberKind::Reserved(reserved) => return self::reserved(reserved),
        MemberKind::Spread(spread) => (
            format!("..{}: ", spread.name.text),
            &spread.ty,
            &spread.default,
        ),
        MemberKind::Field(field) => {
            let word = if field.asymmetric.is_some() {
                "asymmetric "
            } else {
                ""
            };
            (
                format!("{word}{}: ", values::name(&field.name)),
                &field.ty,
                &field.default,
            )
        }
    };
    let mut row = vec![Doc::Text(head), values::type_(ty)];
    if let Some(default) = default {
        row.extend([Doc::Text(" = ".into()), values::value(default)]);
    }
    Doc::Row(row)
}

pub(super) fn reserved(reserved: &ast::Reserved) -> Doc {
    let names = reserved.names.iter().map(values::name).collect();
    Doc::Row(vec![
        Doc::Text("reserved".into()),
        values::group("(", names, ")"),
    ])
}

/// Members between braces: on one line if nothing is said about them, they are few and fit, else one per line.
pub(super) fn braces(out: &mut Writer, members: &[Laid<'_>], end: &ast::Trivia, reserve: usize) {
    if let Some(flat) = flat(members, end)
        && out.fits(&format!("{flat}{}", " ".repeat(reserve)))
    {
        out.start(&flat);
        return;
    }
    out.line("{");
    out.indent();
    for member in members {
        out.leading(&member.attributes.trivia);
        out.docs(&member.attributes.docs);
        annotations(out, member);
        match &member.content {
            Content::Inline(doc) => out.put(doc, 1),
            Content::Nested(name, fields) => {
                out.start(&format!("{} ", values::name(name)));
                body(out, fields, 1);
            }
        }
        out.line(",");
        out.trailing(&member.attributes.trivia);
    }
    out.end(end);
    out.dedent();
    out.start("}");
}

/// Annotations of a member: before it on its line if all of it fits there, else each on a line of its own.
fn annotations(out: &mut Writer, member: &Laid<'_>) {
    let content = match &member.content {
        Content::Inline(doc) => doc.flat(),
        Content::Nested(name, fields) => format!(
            "{} {{{}",
            values::name(name),
            nested_flat(fields).unwrap_or_default()
        ),
    };
    let notes: Vec<Doc> = member
        .attributes
        .annotations
        .iter()
        .map(values::annotation)
        .collect();
    let flat = in_a_row(&notes);
    if out.fits(&format!("{flat}{content},")) {
        out.start_if_any(&flat);
    } else {
        for note in &notes {
            out.list(note, "");
        }
    }
}

fn nested_flat(body: &ast::Body) -> Option<String> {
    flat(&fields(body), &body.end)
}

/// The members in one line, if they may stand so.
fn flat(members: &[Laid<'_>], end: &ast::Trivia) -> Option<String> {
    if members.is_empty() && end.leading.is_empty() {
        return Some("{}".to_owned());
    }
    let fields = members.iter().any(|member| match &member.content {
        Content::Inline(Doc::Text(_)) => false,
        Content::Inline(_) | Content::Nested(..) => true,
    });
    if !end.leading.is_empty() || fields && members.len() > MEMBERS_ON_A_LINE {
        return None;
    }
    let mut parts = Vec::new();
    for member in members {
        let trivia = &member.attributes.trivia;
        if !trivia.leading.is_empty()
            || trivia.trailing.is_some()
            || !member.attributes.docs.is_empty()
        {
            return None;
        }
        let notes: Vec<Doc> = member
            .attributes
            .annotations
            .iter()
            .map(values::annotation)
            .collect();
        let notes = in_a_row(&notes);
        let content = match &member.content {
            Content::Inline(doc) => doc.flat(),
            Content::Nested(name, body) => format!("{} {}", values::name(name), nested_flat(body)?),
        };
        parts.push(format!("{notes}{content}"));
    }
    Some(format!("{{ {} }}", parts.join(", ")))
}

/// Annotations in one line, each with a blank behind it.
fn in_a_row(notes: &[Doc]) -> String {
    notes
        .iter()
        .flat_map(|note| [note.flat(), " ".to_owned()])
        .collect()
}
