//! Looks up signals, calls, queues and exchanges by their paths, with "did you mean" over those that could stand there.

use crate::ast;
use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::model::PackageId;
use crate::resolve::draft::Bound;
use crate::resolve::draft::Channel;
use crate::resolve::draft::Draft;
use crate::resolve::draft::Site;

/// What kind of channel may stand at a place, for suggestions and messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    Signal,
    /// What can be answered.
    CallOrSignal,
    Queue,
    Exchange,
    /// What can be sent to.
    QueueOrExchange,
}

impl Wanted {
    fn takes(self, channel: Channel) -> bool {
        match channel {
            Channel::Signal(_) => matches!(self, Self::Signal | Self::CallOrSignal),
            Channel::Call(_) => self == Self::CallOrSignal,
            Channel::Queue(_) => matches!(self, Self::Queue | Self::QueueOrExchange),
            Channel::Exchange(_) => matches!(self, Self::Exchange | Self::QueueOrExchange),
        }
    }

    fn called(self) -> &'static str {
        match self {
            Self::Signal => "signal",
            Self::CallOrSignal => "call or signal",
            Self::Queue => "queue",
            Self::Exchange => "exchange",
            Self::QueueOrExchange => "queue or exchange",
        }
    }
}

impl Draft<'_> {
    /// A signal, call, queue or exchange by its path. `wanted` says in the message what should stand here.
    pub(crate) fn channel_by_path(
        &mut self,
        site: Site,
        path: &ast::Path,
        wanted: Wanted,
    ) -> Option<Channel> {
        let (package, last) = match path.segments.as_slice() {
            [single] => (site.package, single),
            [package, last] => (self.package_by_name(site, package, last)?, last),
            _ => {
                self.report_long_path(site, path);
                return None;
            }
        };
        if let Some(&found) = self.names[package.0 as usize].channels.get(&last.text) {
            return Some(found);
        }
        self.report_unknown_channel(site, package, last, wanted);
        None
    }

    fn report_unknown_channel(
        &mut self,
        site: Site,
        package: PackageId,
        name: &ast::Ident,
        wanted: Wanted,
    ) {
        let binding = self.scopes[site.file].bindings.get(name.text.as_str());
        if package == site.package && binding.is_some_and(|binding| binding.target == Bound::Broken)
        {
            return;
        }
        let suggestion = self.nearest_channel(package, &name.text, wanted);
        if self.may_be_lost(package, &name.text, suggestion.as_ref()) {
            return;
        }
        let place = if package == site.package {
            "this package"
        } else {
            self.package_name(package)
        };
        let message = format!("there is no {} `{}` in {place}", wanted.called(), name.text);
        let help = self.help_for_unknown_channel(&name.text, wanted);
        let diagnostic = Diagnostic::error(codes::UNKNOWN_CHANNEL, name.span, message)
            .help(help)
            .suggest(suggestion);
        self.report(diagnostic);
    }

    /// The nearest name of a kind that may stand here, else of any.
    fn nearest_channel(&self, package: PackageId, name: &str, wanted: Wanted) -> Option<String> {
        let named = self.channels_of(package);
        let fitting = named.iter().filter(|(channel, _)| wanted.takes(*channel));
        self.nearest(name, fitting.map(|(_, name)| *name))
            .or_else(|| self.nearest(name, named.iter().map(|(_, name)| *name)))
    }

    fn help_for_unknown_channel(&self, name: &str, wanted: Wanted) -> String {
        let home = self
            .names
            .iter()
            .position(|names| names.channels.contains_key(name));
        let Some(home) = home else {
            let wanted = wanted.called();
            let article = if wanted.starts_with('e') { "an" } else { "a" };
            return format!("declare {article} {wanted} `{name}`, or name one that is declared");
        };
        let home = &self.model.packages[home].name;
        let short = home.rsplit('.').next().unwrap_or(home);
        format!("it is declared in `{home}`: `use {home};` and `{short}.{name}`")
    }

    /// All channels of a package with their names.
    fn channels_of(&self, package: PackageId) -> Vec<(Channel, &str)> {
        let model = &self.model;
        let signals = model
            .signals
            .iter()
            .map(|it| (Channel::Signal(it.id), &it.name, it.package));
        let calls = model
            .calls
            .iter()
            .map(|it| (Channel::Call(it.id), &it.name, it.package));
        let queues = model
            .queues
            .iter()
            .map(|it| (Channel::Queue(it.id), &it.name, it.package));
        let exchanges = model
            .exchanges
            .iter()
            .map(|it| (Channel::Exchange(it.id), &it.name, it.package));
        let all = signals.chain(calls).chain(queues).chain(exchanges);
        let own = all.filter(|(_, _, home)| *home == package);
        own.map(|(channel, name, _)| (channel, name.as_str()))
            .collect()
    }
}
