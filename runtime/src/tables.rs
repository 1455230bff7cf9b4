//! The tables of generated agents: their contexts, and what the runtime is told of each line. They must not hold logic:
//! what can be a function is one.

/// `Context, With`: what every context can do.
#[doc(hidden)]
#[macro_export]
macro_rules! __context {
    ($context:ident, $with:ident) => {
        impl $context {
            /// The same, with options for what is sent through it.
            #[must_use]
            pub fn with(&self, options: $crate::__private::Options) -> $with<'_> {
                $with($crate::__private::With::new(self, options))
            }
        }

        impl ::core::ops::Deref for $context {
            type Target = $crate::__private::Context;

            fn deref(&self) -> &Self::Target {
                &self.0
            }
        }

        impl $crate::__private::Port for $context {
            fn ports(&self) -> $crate::__private::Ports<'_> {
                self.0.ports()
            }
        }

        impl $crate::__private::Port for $with<'_> {
            fn ports(&self) -> $crate::__private::Ports<'_> {
                $crate::__private::Port::ports(&self.0)
            }
        }
    };
}

/// `lines, Context, super::MailAgent: consume::<queues::Mailer>(ConsumeLine::new("consume_mailer")) => |message| consume_mailer(message);`:
/// a row per line and signal, in order of declaration; hooks go without saying. Methods are named with their trait, since a
/// handler may be called like a method of everything, such as `clone`.
#[doc(hidden)]
#[macro_export]
macro_rules! __lines {
    ($lines:ident, $context:ident, $agent:path: $(
        $line:ident $(::<$marker:ty>)? ($($said:expr),*) => $(|$message:ident|)? $method:ident($($argument:expr)?);
    )*) => {
        $($lines.$line $(::<$marker, _>)? ($($said,)* |agent, cx $(, $message)?| async move {
            <_ as $agent>::$method(&*agent, &$context(cx) $(, $argument)?).await
        });)*
        $lines.pre_start(|agent, cx| async move { <_ as $agent>::pre_start(&*agent, &$context(cx)).await });
        $lines.post_start(|agent, cx| async move { <_ as $agent>::post_start(&*agent, &$context(cx)).await });
        $lines.pre_stop(|agent, cx| async move { <_ as $agent>::pre_stop(&*agent, &$context(cx)).await });
    };
}
