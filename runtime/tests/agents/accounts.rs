//! What the generator makes of a contract package, written by hand: a signal with and without payload, one with a reply, a
//! call that throws, a queue, a fanout and a routed exchange with queues of its own.

use microagent_contract::__private as __rt;

#[derive(Clone, Debug, PartialEq)]
pub struct Mail {
    pub to: String,
    pub subject: String,
}
__rt::object! { Mail { "to" => to: String, Required; "subject" => subject: String, Required; } }

#[derive(Clone, Debug, PartialEq)]
pub struct UserCreated {
    pub user_id: u64,
    pub email: String,
}
__rt::object! { UserCreated { "user_id" => user_id: u64, Required; "email" => email: String, Required; } }

#[derive(Clone, Debug, PartialEq)]
pub struct UserDeleted {
    pub user_id: u64,
}
__rt::object! { UserDeleted { "user_id" => user_id: u64, Required; } }

#[derive(Clone, Debug, PartialEq)]
pub struct CommentsCount {
    pub user_id: u64,
}
__rt::object! { CommentsCount { "user_id" => user_id: u64, Required; } }

#[derive(Clone, Debug, PartialEq)]
pub struct Charge {
    pub cents: u64,
}
__rt::object! { Charge { "cents" => cents: u64, Required; } }

#[derive(Clone, Debug, PartialEq)]
pub struct Receipt {
    pub number: u64,
}
__rt::object! { Receipt { "number" => number: u64, Required; } }

#[derive(Clone, Debug, PartialEq)]
pub struct ChargeError {
    pub reason: String,
}
__rt::object! { ChargeError { "reason" => reason: String, Required; } }

#[derive(Clone, Debug, PartialEq)]
pub struct Push {
    pub text: String,
}
__rt::object! { Push { "text" => text: String, Required; } }

#[derive(Clone, Debug, PartialEq)]
pub struct PushKey {
    pub kind: String,
    pub platform: String,
}

impl __rt::RoutingKey for PushKey {
    fn routing_key(&self) -> Result<Option<String>, __rt::SendError> {
        __rt::RoutingWords::new("accounts.push")
            .value(&self.kind)
            .value(&self.platform)
            .finish()
    }
}

pub const FINGERPRINT: u64 = 0x1234;

pub mod signals {
    use super::__rt;

    #[derive(Clone, Copy, Debug)]
    pub struct UserDeleted;
    impl __rt::Channel for UserDeleted {
        const WIRE: &'static str = <Self as __rt::Signal>::META.wire();
        const KIND: __rt::ChannelKind = __rt::ChannelKind::Signal;
    }
    impl __rt::Signal for UserDeleted {
        type Payload = super::UserDeleted;
        type Codec = __rt::Plain;
        const META: &'static __rt::SignalMeta =
            &__rt::SignalMeta::new("accounts", "user_deleted", "accounts.user_deleted");
    }

    #[derive(Clone, Copy, Debug)]
    pub struct Started;
    impl __rt::Channel for Started {
        const WIRE: &'static str = <Self as __rt::Signal>::META.wire();
        const KIND: __rt::ChannelKind = __rt::ChannelKind::Signal;
    }
    impl __rt::Signal for Started {
        type Payload = __rt::Empty;
        type Codec = __rt::Plain;
        const META: &'static __rt::SignalMeta =
            &__rt::SignalMeta::new("accounts", "started", "accounts.started");
    }

    #[derive(Clone, Copy, Debug)]
    pub struct CommentsCount;
    impl __rt::Channel for CommentsCount {
        const WIRE: &'static str = <Self as __rt::Signal>::META.wire();
        const KIND: __rt::ChannelKind = __rt::ChannelKind::Signal;
    }
    impl __rt::Signal for CommentsCount {
        type Payload = super::CommentsCount;
        type Codec = __rt::Plain;
        const META: &'static __rt::SignalMeta =
            &__rt::SignalMeta::new("accounts", "comments_count", "accounts.comments_count");
    }
    impl __rt::Asked for CommentsCount {
        type Reply = u64;
        type ReplyCodec = __rt::Replies<__rt::Plain>;
    }
    impl __rt::Question for CommentsCount {
        type Asks = super::CommentsCount;
        type AsksCodec = __rt::Plain;
        type Answer = u64;
        type AnswerCodec = __rt::Replies<__rt::Plain>;
    }
}

pub mod calls {
    use super::__rt;

    #[derive(Clone, Copy, Debug)]
    pub struct Charge;
    impl __rt::Channel for Charge {
        const WIRE: &'static str = <Self as __rt::Call>::META.wire();
        const KIND: __rt::ChannelKind = __rt::ChannelKind::Call;
    }
    impl __rt::Call for Charge {
        type Payload = super::Charge;
        type Codec = __rt::Plain;
        type Reply = Result<super::Receipt, super::ChargeError>;
        type ReplyCodec = __rt::Throws<__rt::Plain, __rt::Plain>;
        const META: &'static __rt::CallMeta =
            &__rt::CallMeta::new("accounts", "charge", "accounts.charge")
                .with_deadline(__rt::milliseconds(2_000));
    }
    impl __rt::Question for Charge {
        type Asks = super::Charge;
        type AsksCodec = __rt::Plain;
        type Answer = Result<super::Receipt, super::ChargeError>;
        type AnswerCodec = __rt::Throws<__rt::Plain, __rt::Plain>;
    }
}

pub mod queues {
    use super::__rt;

    #[derive(Clone, Copy, Debug)]
    pub struct Mailer;
    impl __rt::Channel for Mailer {
        const WIRE: &'static str = <Self as __rt::Queue>::META.wire();
        const KIND: __rt::ChannelKind = __rt::ChannelKind::Queue;
    }
    impl __rt::Queue for Mailer {
        type Payload = super::Mail;
        type Codec = __rt::Plain;
        const META: &'static __rt::QueueMeta =
            &__rt::QueueMeta::new("accounts", "mailer", "accounts.mailer")
                .with_ttl(__rt::milliseconds(604_800_000))
                .with_key(&["to"])
                .with_max_priority(9);
    }

    #[derive(Clone, Copy, Debug)]
    pub struct Android;
    impl __rt::Channel for Android {
        const WIRE: &'static str = <Self as __rt::Queue>::META.wire();
        const KIND: __rt::ChannelKind = __rt::ChannelKind::Queue;
    }
    impl __rt::Queue for Android {
        type Payload = super::Push;
        type Codec = __rt::Plain;
        const META: &'static __rt::QueueMeta =
            &__rt::QueueMeta::new("accounts", "android", "accounts.android").with_binding(
                __rt::BindingMeta::new(<super::exchanges::Push as __rt::Exchange>::META)
                    .with_pattern("*.android"),
            );
    }
}

pub mod exchanges {
    use super::__rt;

    #[derive(Clone, Copy, Debug)]
    pub struct Users;
    impl __rt::Channel for Users {
        const WIRE: &'static str = <Self as __rt::Exchange>::META.wire();
        const KIND: __rt::ChannelKind = __rt::ChannelKind::Exchange;
    }
    impl __rt::Exchange for Users {
        type Payload = super::UserCreated;
        type Codec = __rt::Plain;
        type Key = ();
        const META: &'static __rt::ExchangeMeta =
            &__rt::ExchangeMeta::new("accounts", "users", "accounts.users");
    }

    #[derive(Clone, Copy, Debug)]
    pub struct Push;
    impl __rt::Channel for Push {
        const WIRE: &'static str = <Self as __rt::Exchange>::META.wire();
        const KIND: __rt::ChannelKind = __rt::ChannelKind::Exchange;
    }
    impl __rt::Exchange for Push {
        type Payload = super::Push;
        type Codec = __rt::Plain;
        type Key = super::PushKey;
        const META: &'static __rt::ExchangeMeta =
            &__rt::ExchangeMeta::new("accounts", "push", "accounts.push")
                .with_routing("{kind: string}.{platform: string}")
                .with_queues(|| const { &[<super::queues::Android as __rt::Queue>::META] });
    }
}

pub trait AccountsSenders: __rt::Port {
    fn emit_user_deleted(&self, message: UserDeleted) -> __rt::Sending<'_>
    where
        Self: UserDeletedSender,
    {
        __rt::emit::<signals::UserDeleted>(self, message)
    }
    fn emit_started(&self) -> __rt::Sending<'_>
    where
        Self: StartedSender,
    {
        __rt::emit::<signals::Started>(self, __rt::Empty)
    }
    fn ask_comments_count(&self, message: CommentsCount) -> __rt::Asking<'_, u64>
    where
        Self: CommentsCountSender,
    {
        __rt::ask::<signals::CommentsCount>(self, message)
    }
    fn ask_all_comments_count(&self, message: CommentsCount) -> __rt::Answers<u64>
    where
        Self: CommentsCountSender,
    {
        __rt::ask_all::<signals::CommentsCount>(self, message)
    }
    fn call_charge(&self, message: Charge) -> __rt::Calling<'_, Result<Receipt, ChargeError>>
    where
        Self: ChargeSender,
    {
        __rt::call::<calls::Charge>(self, message)
    }
    fn send_mailer(&self, message: Mail) -> __rt::Sending<'_>
    where
        Self: MailerSender,
    {
        __rt::send::<queues::Mailer>(self, message)
    }
    fn publish_users(&self, message: UserCreated) -> __rt::Sending<'_>
    where
        Self: UsersSender,
    {
        __rt::publish::<exchanges::Users>(self, message)
    }
    fn publish_push(&self, key: PushKey, message: Push) -> __rt::Sending<'_>
    where
        Self: PushSender,
    {
        __rt::publish_by::<exchanges::Push>(self, key, message)
    }
}
impl<P: __rt::Port> AccountsSenders for P {}

macro_rules! senders {
    ($($sender:ident on $handle:ident;)*) => {$(
        pub trait $sender: AccountsSenders {}
        impl $sender for __rt::$handle {}
        impl $sender for __rt::Recorder {}
        impl<P: $sender> $sender for __rt::With<'_, P> {}
    )*};
}

senders! {
    UserDeletedSender on Bus;
    StartedSender on Bus;
    CommentsCountSender on Bus;
    ChargeSender on Bus;
    MailerSender on Broker;
    UsersSender on Broker;
    PushSender on Broker;
}
