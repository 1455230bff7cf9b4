//! Lints that the words and names of a schema would set off, allowed once for a package's module, each with its reason.

use microagent_schema::model::{Meta, PackageId, TypeKind};

use super::channels::Named;
use super::layout;
use super::scope::Scope;
use crate::docs;
use crate::literal;

/// Attributes of the module of a package.
pub(crate) fn allows(scope: &Scope<'_>) -> Vec<String> {
    let mut allows = allow(
        &["dead_code", "unreachable_pub", "unused_qualifications"],
        "a contract offers more than one program needs, and is written to compile anywhere",
    );
    allows.extend(allow(
        &[
            "non_snake_case",
            "clippy::enum_variant_names",
            "clippy::large_enum_variant",
            "clippy::module_inception",
            "clippy::self_named_constructors",
            "clippy::struct_field_names",
            "clippy::type_complexity",
            "clippy::wrong_self_convention",
        ],
        "the names and types are the schema's",
    ));
    if any_deprecated(scope) {
        allows.extend(allow(
            &["deprecated"],
            "what is deprecated is still read and written",
        ));
    }
    let documented = metas(scope, scope.package);
    let mut documented = documented
        .iter()
        .map(|it| &it.docs)
        .chain([&scope.this().docs]);
    if documented.any(|it| docs::looks_like_code(&it.0)) {
        allows.extend(allow(
            &[
                "clippy::doc_markdown",
                "clippy::doc_lazy_continuation",
                "clippy::doc_overindented_list_items",
            ],
            "the docs are the schema's",
        ));
    }
    allows
}

fn allow(lints: &[&str], reason: &str) -> Vec<String> {
    let mut arguments: Vec<String> = lints.iter().map(|&it| it.to_owned()).collect();
    arguments.push(format!("reason = {}", literal::string(reason)));
    let mut attribute = layout::attribute("allow", &arguments);
    attribute[0].insert(1, '!');
    attribute
}

/// Whether the package, or one that it uses, has anything deprecated.
fn any_deprecated(scope: &Scope<'_>) -> bool {
    let uses = scope.this().uses.iter().copied();
    let mut packages = uses.chain([scope.package]);
    packages.any(|package| {
        metas(scope, package)
            .iter()
            .any(|it| it.deprecated.is_some())
    })
}

/// Of all declarations and members of a package.
fn metas<'a>(scope: &Scope<'a>, package: PackageId) -> Vec<&'a Meta> {
    let model = scope.model;
    let mut metas = Vec::new();
    for declaration in scope.types_of(package) {
        metas.push(&declaration.meta);
        match &declaration.kind {
            TypeKind::Struct(object) => metas.extend(object.fields.iter().map(|it| &it.meta)),
            TypeKind::Enum(values) => metas.extend(values.values.iter().map(|it| &it.meta)),
            TypeKind::Union(union) => metas.extend(union.variants.iter().map(|it| &it.meta)),
            TypeKind::Newtype(_) => {}
        }
    }
    let signals = model.signals.iter().map(Named::from);
    let calls = model.calls.iter().map(Named::from);
    let queues = model.queues.iter().map(Named::from);
    let exchanges = model.exchanges.iter().map(Named::from);
    let channels = signals.chain(calls).chain(queues).chain(exchanges);
    metas.extend(
        channels
            .filter(|it| it.package == package)
            .map(|it| it.meta),
    );
    for agent in model.agents.iter().filter(|it| it.package == package) {
        metas.push(&agent.meta);
        metas.extend(agent.handlers.iter().map(|it| &it.meta));
        metas.extend(agent.senders.iter().map(|it| &it.meta));
    }
    metas
}
