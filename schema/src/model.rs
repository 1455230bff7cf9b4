//! The checked contract: every name resolved, every default checked, nothing "not yet". Made by `resolve` and `check`;
//! read by generators. Knows neither text nor pest; spans lead back to the declarations.
//!
//! Invariants: ids index the vectors of the [`Model`] they come from; types stand behind those they use (but for
//! recursion); all other lists are in order of declaration, packages in order of their names.

use std::time::Duration;

use crate::span::Span;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident => $field:ident: $of:ty;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(pub u32);

        impl std::ops::Index<$name> for Model {
            type Output = $of;
            fn index(&self, id: $name) -> &$of {
                &self.$field[id.0 as usize]
            }
        }
    )*};
}

ids! {
    PackageId => packages: Package;
    TypeId => types: TypeDecl;
    SignalId => signals: Signal;
    CallId => calls: Call;
    QueueId => queues: Queue;
    ExchangeId => exchanges: Exchange;
    AgentId => agents: Agent;
}

/// All packages of one run, with everything they declare.
#[derive(Clone, Debug, Default)]
pub struct Model {
    pub packages: Vec<Package>,
    pub types: Vec<TypeDecl>,
    pub signals: Vec<Signal>,
    pub calls: Vec<Call>,
    pub queues: Vec<Queue>,
    pub exchanges: Vec<Exchange>,
    pub agents: Vec<Agent>,
}

#[derive(Clone, Debug)]
pub struct Package {
    /// `accounts.v2`
    pub name: String,
    pub docs: Docs,
    /// Which of the include roots it was found in; 0 is the one that code is generated for.
    pub root: usize,
    /// The names of the files it was read from, as shown to people.
    pub files: Vec<String>,
    /// Whether wire names go without the package (`wire: flat`).
    pub flat: bool,
    /// The packages it uses, directly.
    pub uses: Vec<PackageId>,
    /// Of the wire contract: names and shapes, not docs, order of declaration or agents.
    pub fingerprint: u64,
    pub span: Span,
}

/// The lines of a doc comment, without slashes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Docs(pub Vec<String>);

/// What every declaration and member can carry.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Meta {
    pub docs: Docs,
    /// The reason of `@deprecated("…")`, empty where none was given.
    pub deprecated: Option<String>,
    /// `@example(..)`, checked against the type.
    pub examples: Vec<Json>,
}

/// A JSON value as it was written in the schema.
#[derive(Clone, Debug, PartialEq)]
pub enum Json {
    Null,
    Bool(bool),
    /// The digits as written, without underscores; a valid JSON number.
    Number(String),
    String(String),
    List(Vec<Json>),
    Object(Vec<(String, Json)>),
}

/// A type with a name in Rust: declared, or made for an inline body (`signal user_deleted { … }` makes `UserDeleted`,
/// a member `opened { … }` of `Ticket` makes `TicketOpened`).
#[derive(Clone, Debug)]
pub struct TypeDecl {
    pub id: TypeId,
    pub package: PackageId,
    /// `PascalCase`; may be a word that Rust uses.
    pub name: String,
    pub meta: Meta,
    /// `@derive(Hash, Eq)`: paths of Rust derives, each checked to be a path.
    pub derives: Vec<String>,
    pub kind: TypeKind,
    /// Of the name.
    pub span: Span,
}

#[derive(Clone, Debug)]
pub enum TypeKind {
    Struct(Struct),
    Enum(Enum),
    Union(Union),
    /// `type Email = string(max: 254);`
    Newtype(TypeRef),
}

#[derive(Clone, Debug)]
pub struct Struct {
    /// Fields and spreads in order of declaration.
    pub fields: Vec<Field>,
    /// Wire names that must not come back.
    pub reserved: Vec<String>,
}

#[derive(Clone, Debug)]
pub struct Field {
    /// The key on the wire; empty for a spread.
    pub wire: String,
    /// `snake_case`, unique in the struct; may be a word that Rust uses.
    pub name: String,
    pub meta: Meta,
    pub ty: TypeRef,
    pub presence: Presence,
    /// `@sensitive`: never shown.
    pub sensitive: bool,
    /// `@alias("old")`: keys that are read as well.
    pub aliases: Vec<String>,
    /// `@emit("old")`: keys that are written as well.
    pub emits: Vec<String>,
    /// Must be boxed in Rust, so that the struct has a size.
    pub boxed: bool,
    pub span: Span,
}

/// When a field may be missing, and what it is then.
#[derive(Clone, Debug, PartialEq)]
pub enum Presence {
    Required,
    /// `T?`: absent or null is none; none is left out.
    Optional,
    /// `T? = null`: absent or null is none; none is written as null.
    Nullable,
    /// Absent or null is this value; always written. A `T?` with another default than null: null and absent are the
    /// default, and none can't be received.
    Default(Json),
    /// Must be sent, may be missing when read.
    Asymmetric,
    /// `..name: T`: its keys stand in the object around it.
    Spread,
}

/// A use of a type, with its encoding and constraints.
#[derive(Clone, Debug, PartialEq)]
pub struct TypeRef {
    pub shape: Shape,
    pub constraints: Constraints,
    /// `T?` inside lists, maps, newtypes, replies and payloads. For fields it is said by [`Presence`], and this is
    /// true as well.
    pub optional: bool,
    pub span: Span,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Shape {
    Bool,
    Integer {
        kind: IntegerKind,
        /// `(as: string)`
        text: bool,
    },
    F32,
    F64,
    String,
    Bytes(BytesEncoding),
    Uuid,
    Timestamp(TimestampEncoding),
    Date,
    Duration(DurationEncoding),
    Decimal {
        /// `(as: number)`
        number: bool,
    },
    Json,
    List(Box<TypeRef>),
    /// `{string: T}`
    Map(Box<TypeRef>),
    Named(TypeId),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IntegerKind {
    I8,
    I16,
    I32,
    I64,
    U8,
    U16,
    U32,
    U64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BytesEncoding {
    Base64,
    Hex,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimestampEncoding {
    Rfc3339,
    UnixSeconds,
    UnixMilliseconds,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DurationEncoding {
    Iso8601,
    Seconds,
}

/// `min` and `max` are values for numbers, Unicode scalars for strings, bytes for `bytes`, entries for lists and maps;
/// both inclusive.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Constraints {
    /// The number as written.
    pub min: Option<String>,
    pub max: Option<String>,
    pub pattern: Option<String>,
    pub format: Option<Format>,
}

impl Constraints {
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Email,
    Uri,
    Hostname,
    Ipv4,
    Ipv6,
}

#[derive(Clone, Debug)]
pub struct Enum {
    pub closed: bool,
    /// Whether its values are integers (else strings).
    pub integer: bool,
    pub values: Vec<EnumValue>,
    /// Strings, or digits for an integer enum.
    pub reserved: Vec<String>,
}

#[derive(Clone, Debug)]
pub struct EnumValue {
    /// The text on the wire, or the digits.
    pub wire: String,
    /// `PascalCase`, unique in the enum; may be a word that Rust uses.
    pub name: String,
    pub meta: Meta,
    pub span: Span,
}

#[derive(Clone, Debug)]
pub struct Union {
    pub closed: bool,
    pub tagging: Tagging,
    pub variants: Vec<Variant>,
    pub reserved: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tagging {
    /// `{"email": …}`, or `"none"` for a member without payload.
    External,
    /// `by "type"`
    Internal { tag: String },
    /// `by "type", "data"`
    Adjacent { tag: String, content: String },
}

#[derive(Clone, Debug)]
pub struct Variant {
    pub wire: String,
    /// `PascalCase`, unique in the union; may be a word that Rust uses.
    pub name: String,
    pub meta: Meta,
    pub payload: Option<TypeRef>,
    /// Must be boxed in Rust.
    pub boxed: bool,
    pub span: Span,
}

/// `signal` with or without a reply.
#[derive(Clone, Debug)]
pub struct Signal {
    pub id: SignalId,
    pub package: PackageId,
    /// `snake_case`
    pub name: String,
    /// With the package, unless flat or quoted.
    pub wire: String,
    pub meta: Meta,
    /// `None` is sent as `{}`.
    pub payload: Option<TypeRef>,
    pub reply: Option<TypeRef>,
    /// How long an asker waits; 5 s unless said.
    pub deadline: Duration,
    pub span: Span,
}

#[derive(Clone, Debug)]
pub struct Call {
    pub id: CallId,
    pub package: PackageId,
    pub name: String,
    pub wire: String,
    pub meta: Meta,
    pub payload: Option<TypeRef>,
    pub reply: TypeRef,
    pub throws: Option<TypeRef>,
    pub deadline: Duration,
    pub span: Span,
}

#[derive(Clone, Debug)]
pub struct Queue {
    pub id: QueueId,
    pub package: PackageId,
    pub name: String,
    pub wire: String,
    pub meta: Meta,
    /// Of a bound queue: the exchange's.
    pub payload: TypeRef,
    pub binding: Option<Binding>,
    pub options: QueueOptions,
    pub span: Span,
}

#[derive(Clone, Debug)]
pub struct Binding {
    pub exchange: ExchangeId,
    /// `None` on a fanout exchange.
    pub pattern: Option<String>,
}

/// Defaults that a deployment may override by name; `None` where the schema says nothing.
#[derive(Clone, Debug, Default)]
pub struct QueueOptions {
    /// Wire names of the fields that pick the partition.
    pub key: Vec<String>,
    pub ordered: bool,
    pub partitions: Option<u32>,
    pub ttl: Option<Duration>,
    pub max_length: Option<u64>,
    pub overflow: Overflow,
    pub max_priority: Option<u8>,
    pub dead_letter: Option<QueueId>,
    pub durable: Option<bool>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Overflow {
    #[default]
    Reject,
    DropOldest,
}

#[derive(Clone, Debug)]
pub struct Exchange {
    pub id: ExchangeId,
    pub package: PackageId,
    pub name: String,
    pub wire: String,
    pub meta: Meta,
    pub payload: TypeRef,
    /// `None` is a fanout.
    pub routing: Option<Routing>,
    pub span: Span,
}

/// `by "{kind: Kind}.{platform: Platform}"`
#[derive(Clone, Debug)]
pub struct Routing {
    /// As written.
    pub template: String,
    /// Separated by dots.
    pub words: Vec<RoutingWord>,
}

#[derive(Clone, Debug)]
pub enum RoutingWord {
    Literal(String),
    /// A string, integer, boolean or enum.
    Parameter {
        name: String,
        ty: TypeRef,
    },
}

#[derive(Clone, Debug)]
pub struct Agent {
    pub id: AgentId,
    pub package: PackageId,
    /// `PascalCase`
    pub name: String,
    pub meta: Meta,
    /// Handlers, schedules and servers, in order of declaration.
    pub handlers: Vec<Handler>,
    /// What it may send, in order of declaration.
    pub senders: Vec<Sender>,
    pub span: Span,
}

/// A line that generates a method of the agent's trait.
#[derive(Clone, Debug)]
pub struct Handler {
    /// `snake_case`, unique in the agent: `on_x`, `consume_x`, `answer_x`, `serve_x`, the schedule's own, or `as`.
    pub method: String,
    pub meta: Meta,
    pub kind: HandlerKind,
    pub span: Span,
}

#[derive(Clone, Debug)]
pub enum HandlerKind {
    Every {
        period: Duration,
        start_after: Duration,
        jitter: Duration,
        timeout: Duration,
        overlap: Overlap,
    },
    Cron {
        /// As written; checked.
        expression: String,
        /// A name of the IANA database; `UTC` unless said.
        timezone: String,
        timeout: Duration,
        overlap: Overlap,
        missed: Missed,
        once_per_fleet: bool,
    },
    Receive {
        /// One, or several with the variants of the generated enum (in `PascalCase`).
        signals: Vec<Received>,
        /// The name of the generated enum (`PascalCase` of the method) where there are several.
        union: Option<String>,
        timeout: Duration,
        concurrency: Option<u32>,
    },
    Answer {
        to: Answered,
        /// `None`: the declaration's deadline.
        timeout: Option<Duration>,
        concurrency: Option<u32>,
    },
    Consume {
        queue: QueueId,
        concurrency: u32,
        retries: u32,
        backoff: (Duration, Duration),
        timeout: Duration,
        batch: Option<Batch>,
        /// How long the ids of handled messages are remembered.
        dedupe: Option<Duration>,
    },
    Serve,
}

#[derive(Clone, Debug)]
pub struct Received {
    pub signal: SignalId,
    /// `PascalCase`, unique among those of the line.
    pub variant: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answered {
    Signal(SignalId),
    Call(CallId),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Batch {
    pub size: u32,
    pub wait: Duration,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Overlap {
    #[default]
    Skip,
    Queue,
    Parallel,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Missed {
    #[default]
    Skip,
    Once,
}

/// Something an agent may send, and what its methods are called after (`as`, else the declaration's name).
#[derive(Clone, Debug)]
pub struct Sender {
    pub name: String,
    pub target: SenderTarget,
    pub meta: Meta,
    pub span: Span,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SenderTarget {
    /// `emits`: `emit_x`.
    Emit(SignalId),
    /// `sends`: `send_x`.
    Queue(QueueId),
    /// `sends`: `publish_x`.
    Exchange(ExchangeId),
    /// `calls` on a signal with a reply: `ask_x`, `ask_all_x`.
    Ask(SignalId),
    /// `calls` on a call: `call_x`.
    Call(CallId),
}
