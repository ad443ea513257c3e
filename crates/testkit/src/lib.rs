//! For testing receivers of Tencent Chat's callbacks.

mod answer;
mod clock;
mod decided;
pub mod recording;
pub mod request;
pub mod sample;
mod signer;

pub use self::{
    answer::{Answer, Call, Ended},
    clock::FixedClock,
    decided::{AccountDecided, Choices, Decided},
    recording::Recording,
    request::Request,
    sample::{Sample, sample, samples},
    signer::Signer,
};
