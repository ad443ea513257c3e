//! For testing receivers of Tencent Chat's callbacks.

mod answer;
mod clock;
mod decided;
pub mod request;
pub mod sample;
mod signer;

pub use self::{
    answer::{Answer, Call, Ended},
    clock::FixedClock,
    decided::{AccountDecided, Choices, Decided},
    request::Request,
    sample::{Sample, sample, samples},
    signer::Signer,
};
