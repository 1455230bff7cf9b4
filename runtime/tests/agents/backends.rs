//! Backends given as objects: what a test or another crate has made is what the agents use.

use std::sync::Arc;

use microagent::SendErrorKind;
use microagent::backend::memory::Memory;
use microagent::broker::BrokerBackend;
use microagent::bus::BusBackend;

use crate::accounts::{AccountsSenders, Mail, UserDeleted};
use crate::mail_service::MailAgent;
use crate::mails::Mails;

#[tokio::test(start_paused = true)]
async fn agents_and_handles_share_the_objects_they_are_given() {
    let (bus, broker) = (Memory::new(), Memory::new());
    let mails = Mails::default();
    let log = mails.log.clone();
    let running = microagent::app([mails.agent()])
        .bus("memory:another")
        .bus_backend(Arc::new(bus.clone()))
        .broker_backend(Arc::new(broker.clone()))
        .start()
        .await
        .unwrap();
    let bus: Arc<dyn BusBackend> = Arc::new(bus);
    let broker: Arc<dyn BrokerBackend> = Arc::new(broker);
    let deleted = UserDeleted { user_id: 7 };
    let outside = microagent::bus_over(&bus);
    outside.emit_user_deleted(deleted).await.unwrap();
    let mail = Mail {
        to: "ada@example.org".into(),
        subject: "x".into(),
    };
    let outside = microagent::broker_over(&broker);
    outside.send_mailer(mail.clone()).await.unwrap();
    tokio::time::sleep(std::time::Duration::from_millis(1)).await;
    running.stop().await.unwrap();

    let log = log.take();
    assert!(log.contains(&"sent x".to_owned()), "{log:?}");
    assert!(log.iter().any(|it| it.ends_with("from microagent")));
    // The run has closed its own connections only.
    outside.send_mailer(mail).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_handle_closes_the_connection_that_it_made_and_no_other() {
    let mail = Mail {
        to: "ada@example.org".into(),
        subject: "x".into(),
    };
    let bus = microagent::connect_bus("memory:close").await.unwrap();
    let broker = microagent::connect_broker("memory:close").await.unwrap();
    let memory: Arc<dyn BrokerBackend> = Arc::new(Memory::named("close"));
    let (asking, other) = (bus.clone(), microagent::broker_over(&memory));
    let asked = tokio::spawn(async move { asking.emit_started().await });
    asked.await.unwrap().unwrap();
    for _ in 0..2 {
        bus.clone().close().await.unwrap();
        broker.clone().close().await.unwrap();
        other.clone().close().await.unwrap();
    }
    let sent = broker.send_mailer(mail.clone()).await.unwrap_err();
    assert_eq!(sent.kind(), SendErrorKind::Closed);
    let emitted = bus.emit_started().await.unwrap_err();
    assert_eq!(emitted.kind(), SendErrorKind::Closed);
    other.send_mailer(mail).await.unwrap();
}
