//! For testing receivers of Tencent Chat's callbacks.

mod answer;
mod clock;
mod decided;
mod harness;
pub mod near_miss;
pub mod recording;
pub mod request;
pub mod sample;
mod signer;
mod watched;

pub use self::{
    answer::{Answer, Call, Ended},
    clock::FixedClock,
    decided::{AccountDecided, Choices, Decided},
    harness::{Called, Harness, Input},
    recording::Recording,
    request::Request,
    sample::{Sample, sample, samples},
    signer::Signer,
    watched::Callable,
};
