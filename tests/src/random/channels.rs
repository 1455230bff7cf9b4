//! Random signals, calls, queues and exchanges, with their options. Knows the language's text only.

use super::objects::Body;
use super::{Kind, Schema};

/// What a channel is, as far as the lines of an agent care.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ChannelKind {
    Signal,
    Asked,
    Call,
    Queue,
    Bound,
    Fanout,
    Routed,
}

/// A channel that agents and other packages may name.
#[derive(Clone, Debug)]
pub(super) struct Channel {
    pub(super) kind: ChannelKind,
    /// Of another package: behind its name and a dot.
    pub(super) name: String,
    /// The text of its type, where it has one.
    payload: Option<String>,
}

impl Channel {
    /// As another package names it.
    pub(super) fn seen_as(&self, package: &str) -> Self {
        Self {
            name: format!("{package}.{}", self.name),
            // A type of the other package may not be imported, so payloads are not compared.
            payload: None,
            ..self.clone()
        }
    }
}

impl Schema {
    pub(super) fn declare_channel(&mut self, flat: Option<&str>) {
        self.decorate("");
        let base = self.names.snake(&mut self.random);
        // Flat names meet those of all other packages, so they carry the package themselves.
        let (rust, name) = match flat {
            Some(package) => {
                let rust = format!("{base}_{}", package.replace('.', "_"));
                (rust.clone(), rust)
            }
            None if self.random.chance(15) => {
                let wire = format!("quoted/{base}-{}", self.random.bits());
                (base.clone(), format!("\"{wire}\" as {base}"))
            }
            None => (base.clone(), base),
        };
        match self.random.below(7) {
            0 => self.declare_signal(&rust, &name),
            1 => self.declare_asked(&rust, &name),
            2 => self.declare_call(&rust, &name),
            3 => self.declare_queue(&rust, &name),
            4 => self.declare_fanout(&rust, &name),
            5 => self.declare_subscription(&rust, &name),
            _ => self.declare_routed(&rust, &name),
        }
    }

    fn add(&mut self, kind: ChannelKind, name: &str, payload: Option<&str>) {
        self.channels.push(Channel {
            kind,
            name: name.to_owned(),
            payload: payload.map(str::to_owned),
        });
    }

    fn object_payload(&mut self) -> String {
        const OBJECTS: [Kind; 5] = [
            Kind::Struct,
            Kind::Rest,
            Kind::Internal,
            Kind::Adjacent,
            Kind::Payloads,
        ];
        let kind = OBJECTS[self.random.below(OBJECTS.len())];
        let named = self.of_kind(kind);
        if !named.is_empty() && self.random.chance(50) {
            return format!(": {}", named[self.random.below(named.len())].name);
        }
        if self.random.chance(10) {
            return ": {string: [u64?](max: 3)}".to_owned();
        }
        let mut body = Body::default();
        for _ in 0..self.random.below(4) {
            self.field(&mut body, None);
        }
        if self.random.chance(20) {
            self.spread(&mut body);
        }
        format!(" {{ {} }}", body.text(", "))
    }

    fn payload_or_nothing(&mut self) -> String {
        if self.random.chance(30) {
            String::new()
        } else {
            self.object_payload()
        }
    }

    fn declare_signal(&mut self, rust: &str, name: &str) {
        let payload = self.payload_or_nothing();
        // An item that ends in its body has no semicolon.
        let end = if payload.starts_with(" {") { "" } else { ";" };
        self.line(&format!("signal {name}{payload}{end}\n"));
        self.add(ChannelKind::Signal, rust, None);
    }

    fn declare_asked(&mut self, rust: &str, name: &str) {
        let payload = self.payload_or_nothing();
        let reply = self.reply();
        self.line(&format!(
            "signal {name}{payload} -> {reply} with {{ deadline: 250ms }};\n"
        ));
        self.add(ChannelKind::Asked, rust, None);
    }

    fn declare_call(&mut self, rust: &str, name: &str) {
        let payload = self.payload_or_nothing();
        let reply = self.reply();
        let throws = if self.random.chance(50) {
            format!(" throws {}", self.payload_name())
        } else {
            String::new()
        };
        self.line(&format!("call {name}{payload} -> {reply}{throws};\n"));
        self.add(ChannelKind::Call, rust, None);
    }

    fn declare_queue(&mut self, rust: &str, name: &str) {
        const OPTIONS: [&str; 4] = [
            "",
            " with { ttl: 7d }",
            " with { max_length: 1_000, overflow: drop_oldest }",
            " with { max_priority: 9, durable: true, codec: json }",
        ];
        let keyed = self.of_kind(Kind::Struct);
        if !keyed.is_empty() && self.random.chance(40) {
            let payload = keyed[self.random.below(keyed.len())].clone();
            if let Some(key) = payload.fields.first() {
                let options = if self.random.chance(50) {
                    format!("key: {key}, ordered: true, partitions: 8")
                } else {
                    format!("key: [{}]", payload.fields.join(", "))
                };
                let of = &payload.name;
                self.line(&format!("queue {name}: {of} with {{ {options} }};\n"));
                self.add(ChannelKind::Queue, rust, Some(of));
                return;
            }
        }
        let dead = self
            .channels
            .iter()
            .find(|it| it.payload.is_some())
            .cloned();
        if let Some(dead) = dead.filter(|_| self.random.chance(30)) {
            let payload = dead.payload.unwrap_or_default();
            let options = format!("dead_letter: {}", dead.name);
            self.line(&format!("queue {name}: {payload} with {{ {options} }};\n"));
            self.add(ChannelKind::Queue, rust, Some(&payload));
            return;
        }
        let options = self.random.pick(&OPTIONS);
        let payload = self.payload_name();
        self.line(&format!("queue {name}: {payload}{options};\n"));
        self.add(ChannelKind::Queue, rust, Some(&payload));
    }

    fn declare_fanout(&mut self, rust: &str, name: &str) {
        let payload = self.payload_name();
        if self.random.chance(30) {
            self.line(&format!("exchange {name}: {payload};\n"));
            self.add(ChannelKind::Fanout, rust, None);
            return;
        }
        let inner = self.names.snake(&mut self.random);
        let wire = format!("\"inner/{inner}-{}\" as {inner}", self.random.bits());
        self.line(&format!(
            "exchange {name}: {payload} {{ queue {wire} with {{ ttl: 1d }}; }}\n"
        ));
        self.add(ChannelKind::Fanout, rust, None);
        self.add(ChannelKind::Bound, &inner, None);
    }

    /// A queue on an exchange that stands elsewhere, of another package where there is one.
    fn declare_subscription(&mut self, rust: &str, name: &str) {
        let is_exchange = |kind| matches!(kind, ChannelKind::Fanout | ChannelKind::Routed);
        let exchange = self
            .channels
            .iter()
            .find(|it| is_exchange(it.kind))
            .cloned();
        let Some(exchange) = exchange else {
            return self.declare_queue(rust, name);
        };
        let pattern = match exchange.kind {
            ChannelKind::Routed => " \"#\"",
            _ => "",
        };
        let line = format!("queue {name} on {}{pattern};\n", exchange.name);
        self.line(&line);
        self.add(ChannelKind::Bound, rust, None);
    }

    fn declare_routed(&mut self, rust: &str, name: &str) {
        let payload = self.payload_name();
        let mut words = vec!["{user_id: u64}".to_owned(), "fixed".to_owned()];
        for kind in [Kind::ClosedEnum, Kind::StringEnum, Kind::IntegerEnum] {
            // Values with a dot could not be sent; ours have none.
            if let Some(first) = self.of_kind(kind).first() {
                words.push(format!("{{word_{}: {}}}", words.len(), first.name));
            }
        }
        words.extend(["{flag: bool}".to_owned(), "{type: string}".to_owned()]);
        let bound = self.names.snake(&mut self.random);
        let wire = format!("\"bound/{bound}-{}\" as {bound}", self.random.bits());
        self.line(&format!(
            "exchange {name}: {payload} by \"{}\";",
            words.join(".")
        ));
        self.line(&format!("queue {wire} on {rust} \"*.fixed.#\";\n"));
        self.add(ChannelKind::Routed, rust, None);
        self.add(ChannelKind::Bound, &bound, None);
    }
}
