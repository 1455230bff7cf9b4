//! Files that can't be taken and schemas over a limit: each has a code of its own, at the start of the file or at the
//! declaration that is too much.

use std::fmt::Write as _;

use microagent_schema::Input;
use microagent_schema::Unreadable;
use microagent_schema::analyze;
use microagent_schema::codes;
use microagent_schema::codes::Code;
use microagent_schema::limits::Limits;

use crate::codes_of;
use crate::input;

fn unreadable(why: Unreadable) -> Input {
    Input {
        text: Err(why),
        ..input(0, "shop.mag", "")
    }
}

fn found(inputs: Vec<Input>, limits: Limits) -> Vec<Code> {
    let analysis = analyze(inputs, &limits);
    assert!(analysis.model.is_none());
    assert!(
        analysis
            .diagnostics
            .iter()
            .all(|found| found.help.is_some())
    );
    codes_of(&analysis)
}

#[test]
fn a_file_that_cannot_be_taken_has_a_code_for_the_reason() {
    for (why, code) in [
        (
            Unreadable::Io("permission denied".to_owned()),
            codes::UNREADABLE_FILE,
        ),
        (Unreadable::NotUtf8(3), codes::NOT_UTF8),
        (Unreadable::SymlinkOutside, codes::SYMLINK_OUTSIDE),
        (Unreadable::NotRegular, codes::NOT_A_REGULAR_FILE),
        (Unreadable::Traversal, codes::PATH_TRAVERSAL),
        (Unreadable::FolderCycle, codes::FOLDER_CYCLE),
        (Unreadable::TooLarge, codes::FILE_TOO_LARGE),
        (Unreadable::TooManyFiles, codes::TOO_MUCH_IN_ALL),
    ] {
        assert_eq!(
            found(vec![unreadable(why.clone())], Limits::default()),
            [code],
            "{why:?}"
        );
    }
}

#[test]
fn bytes_paths_and_sizes_are_checked_here_too() {
    let latin = Input {
        text: Ok(b"package shop;\n// \xe4\n".to_vec()),
        ..input(0, "shop.mag", "")
    };
    assert_eq!(found(vec![latin], Limits::default()), [codes::NOT_UTF8]);
    let outside = input(0, "../shop.mag", "package shop;");
    assert_eq!(
        found(vec![outside], Limits::default()),
        [codes::PATH_TRAVERSAL]
    );
    let small = Limits {
        file_bytes: 4,
        ..Limits::default()
    };
    assert_eq!(
        found(vec![input(0, "shop.mag", "package shop;")], small),
        [codes::FILE_TOO_LARGE]
    );
    let few = Limits {
        files: 1,
        ..Limits::default()
    };
    let two = vec![
        input(0, "a.mag", "package a;"),
        input(0, "b.mag", "package b;"),
    ];
    assert_eq!(found(two.clone(), few), [codes::TOO_MUCH_IN_ALL]);
    let little = Limits {
        total_bytes: 12,
        ..Limits::default()
    };
    assert_eq!(found(two, little), [codes::TOO_MUCH_IN_ALL]);
}

#[test]
fn a_byte_order_mark_is_skipped() {
    let analysis = analyze(
        vec![input(0, "shop.mag", "\u{feff}package shop;\n")],
        &Limits::default(),
    );
    assert!(analysis.model.is_some());
}

#[test]
fn an_unreadable_file_takes_no_other_problem_along() {
    let user = input(
        0,
        "user.mag",
        "package user;\nuse shop.Order;\nstruct A { order: Order, b: Sting }",
    );
    let codes = found(
        vec![unreadable(Unreadable::NotRegular), user],
        Limits::default(),
    );
    assert_eq!(codes, [codes::NOT_A_REGULAR_FILE, codes::UNKNOWN_TYPE]);
}

#[test]
fn a_package_has_one_root() {
    let two = vec![
        input(0, "shop.mag", "package shop;"),
        input(1, "shop.mag", "package shop;"),
    ];
    assert_eq!(found(two, Limits::default()), [codes::PACKAGE_IN_TWO_ROOTS]);
}

#[test]
fn types_are_counted() {
    let limits = Limits {
        types: 2,
        ..Limits::default()
    };
    let text = "package shop;\nstruct A { } struct B { } signal c { } signal d { }";
    assert_eq!(
        found(vec![input(0, "shop.mag", text)], limits),
        [codes::TOO_MANY_TYPES]
    );
}

#[test]
fn levels_of_packages_are_counted() {
    let package = |index: usize| {
        let uses = if index < 70 {
            format!("use p{}.T as U;\nstruct V {{ u: U }}\n", index + 1)
        } else {
            String::new()
        };
        input(
            0,
            &format!("p{index}.mag"),
            &format!("package p{index};\n{uses}struct T {{ }}\n"),
        )
    };
    assert_eq!(
        found((0..=70).map(package).collect(), Limits::default()),
        [codes::TOO_MANY_LEVELS]
    );
    assert!(
        analyze((10..=70).map(package).collect(), &Limits::default())
            .model
            .is_some()
    );
}

#[test]
fn levels_of_spreads_and_newtypes_are_counted() {
    let mut spreads = "package shop;\nstruct S70 { id: u64 }\n".to_owned();
    let mut chain = "package shop;\ntype T70 = u64;\n".to_owned();
    for index in 0..70 {
        let _ = writeln!(spreads, "struct S{index} {{ ..next: S{} }}", index + 1);
        let _ = writeln!(chain, "type T{index} = T{};", index + 1);
    }
    let spreads = found(vec![input(0, "shop.mag", &spreads)], Limits::default());
    assert!(
        spreads.iter().all(|code| *code == codes::SPREADS_TOO_MUCH),
        "{spreads:?}"
    );
    let chain = found(vec![input(0, "shop.mag", &chain)], Limits::default());
    assert_eq!(chain, [codes::CHAIN_TOO_LONG]);
}

#[test]
fn spreads_that_branch_at_every_level_end() {
    let mut text = "package shop;\nstruct S60 { }\n".to_owned();
    for index in 0..60 {
        let _ = writeln!(
            text,
            "struct S{index} {{ ..a: S{0}, ..b: S{0} }}",
            index + 1
        );
    }
    text.push_str("struct Loop { ..a: Loop, ..b: Loop }\n");
    text.push_str("struct User { it: S0 = {}, other: Loop = {} }\nqueue q: S0 with { key: x };");
    let codes = found(vec![input(0, "shop.mag", &text)], Limits::default());
    assert!(
        codes.contains(&codes::SPREADS_TOO_MUCH) && codes.contains(&codes::ENDLESS_TYPE),
        "{codes:?}"
    );
}

#[test]
fn very_long_cycles_and_chains_do_not_overflow_the_stack() {
    let mut text = "package shop;\n".to_owned();
    for index in 0..20_000 {
        let _ = writeln!(
            text,
            "struct S{index} {{ next: S{}? }}",
            (index + 1) % 20_000
        );
        let _ = writeln!(text, "type T{index} = T{};", (index + 1) % 20_000);
    }
    let analysis = analyze(vec![input(0, "shop.mag", &text)], &Limits::default());
    // The cycle of optional fields is finite, but nothing that Rust could compile.
    let codes = codes_of(&analysis);
    assert_eq!(
        codes,
        [codes::TYPE_TOO_BIG, codes::ENDLESS_TYPE],
        "{codes:?}"
    );
}
