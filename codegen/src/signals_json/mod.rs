//! `signals.json`, the contract file of the Python library `microagent`: signals with their arguments, queues with
//! exchange and topic. What that file has no words for is left out, and said so.

mod arguments;
mod losses;
mod view;

use askama::Template;
use microagent_schema::diagnostic::Diagnostic;
use microagent_schema::model::{Model, PackageId, Queue, Signal};

use self::arguments::{Types, arguments, quoted};
use crate::{Error, Files};

/// One file with all packages of include root 0, and a warning for each thing that it does not say. `load_stuff` and
/// `configure` of version 1.9 of the library read it.
///
/// # Errors
/// Where the template can't be written.
pub fn signals_json(model: &Model) -> Result<(Files, Vec<Diagnostic>), Error> {
    let own = |id: PackageId| model[id].root == 0;
    let signals = model.signals.iter().filter(|it| own(it.package));
    let queues = model.queues.iter().filter(|it| own(it.package));
    let file = view::File {
        signals: signals.map(|it| signal(model, it)).collect(),
        queues: queues.map(|it| queue(model, it)).collect(),
    };
    let mut text = String::new();
    file.render_into(&mut text)?;
    text.push('\n');
    let mut files = Files::default();
    files.push("signals.json", text);
    Ok((files, losses::losses(model)))
}

/// Arguments that may all be anything are a list of names.
fn signal(model: &Model, signal: &Signal) -> view::Signal {
    let payload = signal.payload.as_ref();
    let arguments = payload.map_or_else(Vec::new, |payload| arguments(model, payload));
    let typed = arguments.iter().any(|(_, types)| *types != Types::ANY);
    let (open, close) = if typed { ('{', '}') } else { ('[', ']') };
    let arguments = arguments.into_iter().map(|(name, types)| {
        let name = quoted(&name);
        if typed {
            format!("{name}: {}", types.written())
        } else {
            name
        }
    });
    view::Signal {
        name: quoted(&signal.wire),
        open,
        close,
        arguments: arguments.collect(),
    }
}

fn queue(model: &Model, queue: &Queue) -> view::Queue {
    let binding = queue.binding.as_ref();
    let pattern = binding.and_then(|it| it.pattern.as_deref());
    view::Queue {
        name: quoted(&queue.wire),
        exchange: binding.map(|it| quoted(&model[it.exchange].wire)),
        topic: pattern.map(quoted),
    }
}
