//! From trees to a draft of the model: packages, names, types, values, channels and agents. Each step reports what it
//! finds and goes on; what depends on something broken stays silent. Rules over the whole draft are in `check`.

mod agents;
mod annotations;
mod bodies;
mod channel_names;
mod channels;
mod constraints;
mod declarations;
mod declare;
pub(crate) mod draft;
mod formats;
mod handlers;
mod names;
mod objects;
mod options;
pub(crate) mod packages;
mod pattern;
mod queues;
mod routing;
mod rust_name;
mod scalars;
mod senders;
pub(crate) mod types;
mod uses;
pub(crate) mod values;

use crate::ast;
use crate::ast::ItemKind;
use crate::limits::Limits;
use crate::model::ExchangeId;
use crate::model::QueueId;
use crate::resolve::declare::Declared;
use crate::resolve::declare::Entry;
use crate::resolve::draft::Channel;
use crate::resolve::draft::Draft;
use crate::resolve::draft::Place;
use crate::resolve::draft::Site;
use crate::resolve::options::Given;

pub(crate) use crate::resolve::declarations::report_reserved;
pub(crate) use crate::resolve::routing::LONGEST as LONGEST_ROUTING_KEY;
pub(crate) use crate::resolve::senders::sender_methods;

/// Resolves all files of a run; `places` says where each was found.
pub(crate) fn resolve<'a>(
    files: &'a [ast::File],
    places: &'a [Place],
    limits: &'a Limits,
) -> Draft<'a> {
    let mut draft = Draft::new(files, places, limits);
    packages::collect(&mut draft);
    package_options(&mut draft);
    let entries = declare::declare(&mut draft);
    draft.declared_types = draft.model.types.len();
    uses::bind(&mut draft);
    for entry in &entries {
        if let Declared::Type(id) = entry.declared {
            declarations::resolve(&mut draft, site(entry), entry.item, id);
        }
    }
    for entry in &entries {
        if let Declared::Channel(channel) = entry.declared {
            resolve_channel(&mut draft, entry, channel);
        }
    }
    fill_bound_queues(&mut draft);
    for entry in &entries {
        if let (Declared::Agent(id), ItemKind::Agent(agent)) = (entry.declared, &entry.item.kind) {
            agents::resolve(&mut draft, site(entry), (&entry.item.attributes, agent), id);
        }
    }
    draft
}

fn site(entry: &Entry<'_>) -> Site {
    Site {
        package: entry.package,
        file: entry.file,
    }
}

fn package_options(draft: &mut Draft<'_>) {
    let files = draft.files;
    for (index, file) in files.iter().enumerate() {
        let (Some(package), Some(id)) = (&file.package, draft.package_of[index]) else {
            continue;
        };
        let given = Given::new(draft, package.options.as_ref(), "a package", &["wire"]);
        if given.choice(draft, "wire", &[("flat", ())]).is_some() {
            draft.model.packages[id.0 as usize].flat = true;
        }
    }
}

fn resolve_channel<'a>(draft: &mut Draft<'a>, entry: &Entry<'a>, channel: Channel) {
    let site = site(entry);
    let attributes = &entry.item.attributes;
    match (channel, &entry.item.kind) {
        (Channel::Signal(id), ItemKind::Signal(it)) => {
            channels::resolve_signal(draft, site, (attributes, it), id);
        }
        (Channel::Call(id), ItemKind::Call(it)) => {
            channels::resolve_call(draft, site, (attributes, it), id);
        }
        (Channel::Queue(id), ItemKind::Queue(it)) => {
            queues::resolve(draft, site, (attributes, it), (id, None));
        }
        (Channel::Exchange(id), ItemKind::Exchange(it)) => {
            channels::resolve_exchange(draft, site, (attributes, it), id);
            resolve_inner_queues(draft, site, it, id);
        }
        _ => {}
    }
}

fn resolve_inner_queues<'a>(
    draft: &mut Draft<'a>,
    site: Site,
    it: &'a ast::Exchange,
    exchange: ExchangeId,
) {
    for queue in &it.queues {
        let span = queue.queue.name.span;
        let position = draft.queues_by_span.get(&span).copied();
        if let Some(position) = position {
            let id = QueueId(position);
            queues::resolve(
                draft,
                site,
                (&queue.attributes, &queue.queue),
                (id, Some(exchange)),
            );
        }
    }
}

/// A bound queue carries what its exchange carries.
fn fill_bound_queues(draft: &mut Draft<'_>) {
    for index in 0..draft.model.queues.len() {
        if let Some(binding) = &draft.model.queues[index].binding {
            let payload = draft.model[binding.exchange].payload.clone();
            draft.model.queues[index].payload = payload;
        }
    }
}
