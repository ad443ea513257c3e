//! For testing receivers of Tencent Chat's callbacks.

pub mod sample;
mod signer;

pub use self::{
    sample::{Sample, sample, samples},
    signer::Signer,
};
