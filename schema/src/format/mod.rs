//! The canonical layout of a file: four spaces, lines of at most 100 columns, trailing commas, one blank line at most.
//! Sees only the tree, in which comments and docs are kept; knows nothing of what names mean.
//!
//! Invariants: the text it makes parses to the same tree but for spans, and is laid out the same way again.

mod items;
mod lines;
mod members;
mod values;

use crate::ast;
use crate::format::lines::Writer;

/// The width that lines are broken at.
const WIDTH: usize = 100;

/// Lays out a file that was parsed without errors.
#[must_use]
pub fn format(file: &ast::File) -> String {
    let mut out = Writer::default();
    if let Some(edition) = &file.edition {
        out.leading(&edition.trivia);
        out.line(&format!("mag {};", edition.number));
        out.trailing(&edition.trivia);
    }
    for doc in &file.docs {
        out.line(format!("//! {}", doc.text).trim_end());
    }
    if let Some(package) = &file.package {
        out.leading(&package.trivia);
        out.start(&format!("package {}", values::path(&package.path)));
        items::options_and_end(&mut out, package.options.as_ref(), ";");
        out.trailing(&package.trivia);
    }
    uses(&mut out, &file.uses);
    for (index, item) in file.items.iter().enumerate() {
        let gap = item.attributes.trivia.blank_before || index == 0;
        if gap {
            out.blank();
        }
        items::item(&mut out, item);
    }
    out.end(&file.end);
    out.finish()
}

fn uses(out: &mut Writer, uses: &[ast::Use]) {
    for (index, line) in uses.iter().enumerate() {
        if line.trivia.blank_before || index == 0 {
            out.blank();
        }
        out.leading(&line.trivia);
        let path = values::path(&line.path);
        match (&line.names, &line.alias) {
            (Some(names), _) => {
                let names: Vec<String> = names.iter().map(use_name).collect();
                out.start(&format!("use {path}."));
                out.list(&values::group("{", names, "}"), ";");
            }
            (None, alias) => out.line(&format!("use {path}{};", values::alias(alias.as_ref()))),
        }
        out.trailing(&line.trivia);
    }
}

fn use_name(name: &ast::UseName) -> String {
    format!("{}{}", name.name.text, values::alias(name.alias.as_ref()))
}
