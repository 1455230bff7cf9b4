//! Packages: all that one declares, in the order in which it stands in its module.

use microagent_schema::model::{Model, PackageId, Shape, TypeDecl, TypeKind, TypeRef};

use super::checks::Checks;
use super::scope::{Places, Scope, is_own};
use super::{agent, channels, lints, newtype, object, senders, variants};
use crate::Error;
use crate::docs;
use crate::ident::package_module;
use crate::literal;
use crate::rust::{RustOptions, view};

/// The packages that code is generated for.
pub(crate) fn lower(model: &Model, options: &RustOptions) -> Result<Vec<view::Package>, Error> {
    let places = Places::new(model, options)?;
    let own = (0..)
        .map(PackageId)
        .zip(&model.packages)
        .filter(|(_, it)| is_own(it));
    Ok(own
        .map(|(id, _)| package(&Scope::new(model, &places, id)))
        .collect())
}

fn package(scope: &Scope<'_>) -> view::Package {
    let (model, this) = (scope.model, scope.this());
    let mut checks = Checks::default();
    let types: Vec<&TypeDecl> = scope.types_of(scope.package).collect();
    let lowered = types
        .iter()
        .map(|it| lower_type(scope, it, &mut checks))
        .collect();
    let channels = channels::lower(scope, &mut checks);
    let agents: Vec<view::Agent> = model
        .agents
        .iter()
        .filter(|it| it.package == scope.package)
        .map(|it| agent::lower(scope, it))
        .collect();
    let assertions = assertions(scope, &types);
    view::Package {
        head: head(scope),
        module: package_module(&this.name),
        allows: lints::allows(scope),
        name: literal::string(&this.name),
        fingerprint: literal::fingerprint(this.fingerprint),
        uses_runtime: !(types.is_empty()
            && channels.is_empty()
            && agents.is_empty()
            && assertions.is_empty()),
        assertions,
        types: lowered,
        rules: checks.into_rows(),
        channels,
        routing_keys: channels::routing_keys(scope),
        senders: senders::lower(scope),
        agents,
    }
}

fn head(scope: &Scope<'_>) -> Vec<String> {
    let this = scope.this();
    if this.docs.0.is_empty() {
        return vec![docs::line(&format!("Package `{}`.", this.name))];
    }
    docs::lines(&this.docs.0)
}

fn lower_type(scope: &Scope<'_>, declaration: &TypeDecl, checks: &mut Checks) -> view::Type {
    match &declaration.kind {
        TypeKind::Struct(it) => view::Type::Object(object::lower(scope, declaration, it, checks)),
        TypeKind::Enum(it) => view::Type::Choice(variants::lower_enum(scope, declaration, it)),
        TypeKind::Union(it) => {
            view::Type::Choice(variants::lower_union(scope, declaration, it, checks))
        }
        TypeKind::Newtype(it) => {
            view::Type::Newtype(newtype::lower(scope, declaration, it, checks))
        }
    }
}

/// What must hold for this code to be right: the features of the types it uses, and that the crates of foreign
/// packages have the contracts that were read.
fn assertions(scope: &Scope<'_>, types: &[&TypeDecl]) -> Vec<String> {
    let mut features = [("uuid", false), ("chrono", false), ("decimal", false)];
    for_each_shape(scope, types, &mut |shape| {
        let feature = match shape {
            Shape::Uuid => 0,
            Shape::Timestamp(_) | Shape::Date => 1,
            Shape::Decimal { .. } => 2,
            _ => return,
        };
        features[feature].1 = true;
    });
    let features = features
        .iter()
        .filter(|(_, used)| *used)
        .map(|(name, _)| format!("__rt::require_{name}!();"));
    let foreign = scope
        .this()
        .uses
        .iter()
        .filter(|it| !is_own(&scope.model[**it]))
        .map(|it| {
            let package = &scope.model[*it];
            let constant = scope.item(*it, "FINGERPRINT");
            let (fingerprint, name) = (
                literal::fingerprint(package.fingerprint),
                literal::string(&package.name),
            );
            format!("__rt::assert_fingerprint! {{ {constant}, {fingerprint}, {name} }}")
        });
    features.chain(foreign).collect()
}

/// Visits each shape that a package spells out, at any depth.
fn for_each_shape(scope: &Scope<'_>, types: &[&TypeDecl], visit: &mut impl FnMut(&Shape)) {
    for declaration in types {
        match &declaration.kind {
            TypeKind::Struct(object) => object.fields.iter().for_each(|it| shapes(&it.ty, visit)),
            TypeKind::Union(union) => {
                union
                    .variants
                    .iter()
                    .filter_map(|it| it.payload.as_ref())
                    .for_each(|it| shapes(it, visit));
            }
            TypeKind::Newtype(inner) => shapes(inner, visit),
            TypeKind::Enum(_) => {}
        }
    }
    let (model, package) = (scope.model, scope.package);
    for signal in model.signals.iter().filter(|it| it.package == package) {
        signal
            .payload
            .iter()
            .chain(&signal.reply)
            .for_each(|it| shapes(it, visit));
    }
    for call in model.calls.iter().filter(|it| it.package == package) {
        call.payload
            .iter()
            .chain([&call.reply])
            .chain(&call.throws)
            .for_each(|it| shapes(it, visit));
    }
    for queue in model.queues.iter().filter(|it| it.package == package) {
        shapes(&queue.payload, visit);
    }
    for exchange in model.exchanges.iter().filter(|it| it.package == package) {
        shapes(&exchange.payload, visit);
    }
}

fn shapes(ty: &TypeRef, visit: &mut impl FnMut(&Shape)) {
    visit(&ty.shape);
    if let Shape::List(entry) | Shape::Map(entry) = &ty.shape {
        shapes(entry, visit);
    }
}
