//! The model while it is being made: tables by name, what is still to be checked, and the problems found so far.
//! Owns the one place that marks a broken type, so that whatever depends on it stays silent.
//!
//! Invariants: ids are given in order of declaration; a broken reference is [`BROKEN`] and never leaves `resolve` and
//! `check`, since a draft with an error gives no model.

use std::cell::Cell;
use std::collections::HashMap;

use crate::ast;
use crate::diagnostic::Diagnostic;
use crate::limits::Limits;
use crate::model;
use crate::model::AgentId;
use crate::model::CallId;
use crate::model::ExchangeId;
use crate::model::Model;
use crate::model::PackageId;
use crate::model::QueueId;
use crate::model::SignalId;
use crate::model::TypeId;
use crate::span::Span;

/// Stands for a type that could not be resolved; a diagnostic was given.
pub(crate) const BROKEN: TypeId = TypeId(u32::MAX);

/// A suggestion looks at all names in scope; a run with many mistakes in a large schema stops making them here.
const MOST_COMPARISONS: usize = 500_000;

/// Where a parsed file was found.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    pub(crate) root: usize,
    /// Relative to its root, `/` between folders.
    pub(crate) path: String,
    pub(crate) shown: String,
    /// The text, where the parser had to leave something out of the tree.
    pub(crate) incomplete: Option<String>,
}

/// The names of one package.
#[derive(Debug, Default)]
pub(crate) struct Names<'a> {
    pub(crate) files: Vec<usize>,
    pub(crate) types: HashMap<&'a str, TypeId>,
    pub(crate) agents: HashMap<&'a str, (AgentId, Span)>,
    pub(crate) channels: HashMap<String, Channel>,
    /// Some declarations may have been lost to syntax errors.
    pub(crate) incomplete: bool,
}

/// Anything that messages go through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Channel {
    Signal(SignalId),
    Call(CallId),
    Queue(QueueId),
    Exchange(ExchangeId),
}

/// What the `use` lines of one file bind.
#[derive(Debug, Default)]
pub(crate) struct Scope<'a> {
    pub(crate) bindings: HashMap<&'a str, Binding>,
    /// The same in order of declaration.
    pub(crate) order: Vec<&'a str>,
}

#[derive(Debug)]
pub(crate) struct Binding {
    pub(crate) target: Bound,
    pub(crate) span: Span,
    pub(crate) used: Cell<bool>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Bound {
    Package(PackageId),
    Type(TypeId),
    /// Unknown, and said so.
    Broken,
}

/// Where a name is looked up from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Site {
    pub(crate) package: PackageId,
    pub(crate) file: usize,
}

/// A default or example that is checked when all types are known.
#[derive(Clone, Debug)]
pub(crate) struct PendingValue<'a> {
    pub(crate) value: &'a ast::Value,
    pub(crate) ty: model::TypeRef,
}

/// Where the parts of a queue stand that rules over the whole draft speak of.
#[derive(Clone, Debug, Default)]
pub(crate) struct QueuePlaces {
    /// The fields of `key`, as written.
    pub(crate) key: Vec<(String, Span)>,
    pub(crate) dead_letter: Option<Span>,
    pub(crate) pattern: Option<ast::Quoted>,
}

/// See the module.
#[derive(Debug)]
pub(crate) struct Draft<'a> {
    pub(crate) files: &'a [ast::File],
    pub(crate) places: &'a [Place],
    pub(crate) limits: &'a Limits,
    /// By [`PackageId`].
    pub(crate) names: Vec<Names<'a>>,
    pub(crate) packages: HashMap<String, PackageId>,
    /// The package of each file; `None` where a package stands in two roots.
    pub(crate) package_of: Vec<Option<PackageId>>,
    /// By file.
    pub(crate) scopes: Vec<Scope<'a>>,
    pub(crate) model: Model,
    /// How many types were declared; those behind them were made for inline bodies.
    pub(crate) declared_types: usize,
    /// Queues by the place of their names: those of an exchange have no entry of their own.
    pub(crate) queues_by_span: HashMap<Span, u32>,
    /// By [`TypeId`]: types without a finite value, whose spreads may go round. Empty before that was checked.
    pub(crate) endless: Vec<bool>,
    /// How many names may still be compared with unknown ones.
    pub(crate) comparisons_left: Cell<usize>,
    /// By [`QueueId`].
    pub(crate) queue_places: Vec<QueuePlaces>,
    pub(crate) pending: Vec<PendingValue<'a>>,
    pub(crate) diagnostics: Vec<Diagnostic>,
}

impl<'a> Draft<'a> {
    pub(crate) fn new(files: &'a [ast::File], places: &'a [Place], limits: &'a Limits) -> Self {
        Self {
            files,
            places,
            limits,
            names: Vec::new(),
            packages: HashMap::new(),
            package_of: vec![None; files.len()],
            scopes: files.iter().map(|_| Scope::default()).collect(),
            model: Model::default(),
            declared_types: 0,
            queues_by_span: HashMap::new(),
            endless: Vec::new(),
            comparisons_left: Cell::new(MOST_COMPARISONS),
            queue_places: Vec::new(),
            pending: Vec::new(),
            diagnostics: Vec::new(),
        }
    }

    pub(crate) fn report(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    /// The declaration behind an id, unless it is broken.
    pub(crate) fn declaration(&self, id: TypeId) -> Option<&model::TypeDecl> {
        self.model.types.get(id.0 as usize)
    }

    /// The same, unless it is known to have no finite value.
    pub(crate) fn finite(&self, id: TypeId) -> Option<&model::TypeDecl> {
        let endless = self.endless.get(id.0 as usize).copied().unwrap_or(false);
        self.declaration(id).filter(|_| !endless)
    }

    /// The reference behind any chain of newtypes: the first shape that is not one, or that is optional. `None` where
    /// something is broken or the chain is too long.
    pub(crate) fn behind_newtypes<'s>(
        &'s self,
        ty: &'s model::TypeRef,
    ) -> Option<&'s model::TypeRef> {
        let mut ty = ty;
        for _ in 0..=self.limits.nesting {
            let model::Shape::Named(id) = ty.shape else {
                return Some(ty);
            };
            match &self.declaration(id)?.kind {
                model::TypeKind::Newtype(inner) if !ty.optional => ty = inner,
                _ => return Some(ty),
            }
        }
        None
    }

    /// The struct, enum or union that a reference leads to, through newtypes.
    pub(crate) fn kind_of<'s>(&'s self, ty: &'s model::TypeRef) -> Option<&'s model::TypeKind> {
        match self.behind_newtypes(ty)?.shape {
            model::Shape::Named(id) => Some(&self.declaration(id)?.kind),
            _ => None,
        }
    }

    /// Whether a name that is unknown in a package may be one that the parser had to leave out: it stands in the text of
    /// a broken file more often than where it is used, or nothing that is known comes near it. What is reported then is
    /// the broken place alone.
    pub(crate) fn may_be_lost(
        &self,
        package: PackageId,
        name: &str,
        suggestion: Option<&String>,
    ) -> bool {
        let names = &self.names[package.0 as usize];
        let near = suggestion.is_some_and(|suggestion| suggestion.len().abs_diff(name.len()) <= 1);
        (names.incomplete && !near)
            || names
                .files
                .iter()
                .any(|&file| self.may_be_lost_in(file, name))
    }

    /// Whether something in a file may seem to be missing because the parser had to leave it out.
    pub(crate) fn is_incomplete(&self, site: Site) -> bool {
        self.places[site.file].incomplete.is_some()
    }

    /// The same for names of one file.
    pub(crate) fn may_be_lost_in(&self, file: usize, name: &str) -> bool {
        self.places[file].incomplete.as_deref().is_some_and(|text| {
            let part = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
            let mut words = text
                .split(|letter: char| !part(letter))
                .filter(|word| *word == name);
            text.is_empty() || words.nth(1).is_some()
        })
    }

    pub(crate) fn package_name(&self, id: PackageId) -> &str {
        &self.model[id].name
    }

    pub(crate) fn channel_span(&self, channel: Channel) -> Span {
        match channel {
            Channel::Signal(id) => self.model[id].span,
            Channel::Call(id) => self.model[id].span,
            Channel::Queue(id) => self.model[id].span,
            Channel::Exchange(id) => self.model[id].span,
        }
    }
}

impl Channel {
    /// As it is called in messages, with its article.
    pub(crate) fn described(self) -> &'static str {
        match self {
            Self::Signal(_) => "a signal",
            Self::Call(_) => "a call",
            Self::Queue(_) => "a queue",
            Self::Exchange(_) => "an exchange",
        }
    }
}

/// A reference to something that is broken.
pub(crate) fn broken(span: Span) -> model::TypeRef {
    reference(model::Shape::Named(BROKEN), span)
}

/// A plain reference without constraints.
pub(crate) fn reference(shape: model::Shape, span: Span) -> model::TypeRef {
    model::TypeRef {
        shape,
        constraints: model::Constraints::default(),
        optional: false,
        span,
    }
}

/// Whether a reference, or anything inside its lists and maps, is broken.
pub(crate) fn is_broken(ty: &model::TypeRef) -> bool {
    let mut ty = ty;
    loop {
        match &ty.shape {
            model::Shape::List(inner) | model::Shape::Map(inner) => ty = inner,
            shape => return *shape == model::Shape::Named(BROKEN),
        }
    }
}

/// An index as an id; the limits keep it far below.
pub(crate) fn id(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX - 1)
}
