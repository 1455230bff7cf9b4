//! Users, passwords and what they are allowed: what is wrong is said when the program starts, with the way to mend it.

use std::sync::Arc;

use microagent::backend::redis::RedisBus;
use microagent::bus::{BusBackend, Interest};

use super::server::Server;
use super::*;

/// What the documentation of the backend says is the least.
const LEAST: &[&str] = &[
    "on",
    ">s3cret",
    "~app.*",
    "~{app.*",
    "&*",
    "-@all",
    "+@read",
    "+@write",
    "+@pubsub",
    "+@connection",
    "+@scripting",
    "+time",
    "+wait",
    "+role",
];

async fn user(server: &Server, name: &str, rules: &[&str]) {
    let words = [&["ACL", "SETUSER", name], rules].concat();
    let set: String = server.ask(&words).await;
    assert_eq!(set, "OK");
}

#[tokio::test]
async fn users_come_in_with_their_password_and_no_other() {
    if skipped() {
        return;
    }
    let server = Server::plain();
    user(&server, "ada", LEAST).await;
    let at = format!("127.0.0.1:{}", server.port);
    let redis = connect(&format!("redis://ada:s3cret@{at}?prefix=app.")).await;
    let redis = redis.unwrap();
    declare(&redis).await.unwrap();
    send(&redis, "a").await.unwrap();

    for dsn in [
        format!("redis://ada:canary@{at}"),
        format!("redis://canary:canary@{at}"),
    ] {
        let error = refused(&dsn).await;
        assert_eq!(error.kind(), ErrorKind::Config);
        assert!(error.message().contains("password is wrong"), "{error}");
    }
    // A prefix that the rules do not cover.
    let redis = connect(&format!("redis://ada:s3cret@{at}")).await.unwrap();
    let error = declare(&redis).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    assert!(error.message().contains("ACL SETUSER"), "{error}");
}

#[tokio::test]
async fn a_server_with_one_password_for_all_says_that_it_wants_it() {
    if skipped() {
        return;
    }
    let server = Server::start(&["--requirepass", "s3cret"]);
    let at = format!("127.0.0.1:{}", server.port);
    connect(&format!("redis://:s3cret@{at}")).await.unwrap();
    let error = refused(&format!("redis://{at}")).await;
    assert_eq!(error.kind(), ErrorKind::Config);
    assert!(error.message().contains("wants a password"), "{error}");
    let error = refused(&format!("redis://:canary@{at}")).await;
    assert_eq!(error.kind(), ErrorKind::Config);
    assert!(error.message().contains("`default`"), "{error}");
}

#[tokio::test]
async fn a_permission_that_is_missing_is_named_at_the_start() {
    if skipped() {
        return;
    }
    let server = Server::plain();
    let at = format!("127.0.0.1:{}", server.port);
    user(&server, "ada", &[LEAST, &["-script"]].concat()).await;
    let error = refused(&format!("redis://ada:s3cret@{at}?prefix=app.")).await;
    assert_eq!(error.kind(), ErrorKind::Config);
    assert!(error.message().contains("script"), "{error}");
    assert!(error.message().contains("ACL SETUSER ada"), "{error}");

    // Rules begin with no channels; a subscription must not wait for ever.
    user(&server, "eve", &[LEAST, &["resetchannels"]].concat()).await;
    let dsn = Dsn::parse(&format!("redis://eve:s3cret@{at}?prefix=app.")).unwrap();
    let options = RedisOptions::from_dsn(&dsn).unwrap();
    let bus = RedisBus::connect(&dsn, options).await.unwrap();
    let subjects: Vec<Arc<str>> = vec!["started".into()];
    let subscribing = bus.subscribe(Interest::Signals(subjects), 9);
    let error = timeout(SOON, subscribing).await.unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    assert!(error.message().contains("channel"), "{error}");
}
