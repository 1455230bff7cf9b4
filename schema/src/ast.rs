//! The text of one `.mag` file as a tree: everything as it was written, comments included, nothing resolved.
//! Made by `parse`, read by `resolve` and `format`. Knows neither other files nor pest.

use crate::span::{FileId, Span};

/// A whole file.
#[derive(Clone, Debug, PartialEq)]
pub struct File {
    pub id: FileId,
    /// The lines of `//!`.
    pub docs: Vec<DocLine>,
    pub edition: Option<Edition>,
    /// `None` where the line is missing or broken; a diagnostic was given then.
    pub package: Option<Package>,
    pub uses: Vec<Use>,
    pub items: Vec<Item>,
    /// Comments behind the last item.
    pub end: Trivia,
    /// Of the whole text.
    pub span: Span,
}

/// What a reader sees around a node but the language does not: kept for the formatter.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Trivia {
    /// Whether a blank line stands before the node and its comments.
    pub blank_before: bool,
    /// `//` comments on lines of their own before the node (text behind `//`).
    pub leading: Vec<Comment>,
    /// Whether a blank line stands between the comments and the node.
    pub blank_after: bool,
    /// A `//` comment behind the node on its last line.
    pub trailing: Option<Comment>,
}

/// A `//` comment: the text behind the slashes, without the end of line.
#[derive(Clone, Debug, PartialEq)]
pub struct Comment {
    pub text: String,
    pub span: Span,
    /// Whether a blank line stands between it and what came before.
    pub blank_before: bool,
}

/// One line of `///` or `//!`: the text behind the slashes, one leading space taken off.
#[derive(Clone, Debug, PartialEq)]
pub struct DocLine {
    pub text: String,
    pub span: Span,
}

/// `mag 1;`
#[derive(Clone, Debug, PartialEq)]
pub struct Edition {
    pub trivia: Trivia,
    pub number: u64,
    /// Of the number.
    pub span: Span,
}

/// `package accounts.v2 with { wire: flat };`
#[derive(Clone, Debug, PartialEq)]
pub struct Package {
    pub trivia: Trivia,
    pub path: Path,
    pub options: Option<Options>,
    pub span: Span,
}

/// `use common.{Money, Locale};`, `use billing.v2 as billing;`, `use a.B as C;`
#[derive(Clone, Debug, PartialEq)]
pub struct Use {
    pub trivia: Trivia,
    pub path: Path,
    /// The braces: `Some` also when they are empty.
    pub names: Option<Vec<UseName>>,
    pub alias: Option<Ident>,
    pub span: Span,
}

#[derive(Clone, Debug, PartialEq)]
pub struct UseName {
    pub name: Ident,
    pub alias: Option<Ident>,
}

/// `a.b.C`, at least one segment.
#[derive(Clone, Debug, PartialEq)]
pub struct Path {
    pub segments: Vec<Ident>,
    pub span: Span,
}

/// An unquoted word.
#[derive(Clone, Debug, PartialEq)]
pub struct Ident {
    pub text: String,
    pub span: Span,
}

/// A name that goes on the wire: a word, a quoted text or (enum values only) an integer, each with an optional `as`.
#[derive(Clone, Debug, PartialEq)]
pub struct Name {
    pub written: Written,
    /// Of what was written, without `as`.
    pub span: Span,
    pub alias: Option<Ident>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Written {
    Word(String),
    /// Unescaped.
    Quoted(String),
    /// Digits as they were written, with the sign; underscores taken out.
    Integer(String),
}

/// What stands before every item and member.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Attributes {
    pub trivia: Trivia,
    pub docs: Vec<DocLine>,
    pub annotations: Vec<Annotation>,
}

/// `@deprecated("why")`
#[derive(Clone, Debug, PartialEq)]
pub struct Annotation {
    pub name: Ident,
    pub arguments: Vec<Value>,
    /// From `@` to the closing parenthesis.
    pub span: Span,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    pub attributes: Attributes,
    pub kind: ItemKind,
    /// From the first keyword to the end, without docs and annotations.
    pub span: Span,
}

#[derive(Clone, Debug, PartialEq)]
pub enum ItemKind {
    Struct(Struct),
    Enum(Enum),
    Union(Union),
    Alias(Alias),
    Signal(Signal),
    Call(Call),
    Queue(Queue),
    Exchange(Exchange),
    Agent(Agent),
}

/// `struct Mail { … }`
#[derive(Clone, Debug, PartialEq)]
pub struct Struct {
    pub name: Ident,
    pub body: Body,
}

/// Fields between braces: of a struct, a signal, a call, a queue, an exchange or a member of a union.
#[derive(Clone, Debug, PartialEq)]
pub struct Body {
    pub members: Vec<Member>,
    /// Comments before the closing brace.
    pub end: Trivia,
    pub span: Span,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Member {
    pub attributes: Attributes,
    pub kind: MemberKind,
    pub span: Span,
}

#[derive(Clone, Debug, PartialEq)]
pub enum MemberKind {
    Field(Field),
    /// `..name: T`
    Spread(Spread),
    Reserved(Reserved),
}

/// `asymmetric "replyTo" as reply_to: Email? = null`
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    /// The word `asymmetric`.
    pub asymmetric: Option<Span>,
    pub name: Name,
    pub ty: Type,
    pub default: Option<Value>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Spread {
    pub name: Ident,
    pub ty: Type,
    /// Written by mistake; refused by a check.
    pub default: Option<Value>,
}

/// `reserved(from_name, "from-name", 3)`
#[derive(Clone, Debug, PartialEq)]
pub struct Reserved {
    pub names: Vec<Name>,
}

/// `closed enum Severity { low, high }`
#[derive(Clone, Debug, PartialEq)]
pub struct Enum {
    pub closed: Option<Span>,
    pub name: Ident,
    pub members: Vec<EnumMember>,
    pub end: Trivia,
}

#[derive(Clone, Debug, PartialEq)]
pub struct EnumMember {
    pub attributes: Attributes,
    pub kind: EnumMemberKind,
    pub span: Span,
}

#[derive(Clone, Debug, PartialEq)]
pub enum EnumMemberKind {
    Value(Name),
    Reserved(Reserved),
}

/// `union Ticket by "type", "data" { … }`
#[derive(Clone, Debug, PartialEq)]
pub struct Union {
    pub closed: Option<Span>,
    pub name: Ident,
    pub tag: Option<Quoted>,
    pub content: Option<Quoted>,
    pub members: Vec<UnionMember>,
    pub end: Trivia,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Quoted {
    /// Unescaped.
    pub text: String,
    pub span: Span,
}

#[derive(Clone, Debug, PartialEq)]
pub struct UnionMember {
    pub attributes: Attributes,
    pub kind: UnionMemberKind,
    pub span: Span,
}

#[derive(Clone, Debug, PartialEq)]
pub enum UnionMemberKind {
    Variant { name: Name, payload: Payload },
    Reserved(Reserved),
}

/// What a union member, signal, call, queue or exchange carries.
#[derive(Clone, Debug, PartialEq)]
pub enum Payload {
    None,
    Fields(Body),
    Type(Type),
}

/// `type Email = string(max: 254);`
#[derive(Clone, Debug, PartialEq)]
pub struct Alias {
    pub name: Ident,
    pub ty: Type,
}

/// `signal comments_count { user_id: u64 } -> u64 with { deadline: 2s };`
#[derive(Clone, Debug, PartialEq)]
pub struct Signal {
    pub name: Name,
    pub payload: Payload,
    pub reply: Option<Type>,
    pub options: Option<Options>,
}

/// `call charge { … } -> Receipt throws ChargeError;`
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    pub name: Name,
    pub payload: Payload,
    /// `None` is an error of its own.
    pub reply: Option<Type>,
    pub throws: Option<Type>,
    pub options: Option<Options>,
}

/// `queue mailer: Mail with { … };`, `queue welcome on accounts.users "#";`, and the members of an exchange.
#[derive(Clone, Debug, PartialEq)]
pub struct Queue {
    pub name: Name,
    pub payload: Payload,
    pub binding: Option<Binding>,
    pub options: Option<Options>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Binding {
    /// `None` inside an exchange, where it is clear.
    pub exchange: Option<Path>,
    pub pattern: Option<Quoted>,
    pub span: Span,
}

/// `exchange push: Push by "{kind: Kind}.{platform: Platform}" with { … } { queue android on "*.android"; }`
#[derive(Clone, Debug, PartialEq)]
pub struct Exchange {
    pub name: Name,
    pub payload: Payload,
    pub routing: Option<Quoted>,
    pub options: Option<Options>,
    pub queues: Vec<ExchangeQueue>,
    /// Whether braces were written for the queues.
    pub has_body: bool,
    pub end: Trivia,
}

#[derive(Clone, Debug, PartialEq)]
pub struct ExchangeQueue {
    pub attributes: Attributes,
    pub queue: Queue,
    pub span: Span,
}

/// `agent MailAgent with { … } { … }`
#[derive(Clone, Debug, PartialEq)]
pub struct Agent {
    pub name: Ident,
    pub options: Option<Options>,
    pub lines: Vec<Line>,
    pub end: Trivia,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    pub attributes: Attributes,
    /// Of the first word.
    pub keyword: Span,
    pub kind: LineKind,
    pub options: Option<Options>,
    pub span: Span,
}

#[derive(Clone, Debug, PartialEq)]
pub enum LineKind {
    /// `every 15s refresh_cache`: the period is any value, a check wants a duration.
    Every {
        period: Value,
        name: Ident,
    },
    /// `cron "0 */4 * * *" send_report`
    Cron {
        expression: Quoted,
        name: Ident,
    },
    Receive(Vec<Target>),
    Answer(Vec<Target>),
    Consume(Vec<Target>),
    Serve {
        name: Ident,
        alias: Option<Ident>,
    },
    Emits(Vec<Target>),
    Sends(Vec<Target>),
    Calls(Vec<Target>),
}

/// One name of a line, and its `as`. `receive a, b as x` has the alias on the last one.
#[derive(Clone, Debug, PartialEq)]
pub struct Target {
    pub path: Path,
    pub alias: Option<Ident>,
}

/// `string(max: 200)?`
#[derive(Clone, Debug, PartialEq)]
pub struct Type {
    pub kind: TypeKind,
    /// `(min: 1, as: hex)`
    pub arguments: Vec<Argument>,
    /// One span per `?`; two are refused by a check.
    pub optional: Vec<Span>,
    pub span: Span,
}

#[derive(Clone, Debug, PartialEq)]
pub enum TypeKind {
    /// A built-in type, a type of this package, or one of another.
    Path(Path),
    List(Box<Type>),
    Map {
        key: Path,
        value: Box<Type>,
    },
}

#[derive(Clone, Debug, PartialEq)]
pub struct Argument {
    pub name: Ident,
    pub value: Value,
    pub span: Span,
}

/// `with { key: value, … }`
#[derive(Clone, Debug, PartialEq)]
pub struct Options {
    pub entries: Vec<OptionEntry>,
    pub end: Trivia,
    /// From `with` to the brace.
    pub span: Span,
}

#[derive(Clone, Debug, PartialEq)]
pub struct OptionEntry {
    pub trivia: Trivia,
    pub name: Ident,
    pub value: Value,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Value {
    pub kind: ValueKind,
    pub span: Span,
}

#[derive(Clone, Debug, PartialEq)]
pub enum ValueKind {
    Null,
    Bool(bool),
    /// Digits with the sign, underscores taken out: values are compared and written exactly.
    Integer(String),
    /// As it was written, underscores taken out.
    Float(String),
    /// Unescaped; whether it was written as `r"…"` is kept for the formatter.
    String {
        text: String,
        raw: bool,
    },
    Duration(Duration),
    /// In bytes, with the text as written (`64KiB`).
    Size {
        bytes: u64,
        text: String,
    },
    Range(Box<Value>, Box<Value>),
    List(Vec<Value>),
    Object(Vec<(Name, Value)>),
    /// A bare word: `skip`, `drop_oldest`, the name of a field or queue.
    Word(Path),
}

/// A duration of whole milliseconds, with the text as written (`4h`).
#[derive(Clone, Debug, PartialEq)]
pub struct Duration {
    pub milliseconds: u64,
    pub text: String,
}
