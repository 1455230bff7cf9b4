//! Signals, asks and calls between agents, and the ways in which an answer can fail to come.

use microagent::CallErrorKind;
use microagent::testing::World;

use crate::accounts::{
    AccountsSenders, Charge, ChargeError, CommentsCount, Receipt, UserDeleted, calls, signals,
};
use crate::mail_service::MailAgent;
use crate::mails::Mails;

#[tokio::test(start_paused = true)]
async fn every_receiver_hears_a_signal() {
    let (one, two) = (Mails::default(), Mails::default());
    let logs = [one.log.clone(), two.log.clone()];
    let world = World::start([one.agent(), two.agent()]).await.unwrap();
    world.bus().emit_started().await.unwrap();
    let user = UserDeleted { user_id: 7 };
    world.bus().emit_user_deleted(user).await.unwrap();
    world.settle().await;
    for log in logs {
        let mut heard = log.take();
        heard.retain(|it| it.contains(" from "));
        heard.sort();
        assert_eq!(
            heard,
            [
                "Started from microagent",
                "UserDeleted(UserDeleted { user_id: 7 }) from microagent",
            ]
        );
    }
}

#[tokio::test(start_paused = true)]
async fn an_ask_gets_the_first_answer_or_all() {
    let world = World::start([Mails::default().agent(), Mails::default().agent()])
        .await
        .unwrap();
    let ask = CommentsCount { user_id: 7 };
    assert_eq!(
        world.bus().ask_comments_count(ask.clone()).await.unwrap(),
        8
    );

    let mut answers = world.bus().ask_all_comments_count(ask);
    let mut count = 0;
    while let Some(answer) = answers.next().await {
        assert_eq!(answer.unwrap(), 8);
        count += 1;
    }
    assert_eq!(count, 2);
}

#[tokio::test(start_paused = true)]
async fn a_call_is_answered_by_one_and_its_declared_error_is_an_answer() {
    let world = World::start([Mails::default().agent(), Mails::default().agent()])
        .await
        .unwrap();
    let call = |cents| world.bus().call_charge(Charge { cents });
    assert_eq!(call(7).await.unwrap(), Ok(Receipt { number: 7 }));
    let reason = "nothing".into();
    assert_eq!(call(0).await.unwrap(), Err(ChargeError { reason }));
}

#[tokio::test(start_paused = true)]
async fn no_answer_says_why() {
    let world = World::start([]).await.unwrap();
    let ask = |user_id| world.bus().ask_comments_count(CommentsCount { user_id });
    assert_eq!(
        ask(7).await.unwrap_err().kind(),
        CallErrorKind::NobodyListens
    );
    let error = world
        .bus()
        .call_charge(Charge { cents: 1 })
        .await
        .unwrap_err();
    assert_eq!(error.kind(), CallErrorKind::NobodyListens);

    let world = World::start([Mails::default().agent()]).await.unwrap();
    let ask = |user_id| world.bus().ask_comments_count(CommentsCount { user_id });
    let error = ask(0).await.unwrap_err();
    assert_eq!(error.kind(), CallErrorKind::Failed);
    assert_eq!(error.receiver(), Some("MailAgent.answer_comments_count"));
    assert!(!format!("{error:?}").contains("nobody"), "{error:?}");
}

#[tokio::test(start_paused = true)]
async fn a_world_shows_what_was_said_on_its_bus() {
    let world = World::start([Mails::default().agent()]).await.unwrap();
    world.bus().emit_started().await.unwrap();
    let ask = CommentsCount { user_id: 7 };
    world.bus().ask_comments_count(ask.clone()).await.unwrap();
    world
        .bus()
        .call_charge(Charge { cents: 3 })
        .await
        .unwrap()
        .unwrap();
    assert_eq!(world.emitted::<signals::Started>().len(), 1);
    assert_eq!(world.emitted::<signals::CommentsCount>(), [ask]);
    assert_eq!(world.called::<calls::Charge>(), [Charge { cents: 3 }]);
    assert_eq!(world.emitted::<signals::UserDeleted>(), []);
}
