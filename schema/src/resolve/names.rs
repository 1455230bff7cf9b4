//! Looks up types and the packages before them, with "did you mean" over all that could stand there. Channels are
//! looked up in `channel_names`; knows nothing of what the names are used for.

use crate::ast;
use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::model::PackageId;
use crate::model::TypeId;
use crate::resolve::draft::Bound;
use crate::resolve::draft::Draft;
use crate::resolve::draft::Site;
use crate::resolve::packages::joined;
use crate::resolve::types::BUILTINS;
use crate::resolve::uses::unknown_type_of_package;
use crate::suggest::suggest;

impl Draft<'_> {
    /// The nearest of some names, as long as a run with very many problems and names can afford it.
    pub(crate) fn nearest<'c>(
        &self,
        name: &str,
        candidates: impl IntoIterator<Item = &'c str>,
    ) -> Option<String> {
        let left = &self.comparisons_left;
        let affordable = candidates
            .into_iter()
            .inspect(|_| left.set(left.get().saturating_sub(1)));
        if left.get() == 0 {
            return None;
        }
        suggest(name, affordable)
    }

    /// A declared type by its path; `None` was reported, or follows from something that was.
    pub(crate) fn type_by_path(&mut self, site: Site, path: &ast::Path) -> Option<TypeId> {
        let (last, package) = match path.segments.as_slice() {
            [single] => return self.type_by_name(site, single),
            [package, last] => (last, self.package_by_name(site, package, last)?),
            _ => {
                self.report_long_path(site, path);
                return None;
            }
        };
        let found = self.names[package.0 as usize]
            .types
            .get(last.text.as_str())
            .copied();
        if found.is_none() {
            self.report_no_type_in(package, last);
        }
        found
    }

    fn report_no_type_in(&mut self, package: PackageId, name: &ast::Ident) {
        if self.names[package.0 as usize]
            .channels
            .contains_key(&name.text)
        {
            let message = format!("`{}` is no type", name.text);
            let help = "name the type that it carries; a body in braces has no name of its own: declare a `struct`";
            self.report(Diagnostic::error(codes::NOT_A_TYPE, name.span, message).help(help));
        } else {
            unknown_type_of_package(self, package, name);
        }
    }

    fn type_by_name(&mut self, site: Site, name: &ast::Ident) -> Option<TypeId> {
        if let Some(binding) = self.scopes[site.file].bindings.get(name.text.as_str()) {
            match binding.target {
                Bound::Type(found) => {
                    binding.used.set(true);
                    return Some(found);
                }
                Bound::Broken => return None,
                Bound::Package(_) => {}
            }
        }
        let names = &self.names[site.package.0 as usize];
        if let Some(&found) = names.types.get(name.text.as_str()) {
            return Some(found);
        }
        self.report_unknown_type(site, name);
        None
    }

    fn report_unknown_type(&mut self, site: Site, name: &ast::Ident) {
        let names = &self.names[site.package.0 as usize];
        let scope = &self.scopes[site.file];
        if names.channels.contains_key(&name.text) || names.agents.contains_key(name.text.as_str())
        {
            let message = format!("`{}` is no type", name.text);
            let help = "name the type that it carries; a body in braces has no name of its own: declare a `struct`";
            self.report(Diagnostic::error(codes::NOT_A_TYPE, name.span, message).help(help));
            return;
        }
        let own = self
            .model
            .types
            .iter()
            .filter(|ty| ty.package == site.package);
        let own = own.filter(|ty| names.types.get(ty.name.as_str()) == Some(&ty.id));
        let candidates = BUILTINS
            .iter()
            .copied()
            .chain(own.map(|ty| ty.name.as_str()))
            .chain(scope.order.iter().copied());
        let suggestion = self.nearest(&name.text, candidates);
        if self.may_be_lost(site.package, &name.text, suggestion.as_ref()) {
            return;
        }
        let help = self.help_for_unknown_type(&name.text);
        let message = format!("there is no type `{}`", name.text);
        let diagnostic = Diagnostic::error(codes::UNKNOWN_TYPE, name.span, message)
            .help(help)
            .suggest(suggestion);
        self.report(diagnostic);
    }

    fn help_for_unknown_type(&self, name: &str) -> String {
        let home = self
            .names
            .iter()
            .position(|names| names.types.contains_key(name));
        if let Some(home) = home {
            return format!("add `use {}.{name};`", self.model.packages[home].name);
        }
        let foreign = match name {
            "int" | "integer" | "long" | "number" => "integers are `i8` to `i64` and `u8` to `u64`",
            "float" | "double" => "numbers with a fraction are `f32`, `f64` and `decimal`",
            "str" | "text" | "String" => "text is `string`",
            "boolean" => "it is called `bool`",
            "datetime" | "time" => "instants are `timestamp`, days are `date`",
            "any" | "object" | "Value" => "any JSON value is `json`",
            "map" | "list" | "array" | "Vec" => "a list is `[T]`, a map is `{string: T}`",
            _ => "declare it in this package, or `use` it from another",
        };
        foreign.to_owned()
    }

    /// The package that a first segment stands for in this file; `last` is what is looked for in it.
    pub(crate) fn package_by_name(
        &mut self,
        site: Site,
        name: &ast::Ident,
        last: &ast::Ident,
    ) -> Option<PackageId> {
        let binding = self.scopes[site.file].bindings.get(name.text.as_str());
        match binding.map(|binding| (binding.target, &binding.used)) {
            Some((Bound::Package(package), used)) => {
                used.set(true);
                return Some(package);
            }
            Some((Bound::Broken, _)) => return None,
            Some((Bound::Type(_), _)) => {
                let message = format!(
                    "`{}` is a type, nothing can be named inside of it",
                    name.text
                );
                let diagnostic = Diagnostic::error(codes::UNKNOWN_PACKAGE, name.span, message)
                    .help("a path is `package.Name`");
                self.report(diagnostic);
                return None;
            }
            None => {}
        }
        self.report_unbound_package(site, name, last);
        None
    }

    fn report_unbound_package(&mut self, site: Site, name: &ast::Ident, last: &ast::Ident) {
        if self.may_be_lost_in(site.file, &name.text) {
            return;
        }
        let own_name = self.package_name(site.package);
        let diagnostic = if own_name == name.text || own_name.rsplit('.').next() == Some(&name.text)
        {
            let message = format!("`{}` is this package itself", name.text);
            Diagnostic::error(codes::PATH_WITHOUT_USE, name.span, message)
                .help(format!("write `{}` alone", last.text))
        } else if let Some(known) = self.package_ending_in(&name.text) {
            let message = format!("package `{known}` is not used in this file");
            Diagnostic::error(codes::PATH_WITHOUT_USE, name.span, message)
                .help(format!("add `use {known};`"))
        } else {
            let scope = &self.scopes[site.file];
            let bound = scope.order.iter().copied();
            let packages = self
                .model
                .packages
                .iter()
                .map(|package| package.name.as_str());
            let suggestion = self.nearest(&name.text, bound.chain(packages));
            Diagnostic::error(
                codes::UNKNOWN_PACKAGE,
                name.span,
                format!("there is no package `{}`", name.text),
            )
            .help("name it in a `use` line at the top of the file")
            .suggest(suggestion)
        };
        self.report(diagnostic);
    }

    fn package_ending_in(&self, name: &str) -> Option<String> {
        let mut names = self
            .model
            .packages
            .iter()
            .map(|package| package.name.as_str());
        names
            .find(|package| package.rsplit('.').next() == Some(name))
            .map(str::to_owned)
    }

    pub(crate) fn report_long_path(&mut self, site: Site, path: &ast::Path) {
        let parent: Vec<&str> = path.segments[..path.segments.len() - 1]
            .iter()
            .map(|segment| segment.text.as_str())
            .collect();
        let last = path.segments.last().map_or("", |last| last.text.as_str());
        let short = parent.last().copied().unwrap_or("");
        let parent_name = parent.join(".");
        let help = if self.packages.contains_key(&parent_name) {
            format!("write `use {parent_name};` at the top, and `{short}.{last}` here")
        } else {
            "a path is the name that a `use` line binds, and one name in it".to_owned()
        };
        let message = format!("`{}` is too long a path", joined(path));
        self.report(Diagnostic::error(codes::PATH_WITHOUT_USE, path.span, message).help(help));
        self.mark_used(site, path);
    }

    fn mark_used(&self, site: Site, path: &ast::Path) {
        for segment in &path.segments {
            if let Some(binding) = self.scopes[site.file].bindings.get(segment.text.as_str()) {
                binding.used.set(true);
            }
        }
    }
}
