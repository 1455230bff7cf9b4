//! Signs users up and lets them talk: one step each tick.

use std::sync::atomic::{AtomicUsize, Ordering};

use microagent::{Outcome, Tick};
use shop_contract::{CommentsCount, Kind, Mail, Moderate, Plan, Platform, Push, PushKey, Refusal};
use shop_contract::{UserCommented, UserCreated};

use crate::{UserAgent, user_agent::Context};

#[derive(Default)]
pub(crate) struct Users {
    step: AtomicUsize,
}

const ADA: u64 = 1;
const GRACE: u64 = 2;

impl UserAgent for Users {
    async fn pre_start(&self, _cx: &Context) -> Outcome {
        println!("users: pre_start");
        Ok(())
    }

    async fn next_step(&self, cx: &Context, _tick: Tick) -> Outcome {
        match self.step.fetch_add(1, Ordering::Relaxed) {
            0 => sign_up(cx).await,
            1 => comment(cx).await,
            2 => count_comments(cx).await,
            3 => moderate(cx).await,
            4 => push(cx).await,
            _ => Ok(()),
        }
    }

    async fn pre_stop(&self, _cx: &Context) -> Outcome {
        println!("users: pre_stop");
        Ok(())
    }
}

async fn sign_up(cx: &Context) -> Outcome {
    let grace = UserCreated::new(GRACE, "grace@example.org");
    cx.emit_user_created(UserCreated {
        plan: Plan::Metered,
        ..grace
    })
    .await?;
    cx.emit_user_created(UserCreated::new(ADA, "ada@example.org"))
        .await?;
    Ok(())
}

async fn comment(cx: &Context) -> Outcome {
    for (user_id, text) in [(ADA, "First!"), (GRACE, "Good morning"), (ADA, "And again")] {
        cx.emit_user_commented(UserCommented::new(user_id, text))
            .await?;
    }
    Ok(())
}

/// A signal with a reply: the first answer, then everyone's.
async fn count_comments(cx: &Context) -> Outcome {
    let count = cx.ask_comments_count(CommentsCount::new(ADA)).await?;
    println!("users: ada wrote {count} comments");
    let mut answers = cx.ask_all_comments_count(CommentsCount::new(GRACE));
    while let Some(answer) = answers.next().await {
        println!("users: someone counted {} of grace", answer?);
    }
    let body = format!("{count} comments in a day!");
    cx.send_mailer(Mail {
        body,
        ..Mail::new("ada@example.org", "You are busy")
    })
    .await?;
    Ok(())
}

/// A call, with the error that it declares.
async fn moderate(cx: &Context) -> Outcome {
    for text in ["Good morning", "", "darn"] {
        match cx.call_moderate(Moderate::new(text)).await? {
            Ok(verdict) => println!("users: may say {:?}", verdict.text),
            Err(Refusal::Rude(rude)) => println!("users: may not say {:?}", rude.word),
            Err(refusal) => println!("users: refused: {refusal:?}"),
        }
    }
    Ok(())
}

/// A fanout exchange, then a routed one with a typed key.
async fn push(cx: &Context) -> Outcome {
    cx.publish_announcements(Push::new(ADA, "The shop closes at midnight"))
        .await?;
    let alert = PushKey {
        kind: Kind::Alert,
        platform: Platform::Ios,
    };
    cx.publish_push(alert, Push::new(ADA, "Somebody logged in"))
        .await?;
    let news = PushKey {
        kind: Kind::News,
        platform: Platform::Android,
    };
    cx.publish_push(news, Push::new(GRACE, "New in the shop"))
        .await?;
    Ok(())
}
