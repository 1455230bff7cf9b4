//! What the generator makes of a package with an agent, written by hand: every kind of line.

use microagent::__private as __rt;

use crate::accounts;

pub const FINGERPRINT: u64 = 0x5678;

microagent_contract::__assert_fingerprint!(accounts::FINGERPRINT, 0x1234, "accounts");

pub mod queues {
    use super::__rt;
    use crate::accounts;

    /// A queue of ours on their exchange.
    #[derive(Clone, Copy, Debug)]
    pub struct Welcome;
    impl __rt::Channel for Welcome {
        const WIRE: &'static str = <Self as __rt::Queue>::META.wire();
        const KIND: __rt::ChannelKind = __rt::ChannelKind::Queue;
    }
    impl __rt::Queue for Welcome {
        type Payload = accounts::UserCreated;
        type Codec = __rt::Plain;
        const META: &'static __rt::QueueMeta =
            &__rt::QueueMeta::new("mail_service", "welcome", "mail_service.welcome").with_binding(
                __rt::BindingMeta::new(<accounts::exchanges::Users as __rt::Exchange>::META),
            );
    }
}

pub mod mail_agent {
    use super::__rt;
    use crate::accounts;

    pub(super) const META: &__rt::AgentMeta =
        &__rt::AgentMeta::new("mail_service", "MailAgent", super::FINGERPRINT);

    pub const REFRESH: __rt::ScheduleId =
        __rt::ScheduleId::new("mail_service.MailAgent", "refresh");
    pub const SEND_REPORT: __rt::ScheduleId =
        __rt::ScheduleId::new("mail_service.MailAgent", "send_report");

    #[derive(Clone, Debug)]
    pub struct Context(__rt::Context);

    impl Context {
        pub fn with(&self, options: __rt::Options) -> With<'_> {
            With(__rt::With::new(self, options))
        }
        pub fn send_mailer(&self, message: accounts::Mail) -> __rt::Sending<'_> {
            __rt::send::<accounts::queues::Mailer>(self, message)
        }
    }

    impl core::ops::Deref for Context {
        type Target = __rt::Context;
        fn deref(&self) -> &__rt::Context {
            &self.0
        }
    }
    impl __rt::Port for Context {
        fn ports(&self) -> __rt::Ports<'_> {
            __rt::Port::ports(&self.0)
        }
    }
    impl accounts::MailerSender for Context {}

    #[derive(Clone, Debug)]
    pub struct With<'a>(__rt::With<'a, Context>);

    impl With<'_> {
        pub fn send_mailer(&self, message: accounts::Mail) -> __rt::Sending<'_> {
            __rt::send::<accounts::queues::Mailer>(self, message)
        }
    }
    impl __rt::Port for With<'_> {
        fn ports(&self) -> __rt::Ports<'_> {
            __rt::Port::ports(&self.0)
        }
    }
    impl accounts::MailerSender for With<'_> {}

    #[derive(Clone, Debug, PartialEq)]
    pub enum Announce {
        UserDeleted(accounts::UserDeleted),
        Started,
    }

    #[rustfmt::skip]
    pub(super) fn lines<A: super::MailAgent>(lines: &mut __rt::Lines<A>) {
        lines.consume::<super::queues::Welcome, _>(__rt::ConsumeLine::new("consume_welcome"), |agent, cx, message| async move { agent.consume_welcome(&Context(cx), message).await });
        lines.consume::<accounts::queues::Mailer, _>(__rt::ConsumeLine::new("consume_mailer").concurrency(16), |agent, cx, message| async move { agent.consume_mailer(&Context(cx), message).await });
        lines.consume_batch::<accounts::queues::Android, _>(__rt::ConsumeLine::new("consume_android").batch(10, __rt::milliseconds(100)), |agent, cx, messages| async move { agent.consume_android(&Context(cx), messages).await });
        lines.receive::<accounts::signals::UserDeleted, _>(__rt::ReceiveLine::new("announce"), |agent, cx, message| async move { agent.announce(&Context(cx), Announce::UserDeleted(message)).await });
        lines.receive::<accounts::signals::Started, _>(__rt::ReceiveLine::new("announce"), |agent, cx, _message| async move { agent.announce(&Context(cx), Announce::Started).await });
        lines.answer::<accounts::signals::CommentsCount, _>(__rt::AnswerLine::new("answer_comments_count"), |agent, cx, message| async move { agent.answer_comments_count(&Context(cx), message).await });
        lines.answer_call::<accounts::calls::Charge, _>(__rt::AnswerLine::new("answer_charge"), |agent, cx, message| async move { agent.answer_charge(&Context(cx), message).await });
        lines.every(__rt::EveryLine::new(REFRESH, __rt::milliseconds(900_000)).start_after(__rt::milliseconds(3_000)), |agent, cx, tick| async move { agent.refresh(&Context(cx), tick).await });
        lines.cron(__rt::CronLine::new(SEND_REPORT, "0 */4 * * *", __rt::CronFields { minutes: 0x1, hours: 0x11_1111, days: 0xffff_fffe, months: 0x1ffe, weekdays: 0x7f, hour_star: true, day_star: true, weekday_star: true }, "UTC"), |agent, cx, tick| async move { agent.send_report(&Context(cx), tick).await });
        lines.serve("serve_http", |agent, cx| async move { agent.serve_http(&Context(cx)).await });
        lines.pre_start(|agent, cx| async move { agent.pre_start(&Context(cx)).await });
        lines.post_start(|agent, cx| async move { agent.post_start(&Context(cx)).await });
        lines.pre_stop(|agent, cx| async move { agent.pre_stop(&Context(cx)).await });
    }
}

#[rustfmt::skip]
pub trait MailAgent: Send + Sync + Sized + 'static {
    fn consume_welcome(&self, cx: &mail_agent::Context, message: accounts::UserCreated) -> impl Future<Output = __rt::Outcome> + Send;
    fn consume_mailer(&self, cx: &mail_agent::Context, message: accounts::Mail) -> impl Future<Output = __rt::Outcome> + Send;
    fn consume_android(&self, cx: &mail_agent::Context, messages: Vec<__rt::Delivery<accounts::Push>>) -> impl Future<Output = Vec<__rt::Outcome>> + Send;
    fn announce(&self, cx: &mail_agent::Context, message: mail_agent::Announce) -> impl Future<Output = __rt::Outcome> + Send;
    fn answer_comments_count(&self, cx: &mail_agent::Context, message: accounts::CommentsCount) -> impl Future<Output = __rt::Outcome<u64>> + Send;
    fn answer_charge(&self, cx: &mail_agent::Context, message: accounts::Charge) -> impl Future<Output = __rt::Outcome<Result<accounts::Receipt, accounts::ChargeError>>> + Send;
    fn refresh(&self, cx: &mail_agent::Context, tick: __rt::Tick) -> impl Future<Output = __rt::Outcome> + Send;
    fn send_report(&self, cx: &mail_agent::Context, tick: __rt::Tick) -> impl Future<Output = __rt::Outcome> + Send;
    fn serve_http(&self, cx: &mail_agent::Context) -> impl Future<Output = __rt::Outcome> + Send;
    fn pre_start(&self, cx: &mail_agent::Context) -> impl Future<Output = __rt::Outcome> + Send { let _ = cx; async { Ok(()) } }
    fn post_start(&self, cx: &mail_agent::Context) -> impl Future<Output = __rt::Outcome> + Send { let _ = cx; async { Ok(()) } }
    fn pre_stop(&self, cx: &mail_agent::Context) -> impl Future<Output = __rt::Outcome> + Send { let _ = cx; async { Ok(()) } }
    fn agent(self) -> __rt::Agent { __rt::Agent::new(mail_agent::META, self, mail_agent::lines::<Self>) }
    fn agent_with(make: impl __rt::Make<Self>) -> __rt::Agent { __rt::Agent::with(mail_agent::META, make, mail_agent::lines::<Self>) }
}
