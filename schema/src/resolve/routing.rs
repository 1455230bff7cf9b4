//! The template of a routed exchange, `"{kind: Kind}.{platform: Platform}"`: words separated by dots, each a literal or
//! a typed parameter. Knows nothing of the patterns that queues bind with.

use crate::ast;
use crate::case;
use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::model;
use crate::model::RoutingWord;
use crate::resolve::draft::Draft;
use crate::resolve::draft::Site;
use crate::resolve::draft::broken;
use crate::resolve::draft::reference;
use crate::resolve::types;
use crate::span::Span;

/// AMQP's limit for a routing key.
pub(crate) const LONGEST: usize = 255;

/// A piece of the template and where it stands in it.
#[derive(Clone, Copy)]
struct Piece<'t> {
    text: &'t str,
    start: usize,
}

impl Piece<'_> {
    fn part(self, start: usize, end: usize) -> Self {
        Self {
            text: &self.text[start..end],
            start: self.start + start,
        }
    }

    fn trimmed(self) -> Self {
        let start = self.text.len() - self.text.trim_start().len();
        let end = self.text.trim_end().len().max(start);
        self.part(start, end)
    }

    fn split_once(self, separator: char) -> Option<(Self, Self)> {
        let at = self.text.find(separator)?;
        Some((
            self.part(0, at),
            self.part(at + separator.len_utf8(), self.text.len()),
        ))
    }
}

/// Reads a template; its problems are reported one by one.
pub(crate) fn template(draft: &mut Draft<'_>, site: Site, written: &ast::Quoted) -> model::Routing {
    let mut words: Vec<RoutingWord> = Vec::new();
    if written.text.len() > LONGEST {
        bad(
            draft,
            written.span,
            "a routing key has at most 255 bytes, and so has its template",
        );
        return model::Routing {
            template: written.text.clone(),
            words,
        };
    }
    for piece in pieces(&written.text) {
        let at = span(written, piece);
        let Some(word) = word(draft, site, written, piece) else {
            words.push(RoutingWord::Parameter {
                name: format!("?{}", words.len()),
                ty: broken(at),
            });
            continue;
        };
        if let RoutingWord::Parameter { name, .. } = &word {
            check_unique(draft, (name, at), &words);
        }
        words.push(word);
    }
    model::Routing {
        template: written.text.clone(),
        words,
    }
}

/// The words between dots; a dot inside braces belongs to the path of a type.
fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut start = 0;
    let mut inside = false;
    for (at, character) in text.char_indices() {
        match character {
            '{' => inside = true,
            '}' => inside = false,
            '.' if !inside => {
                pieces.push(Piece {
                    text: &text[start..at],
                    start,
                });
                start = at + 1;
            }
            _ => {}
        }
    }
    pieces.push(Piece {
        text: &text[start..],
        start,
    });
    pieces
}

/// Where a piece stands in the file; the whole text where escapes make that unknown.
fn span(written: &ast::Quoted, piece: Piece<'_>) -> Span {
    let length = (written.span.end - written.span.start) as usize;
    if length != written.text.len() + 2 || piece.text.is_empty() {
        return written.span;
    }
    let offset = |at: usize| {
        written
            .span
            .start
            .saturating_add(1)
            .saturating_add(u32::try_from(at).unwrap_or(0))
    };
    Span::new(offset(piece.start), offset(piece.start + piece.text.len()))
}

fn bad(draft: &mut Draft<'_>, span: Span, message: &str) -> Option<RoutingWord> {
    let diagnostic = Diagnostic::error(codes::BAD_ROUTING, span, message)
        .help("a routing key is words between dots: `\"{kind: Kind}.created\"`");
    draft.report(diagnostic);
    None
}

fn word(
    draft: &mut Draft<'_>,
    site: Site,
    written: &ast::Quoted,
    piece: Piece<'_>,
) -> Option<RoutingWord> {
    let at = span(written, piece);
    let Some(inner) = piece.text.strip_prefix('{') else {
        let legal = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        if piece.text.is_empty() || !piece.text.bytes().all(legal) {
            return bad(draft, at, "a literal word is letters, digits, `-` and `_`");
        }
        return Some(RoutingWord::Literal(piece.text.to_owned()));
    };
    let end = inner.len();
    if inner.find('}') != Some(end.wrapping_sub(1)) {
        return bad(draft, at, "a parameter fills its word: `{name: Type}`");
    }
    let inner = piece.part(1, end);
    let Some((name, ty)) = inner.split_once(':') else {
        return bad(draft, at, "a parameter has a name and a type");
    };
    let (name, ty) = (name.trimmed(), ty.trimmed());
    if !case::is_snake(name.text) || name.text.len() > draft.limits.name_characters {
        return bad(
            draft,
            span(written, name),
            "the name of a parameter is `snake_case`",
        );
    }
    let ty = parameter_type(draft, site, written, ty)?;
    Some(RoutingWord::Parameter {
        name: name.text.to_owned(),
        ty,
    })
}

fn parameter_type(
    draft: &mut Draft<'_>,
    site: Site,
    written: &ast::Quoted,
    piece: Piece<'_>,
) -> Option<model::TypeRef> {
    let at = span(written, piece);
    let mut segments = Vec::new();
    let mut rest = Some(piece);
    while let Some(piece) = rest {
        let (segment, after) = match piece.split_once('.') {
            Some((segment, after)) => (segment, Some(after)),
            None => (piece, None),
        };
        let legal = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
        if segment.text.is_empty() || !segment.text.bytes().all(legal) {
            bad(
                draft,
                at,
                "the type of a parameter is the name of a type, without constraints",
            );
            return None;
        }
        segments.push(ast::Ident {
            text: segment.text.to_owned(),
            span: span(written, segment),
        });
        rest = after;
    }
    let path = ast::Path { segments, span: at };
    if let [single] = path.segments.as_slice()
        && let Some(shape) = types::builtin(&single.text)
    {
        return Some(reference(shape, at));
    }
    let shape = draft
        .type_by_path(site, &path)
        .map_or(broken(at).shape, model::Shape::Named);
    Some(reference(shape, at))
}

fn check_unique(draft: &mut Draft<'_>, parameter: (&str, Span), earlier: &[RoutingWord]) {
    let key = parameter.0.trim_end_matches('_');
    let taken = earlier.iter().any(|word| match word {
        RoutingWord::Parameter { name, .. } => name.trim_end_matches('_') == key,
        RoutingWord::Literal(_) => false,
    });
    if taken {
        let message = format!("the parameter `{}` stands here twice", parameter.0);
        let diagnostic = Diagnostic::error(codes::BAD_ROUTING, parameter.1, message)
            .help("give each word a name of its own");
        draft.report(diagnostic);
    }
}
