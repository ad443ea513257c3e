//! The macro that makes the trait and the list of callbacks from the rows of the table.

/// Makes the trait, its implementations for pointers, [`CALLBACKS`](crate::CALLBACKS), the [`Event`](crate::Event)
/// implementations and the macro `each_callback!` from the rows.
///
/// A row such as
///
/// ```text
/// /// A group has been disbanded.
/// #[command("Group.CallbackAfterGroupDestroyed")]
/// #[title("After a Group Is Disbanded")]
/// #[title_zh("群组解散之后回调")]
/// async fn group_after_group_destroyed(&self, ctx: &Context, event: group::AfterGroupDestroyed) -> Result<()>;
/// ```
///
/// becomes a method with a default, a [`Callback`](crate::Callback) and an implementation of `Event`. The titles are the
/// vendor's, and may be left out. The first
/// argument is a `$`, which `each_callback!` needs for its own parameters.
macro_rules! callbacks {
    (
        ($dollar:tt)
        $(#[$meta:meta])*
        pub trait $Trait:ident {
            $(
                $(#[doc = $doc:literal])*
                #[command($command:literal)]
                $(#[title($title:literal)])?
                $(#[title_zh($title_zh:literal)])?
                async fn $method:ident(
                    &self,
                    ctx: &Context,
                    event: $family:ident::$Event:ident $(,)?
                ) -> Result<$answer:ty>;
            )*
        }
        $($more:item)*
    ) => {
        $(#[$meta])*
        #[cfg_attr(not(doc), async_trait::async_trait)]
        pub trait $Trait: Send + Sync + 'static {
            $(
                $(#[doc = $doc])*
                #[doc(alias = $command)]
                $(#[doc(alias = $title)])?
                $(#[doc(alias = $title_zh)])?
                #[cfg(doc)]
                async fn $method(&self, ctx: &Context, event: $family::$Event) -> Result<$answer> {
                    // Never run.
                    let _ = ctx;
                    Ok(Answer::unhandled(&event))
                }

                // The signature that `async_trait` makes, written out. The body is a function of this crate, so that an
                // application does not compile the defaults of all callbacks again.
                #[cfg(not(doc))]
                $(#[doc = $doc])*
                #[doc(alias = $command)]
                $(#[doc(alias = $title)])?
                $(#[doc(alias = $title_zh)])?
                fn $method<'life0, 'life1, 'async_trait>(
                    &'life0 self,
                    ctx: &'life1 Context,
                    event: $family::$Event,
                ) -> crate::box_future::BoxFuture<'async_trait, Result<$answer>>
                where
                    'life0: 'async_trait,
                    'life1: 'async_trait,
                    Self: 'async_trait,
                {
                    // The event is dropped here as well, and not in the application.
                    #[inline(never)]
                    fn unhandled(event: $family::$Event) -> $answer {
                        Answer::unhandled(&event)
                    }

                    let other_after = || self.other_after(ctx, <$family::$Event as Event>::callback());
                    Answer::<$family::$Event>::default_method(unhandled(event), ctx, other_after)
                }
            )*
            $($more)*
        }

        crate::handler::rows::forwarding! { $Trait for std::boxed::Box: $( $method($family::$Event) -> $answer; )* }
        crate::handler::rows::forwarding! { $Trait for std::sync::Arc: $( $method($family::$Event) -> $answer; )* }

        /// Every callback that this version knows, in the order of [`CallbackHandler`]'s methods.
        pub static CALLBACKS: &[Callback] = &{
            let mut callbacks = [$(
                Callback {
                    command: $command,
                    title: crate::handler::rows::optional!($($title)?),
                    title_zh: crate::handler::rows::optional!($($title_zh)?),
                    method: stringify!($method),
                    event: concat!(stringify!($family), "::", stringify!($Event)),
                    answer: stringify!($answer),
                    phase: <$answer as Answer<$family::$Event>>::PHASE,
                    docs: concat!($($doc, "\n"),*),
                    index: 0,
                }
            ),*];
            let mut index = 0;
            while index < callbacks.len() {
                callbacks[index].index = index;
                index += 1;
            }
            callbacks
        };

        $(
            impl crate::event::Sealed for $family::$Event {}

            impl Event for $family::$Event {
                const COMMAND: &'static str = $command;

                type Answer = $answer;

                fn response(answer: $answer) -> http::Response<bytes::Bytes> {
                    crate::answer::Wire::wire_response(answer).into_response(http::HeaderMap::new())
                }

                fn callback_command(&self) -> Option<&Command> {
                    self.callback_command.as_ref()
                }

                fn identity(&self) -> Option<Identity> {
                    <$family::$Event>::identity(self)
                }

                fn key(&self) -> Option<crate::Key> {
                    <$family::$Event>::key(self)
                }

                fn message(&self) -> &[crate::message::Element] {
                    // Events with a message have an inherent method of this name, which is called in place of the
                    // trait's.
                    #[allow(unused_imports, reason = "not needed for an event with a message")]
                    use crate::event::NoMessage as _;
                    self.elements()
                }
            }
        )*

        /// Calls another macro with the command, the method and the event of every callback, each row followed by a
        /// semicolon.
        ///
        /// For the project's own packages. It may change with any version.
        #[doc(hidden)]
        #[macro_export]
        macro_rules! each_callback {
            ($dollar with:ident) => {
                $dollar with! { $( $command $method $dollar crate::$family::$Event; )* }
            };
        }
    };
}

/// A literal that may be absent, as an `Option`.
macro_rules! optional {
    () => {
        None
    };
    ($literal:literal) => {
        Some($literal)
    };
}

/// Implements the trait for a pointer to a handler: every call is passed on.
macro_rules! forwarding {
    ($Trait:ident for $($Pointer:ident)::+: $($method:ident($Event:ty) -> $answer:ty;)*) => {
        /// Passes every call on to the handler that it points to.
        #[cfg_attr(not(doc), async_trait::async_trait)]
        impl<H: $Trait + ?Sized> $Trait for $($Pointer)::+<H> {
            $(
                #[cfg(doc)]
                async fn $method(&self, ctx: &Context, event: $Event) -> Result<$answer> {
                    (**self).$method(ctx, event).await
                }

                // The future is returned as it is, without a future around it.
                #[cfg(not(doc))]
                fn $method<'life0, 'life1, 'async_trait>(
                    &'life0 self,
                    ctx: &'life1 Context,
                    event: $Event,
                ) -> crate::box_future::BoxFuture<'async_trait, Result<$answer>>
                where
                    'life0: 'async_trait,
                    'life1: 'async_trait,
                    Self: 'async_trait,
                {
                    (**self).$method(ctx, event)
                }
            )*

            async fn other_after(&self, ctx: &Context, callback: &'static Callback) -> Result<()> {
                (**self).other_after(ctx, callback).await
            }

            async fn unknown(&self, ctx: &Context) -> Result<crate::UnknownAnswer> {
                (**self).unknown(ctx).await
            }

            async fn undecodable(&self, ctx: &Context, error: DecodeError) -> Result<crate::Decision<std::convert::Infallible>> {
                (**self).undecodable(ctx, error).await
            }
        }
    };
}

pub(crate) use {callbacks, forwarding, optional};
