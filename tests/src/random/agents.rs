//! Random agents: lines for the channels of their package and of those that it uses. Knows the language's text only.

use super::Schema;
use super::channels::{Channel, ChannelKind};

impl Schema {
    pub(super) fn declare_agent(&mut self) {
        self.decorate("");
        let name = self.names.pascal(&mut self.random);
        self.line(&format!("agent {name} {{"));
        self.line("    every 1s tick_tock with { start_after: 0s, jitter: 10ms, overlap: queue, timeout: 5s };");
        self.line("    cron \"*/5 1-3 * jan,jul MON-FRI\" type with { timezone: \"Europe/Berlin\", missed: once };");
        self.line("    cron \"@daily\" drop with { once_per_fleet: true, overlap: parallel };");
        self.line("    serve http;");
        self.several();
        for channel in self.channels.clone() {
            if self.random.chance(70) {
                self.handler_line(&channel);
            }
            if self.random.chance(70) {
                self.sender_line(&channel);
            }
        }
        self.line("}\n");
    }

    /// One method for several signals, which may have the same name in their packages.
    fn several(&mut self) {
        let is_signal = |kind| matches!(kind, ChannelKind::Signal | ChannelKind::Asked);
        let all = self.channels.iter().filter(|it| is_signal(it.kind));
        let names: Vec<&str> = all.map(|it| it.name.as_str()).take(5).collect();
        if names.len() > 1 {
            let method = ["several_at_once", "clone", "self", "result", "option"];
            let method = method[names.len() - 1];
            let line = format!("    receive {} as {method};", names.join(", "));
            self.line(&line);
        }
    }

    fn handler_line(&mut self, channel: &Channel) {
        let target = &channel.name;
        // Names of other packages may be those of this one.
        let alias = match target.split_once('.') {
            Some((package, name)) => format!(" as {name}_of_{package}"),
            None => String::new(),
        };
        match channel.kind {
            ChannelKind::Signal => {
                self.line(&format!(
                    "    receive {target}{alias} with {{ timeout: 30s }};"
                ));
            }
            ChannelKind::Asked | ChannelKind::Call => {
                self.line(&format!("    answer {target}{alias};"));
            }
            ChannelKind::Queue | ChannelKind::Bound => {
                let options = if self.random.chance(30) {
                    "batch: 10, batch_wait: 250ms, dedupe: 10m"
                } else {
                    "retries: 5, backoff: 1s..60s, concurrency: 4"
                };
                self.line(&format!(
                    "    consume {target}{alias} with {{ {options} }};"
                ));
            }
            ChannelKind::Fanout | ChannelKind::Routed => {}
        }
    }

    fn sender_line(&mut self, channel: &Channel) {
        let target = &channel.name;
        let alias = match target.split_once('.') {
            Some((package, name)) => format!(" as {package}_{name}"),
            None if self.random.chance(20) => format!(" as renamed_{target}"),
            None => String::new(),
        };
        let lines: &[&str] = match channel.kind {
            ChannelKind::Signal => &["emits"],
            ChannelKind::Asked => &["emits", "calls"],
            ChannelKind::Call => &["calls"],
            ChannelKind::Queue | ChannelKind::Fanout | ChannelKind::Routed => &["sends"],
            ChannelKind::Bound => &[],
        };
        for line in lines {
            self.line(&format!("    {line} {target}{alias};"));
        }
    }
}
