//! Backends given as objects: what a test or another crate has made is what the agents use.

use std::sync::Arc;

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
