//! Hostile text in every place where the schema lets text through: the output parses and declares what it declares for
//! harmless text, nothing else.

mod support;

use microagent_schema::model::{Docs, Json, Meta, Model, Presence, RoutingWord, TypeKind};
use support::{generate, model};

const HOSTILE: &[&str] = &[
    "\"; pub struct Evil; //",
    "\"]\npub struct Evil;\n#[doc = \"",
    "\"#; pub struct Evil; r#\"",
    "*/ pub struct Evil; /*",
    "\n}\npub struct Evil;\n",
    "\r\npub struct Evil;",
    "\rpub struct Evil;",
    "\0",
    "\\",
    "\\\"",
    "\\u{22}; pub struct Evil;",
    "{{ name }}{% raw %}{# #}",
    "{Self} {} {0}",
    "\u{202e}\u{2066}\u{200b}\u{feff}",
    "`` ` ``` ```rust",
    "///",
    "//! inner",
    "#![allow(warnings)]",
    "'",
    "b'\"",
    "\u{2028}pub struct Evil;",
    "ünï \u{1f600}",
];

/// What a text declares: kinds and names, at any depth.
fn skeleton(text: &str) -> Vec<String> {
    let file = syn::parse_file(text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    let mut skeleton = Vec::new();
    for item in &file.items {
        visit(item, &mut skeleton);
    }
    skeleton
}

fn visit(item: &syn::Item, skeleton: &mut Vec<String>) {
    let declared = match item {
        syn::Item::Mod(module) => {
            let (_, items) = module.content.as_ref().expect("modules are written out");
            skeleton.push(format!("mod {} of {}", module.ident, items.len()));
            for item in items {
                visit(item, skeleton);
            }
            "end".to_owned()
        }
        syn::Item::Struct(it) => format!("struct {} of {}", it.ident, it.fields.len()),
        syn::Item::Enum(it) => format!("enum {} of {}", it.ident, it.variants.len()),
        syn::Item::Trait(it) => format!("trait {} of {}", it.ident, it.items.len()),
        syn::Item::Impl(it) => format!("impl of {}", it.items.len()),
        syn::Item::Const(it) => format!("const {}", it.ident),
        syn::Item::Fn(it) => format!("fn {}", it.sig.ident),
        syn::Item::Use(_) => "use".to_owned(),
        syn::Item::Macro(it) => {
            let name = it.mac.path.segments.last().expect("a path has a name");
            format!("macro {} of {}", name.ident, tokens(&it.mac))
        }
        _ => panic!("nothing else is generated"),
    };
    skeleton.push(declared);
}

/// How many tokens a macro gets, attributes (two tokens each: docs among them) aside.
fn tokens(invocation: &syn::Macro) -> usize {
    let tokens: Vec<String> = invocation
        .tokens
        .clone()
        .into_iter()
        .map(|it| it.to_string())
        .collect();
    tokens.len() - 2 * tokens.iter().filter(|it| *it == "#").count()
}

fn poison_meta(meta: &mut Meta, text: &str) {
    meta.docs = Docs(vec![
        text.to_owned(),
        format!("    {text}"),
        text.to_owned(),
    ]);
    meta.examples = vec![Json::Object(vec![(
        text.to_owned(),
        Json::String(text.to_owned()),
    )])];
    if meta.deprecated.is_some() {
        meta.deprecated = Some(format!("because {text}"));
    }
}

fn poison(model: &mut Model, text: &str) {
    for package in &mut model.packages {
        package.docs = Docs(vec![text.to_owned()]);
        package.files = vec![text.to_owned()];
    }
    model
        .types
        .iter_mut()
        .for_each(|it| poison_meta(&mut it.meta, text));
    model
        .types
        .iter_mut()
        .for_each(|it| poison_type(&mut it.kind, text));
    for signal in &mut model.signals {
        poison_meta(&mut signal.meta, text);
        text.clone_into(&mut signal.wire);
    }
    for queue in &mut model.queues {
        poison_meta(&mut queue.meta, text);
        text.clone_into(&mut queue.wire);
        queue
            .options
            .key
            .iter_mut()
            .for_each(|it| text.clone_into(it));
        let pattern = queue.binding.as_mut().and_then(|it| it.pattern.as_mut());
        if let Some(pattern) = pattern {
            text.clone_into(pattern);
        }
    }
    for exchange in &mut model.exchanges {
        poison_meta(&mut exchange.meta, text);
        if let Some(routing) = &mut exchange.routing {
            text.clone_into(&mut routing.template);
            for word in &mut routing.words {
                if let RoutingWord::Literal(word) = word {
                    text.clone_into(word);
                }
            }
        }
    }
    for agent in &mut model.agents {
        poison_meta(&mut agent.meta, text);
        agent
            .handlers
            .iter_mut()
            .for_each(|it| poison_meta(&mut it.meta, text));
        agent
            .senders
            .iter_mut()
            .for_each(|it| poison_meta(&mut it.meta, text));
    }
}

fn poison_type(kind: &mut TypeKind, text: &str) {
    match kind {
        TypeKind::Struct(object) => {
            for field in &mut object.fields {
                poison_meta(&mut field.meta, text);
                text.clone_into(&mut field.wire);
                if let Presence::Default(Json::String(value)) = &mut field.presence
                    && field.ty.shape == microagent_schema::model::Shape::String
                {
                    *value = format!("x{text}");
                }
                field
                    .ty
                    .constraints
                    .pattern
                    .iter_mut()
                    .for_each(|it| text.clone_into(it));
            }
        }
        TypeKind::Enum(values) if !values.integer => {
            for value in &mut values.values {
                poison_meta(&mut value.meta, text);
                text.clone_into(&mut value.wire);
            }
        }
        TypeKind::Union(union) => {
            for variant in &mut union.variants {
                poison_meta(&mut variant.meta, text);
                text.clone_into(&mut variant.wire);
            }
        }
        TypeKind::Enum(_) | TypeKind::Newtype(_) => {}
    }
}

#[test]
fn hostile_text_declares_nothing() {
    for name in ["types", "channels", "docs"] {
        let mut harmless = model(name, &[]);
        poison(&mut harmless, "x");
        let expected = skeleton(&packages(&harmless));
        for text in HOSTILE {
            let mut model = model(name, &[]);
            poison(&mut model, text);
            assert_eq!(skeleton(&packages(&model)), expected, "{text:?} in {name}");
        }
    }
}

#[test]
fn hostile_text_in_headers_stays_in_its_line() {
    let model = model("accounts", &[]);
    for text in HOSTILE {
        let options = microagent_codegen::RustOptions {
            version: (*text).to_owned(),
            source: (*text).to_owned(),
            ..support::options()
        };
        let files = microagent_codegen::rust(&model, &options).expect("all crates are known");
        for file in &files {
            assert!(file.text.starts_with("// @generated "));
            assert!(!skeleton(&file.text).iter().any(|it| it.contains("Evil")));
        }
    }
}

fn packages(model: &Model) -> String {
    let files = generate(model);
    for file in &files {
        skeleton(&file.text);
    }
    files
        .get("packages.rs")
        .expect("it is always made")
        .to_owned()
}
