//! Gives every declaration its id and enters it under its name, so that what stands later in a file, or in another one,
//! can be named before it is resolved. Knows nothing of what the declarations hold.

use std::time::Duration;

use crate::ast;
use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::model;
use crate::model::AgentId;
use crate::model::CallId;
use crate::model::ExchangeId;
use crate::model::PackageId;
use crate::model::QueueId;
use crate::model::SignalId;
use crate::model::TypeId;
use crate::resolve::draft::Channel;
use crate::resolve::draft::Draft;
use crate::resolve::draft::QueuePlaces;
use crate::resolve::draft::broken;
use crate::resolve::draft::id;
use crate::resolve::rust_name;
use crate::span::Span;

/// How long an asker waits where nothing is said.
pub(crate) const DEADLINE: Duration = Duration::from_secs(5);

/// What a declaration became, in order of the items of its file.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Declared {
    Type(TypeId),
    Channel(Channel),
    Agent(AgentId),
}

/// An item, the file it stands in, and its id.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Entry<'a> {
    pub(crate) item: &'a ast::Item,
    pub(crate) file: usize,
    pub(crate) package: PackageId,
    pub(crate) declared: Declared,
}

/// Declares all items of all packages, in order of packages, files and items.
pub(crate) fn declare<'a>(draft: &mut Draft<'a>) -> Vec<Entry<'a>> {
    let files = draft.files;
    let mut entries = Vec::new();
    for package in 0..draft.names.len() {
        for file in draft.names[package].files.clone() {
            for item in &files[file].items {
                let package = PackageId(id(package));
                let declared = declare_item(draft, package, item);
                entries.push(Entry {
                    item,
                    file,
                    package,
                    declared,
                });
            }
        }
    }
    entries
}

fn declare_item<'a>(draft: &mut Draft<'a>, package: PackageId, item: &'a ast::Item) -> Declared {
    match &item.kind {
        ast::ItemKind::Struct(it) => Declared::Type(declare_type(draft, package, &it.name)),
        ast::ItemKind::Enum(it) => Declared::Type(declare_type(draft, package, &it.name)),
        ast::ItemKind::Union(it) => Declared::Type(declare_type(draft, package, &it.name)),
        ast::ItemKind::Alias(it) => Declared::Type(declare_type(draft, package, &it.name)),
        ast::ItemKind::Agent(it) => Declared::Agent(declare_agent(draft, package, &it.name)),
        ast::ItemKind::Signal(it) => {
            let name = channel_name(draft, &it.name);
            Declared::Channel(enter(draft, package, (name, &it.name), add_signal))
        }
        ast::ItemKind::Call(it) => {
            let name = channel_name(draft, &it.name);
            Declared::Channel(enter(draft, package, (name, &it.name), add_call))
        }
        ast::ItemKind::Queue(it) => Declared::Channel(declare_queue(draft, package, it)),
        ast::ItemKind::Exchange(it) => {
            let name = channel_name(draft, &it.name);
            let exchange = enter(draft, package, (name, &it.name), add_exchange);
            for queue in &it.queues {
                declare_queue(draft, package, &queue.queue);
            }
            Declared::Channel(exchange)
        }
    }
}

/// The queues of an exchange get the ids behind that of the queue declared before them.
fn declare_queue(draft: &mut Draft<'_>, package: PackageId, queue: &ast::Queue) -> Channel {
    let name = channel_name(draft, &queue.name);
    enter(draft, package, (name, &queue.name), add_queue)
}

fn declare_type<'a>(draft: &mut Draft<'a>, package: PackageId, name: &'a ast::Ident) -> TypeId {
    let id = add_type(draft, package, name.text.clone(), name.span);
    let taken = draft.names[package.0 as usize]
        .types
        .get(name.text.as_str())
        .copied();
    let agent = draft.names[package.0 as usize]
        .agents
        .get(name.text.as_str());
    let taken = agent
        .map(|agent| agent.1)
        .or(taken.map(|taken| draft.model[taken].span));
    match taken {
        Some(first) => report_duplicate(draft, &name.text, name.span, first),
        None => {
            draft.names[package.0 as usize].types.insert(&name.text, id);
        }
    }
    id
}

/// A new type whose content is still to be resolved.
pub(crate) fn add_type(
    draft: &mut Draft<'_>,
    package: PackageId,
    name: String,
    span: Span,
) -> TypeId {
    let type_id = TypeId(id(draft.model.types.len()));
    if draft.model.types.len() == draft.limits.types {
        let message = format!("there are more than {} types", draft.limits.types);
        let diagnostic = Diagnostic::error(codes::TOO_MANY_TYPES, span, message).help(
            "split the contracts over several crates, or raise the limit in the build script",
        );
        draft.report(diagnostic);
    }
    draft.model.types.push(model::TypeDecl {
        id: type_id,
        package,
        name,
        meta: model::Meta::default(),
        derives: Vec::new(),
        kind: model::TypeKind::Newtype(broken(span)),
        span,
    });
    type_id
}

fn declare_agent<'a>(draft: &mut Draft<'a>, package: PackageId, name: &'a ast::Ident) -> AgentId {
    let agent_id = AgentId(id(draft.model.agents.len()));
    let names = &draft.names[package.0 as usize];
    let ty = names
        .types
        .get(name.text.as_str())
        .map(|&ty| draft.model[ty].span);
    let taken = names
        .agents
        .get(name.text.as_str())
        .map(|agent| agent.1)
        .or(ty);
    match taken {
        Some(first) => report_duplicate(draft, &name.text, name.span, first),
        None => {
            draft.names[package.0 as usize]
                .agents
                .insert(&name.text, (agent_id, name.span));
        }
    }
    draft.model.agents.push(model::Agent {
        id: agent_id,
        package,
        name: name.text.clone(),
        meta: model::Meta::default(),
        handlers: Vec::new(),
        senders: Vec::new(),
        span: name.span,
    });
    agent_id
}

fn report_duplicate(draft: &mut Draft<'_>, name: &str, span: Span, first: Span) {
    let diagnostic = Diagnostic::error(
        codes::DUPLICATE_NAME,
        span,
        format!("`{name}` is declared twice"),
    )
    .labelled("declared again")
    .related(first, "first declared here")
    .help("give one of them another name; a package is one space of names over all its files");
    draft.report(diagnostic);
}

/// The name in Rust; a name that can't be derived was reported and is replaced by one that nobody can write.
fn channel_name(draft: &mut Draft<'_>, name: &ast::Name) -> String {
    rust_name::snake(draft, name).unwrap_or_else(|| format!("?{}", name.span.start))
}

type Add = fn(&mut Draft<'_>, PackageId, String, Span) -> Channel;

fn enter(
    draft: &mut Draft<'_>,
    package: PackageId,
    names: (String, &ast::Name),
    add: Add,
) -> Channel {
    let (name, written) = names;
    let span = written
        .alias
        .as_ref()
        .map_or(written.span, |alias| alias.span);
    let taken = draft.names[package.0 as usize].channels.get(&name).copied();
    if let Some(first) = taken {
        let first = draft.channel_span(first);
        report_duplicate(draft, &name, span, first);
    }
    let channel = add(draft, package, name.clone(), written.span);
    if taken.is_none() {
        draft.names[package.0 as usize]
            .channels
            .insert(name, channel);
    }
    channel
}

fn add_signal(draft: &mut Draft<'_>, package: PackageId, name: String, span: Span) -> Channel {
    let signal_id = SignalId(id(draft.model.signals.len()));
    draft.model.signals.push(model::Signal {
        id: signal_id,
        package,
        name,
        wire: String::new(),
        meta: model::Meta::default(),
        payload: None,
        reply: None,
        deadline: DEADLINE,
        span,
    });
    Channel::Signal(signal_id)
}

fn add_call(draft: &mut Draft<'_>, package: PackageId, name: String, span: Span) -> Channel {
    let call_id = CallId(id(draft.model.calls.len()));
    draft.model.calls.push(model::Call {
        id: call_id,
        package,
        name,
        wire: String::new(),
        meta: model::Meta::default(),
        payload: None,
        reply: broken(span),
        throws: None,
        deadline: DEADLINE,
        span,
    });
    Channel::Call(call_id)
}

fn add_queue(draft: &mut Draft<'_>, package: PackageId, name: String, span: Span) -> Channel {
    let queue_id = QueueId(id(draft.model.queues.len()));
    draft.queues_by_span.insert(span, queue_id.0);
    draft.queue_places.push(QueuePlaces::default());
    draft.model.queues.push(model::Queue {
        id: queue_id,
        package,
        name,
        wire: String::new(),
        meta: model::Meta::default(),
        payload: broken(span),
        binding: None,
        options: model::QueueOptions::default(),
        span,
    });
    Channel::Queue(queue_id)
}

fn add_exchange(draft: &mut Draft<'_>, package: PackageId, name: String, span: Span) -> Channel {
    let exchange_id = ExchangeId(id(draft.model.exchanges.len()));
    draft.model.exchanges.push(model::Exchange {
        id: exchange_id,
        package,
        name,
        wire: String::new(),
        meta: model::Meta::default(),
        payload: broken(span),
        routing: None,
        span,
    });
    Channel::Exchange(exchange_id)
}
