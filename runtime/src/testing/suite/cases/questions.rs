//! Questions and their answers, under those of the runtime who ask and answer.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use microagent_contract::RawAnswer;
use tokio::task::JoinSet;

use crate::bus::{Answer, Audience, Form, Interest, ReplyTo};
use crate::failure::{Failure, Outcome};
use crate::message::Message;
use crate::rpc::{Asker, Handle, ListenPolicy, Listening, Unanswered, attach};
use crate::testing::suite::equipment::{Bus, PATIENCE, Scene, calls, fresh_inbox, signals, text};

cases! { "questions", Bus:
    each_kind_of_answer_comes_to_who_asked [] "replies, declared errors, failures and silence are told apart, and all who hear a question may answer";
    an_inbox_is_its_owners_alone [] "an answer reaches the inbox it is for, under the number of its question, and no other";
    many_questions_at_once_get_their_own_answers [] "answers find their questions, however many wait";
    a_question_to_nobody_ends_at_once [TellsNobody] "who asks where nobody listens need not wait";
    each_end_of_a_call_is_told_apart [Calls] "a call is replied to, refused as declared, failed, or late, and its caller knows which";
    replicas_share_calls [Calls] "of several that answer, each call is answered once";
}

type Said = Outcome<Option<RawAnswer>>;
type Say = fn(&str) -> Said;

async fn listen(
    bus: &Bus,
    interest: Interest,
    receiver: &str,
    say: impl Fn(&str) -> Said + Send + Sync + 'static,
) -> Listening {
    let handle: Handle = Arc::new(move |received| {
        let said = say(text(&received));
        Box::pin(async move { said })
    });
    let policy = ListenPolicy::default();
    let attached = attach(&bus.0, interest, receiver.into(), (policy, handle)).await;
    attached.expect("it listens").start()
}

#[expect(clippy::unnecessary_wraps, reason = "it is what handlers return")]
fn reply(text: &str) -> Said {
    Ok(Some(RawAnswer::Reply(text.to_owned().into())))
}

#[expect(clippy::unnecessary_wraps, reason = "it is what handlers return")]
fn declared(text: &str) -> Said {
    Ok(Some(RawAnswer::Thrown(text.to_owned().into())))
}

fn asker(bus: &Bus) -> Asker {
    Asker::new(Arc::clone(&bus.0), "asker".into())
}

async fn each_kind_of_answer_comes_to_who_asked(scene: &Scene) {
    let (here, there) = (scene.bus().await, scene.bus().await);
    let says: [(&str, Say); 5] = [
        ("a", |_| reply(r#"{"n":1}"#)),
        ("b", |_| declared(r#""no""#)),
        ("c", |_| Err(Failure::new("broken"))),
        ("d", |_| Ok(None)),
        ("e", |_| reply("null")),
    ];
    let mut listening = Vec::new();
    for (name, say) in says {
        listening.push(listen(&there, signals(&["who"]), name, say).await);
    }
    let asker = asker(&here);
    let replies = asker.ask("who".into(), Message::new("{}"), PATIENCE).await;
    let mut replies = replies.expect("it is asked");
    let mut answers = Vec::new();
    while answers.len() < 5
        && let Some(reply) = replies.next().await
    {
        let body = String::from_utf8_lossy(&reply.message.body).into_owned();
        answers.push((reply.receiver.to_string(), reply.answer, body));
    }
    answers.sort_by(|one, other| one.0.cmp(&other.0));
    let answers: Vec<_> = answers.iter().map(|it| (&*it.0, it.1, &*it.2)).collect();
    let expected = [
        ("a", Answer::Reply, r#"{"n":1}"#),
        ("b", Answer::Declared, r#""no""#),
        ("c", Answer::Failed, ""),
        ("d", Answer::Nothing, ""),
        ("e", Answer::Reply, "null"),
    ];
    assert_eq!(answers, expected);
}

async fn an_inbox_is_its_owners_alone(scene: &Scene) {
    let (here, there) = (scene.bus().await, scene.bus().await);
    let (own, foreign) = (fresh_inbox(), fresh_inbox());
    let ear = here.listen(Interest::Inbox(Arc::clone(&own)), 9).await;
    let other = here.listen(Interest::Inbox(foreign), 9).await;
    for number in [7, u64::MAX] {
        let to = Audience::Asker {
            reply_to: ReplyTo {
                inbox: Arc::clone(&own),
                number: Some(number),
            },
            answer: Answer::Reply,
        };
        there.say(to, "1").await.expect("it goes out");
        let heard = ear.hear_one().await;
        assert_eq!((&*heard.sender, text(&heard)), ("suite", "1"));
        let expected = (number, Answer::Reply);
        assert!(
            matches!(heard.form, Form::Answer { number, answer } if (number, answer) == expected),
            "{heard:?}"
        );
    }
    other.nothing_comes(Duration::from_millis(200)).await;
}

async fn many_questions_at_once_get_their_own_answers(scene: &Scene) {
    let (here, there) = (scene.bus().await, scene.bus().await);
    let _listening = listen(&there, signals(&["echo"]), "echo", reply).await;
    let count = scene.count(200, 5000);
    let askers = [Arc::new(asker(&here)), Arc::new(asker(&there))];
    let mut tasks = JoinSet::new();
    for number in 0..count {
        let asker = Arc::clone(&askers[number % 2]);
        tasks.spawn(async move {
            let body = number.to_string();
            let replies = asker
                .ask("echo".into(), Message::new(body.clone()), PATIENCE)
                .await;
            let reply = replies.expect("it is asked").next().await;
            let reply = reply.expect("it is answered");
            assert_eq!(reply.message.body, body);
        });
    }
    tasks.join_all().await;
}

async fn a_question_to_nobody_ends_at_once(scene: &Scene) {
    let bus = scene.bus().await;
    let asked = asker(&bus)
        .ask("who".into(), Message::new("{}"), PATIENCE)
        .await;
    assert!(matches!(asked, Err(Unanswered::Nobody)), "{asked:?}");
}

async fn each_end_of_a_call_is_told_apart(scene: &Scene) {
    let (here, there) = (scene.bus().await, scene.bus().await);
    let _listening = listen(&there, calls(&["c"]), "answering", |text| match text {
        "reply" => reply("1"),
        "declared" => declared("2"),
        _ => Err(Failure::new("broken")),
    })
    .await;
    let asker = asker(&here);
    for (text, answer) in [("reply", Answer::Reply), ("declared", Answer::Declared)] {
        let called = asker.call("c".into(), Message::new(text), PATIENCE).await;
        let reply = called.unwrap_or_else(|error| panic!("{text}: {error:?}"));
        assert_eq!((reply.answer, &*reply.receiver), (answer, "answering"));
    }
    let failed = asker.call("c".into(), Message::new("fail"), PATIENCE).await;
    assert!(matches!(failed, Err(Unanswered::Failed(_))), "{failed:?}");
    // Somebody who has the call and says nothing.
    let _silent = there.listen(calls(&["silent"]), 9).await;
    let within = Duration::from_millis(200);
    let late = asker
        .call("silent".into(), Message::new("{}"), within)
        .await;
    assert!(matches!(late, Err(Unanswered::TimedOut)), "{late:?}");
}

async fn replicas_share_calls(scene: &Scene) {
    let (here, there) = (scene.bus().await, scene.bus().await);
    let _one = listen(&here, calls(&["c"]), "replica", reply).await;
    let _other = listen(&there, calls(&["c"]), "replica", reply).await;
    let asking = Arc::new(asker(&scene.bus().await));
    let count = scene.count(100, 5000);
    let mut tasks = JoinSet::new();
    for number in 0..count {
        let asking = Arc::clone(&asking);
        tasks.spawn(async move {
            let body = number.to_string();
            let called = asking
                .call("c".into(), Message::new(body.clone()), PATIENCE)
                .await;
            let reply = called.unwrap_or_else(|error| panic!("{body}: {error:?}"));
            assert_eq!(reply.message.body, body);
            number
        });
    }
    let answered: BTreeSet<_> = tasks.join_all().await.into_iter().collect();
    assert_eq!(answered.len(), count);
}
