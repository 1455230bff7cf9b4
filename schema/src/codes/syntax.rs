//! Codes 00xx: lexical and syntax.

codes! {
    /// Something stands where the grammar has no place for it.
    UNEXPECTED_TOKEN = 1 in "MAG0001";
    /// A word stands where a keyword is wanted, and is none.
    UNKNOWN_KEYWORD = 2 in "MAG0002";
    /// A character that the language does not use.
    UNKNOWN_CHARACTER = 3 in "MAG0003";
    /// A control character or a bidirectional override.
    FORBIDDEN_CHARACTER = 4 in "MAG0004";
    /// A string without its closing quote on the line.
    UNTERMINATED_STRING = 5 in "MAG0005";
    /// An escape that JSON does not have.
    BAD_ESCAPE = 6 in "MAG0006";
    /// A bracket without its partner.
    UNBALANCED_BRACKET = 7 in "MAG0007";
    /// No `;` behind an item or line.
    MISSING_SEMICOLON = 8 in "MAG0008";
    /// No `,` between members.
    MISSING_COMMA = 9 in "MAG0009";
    /// A `;` behind a body.
    NEEDLESS_SEMICOLON = 10 in "MAG0010";
    /// A doc comment behind code on its line.
    DOC_AFTER_CODE = 11 in "MAG0011";
    /// A doc comment before nothing that can have docs.
    DANGLING_DOC = 12 in "MAG0012";
    /// A `//!` behind the first item.
    MISPLACED_FILE_DOC = 13 in "MAG0013";
    /// `1..60`
    RANGE_WITHOUT_UNIT = 14 in "MAG0014";
    /// `1__0`
    BAD_SEPARATOR = 15 in "MAG0015";
    /// `007`
    LEADING_ZERO = 16 in "MAG0016";
    /// `1h30m`
    COMPOUND_DURATION = 17 in "MAG0017";
    /// `0xFF`
    NOT_DECIMAL = 18 in "MAG0018";
    /// `1.`, `.5`, `1.5s`
    BAD_NUMBER = 19 in "MAG0019";
    /// `5sec`
    UNKNOWN_UNIT = 20 in "MAG0020";
    /// A type or agent that is not in `PascalCase`.
    NOT_PASCAL_CASE = 21 in "MAG0021";
    /// A name that is not in `snake_case`.
    NOT_SNAKE_CASE = 22 in "MAG0022";
    /// A name with other letters than those of ASCII.
    NOT_ASCII = 23 in "MAG0023";
    /// A name that begins with an underscore.
    LEADING_UNDERSCORE = 24 in "MAG0024";
    /// A name over the limit.
    NAME_TOO_LONG = 25 in "MAG0025";
    /// A string over the limit.
    STRING_TOO_LONG = 26 in "MAG0026";
    /// Brackets in brackets over the limit.
    NESTED_TOO_DEEPLY = 27 in "MAG0027";
    /// Members over the limit.
    TOO_MANY_MEMBERS = 28 in "MAG0028";
    /// No `package` line.
    MISSING_PACKAGE = 29 in "MAG0029";
    /// `mag`, `package` or `use` behind what must follow it.
    MISPLACED_HEADER = 30 in "MAG0030";
    /// A newer edition of the language than this tool knows.
    NEWER_EDITION = 31 in "MAG0031";
    /// Annotations or docs on a line that can't have them.
    MISPLACED_ANNOTATION = 32 in "MAG0032";
    /// `T?(max: 3)`
    MISPLACED_CONSTRAINTS = 33 in "MAG0033";
    /// Quotes where the name does not go on the wire, digits outside an enum.
    MISPLACED_NAME = 34 in "MAG0034";
}
