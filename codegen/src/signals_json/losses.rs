//! What the Python library has no words for, or would stumble over. Knows nothing of how the file is written.

use microagent_schema::codes::LOST_IN_TRANSLATION;
use microagent_schema::diagnostic::Diagnostic;
use microagent_schema::model::{Model, PackageId, Signal};
use microagent_schema::span::Span;

use super::arguments::{arguments, types};

/// Given to every receiver by the library itself (`handler(signal=…, sender=…, **message)`), so that an argument of
/// the name is given twice, which Python refuses.
const TAKEN: [&str; 3] = ["self", "sender", "signal"];

/// Names that `load_stuff` can't make fields of a tuple from: Python's words.
const WORDS: [&str; 35] = [
    "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class", "continue",
    "def", "del", "elif", "else", "except", "finally", "for", "from", "global", "if", "import",
    "in", "is", "lambda", "nonlocal", "not", "or", "pass", "raise", "return", "try", "while",
    "with", "yield",
];

/// In order of their places.
pub(super) fn losses(model: &Model) -> Vec<Diagnostic> {
    let own = |id: PackageId| model[id].root == 0;
    let calls = model.calls.iter().filter(|it| own(it.package));
    let mut found: Vec<Diagnostic> = calls.map(|it| no_call(&it.name, it.span)).collect();
    for signal in model.signals.iter().filter(|it| own(it.package)) {
        found.extend(no_answer(model, signal));
        found.extend(taken(model, signal));
    }
    for exchange in model.exchanges.iter().filter(|it| own(it.package)) {
        let mut bindings = model.queues.iter().filter_map(|it| it.binding.as_ref());
        if !bindings.any(|it| it.exchange == exchange.id) {
            found.push(no_queue(&exchange.name, exchange.span));
        }
    }
    let packages = model.packages.iter().filter(|it| it.root == 0 && !it.flat);
    found.extend(packages.map(|it| dotted(&it.name, it.span)));
    let signals = model
        .signals
        .iter()
        .map(|it| (it.package, &it.wire, it.span));
    let queues = model
        .queues
        .iter()
        .map(|it| (it.package, &it.wire, it.span));
    let flat = signals
        .chain(queues)
        .filter(|it| own(it.0) && model[it.0].flat);
    found.extend(flat.filter_map(|(_, wire, span)| no_name(wire, span)));
    found.sort_by_key(|it| it.primary.span);
    found
}

fn lost(span: Span, message: String, help: &str) -> Diagnostic {
    Diagnostic::warning(LOST_IN_TRANSLATION, span, message).help(help)
}

fn no_call(name: &str, span: Span) -> Diagnostic {
    lost(
        span,
        format!("call `{name}` is left out: the Python library has no calls"),
        "a signal with a reply can be asked from Python",
    )
}

fn no_answer(model: &Model, signal: &Signal) -> Option<Diagnostic> {
    let reply = signal.reply.as_ref()?;
    let message = format!(
        "no receiver in Python can answer `{}`: it returns an integer, a string or nothing",
        signal.name
    );
    let help = "answer it in Rust alone, or reply with an integer or a string";
    (!types(model, reply).is_answer()).then(|| lost(signal.span, message, help))
}

fn taken(model: &Model, signal: &Signal) -> Option<Diagnostic> {
    let arguments = arguments(model, signal.payload.as_ref()?);
    let (name, _) = arguments
        .iter()
        .find(|(it, _)| TAKEN.contains(&it.as_str()))?;
    let message = format!(
        "no receiver in Python can take `{}`: its argument `{name}` is the library's own",
        signal.name
    );
    let help = "give the field another name on the wire, such as `sender_id`";
    Some(lost(signal.span, message, help))
}

fn no_queue(name: &str, span: Span) -> Diagnostic {
    lost(
        span,
        format!("exchange `{name}` is left out: no queue here is bound to it"),
        "`signals.json` names exchanges at their queues",
    )
}

fn dotted(name: &str, span: Span) -> Diagnostic {
    lost(
        span,
        format!(
            "names of package `{name}` have a dot, which `load_stuff` of the Python library refuses"
        ),
        "load the file with `configure` and take `Signal.get(..)`, or say `wire: flat` behind the package",
    )
}

fn no_name(wire: &str, span: Span) -> Option<Diagnostic> {
    let letters = |it: char| it.is_ascii_alphanumeric() || it == '_';
    let is_name = wire.starts_with(|it: char| it.is_ascii_alphabetic())
        && wire.chars().all(letters)
        && !WORDS.contains(&wire);
    let message = format!("\"{wire}\" is no name in Python, so that `load_stuff` refuses it");
    let help = "load the file with `configure` and take `Signal.get(..)`";
    (!is_name).then(|| lost(span, message, help))
}
