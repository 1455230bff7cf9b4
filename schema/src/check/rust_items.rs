//! Items of one generated module have names of their own: types, those of inline bodies, sender traits, routing keys,
//! agents and the modules beside them. Knows the names that the generator gives, and nothing else of it.

use std::collections::HashMap;

use crate::case;
use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::model::Model;
use crate::model::PackageId;
use crate::model::SenderTarget;
use crate::resolve::draft::Draft;
use crate::resolve::sender_methods;
use crate::span::Span;

/// Modules that each package has, and constants.
const MODULES: [&str; 4] = ["signals", "calls", "queues", "exchanges"];
const CONSTANTS: [&str; 2] = ["FINGERPRINT", "PACKAGE"];
/// Modules of these names would hide the types.
const PRIMITIVES: [&str; 17] = [
    "bool", "char", "str", "i8", "i16", "i32", "i64", "i128", "isize", "u8", "u16", "u32", "u64",
    "u128", "usize", "f32", "f64",
];

/// Packages that become modules of a crate's root, where users name these crates.
const CRATES: [&str; 2] = ["microagent", "microagent_contract"];

/// A Rust item, and what it comes from in the schema.
struct Item {
    name: String,
    source: String,
    span: Span,
    what: &'static str,
}

const TYPE: &str = "this type";
const BODY: &str = "the body of this";
const AGENT: &str = "this agent";

/// The items of one package, in the order they are entered.
type Items = Vec<Vec<Item>>;

pub(crate) fn check(draft: &mut Draft<'_>) {
    let model = &draft.model;
    let mut found = Vec::new();
    let mut items: Items = model.packages.iter().map(|_| Vec::new()).collect();
    enter_types(draft, &mut items);
    enter_channels(model, &mut items);
    for (package, items) in model.packages.iter().zip(&items) {
        let senders = format!("{}Senders", case::pascal(&package.name));
        check_items(items, &senders, &mut found);
    }
    check_methods(model, &mut found);
    check_modules(model, &mut found);
    check_flat_names(model, &mut found);
    draft.diagnostics.append(&mut found);
}

fn enter(items: &mut Items, package: PackageId, item: Item) {
    items[package.0 as usize].push(item);
}

fn enter_types(draft: &Draft<'_>, items: &mut Items) {
    for (index, ty) in draft.model.types.iter().enumerate() {
        let what = if index < draft.declared_types {
            TYPE
        } else {
            BODY
        };
        enter(
            items,
            ty.package,
            item(&ty.name, ty.name.clone(), (ty.span, what)),
        );
    }
    for agent in &draft.model.agents {
        enter(
            items,
            agent.package,
            item(&agent.name, agent.name.clone(), (agent.span, AGENT)),
        );
    }
}

fn item(source: &str, name: String, declared: (Span, &'static str)) -> Item {
    Item {
        name,
        source: source.to_owned(),
        span: declared.0,
        what: declared.1,
    }
}

fn enter_channels(model: &Model, items: &mut Items) {
    let signals = model
        .signals
        .iter()
        .map(|it| (&it.name, it.span, it.package));
    let calls = model.calls.iter().map(|it| (&it.name, it.span, it.package));
    let queues = model
        .queues
        .iter()
        .map(|it| (&it.name, it.span, it.package));
    let exchanges = model
        .exchanges
        .iter()
        .map(|it| (&it.name, it.span, it.package));
    for (name, span, package) in signals.chain(calls).chain(queues).chain(exchanges) {
        let sender = format!("{}Sender", case::pascal(name));
        enter(
            items,
            package,
            item(name, sender, (span, "the sender of this")),
        );
    }
    for exchange in model
        .exchanges
        .iter()
        .filter(|exchange| exchange.routing.is_some())
    {
        let key = format!("{}Key", case::pascal(&exchange.name));
        enter(
            items,
            exchange.package,
            item(
                &exchange.name,
                key,
                (exchange.span, "the routing key of this"),
            ),
        );
    }
}

fn check_items(items: &[Item], senders: &str, found: &mut Vec<Diagnostic>) {
    let mut seen: HashMap<&str, &Item> = HashMap::with_capacity(items.len());
    for item in items {
        if item.name == senders || CONSTANTS.contains(&item.name.as_str()) {
            let message = format!("`{}` is generated for the package", item.name);
            found.push(
                Diagnostic::error(codes::GENERATED_NAME_CLASH, item.span, message)
                    .help("choose another name"),
            );
        }
        if let Some(first) = seen.insert(&item.name, item)
            && !same_declaration(first, item)
        {
            found.push(clash(item, first));
        }
    }
}

/// Whether two declarations have one name already in the schema, which was reported as that.
fn same_declaration(first: &Item, second: &Item) -> bool {
    let declared = |item: &Item| matches!(item.what, TYPE | AGENT);
    let both_declared = declared(first) && declared(second);
    let one_channel = !declared(first) && !declared(second) && first.source == second.source;
    first.span == second.span || both_declared || (one_channel && first.what == second.what)
}

fn clash(item: &Item, first: &Item) -> Diagnostic {
    let message = format!("two Rust items would be called `{}`", item.name);
    Diagnostic::error(codes::GENERATED_NAME_CLASH, item.span, message)
        .labelled(format!("{} would be called so", item.what))
        .related(first.span, format!("and {} too", first.what))
        .help("rename one of them; a channel or member may be named for Rust: `\"name\" as other_name`")
}

/// Methods of the trait over all senders of a package.
fn check_methods(model: &Model, found: &mut Vec<Diagnostic>) {
    let mut seen: HashMap<(PackageId, String), Span> = HashMap::new();
    for signal in model.signals.iter().filter(|signal| signal.reply.is_some()) {
        for method in sender_methods(&signal.name, SenderTarget::Ask(signal.id)) {
            let Some(first) = seen.insert((signal.package, method.clone()), signal.span) else {
                continue;
            };
            let name = method.trim_start_matches("ask_").trim_start_matches("all_");
            if name.is_empty() || first == signal.span {
                continue;
            }
            let message = format!("two signals would be asked by `{method}`");
            let diagnostic = Diagnostic::error(codes::GENERATED_NAME_CLASH, signal.span, message)
                .related(first, "the first")
                .help("rename one of them, or name it for Rust: `\"name\" as other_name`");
            found.push(diagnostic);
        }
    }
}

/// Modules beside the items: the fixed ones, those of agents, and child packages.
fn check_modules(model: &Model, found: &mut Vec<Diagnostic>) {
    let mut modules: HashMap<(&str, String), Span> = HashMap::new();
    for agent in &model.agents {
        let module = case::snake(&agent.name);
        let package = model[agent.package].name.as_str();
        if MODULES.contains(&module.as_str()) || PRIMITIVES.contains(&module.as_str()) {
            let message = format!(
                "the module of `{}` would be called `{module}`, which is taken",
                agent.name
            );
            found.push(
                Diagnostic::error(codes::GENERATED_NAME_CLASH, agent.span, message)
                    .help("choose another name, such as one that ends in `Agent`"),
            );
        }
        if let Some(first) = modules.insert((package, module.clone()), agent.span) {
            let message = format!("the modules of two agents would be called `{module}`");
            let diagnostic = Diagnostic::error(codes::GENERATED_NAME_CLASH, agent.span, message)
                .related(first, "the first")
                .help("rename one of them");
            found.push(diagnostic);
        }
    }
    for package in &model.packages {
        let mut parent = package.name.as_str();
        while let Some((above, child)) = parent.rsplit_once('.') {
            let agent = modules.get(&(above, child.trim_end_matches('_').to_owned()));
            let exists = model
                .packages
                .binary_search_by(|known| known.name.as_str().cmp(above))
                .is_ok();
            if exists && (MODULES.contains(&child) || agent.is_some()) {
                found.push(child_clash(package.span, (above, child), agent.copied()));
            }
            parent = above;
        }
    }
}

fn child_clash(span: Span, names: (&str, &str), agent: Option<Span>) -> Diagnostic {
    let message = format!(
        "package `{}` has a module `{}` of its own",
        names.0, names.1
    );
    let diagnostic = Diagnostic::error(codes::GENERATED_NAME_CLASH, span, message)
        .help("rename the last part of the package");
    match agent {
        Some(agent) => diagnostic.related(agent, "it belongs to this agent"),
        None => diagnostic,
    }
}

/// Packages become modules with `__` for each dot.
fn check_flat_names(model: &Model, found: &mut Vec<Diagnostic>) {
    let mut seen: HashMap<String, &str> = HashMap::new();
    for package in &model.packages {
        let first = package.name.split('.').next().unwrap_or_default();
        if CRATES.contains(&first) {
            let message = format!("a module `{first}` would hide the crate of that name");
            found.push(
                Diagnostic::error(codes::GENERATED_NAME_CLASH, package.span, message)
                    .help("name the package after your team or service"),
            );
        }
        let flat = package
            .name
            .replace('.', "__")
            .trim_end_matches('_')
            .to_owned();
        if let Some(first) = seen.insert(flat, &package.name) {
            let message = format!(
                "packages `{first}` and `{}` would be one module",
                package.name
            );
            found.push(
                Diagnostic::error(codes::GENERATED_NAME_CLASH, package.span, message)
                    .help("rename one of them; avoid `__`"),
            );
        }
    }
}
