//! What teams get wrong most: each mistake has a code of its own, points at the words to change and says how to mend
//! it.
#![expect(clippy::print_stdout, reason = "the figures are what the test is for")]

use microagent_schema::diagnostic::{Diagnostic, Severity};
use microagent_schema::limits::Limits;
use microagent_schema::{Analysis, Input, Unreadable, analyze};
use microagent_tests::contracts;

/// What is wrong, the schema, the code, and the words that are pointed at.
type Case = (
    &'static str,
    &'static [(&'static str, &'static str)],
    &'static str,
    &'static str,
);

const CASES: &[Case] = &[
    (
        "cyclic packages",
        &[
            ("a.mag", "package a;\nuse b;\nstruct A { b: b.B? }\n"),
            ("b.mag", "package b;\nuse a;\nstruct B { a: a.A? }\n"),
        ],
        "MAG0206",
        "a",
    ),
    (
        "unknown type",
        &[(
            "p.mag",
            "package p;\nstruct Mail { to: Adress }\nstruct Address { a: u8 }\n",
        )],
        "MAG0203",
        "Adress",
    ),
    (
        "duplicate name",
        &[("p.mag", "package p;\nqueue mail: json;\nsignal mail;\n")],
        "MAG0212",
        "mail",
    ),
    (
        "duplicate wire name",
        &[(
            "p.mag",
            "package p;\nqueue \"jobs\" as one: json;\nqueue \"jobs\" as two: json;\n",
        )],
        "MAG0403",
        "\"jobs\"",
    ),
    (
        "clash after case conversion",
        &[(
            "p.mag",
            "package p;\nstruct A { user_id: u8, \"userId\": u8 }\n",
        )],
        "MAG0214",
        "\"userId\"",
    ),
    (
        "doc comment after code",
        &[("p.mag", "package p;\nsignal a; /// about a\nsignal b;\n")],
        "MAG0011",
        "/// about a",
    ),
    (
        "bad cron",
        &[(
            "p.mag",
            "package p;\nagent A { cron \"61 * * * *\" tick; }\n",
        )],
        "MAG0503",
        "61",
    ),
    (
        "bad zone",
        &[(
            "p.mag",
            "package p;\nagent A { cron \"@daily\" tick with { timezone: \"Europe/Berln\" }; }\n",
        )],
        "MAG0504",
        "\"Europe/Berln\"",
    ),
    (
        "impossible pattern",
        &[(
            "p.mag",
            "package p;\nclosed enum Kind { news }\nexchange e: json by \"{kind: Kind}\";\nqueue q on e \"alert\";\n",
        )],
        "MAG0414",
        "alert",
    ),
    (
        "option on the wrong line",
        &[(
            "p.mag",
            "package p;\nagent A { every 1s tick with { timezone: \"UTC\" }; }\n",
        )],
        "MAG0501",
        "timezone",
    ),
    (
        "constraint that its default violates",
        &[(
            "p.mag",
            "package p;\nstruct A { a: string(max: 3) = \"four\" }\n",
        )],
        "MAG0327",
        "\"four\"",
    ),
    (
        "newer edition",
        &[("p.mag", "mag 2;\npackage p;\nsignal a;\n")],
        "MAG0031",
        "2",
    ),
];

/// What is wrong, how the file arrives, and the code.
type UnreadableCase = (
    &'static str,
    fn() -> Result<Vec<u8>, Unreadable>,
    &'static str,
);

const UNREADABLE: &[UnreadableCase] = &[
    (
        "unreadable file",
        || Err(Unreadable::Io("permission denied".to_owned())),
        "MAG0101",
    ),
    (
        "wrong encoding",
        || Ok(b"package p;\n// gr\xfc\xdfe\n".to_vec()),
        "MAG0102",
    ),
];

fn only_error(analysis: &Analysis) -> &Diagnostic {
    let errors: Vec<&Diagnostic> = analysis
        .diagnostics
        .iter()
        .filter(|it| it.severity == Severity::Error)
        .collect();
    let [error] = errors.as_slice() else {
        panic!("one mistake, one error: {errors:?}");
    };
    assert!(
        error.help.is_some() || error.suggestion.is_some(),
        "{} says no way out",
        error.code
    );
    error
}

#[test]
fn each_mistake_has_a_code_a_place_and_a_way_out() {
    for (mistake, files, code, words) in CASES {
        let inputs = files
            .iter()
            .map(|(path, text)| contracts::input(path, text));
        let analysis = analyze(inputs.collect(), &Limits::default());
        let error = only_error(&analysis);
        assert_eq!(
            error.code.to_string(),
            *code,
            "{mistake}: {}",
            error.message
        );
        assert_eq!(
            analysis.sources.text(error.primary.span),
            *words,
            "{mistake}"
        );
        println!("{mistake}: {code} at `{words}`: {}", error.message);
    }
}

#[test]
fn what_can_not_be_read_is_named() {
    for (mistake, text, code) in UNREADABLE {
        let input = Input {
            text: text(),
            ..contracts::input("p.mag", "")
        };
        let analysis = analyze(vec![input], &Limits::default());
        let error = only_error(&analysis);
        assert_eq!(error.code.to_string(), *code, "{mistake}");
        let id = analysis
            .sources
            .file_at(error.primary.span.start)
            .expect("it has a file");
        assert_eq!(analysis.sources.file(id).path, "p.mag", "{mistake}");
        println!("{mistake}: {code} in p.mag: {}", error.message);
    }
}
