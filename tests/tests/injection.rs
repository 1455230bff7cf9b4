//! Hostile text wherever a schema takes text: what is generated parses, declares what a harmless text declares, and
//! holds no doctest. Names can't be hostile, which is tested as well.
#![expect(clippy::print_stdout, reason = "the figures are what the test is for")]

use std::collections::BTreeMap;

use microagent_codegen::RustOptions;
use microagent_schema::limits::Limits;
use microagent_schema::{Analysis, analyze};
use microagent_tests::contracts;
use syn::visit::{self, Visit};

/// What tries to get out of a string, a comment, an attribute or a template.
const HOSTILE: &[&str] = &[
    "\"",
    "\"#",
    "\"##; fn evil() {} //",
    "'",
    "\\",
    "\\\\\"",
    "\\\"; fn evil() {}",
    "\\u0000",
    "\u{0}",
    "\\n",
    "\\n/// ```\\n/// panic!()\\n/// ```",
    "\\r\\nfn evil() {}",
    "*/ fn evil() {} /*",
    "/* fn evil() {}",
    "// fn evil() {}",
    "{{ evil }}",
    "{% for evil in evil %}",
    "{# evil #}",
    "{}",
    "{0:?}",
    "${evil}",
    "$crate::evil!()",
    "#[derive(Evil)]",
    "#![allow(warnings)]",
    "r#\"evil\"#",
    "b\"evil\"",
    ")] pub struct Evil; #[doc(",
    "\"] pub struct Evil; #[doc = \"",
    "\"); evil!(\"",
    "```\\nassert!(false)\\n```",
    "    assert!(false)",
    "~~~rust",
    "<script>alert(1)</script>",
    "[`evil`]: evil",
    "\u{202e}evil",
    "\u{2066}evil",
    "\\u202eevil",
    "é\u{301} 👩‍👩‍👧 \u{fffd}",
    "include!(\"/etc/passwd\")",
    "env!(\"PATH\")",
    "%s%n",
    "..",
    "::evil",
    "<T: Evil>",
    "'static",
    "_",
    "",
];

/// Where a text may stand: a whole schema with `§` for it.
const PLACES: &[(&str, &str)] = &[
    ("docs of a file", "//! §\npackage p;\nstruct A { a: u8 }\n"),
    (
        "docs of a struct",
        "package p;\n/// §\nstruct A { a: u8 }\n",
    ),
    (
        "docs in the middle",
        "package p;\n/// before\n/// §\n/// behind\nstruct A { a: u8 }\n",
    ),
    (
        "docs of a field",
        "package p;\nstruct A {\n    /// §\n    a: u8,\n}\n",
    ),
    (
        "docs of a value",
        "package p;\nenum A {\n    /// §\n    a,\n}\n",
    ),
    (
        "docs of a variant",
        "package p;\nunion A {\n    /// §\n    a: u8,\n}\n",
    ),
    (
        "docs of a signal",
        "package p;\n/// §\nsignal a { a: u8 }\n",
    ),
    ("docs of a queue", "package p;\n/// §\nqueue a { a: u8 }\n"),
    (
        "docs of an agent",
        "package p;\nsignal a;\n/// §\nagent A {\n    /// §\n    receive a;\n}\n",
    ),
    ("a default", "package p;\nstruct A { a: string = \"§\" }\n"),
    (
        "a default in a list",
        "package p;\nstruct A { a: [string] = [\"§\"] }\n",
    ),
    (
        "a default in an object",
        "package p;\nstruct A { a: json = { \"§\": \"§\" } }\n",
    ),
    (
        "a raw default",
        "package p;\nstruct A { a: string = r\"§\" }\n",
    ),
    ("a key", "package p;\nstruct A { \"§\" as a: u8 }\n"),
    ("an alias", "package p;\nstruct A { @alias(\"§\") a: u8 }\n"),
    ("an emit", "package p;\nstruct A { @emit(\"§\") a: u8 }\n"),
    (
        "a reserved key",
        "package p;\nstruct A { a: u8, reserved(\"§\") }\n",
    ),
    ("a value", "package p;\nenum A { \"§\" as a, b }\n"),
    ("a value without as", "package p;\nenum A { \"§\" }\n"),
    ("a variant", "package p;\nunion A { \"§\" as a: u8, b }\n"),
    ("a tag", "package p;\nunion A by \"§\" { a { x: u8 } }\n"),
    (
        "a tag and content",
        "package p;\nunion A by \"§\", \"data\" { a { x: u8 } }\n",
    ),
    (
        "a reason",
        "package p;\n@deprecated(\"§\")\nstruct A { @deprecated(\"§\") a: u8 }\n",
    ),
    (
        "an example",
        "package p;\n@example({ \"a\": \"§\" })\nstruct A { a: string }\n",
    ),
    (
        "a pattern",
        "package p;\nstruct A { a: string(pattern: \"§\") }\n",
    ),
    (
        "a pattern of a type",
        "package p;\ntype A = string(pattern: r\"§\");\n",
    ),
    (
        "a wire name of a signal",
        "package p;\nsignal \"§\" as a;\n",
    ),
    (
        "a wire name of a queue",
        "package p;\nqueue \"§\" as a: json;\n",
    ),
    (
        "a routing template",
        "package p;\nexchange a: json by \"§\";\n",
    ),
    (
        "a word beside a parameter",
        "package p;\nexchange a: json by \"§.{id: u64}\";\n",
    ),
    (
        "a binding",
        "package p;\nexchange a: json by \"{id: string}\";\nqueue b on a \"§\";\n",
    ),
    (
        "a cron expression",
        "package p;\nagent A { cron \"§\" a; }\n",
    ),
    (
        "a time zone",
        "package p;\nagent A { cron \"@daily\" a with { timezone: \"§\" }; }\n",
    ),
    ("a derive", "package p;\n@derive(§)\nstruct A { a: u8 }\n"),
    (
        "a derive in quotes",
        "package p;\n@derive(\"§\")\nstruct A { a: u8 }\n",
    ),
    ("a name of a type", "package p;\nstruct § { a: u8 }\n"),
    ("a name of a field", "package p;\nstruct A { §: u8 }\n"),
    (
        "a name after as",
        "package p;\nstruct A { \"a\" as §: u8 }\n",
    ),
    ("a name of a package", "package §;\nstruct A { a: u8 }\n"),
];

/// One of these may stand in each place.
const HARMLESS: &[&str] = &[
    "harmless",
    "* * * * *",
    "Europe/Berlin",
    "Eq",
    "Harmless",
    "*",
    "p",
];

/// How often each kind of item stands, by kind and name. Impls go by what they are for.
#[derive(Debug, Default, PartialEq, Eq)]
struct Items(BTreeMap<String, usize>);

impl Items {
    fn count(&mut self, kind: &str, name: &dyn ToString) {
        *self
            .0
            .entry(format!("{kind} {}", name.to_string()))
            .or_default() += 1;
    }
}

impl<'ast> Visit<'ast> for Items {
    fn visit_item(&mut self, item: &'ast syn::Item) {
        match item {
            syn::Item::Fn(it) => self.count("fn", &it.sig.ident),
            syn::Item::Struct(it) => self.count("struct", &it.ident),
            syn::Item::Enum(it) => self.count("enum", &it.ident),
            syn::Item::Trait(it) => self.count("trait", &it.ident),
            syn::Item::Mod(it) => self.count("mod", &it.ident),
            syn::Item::Const(it) => self.count("const", &it.ident),
            syn::Item::Macro(it) => {
                let last = it.mac.path.segments.last().expect("a path has segments");
                self.count("macro", &last.ident);
            }
            syn::Item::Impl(_) => self.count("impl", &""),
            syn::Item::Use(_) => self.count("use", &""),
            _ => self.count("other", &""),
        }
        visit::visit_item(self, item);
    }

    fn visit_impl_item_fn(&mut self, it: &'ast syn::ImplItemFn) {
        self.count("method", &it.sig.ident);
        visit::visit_impl_item_fn(self, it);
    }

    /// Docs and lints may follow the text: they declare nothing.
    fn visit_attribute(&mut self, it: &'ast syn::Attribute) {
        let name = &it
            .path()
            .segments
            .last()
            .expect("a path has segments")
            .ident;
        if !["doc", "deprecated", "allow", "expect"]
            .iter()
            .any(|free| name == free)
        {
            self.count("attribute", name);
        }
    }
}

/// The docs of each item, its lines joined as rustdoc joins them.
#[derive(Default)]
struct Docs(Vec<String>);

impl<'ast> Visit<'ast> for Docs {
    fn visit_item(&mut self, item: &'ast syn::Item) {
        self.0.push(String::new());
        visit::visit_item(self, item);
    }

    fn visit_field(&mut self, field: &'ast syn::Field) {
        self.0.push(String::new());
        visit::visit_field(self, field);
    }

    fn visit_variant(&mut self, variant: &'ast syn::Variant) {
        self.0.push(String::new());
        visit::visit_variant(self, variant);
    }

    fn visit_attribute(&mut self, it: &'ast syn::Attribute) {
        if let syn::Meta::NameValue(pair) = &it.meta
            && pair.path.is_ident("doc")
            && let syn::Expr::Lit(syn::ExprLit {
                lit: syn::Lit::Str(text),
                ..
            }) = &pair.value
            && let Some(docs) = self.0.last_mut()
        {
            docs.push_str(&text.value());
            docs.push('\n');
        }
    }
}

/// Whether rustdoc would run something of these docs.
fn has_doctest(docs: &str) -> bool {
    let least = docs.lines().filter(|line| !line.trim().is_empty());
    let least = least
        .map(|line| line.len() - line.trim_start_matches(' ').len())
        .min();
    let (mut fence, mut blank) = (None, true);
    for line in docs.lines() {
        let line = line.get(least.unwrap_or(0)..).unwrap_or("");
        let inner = line.trim_start();
        let ticks = inner.len() - inner.trim_start_matches(['`', '~']).len();
        let closes = inner.trim_matches(['`', '~']).trim().is_empty();
        match fence {
            Some(open) => fence = Some(open).filter(|_| ticks < open || !closes),
            None if ticks >= 3 && !(inner.starts_with('`') && inner[ticks..].contains('`')) => {
                if !["text", "json"].contains(&inner[ticks..].trim()) {
                    return true;
                }
                fence = Some(ticks);
            }
            // A line indented by four is code, unless it goes on with a paragraph.
            None if blank && line.starts_with("    ") && !inner.is_empty() => return true,
            None => {}
        }
        blank = inner.is_empty();
    }
    false
}

fn check(schema: &str) -> Analysis {
    analyze(vec![contracts::input("p.mag", schema)], &Limits::default())
}

fn generated(analysis: &Analysis) -> Option<Vec<syn::File>> {
    let model = analysis.model.as_ref()?;
    let files =
        microagent_codegen::rust(model, &RustOptions::default()).expect("checked schemas generate");
    let parse = |file: &microagent_codegen::File| {
        syn::parse_file(&file.text).unwrap_or_else(|problem| {
            panic!(
                "{problem}
{}",
                file.text
            )
        })
    };
    Some(files.iter().map(parse).collect())
}

fn items(files: &[syn::File]) -> Items {
    let mut items = Items::default();
    for file in files {
        items.visit_file(file);
    }
    items
}

#[test]
fn hostile_text_stays_text() {
    let (mut refused, mut accepted) = (0, 0);
    for (place, schema) in PLACES {
        let harmless = HARMLESS
            .iter()
            .find_map(|text| generated(&check(&schema.replace('§', text))));
        let harmless = harmless.unwrap_or_else(|| panic!("{place}: nothing may stand there"));
        for hostile in HOSTILE {
            let text = schema.replace('§', hostile);
            let Some(files) = generated(&check(&text)) else {
                refused += 1;
                continue;
            };
            accepted += 1;
            assert_eq!(items(&files), items(&harmless), "{place}: {hostile:?}");
            let mut docs = Docs::default();
            for file in &files {
                docs.visit_file(file);
            }
            for docs in docs.0 {
                assert!(
                    !has_doctest(&docs),
                    "{place}: {hostile:?} became a doctest:\n{docs}"
                );
            }
        }
    }
    println!(
        "{} hostile texts in {} places: {refused} refused, {accepted} generated with nothing added",
        HOSTILE.len(),
        PLACES.len(),
    );
    assert!(accepted > refused / 2, "most places take any text");
}
