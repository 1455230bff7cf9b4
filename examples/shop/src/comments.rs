//! Keeps the comments in memory, counts them and moderates.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use microagent::Outcome;
use shop_contract::{CommentsCount, Moderate, Refusal, RefusalRude, UserCommented, Verdict};

use crate::{CommentAgent, comment_agent::Context};

#[derive(Default)]
pub(crate) struct Comments {
    by_user: Mutex<BTreeMap<u64, Vec<String>>>,
}

impl CommentAgent for Comments {
    async fn on_user_commented(&self, _cx: &Context, comment: UserCommented) -> Outcome {
        println!("comments: {} said {:?}", comment.user_id, comment.text);
        let mut by_user = self.by_user.lock().unwrap_or_else(PoisonError::into_inner);
        by_user
            .entry(comment.user_id)
            .or_default()
            .push(comment.text);
        Ok(())
    }

    async fn answer_comments_count(&self, _cx: &Context, asked: CommentsCount) -> Outcome<u64> {
        let by_user = self.by_user.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(by_user
            .get(&asked.user_id)
            .map_or(0, |comments| comments.len() as u64))
    }

    async fn answer_moderate(
        &self,
        _cx: &Context,
        comment: Moderate,
    ) -> Outcome<Result<Verdict, Refusal>> {
        Ok(match comment.text.as_str() {
            "" => Err(Refusal::Empty),
            "darn" => Err(Refusal::Rude(RefusalRude::new("darn"))),
            text => Ok(Verdict::new(text)),
        })
    }
}
