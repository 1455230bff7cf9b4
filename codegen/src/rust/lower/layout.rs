//! Lines as rustfmt would break them, for the few constructs whose length depends on names. Knows strings alone.
//!
//! Invariants: the first line is meant for the column `indent`; all others carry their own indentation relative to it.

/// Columns of a line.
const WIDTH: usize = 100;
/// Columns of a returned `impl` in a trait with its bounds on one line, and without the last on the line before; as
/// rustfmt is seen to do it.
const BOUNDED_WIDTH: usize = 94;
const UNBOUNDED_WIDTH: usize = 84;
/// The column of members of a type.
pub(crate) const MEMBER: usize = 8;
/// Columns of the arguments of an attribute or a call that stands on one line.
const ATTRIBUTE_WIDTH: usize = 70;
const CALL_WIDTH: usize = 60;

/// `#[name(argument, …)]`, or each argument on a line of its own.
pub(crate) fn attribute(name: &str, arguments: &[String]) -> Vec<String> {
    let flat = arguments.join(", ");
    if flat.len() <= ATTRIBUTE_WIDTH {
        return vec![format!("#[{name}({flat})]")];
    }
    let mut lines = vec![format!("#[{name}(")];
    let last = arguments.len() - 1;
    for (index, argument) in arguments.iter().enumerate() {
        // rustfmt ends a list of paths with a comma, one with values without.
        let is_list = arguments.iter().all(|it| !it.contains('='));
        let comma = if index < last || is_list { "," } else { "" };
        lines.push(format!("    {argument}{comma}"));
    }
    lines.push(")]".to_owned());
    lines
}

/// A signature without a body: on one line where `end` (what follows on the same line) fits as well.
pub(crate) struct Signature<'a> {
    pub(crate) indent: usize,
    /// `fn send_mailer`
    pub(crate) name: &'a str,
    pub(crate) parameters: &'a [String],
    pub(crate) result: &'a str,
    /// ` {`, `;`, or nothing where a `where` follows.
    pub(crate) end: &'a str,
}

impl Signature<'_> {
    pub(crate) fn lines(&self) -> Vec<String> {
        let Self {
            indent,
            name,
            parameters,
            result,
            end,
        } = self;
        let flat = format!("{name}({}) -> {result}{end}", parameters.join(", "));
        if fits(*indent, &flat) {
            return vec![flat];
        }
        let mut lines = vec![format!("{name}(")];
        for parameter in *parameters {
            let ty = broken(&format!("{parameter},"), indent + 4);
            lines.extend(ty.into_iter().map(|it| format!("    {it}")));
        }
        lines.extend(returned(result, end, *indent));
        lines
    }
}

/// A call with plain arguments.
pub(crate) fn call(indent: usize, path: &str, arguments: &[String]) -> Vec<String> {
    let flat = arguments.join(", ");
    let line = format!("{path}({flat})");
    if flat.len() <= CALL_WIDTH && indent + line.len() <= WIDTH {
        return vec![line];
    }
    if flat.len() <= CALL_WIDTH {
        return vec![format!("{path}("), format!("    {flat},"), ")".to_owned()];
    }
    let mut lines = vec![format!("{path}(")];
    lines.extend(arguments.iter().map(|it| format!("    {it},")));
    lines.push(")".to_owned());
    lines
}

/// The line that ends the parameters, which did not fit on the first one.
fn returned(result: &str, end: &str, indent: usize) -> Vec<String> {
    let line = format!(") -> {result}{end}");
    if let Some((ty, bound)) = result.split_once(" + ") {
        return match (result.len(), ty.len()) {
            (..=BOUNDED_WIDTH, _) => vec![line],
            (_, ..=UNBOUNDED_WIDTH) => vec![format!(") -> {ty}"), format!("+ {bound}{end}")],
            _ => broken(&line, indent),
        };
    }
    // rustfmt counts the indentation twice before it lets a brace stay on the line.
    let without_end = format!(") -> {result}");
    if end == " {" && fits(indent, &without_end) && !fits(2 * indent, &line) {
        return vec![without_end, "{".to_owned()];
    }
    broken(&line, indent)
}

/// `pub name: ty,` in a struct at column 4.
pub(crate) fn field(name: &str, ty: &str) -> Vec<String> {
    let line = format!("pub {name}: {ty},");
    if fits(MEMBER, &line) {
        return vec![line];
    }
    if fits(MEMBER + 4, &format!("{ty},")) {
        return vec![format!("pub {name}:"), format!("    {ty},")];
    }
    broken(&line, MEMBER)
}

/// `Name(payload),` in an enum, its variants at column `indent`.
pub(crate) fn variant(indent: usize, name: &str, payload: Option<&str>) -> Vec<String> {
    let Some(payload) = payload else {
        return vec![format!("{name},")];
    };
    let line = format!("{name}({payload}),");
    if fits(indent, &line) {
        return vec![line];
    }
    let payload = broken(&format!("{payload},"), indent + 4);
    let payload = payload.into_iter().map(|it| format!("    {it}"));
    [format!("{name}(")]
        .into_iter()
        .chain(payload)
        .chain(["),".to_owned()])
        .collect()
}

/// A text that ends in a type, with its generic arguments on lines of their own where it is too long.
pub(crate) fn broken(text: &str, indent: usize) -> Vec<String> {
    if indent + text.chars().count() <= WIDTH {
        return vec![text.to_owned()];
    }
    let Some((open, close)) = brackets(text) else {
        return vec![text.to_owned()];
    };
    let mut lines = vec![text[..=open].to_owned()];
    for argument in split_arguments(&text[open + 1..close]) {
        let argument = broken(&format!("{argument},"), indent + 4);
        lines.extend(argument.into_iter().map(|it| format!("    {it}")));
    }
    lines.push(text[close..].to_owned());
    lines
}

/// The outermost angle brackets.
fn brackets(text: &str) -> Option<(usize, usize)> {
    let arrow = text.find("-> ").map_or(0, |it| it + 3);
    let open = arrow + text[arrow..].find('<')?;
    let mut depth = 0_usize;
    for (index, character) in text[open..].char_indices() {
        match character {
            '<' => depth += 1,
            '>' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Some((open, open + index));
        }
    }
    None
}

/// Arguments between commas that stand in no brackets of their own.
fn split_arguments(text: &str) -> Vec<&str> {
    let mut arguments = Vec::new();
    let mut depth = 0_usize;
    let mut begin = 0;
    for (index, character) in text.char_indices() {
        match character {
            '<' => depth += 1,
            '>' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                arguments.push(text[begin..index].trim());
                begin = index + 1;
            }
            _ => {}
        }
    }
    arguments.push(text[begin..].trim());
    arguments
}

/// Words one after the other, in as few lines as they fit in; for tables, which rustfmt leaves alone.
pub(crate) fn filled(indent: usize, words: impl IntoIterator<Item = String>) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in words {
        match lines.last_mut() {
            Some(line) if indent + line.len() + 1 + word.len() <= WIDTH => {
                line.push(' ');
                line.push_str(&word);
            }
            _ => lines.push(word),
        }
    }
    lines
}

/// Whether a line may stand at this column.
pub(crate) fn fits(indent: usize, line: &str) -> bool {
    indent + line.chars().count() <= WIDTH
}

/// `declaration = path(arguments);`
pub(crate) fn constant(
    indent: usize,
    declaration: &str,
    path: &str,
    arguments: &[String],
) -> Vec<String> {
    let flat = arguments.join(", ");
    let value = format!("{path}({flat});");
    let line = format!("{declaration} {value}");
    if flat.len() <= CALL_WIDTH && fits(indent, &line) {
        return vec![line];
    }
    if flat.len() <= CALL_WIDTH && fits(indent + 4, &value) {
        return vec![declaration.to_owned(), format!("    {value}")];
    }
    let mut lines = vec![format!("{declaration} {path}(")];
    lines.extend(arguments.iter().map(|it| format!("    {it},")));
    lines.push(");".to_owned());
    lines
}

/// A row of a table, in two lines before its last arrow where one is too long.
pub(crate) fn row(indent: usize, row: &str) -> Vec<String> {
    match row.rfind(" => ") {
        Some(arrow) if !fits(indent, row) => {
            vec![
                row[..arrow].to_owned(),
                format!("    {}", &row[arrow + 1..]),
            ]
        }
        _ => vec![row.to_owned()],
    }
}
