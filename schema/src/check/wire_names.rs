//! Names on the wire: legal for every backend, and each once among all packages that the generated code can reach.

use std::collections::HashMap;

use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::model::Model;
use crate::model::PackageId;
use crate::resolve::draft::Draft;
use crate::span::Span;

/// Kafka's limit for a topic.
const LONGEST_QUEUE: usize = 249;
/// AMQP's limit for a short string.
const LONGEST_SIGNAL: usize = 255;

struct Name<'m> {
    wire: &'m str,
    rust: &'m str,
    span: Span,
    package: PackageId,
    longest: usize,
}

pub(crate) fn check(draft: &mut Draft<'_>) {
    let names = names(&draft.model);
    let mut found: Vec<Diagnostic> = names.iter().filter_map(|name| illegal(name)).collect();
    let reachable = reachable(&draft.model);
    let mut seen: HashMap<&str, &Name<'_>> = HashMap::with_capacity(names.len());
    for name in names
        .iter()
        .filter(|name| reachable[name.package.0 as usize] && !name.wire.is_empty())
    {
        let Some(first) = seen.get(name.wire) else {
            seen.insert(name.wire, name);
            continue;
        };
        if !declared_twice(draft, name) {
            found.push(duplicate(name, first));
        }
    }
    draft.diagnostics.append(&mut found);
}

fn names(model: &Model) -> Vec<Name<'_>> {
    let signals = model
        .signals
        .iter()
        .map(|it| ((&it.wire, &it.name), it.span, it.package, LONGEST_SIGNAL));
    let calls = model
        .calls
        .iter()
        .map(|it| ((&it.wire, &it.name), it.span, it.package, LONGEST_SIGNAL));
    let queues = model
        .queues
        .iter()
        .map(|it| ((&it.wire, &it.name), it.span, it.package, LONGEST_QUEUE));
    let exchanges = model
        .exchanges
        .iter()
        .map(|it| ((&it.wire, &it.name), it.span, it.package, LONGEST_QUEUE));
    let all = signals.chain(calls).chain(queues).chain(exchanges);
    let mut names: Vec<Name<'_>> = all
        .map(|((wire, rust), span, package, longest)| Name {
            wire,
            rust,
            span,
            package,
            longest,
        })
        .collect();
    names.sort_by_key(|name| name.span);
    names
}

/// The packages that code is generated for, and those they use.
fn reachable(model: &Model) -> Vec<bool> {
    let mut reachable: Vec<bool> = model
        .packages
        .iter()
        .map(|package| package.root == 0)
        .collect();
    let mut open: Vec<usize> = (0..reachable.len())
        .filter(|&index| reachable[index])
        .collect();
    while let Some(package) = open.pop() {
        for used in &model.packages[package].uses {
            let used = used.0 as usize;
            if !std::mem::replace(&mut reachable[used], true) {
                open.push(used);
            }
        }
    }
    reachable
}

/// Two declarations of one name in one package were reported as such.
fn declared_twice(draft: &Draft<'_>, name: &Name<'_>) -> bool {
    let declared = draft.names[name.package.0 as usize].channels.get(name.rust);
    declared.is_some_and(|channel| draft.channel_span(*channel) != name.span)
}

fn duplicate(name: &Name<'_>, first: &Name<'_>) -> Diagnostic {
    Diagnostic::error(codes::DUPLICATE_WIRE_NAME, name.span, format!("\"{}\" is the name of two things on the wire", name.wire))
        .related(first.span, "the first")
        .help("quote another name: `queue \"other.name\" as name`, or take `wire: flat` from one of the packages")
}

fn illegal(name: &Name<'_>) -> Option<Diagnostic> {
    let wire = name.wire;
    let bad = |letter: &char| {
        "*?[]:#{}\\\"".contains(*letter) || letter.is_whitespace() || letter.is_control()
    };
    let (message, help) = if let Some(letter) = wire.chars().find(bad) {
        let why = match letter {
            '{' | '}' => "braces are kept for parameters",
            _ => "a backend would read it as a pattern or separator",
        };
        (
            format!("a name on the wire has no {letter:?}: {why}"),
            "use letters, digits, `.`, `-`, `_` and `/`".to_owned(),
        )
    } else if name.longest == LONGEST_SIGNAL && matches!(wire, "response" | "error") {
        (
            format!("\"{wire}\" is what answers are sent under"),
            "choose another name, or take `wire: flat` away".to_owned(),
        )
    } else if wire.starts_with("amq.") {
        (
            "names that begin with `amq.` belong to RabbitMQ".to_owned(),
            "choose another name".to_owned(),
        )
    } else if matches!(wire, "" | "." | "..") {
        (
            format!("\"{wire}\" is no name"),
            "choose another name".to_owned(),
        )
    } else if wire.len() > name.longest {
        let message = format!(
            "the name on the wire has {} bytes, {} are allowed",
            wire.len(),
            name.longest
        );
        (
            message,
            "shorten it; it has the package before it".to_owned(),
        )
    } else {
        return None;
    };
    Some(Diagnostic::error(codes::BAD_WIRE_NAME, name.span, message).help(help))
}
