//! The future of a method of a trait.

use std::pin::Pin;

/// The future of a handler method.
pub(crate) type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;
