//! The list of files: which there are, that they are the same each time, and what is refused.

mod support;

use microagent_codegen::{ErrorKind, RustOptions, rust};
use support::{generate, model, options};

#[test]
fn the_same_model_gives_the_same_bytes() {
    for name in ["types", "channels", "names"] {
        assert_eq!(generate(&model(name, &[])), generate(&model(name, &[])));
    }
}

#[test]
fn there_is_a_root_per_first_segment() {
    let files = generate(&model("mail_service", &["accounts"]));
    let paths: Vec<&str> = files.iter().map(|it| it.path.as_str()).collect();
    let expected = ["packages.rs", "root.mail_service.rs", "root.rs", "roots.rs"];
    assert_eq!(paths, expected);
    let roots = files.get("roots.rs").expect("it is always made");
    let known = "concat!(\"the schemas of this crate have no package whose name begins with `\", \
        ::core::stringify!($other), \"`; they have `mail_service`\")";
    assert!(roots.contains(known), "{roots}");
}

#[test]
fn no_line_ends_in_a_blank() {
    for name in ["types", "channels", "names", "docs"] {
        for file in &generate(&model(name, &[])) {
            assert!(file.text.ends_with('\n') && !file.text.ends_with("\n\n"));
            assert!(
                file.text.lines().all(|it| !it.ends_with(' ')),
                "{}",
                file.path
            );
        }
    }
}

#[test]
fn a_foreign_package_needs_its_crate() {
    let model = model("mail_service", &["accounts"]);
    let without = RustOptions::default();
    let error = rust(&model, &without).expect_err("nobody said which crate has `accounts`");
    assert_eq!(
        error.to_string(),
        "no crate is known for package `accounts`"
    );

    for path in ["", "::", "a b", "::accounts; evil", "::accounts::", "1a"] {
        let mut options = options();
        options
            .crates
            .insert("accounts".to_owned(), path.to_owned());
        let error = rust(&model, &options).expect_err("no path of Rust");
        assert!(
            matches!(error.kind(), ErrorKind::BadCratePath { .. }),
            "{path}"
        );
    }
}

#[test]
fn crates_are_passed_on() {
    let options = RustOptions {
        reexports: vec![(
            "accounts".to_owned(),
            "::billing::__mag::__dep_accounts".to_owned(),
        )],
        ..options()
    };
    let files = rust(&model("accounts", &[]), &options).expect("all crates are known");
    let text = files.get("packages.rs").expect("it is always made");
    assert!(
        text.contains(
            "#[doc(hidden)]\npub use ::billing::__mag::__dep_accounts as __dep_accounts;\n"
        )
    );
}

#[test]
fn without_a_prelude_nothing_comes_from_it() {
    let options = RustOptions {
        without_prelude: true,
        ..options()
    };
    let files = rust(&model("channels", &[]), &options).expect("all crates are known");
    let text = files.get("packages.rs").expect("it is always made");
    assert!(!text.contains("diagnostic::"));
}
