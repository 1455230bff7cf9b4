//! What is read from a DSN, what is shown of it, and what is refused unseen.

use super::*;

#[test]
fn no_password_is_shown() {
    for (text, shown) in [
        ("memory:", "memory:"),
        ("memory:name", "memory:name"),
        ("memory:canary@x", "memory:***"),
        ("redis://localhost/7", "redis://localhost/7"),
        ("redis://:canary@host/0", "redis://:***@host/0"),
        ("redis://canary@host/0", "redis://***@host/0"),
        ("redis://can@ry:canary@host", "redis://can@ry:***@host"),
        (
            "amqp://ada:canary@host:5672/v",
            "amqp://ada:***@host:5672/v",
        ),
        ("amqp://ada:c@nary:@[::1]:7,b", "amqp://ada:***@[::1]:7,b"),
        (
            "redis://h/0?password=canary&a=",
            "redis://h/0?password=***&a=***",
        ),
    ] {
        let dsn = Dsn::parse(text).unwrap();
        assert_eq!(dsn.to_string(), shown, "{text}");
        assert!(!format!("{dsn:?}").contains("canary"), "{text}");
        assert_eq!(dsn.expose(), text);
    }
}

#[test]
fn what_is_no_dsn_is_refused_unseen_with_the_way_to_write_it() {
    for (text, said) in [
        ("", "a scheme in lower case"),
        ("canary", "a scheme in lower case"),
        (":canary", "a scheme in lower case"),
        ("Canary:x", "a scheme in lower case"),
        ("ca nary:x", "a scheme in lower case"),
        ("//canary@host", "a scheme in lower case"),
        ("redis://ada:can/ary@host", "`%2F`"),
        ("redis://ada:can?ary@host", "`%3F`"),
        ("redis://h/0?a=canary@b", "`%40`"),
        ("redis://ada:canary%@host", "`%25`"),
        ("redis://ada:canary%zz@host", "`%25`"),
        ("redis://ada:canary%ff@host", "`%25`"),
        ("redis://host:canary/0", "65535"),
        ("redis://host:0", "65535"),
        ("redis://host:65536", "65535"),
        ("redis://::1/0", "written `name`"),
        ("redis://canary::1", "in brackets"),
        ("redis://[::1]7", "65535"),
        ("redis://[canary", "[address]:port"),
        ("redis://a,,b", "written `name`"),
        ("redis://h/0?canary", "`name=value`"),
    ] {
        let error = Dsn::parse(text).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config, "{text}");
        assert!(error.message().contains(said), "{text}: {error}");
        assert!(!format!("{error:?}").contains("nary"), "{error}");
    }
}

#[test]
fn parts_are_decoded() {
    let dsn =
        Dsn::parse(" redis+sentinel://a%3Ab:%2F%3F%40%25@s1,[fe80::1]:7/my%20master/0/?x=%26&y=ü ")
            .unwrap();
    assert_eq!(dsn.scheme(), "redis+sentinel");
    assert_eq!(dsn.user(), Some("a:b"));
    assert_eq!(dsn.password(), Some("/?@%"));
    let hosts: Vec<_> = dsn.hosts().iter().map(ToString::to_string).collect();
    assert_eq!(hosts, ["s1", "[fe80::1]:7"]);
    let path: Vec<&str> = dsn.path().iter().map(|it| &**it).collect();
    assert_eq!(path, ["my master", "0"]);
    assert_eq!((dsn.option("x"), dsn.option("y")), (Some("&"), Some("ü")));
    assert_eq!(dsn.option("z"), None);

    let bare = Dsn::parse("redis://").unwrap();
    assert!(bare.hosts().is_empty() && bare.path().is_empty());
    assert_eq!((bare.user(), bare.password()), (None, None));
    let bare = Dsn::parse("redis://:@h/").unwrap();
    assert!(bare.path().is_empty());
    assert_eq!((bare.user(), bare.password()), (None, None));
}

#[test]
fn options_that_nobody_knows_are_refused_with_a_hint() {
    let of = |query: &str| Dsn::parse(&format!("redis://h?{query}")).unwrap();
    let known = &["lease", "prefix"];
    assert!(of("lease=7&prefix=").check_options(known).is_ok());
    for (query, said) in [
        (
            "leese=7",
            "there are `lease`, `prefix`; did you mean `lease`?",
        ),
        ("canary=7", "there are `lease`, `prefix`"),
        ("lease=7&lease=canary", "`lease` is given twice"),
    ] {
        let error = of(query).check_options(known).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config, "{query}");
        assert!(error.message().ends_with(said), "{query}: {error}");
        assert!(!error.message().contains("canary"), "{error}");
    }
    assert_eq!(
        of("lease=7").seconds("lease").unwrap(),
        Some(Duration::from_secs(7))
    );
    assert_eq!(of("lease=7").seconds("other").unwrap(), None);
    for value in ["0", "-1", "1.5", "canary", "", "4294967296"] {
        let error = of(&format!("lease={value}")).seconds("lease").unwrap_err();
        assert!(
            error.message().contains("a number of seconds from 1"),
            "{error}"
        );
        assert!(!error.message().contains("canary"), "{error}");
    }
}
