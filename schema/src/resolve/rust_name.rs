//! What a name of the schema is called in Rust: the word itself, the one behind `as`, or one derived from a quoted
//! text; and the message where none can be derived. Knows nothing of where the name stands.

use crate::ast;
use crate::case;
use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::resolve::draft::Draft;
use crate::span::Span;

/// The name in `snake_case`; `None` where there is none, which was reported.
pub(crate) fn snake(draft: &mut Draft<'_>, name: &ast::Name) -> Option<String> {
    if let Some(alias) = &name.alias {
        return word(&alias.text);
    }
    match &name.written {
        ast::Written::Word(text) => word(text),
        ast::Written::Quoted(text) => derived(draft, text, name.span),
        ast::Written::Integer(digits) => {
            ask_for_alias(draft, digits, name.span);
            None
        }
    }
}

/// The name in `PascalCase`, for values of enums and members of unions.
pub(crate) fn pascal(draft: &mut Draft<'_>, name: &ast::Name) -> Option<String> {
    snake(draft, name).map(|name| case::pascal(&name))
}

/// What goes on the wire.
pub(crate) fn wire(name: &ast::Name) -> &str {
    match &name.written {
        ast::Written::Word(text) | ast::Written::Quoted(text) | ast::Written::Integer(text) => text,
    }
}

/// A word that the parser accepted in its place; it reported any other.
pub(crate) fn word(word: &str) -> Option<String> {
    case::is_snake(word).then(|| word.to_owned())
}

fn derived(draft: &mut Draft<'_>, text: &str, span: Span) -> Option<String> {
    let name = case::snake(text);
    let legible = !text
        .chars()
        .any(|character| !character.is_ascii() && character.is_alphanumeric());
    if legible && case::is_snake(&name) && name.len() <= draft.limits.name_characters {
        return Some(name);
    }
    ask_for_alias(draft, text, span);
    None
}

fn ask_for_alias(draft: &mut Draft<'_>, text: &str, span: Span) {
    let shown: String = text.chars().take(40).collect();
    let message = format!("no name in Rust can be made from `{shown}`");
    let diagnostic = Diagnostic::error(codes::NAME_NEEDS_ALIAS, span, message)
        .help("name it behind the text: `as some_name`");
    draft.report(diagnostic);
}
