//! Properties that hold for all input, one function for each entry point: it takes arbitrary bytes and panics
//! when something does not hold.
//!
//! The property tests of the package `tests` call them on stable, and the fuzz targets in `fuzz` for
//! as long as they are not stopped. [`seeds`] has inputs to begin with, made from the samples.

#![allow(clippy::missing_panics_doc, reason = "a property fails by panicking")]

mod answers;
mod decode;
mod elements;
mod expected;
mod handle;
mod probe;
mod query;
pub mod seeds;
mod signing;

pub use self::{decode::decode, elements::elements, handle::handle, query::query};
