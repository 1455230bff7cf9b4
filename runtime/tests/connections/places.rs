//! Where a DSN can say that the server is, and what is said of one that can't be right.

use super::server::{Server, directory, free_port};
use super::*;

#[tokio::test]
async fn a_dsn_that_can_not_be_right_says_how_to_write_it() {
    for (dsn, said) in [
        ("redis:", "`redis://localhost`"),
        ("redis:localhost", "`redis://localhost`"),
        ("redis://", "`redis://localhost`"),
        ("redis://canary@h", "without a password"),
        ("redis://h/canary", "a number, such as `/7`"),
        ("redis://h/1/2", "one number"),
        ("redis://a,b", "redis+sentinel"),
        ("redis://h?leese=3", "did you mean `lease`?"),
        ("redis://h?ca=canary", "no such option"),
        ("redis://h?wait=canary", "a number of replicas"),
        ("redis://h?connect_timeout=0", "seconds from 1"),
        ("redis://h?reconnect_timeout=canary", "seconds from 1"),
        ("redis+canary://h", "`redis` or `rediss`"),
        ("redis+cluster://a,b/7", "one database"),
        ("redis+cluster://", "`redis+cluster://host:6379"),
        ("redis+sentinel://s1,s2", "`redis+sentinel://host:26379"),
        ("redis+sentinel:///mymaster", "`redis+sentinel://host:26379"),
        ("redis+unix://h/canary", "`redis+unix:///run/redis.sock`"),
        ("rediss+unix:///canary", "`redis+unix:///run/redis.sock`"),
        ("rediss://h?insecure=canary", "`insecure` is `yes`"),
        ("rediss://h?cert=x", "`cert` and `key` go together"),
        ("rediss://h?ca=/nowhere", "no PEM file for option `ca`"),
        ("rediss://h?ca=/dev/null", "there is none"),
    ] {
        let error = refused(dsn).await;
        assert_eq!(error.kind(), ErrorKind::Config, "{dsn}: {error}");
        assert!(error.message().contains(said), "{dsn}: {error}");
        assert!(!format!("{error:?}").contains("canary"), "{error}");
    }
}

#[tokio::test]
async fn databases_and_sockets_in_the_file_system_are_reached() {
    if skipped() {
        return;
    }
    let port = free_port();
    let path = directory(port).join("redis.sock");
    let path = path.to_str().unwrap();
    let number = port.to_string();
    let server = Server::on(port, &["--port", &number, "--unixsocket", path]);
    let redis = connect(&format!("{}/7", server.dsn())).await.unwrap();
    declare(&redis).await.unwrap();
    send(&redis, "a").await.unwrap();
    let keyspace: String = server.ask(&["INFO", "keyspace"]).await;
    assert!(keyspace.contains("db7:"), "{keyspace}");

    let redis = connect(&format!("redis+unix://{path}")).await.unwrap();
    declare(&redis).await.unwrap();
    let keyspace: String = server.ask(&["INFO", "keyspace"]).await;
    assert!(keyspace.contains("db0:"), "{keyspace}");

    let error = refused(&format!("{}/99", server.dsn())).await;
    assert!(error.message().contains("DB index"), "{error}");
}
