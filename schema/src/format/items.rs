//! Lays out declarations and their members.

use crate::ast::{self, EnumMemberKind, ItemKind, LineKind, Payload, UnionMemberKind};
use crate::format::lines::{Doc, Writer};
use crate::format::members::{Content, Laid, body, braces, reserved};
use crate::format::values::{self, quoted};

pub(super) fn item(out: &mut Writer, item: &ast::Item) {
    let attributes = &item.attributes;
    out.leading(&attributes.trivia);
    out.docs(&attributes.docs);
    for annotation in &attributes.annotations {
        out.list(&values::annotation(annotation), "");
    }
    match &item.kind {
        ItemKind::Struct(item) => {
            out.start(&format!("struct {} ", item.name.text));
            body(out, &item.body, 0);
            out.line("");
        }
        ItemKind::Enum(item) => enum_(out, item),
        ItemKind::Union(item) => union(out, item),
        ItemKind::Alias(item) => {
            out.start(&format!("type {} = ", item.name.text));
            out.list(&values::type_(&item.ty), ";");
        }
        ItemKind::Signal(item) => signal(out, item),
        ItemKind::Call(item) => call(out, item),
        ItemKind::Queue(item) => queue(out, item),
        ItemKind::Exchange(item) => exchange(out, item),
        ItemKind::Agent(item) => agent(out, item),
    }
    out.trailing(&attributes.trivia);
}

/// What signals, calls and queues have in common.
struct Channel<'a> {
    keyword: &'static str,
    name: &'a ast::Name,
    payload: &'a Payload,
    /// What stands between the payload and the options.
    tail: String,
    options: Option<&'a ast::Options>,
}

fn channel(out: &mut Writer, channel: &Channel<'_>) {
    out.start(&format!(
        "{} {}",
        channel.keyword,
        values::name(channel.name)
    ));
    payload(out, channel.payload, channel.tail.chars().count() + 1);
    out.start(&channel.tail);
    let in_body = matches!(channel.payload, Payload::Fields(_)) && channel.tail.is_empty();
    let end = if in_body && channel.options.is_none() {
        ""
    } else {
        ";"
    };
    options_and_end(out, channel.options, end);
}

fn signal(out: &mut Writer, signal: &ast::Signal) {
    let parts = Channel {
        keyword: "signal",
        name: &signal.name,
        payload: &signal.payload,
        tail: reply(signal.reply.as_ref(), None),
        options: signal.options.as_ref(),
    };
    channel(out, &parts);
}

fn call(out: &mut Writer, call: &ast::Call) {
    let parts = Channel {
        keyword: "call",
        name: &call.name,
        payload: &call.payload,
        tail: reply(call.reply.as_ref(), call.throws.as_ref()),
        options: call.options.as_ref(),
    };
    channel(out, &parts);
}

fn reply(reply: Option<&ast::Type>, throws: Option<&ast::Type>) -> String {
    let part = |word: &str, ty: Option<&ast::Type>| {
        ty.map_or_else(String::new, |ty| {
            format!(" {word} {}", values::type_(ty).flat())
        })
    };
    format!("{}{}", part("->", reply), part("throws", throws))
}

fn queue(out: &mut Writer, queue: &ast::Queue) {
    let binding = queue.binding.as_ref().map_or_else(String::new, |binding| {
        let exchange = binding
            .exchange
            .as_ref()
            .map_or_else(String::new, |path| format!(" {}", values::path(path)));
        let pattern = binding
            .pattern
            .as_ref()
            .map_or_else(String::new, |text| format!(" {}", quoted(&text.text)));
        format!(" on{exchange}{pattern}")
    });
    channel(
        out,
        &Channel {
            keyword: "queue",
            name: &queue.name,
            payload: &queue.payload,
            tail: binding,
            options: queue.options.as_ref(),
        },
    );
}

fn exchange(out: &mut Writer, exchange: &ast::Exchange) {
    out.start(&format!("exchange {}", values::name(&exchange.name)));
    let routing = exchange
        .routing
        .as_ref()
        .map_or_else(String::new, |text| format!(" by {}", quoted(&text.text)));
    payload(out, &exchange.payload, routing.chars().count() + 2);
    out.start(&routing);
    if !exchange.has_body {
        let in_body = matches!(exchange.payload, Payload::Fields(_))
            && routing.is_empty()
            && exchange.options.is_none();
        options_and_end(
            out,
            exchange.options.as_ref(),
            if in_body { "" } else { ";" },
        );
        return;
    }
    if let Some(options) = &exchange.options {
        put_options(out, options, 2);
    }
    open(
        out,
        exchange.queues.is_empty() && exchange.end.leading.is_empty(),
    );
    for line in &exchange.queues {
        line_attributes(out, &line.attributes);
        queue(out, &line.queue);
        out.trailing(&line.attributes.trivia);
    }
    close(out, exchange.queues.is_empty(), &exchange.end);
}

fn agent(out: &mut Writer, agent: &ast::Agent) {
    out.start(&format!("agent {}", agent.name.text));
    if let Some(options) = &agent.options {
        put_options(out, options, 2);
    }
    open(out, agent.lines.is_empty() && agent.end.leading.is_empty());
    for line in &agent.lines {
        line_attributes(out, &line.attributes);
        work(out, &line.kind);
        options_and_end(out, line.options.as_ref(), ";");
        out.trailing(&line.attributes.trivia);
    }
    close(out, agent.lines.is_empty(), &agent.end);
}

/// ` {`, and `}` as well where nothing stands inside.
fn open(out: &mut Writer, empty: bool) {
    out.line(if empty { " {}" } else { " {" });
    out.indent();
}

fn close(out: &mut Writer, no_members: bool, end: &ast::Trivia) {
    out.end(end);
    out.dedent();
    if !no_members || !end.leading.is_empty() {
        out.line("}");
    }
}

fn line_attributes(out: &mut Writer, attributes: &ast::Attributes) {
    out.leading(&attributes.trivia);
    out.docs(&attributes.docs);
    for annotation in &attributes.annotations {
        out.list(&values::annotation(annotation), "");
    }
}

fn work(out: &mut Writer, kind: &LineKind) {
    let (word, targets) = match kind {
        LineKind::Every { period, name } => {
            out.start("every ");
            out.put(&values::value(period), name.text.len() + 2);
            out.start(&format!(" {}", name.text));
            return;
        }
        LineKind::Cron { expression, name } => {
            out.start(&format!("cron {} {}", quoted(&expression.text), name.text));
            return;
        }
        LineKind::Serve { name, alias } => {
            out.start(&format!(
                "serve {}{}",
                name.text,
                values::alias(alias.as_ref())
            ));
            return;
        }
        LineKind::Receive(targets) => ("receive", targets),
        LineKind::Answer(targets) => ("answer", targets),
        LineKind::Consume(targets) => ("consume", targets),
        LineKind::Emits(targets) => ("emits", targets),
        LineKind::Sends(targets) => ("sends", targets),
        LineKind::Calls(targets) => ("calls", targets),
    };
    out.start(word);
    out.wrapped(&targets.iter().map(values::target).collect::<Vec<_>>());
}

/// `with { … }` if there is one, and the end of the item.
pub(super) fn options_and_end(out: &mut Writer, options: Option<&ast::Options>, end: &str) {
    if let Some(options) = options {
        put_options(out, options, end.len());
    }
    out.line(end);
}

fn put_options(out: &mut Writer, options: &ast::Options, reserve: usize) {
    let comments = |trivia: &ast::Trivia| !trivia.leading.is_empty() || trivia.trailing.is_some();
    if !comments(&options.end) && !options.entries.iter().any(|entry| comments(&entry.trivia)) {
        let parts = options.entries.iter().map(values::option).collect();
        let group = Doc::Group {
            open: "{",
            parts,
            close: "}",
            padded: true,
        };
        out.start(" with ");
        out.put(&group, reserve);
        return;
    }
    out.line(" with {");
    out.indent();
    for entry in &options.entries {
        out.leading(&entry.trivia);
        out.list(&values::option(entry), ",");
        out.trailing(&entry.trivia);
    }
    out.end(&options.end);
    out.dedent();
    out.start("}");
}

fn payload(out: &mut Writer, payload: &Payload, reserve: usize) {
    match payload {
        Payload::None => {}
        Payload::Fields(fields) => {
            out.start(" ");
            body(out, fields, reserve);
        }
        Payload::Type(ty) => {
            out.start(": ");
            out.put(&values::type_(ty), reserve);
        }
    }
}

fn enum_(out: &mut Writer, item: &ast::Enum) {
    out.start(&format!(
        "{}enum {} ",
        closed(item.closed.is_some()),
        item.name.text
    ));
    let laid = |member: &'_ ast::EnumMember| match &member.kind {
        EnumMemberKind::Value(name) => Doc::Text(values::name(name)),
        EnumMemberKind::Reserved(names) => reserved(names),
    };
    let members: Vec<Laid<'_>> = item
        .members
        .iter()
        .map(|member| Laid {
            attributes: &member.attributes,
            content: Content::Inline(laid(member)),
        })
        .collect();
    braces(out, &members, &item.end, 0);
    out.line("");
}

fn union(out: &mut Writer, item: &ast::Union) {
    let quote = |before: &str, text: &Option<ast::Quoted>| {
        text.as_ref().map_or_else(String::new, |text| {
            format!("{before}{}", quoted(&text.text))
        })
    };
    let tags = format!("{}{}", quote(" by ", &item.tag), quote(", ", &item.content));
    out.start(&format!(
        "{}union {}{tags} ",
        closed(item.closed.is_some()),
        item.name.text
    ));
    let members: Vec<Laid<'_>> = item
        .members
        .iter()
        .map(|member| Laid {
            attributes: &member.attributes,
            content: variant(&member.kind),
        })
        .collect();
    braces(out, &members, &item.end, 0);
    out.line("");
}

fn closed(closed: bool) -> &'static str {
    if closed { "closed " } else { "" }
}

fn variant(kind: &UnionMemberKind) -> Content<'_> {
    match kind {
        UnionMemberKind::Reserved(names) => Content::Inline(reserved(names)),
        UnionMemberKind::Variant { name, payload } => match payload {
            Payload::None => Content::Inline(Doc::Text(values::name(name))),
            Payload::Type(ty) => Content::Inline(Doc::Row(vec![
                Doc::Text(format!("{}: ", values::name(name))),
                values::type_(ty),
            ])),
            Payload::Fields(body) => Content::Nested(name, body),
        },
    }
}
