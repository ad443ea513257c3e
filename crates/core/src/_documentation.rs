//! The guides, in the order in which one needs them.
//!
//! 1. [Getting started](getting_started)
//! 2. [Deciding within two seconds](deciding)
//! 3. [When things fail](reliability)
//! 4. [Several applications, and tokens that change](several_apps)
//! 5. [Nothing is lost: the journal](nothing_lost)
//! 6. [Beyond one machine](scaling)
//! 7. [Testing a receiver](testing)
//! 8. [Logs, metrics and observers](observing)
//! 9. [Deploying](deploying)
//! 10. [Troubleshooting](troubleshooting)
//! 11. [Cookbook](cookbook)
//! 12. [Comparison](comparison)
//! 13. [When it does not compile](when_it_does_not_compile)
//! 14. [Upgrading](upgrading)
//!
//! They are the files of the folder `docs` of the repository. A file that a guide names without a link is in the
//! repository too. All callbacks are methods of [`CallbackHandler`](crate::CallbackHandler).

#[doc = include_str!("_documentation/getting_started.md")]
pub mod getting_started {}

#[doc = include_str!("_documentation/deciding.md")]
pub mod deciding {}

#[doc = include_str!("_documentation/reliability.md")]
pub mod reliability {}

#[doc = include_str!("_documentation/several_apps.md")]
pub mod several_apps {}

#[doc = include_str!("_documentation/nothing_lost.md")]
pub mod nothing_lost {}

#[doc = include_str!("_documentation/scaling.md")]
pub mod scaling {}

#[doc = include_str!("_documentation/testing.md")]
pub mod testing {}

#[doc = include_str!("_documentation/observing.md")]
pub mod observing {}

#[doc = include_str!("_documentation/deploying.md")]
pub mod deploying {}

#[doc = include_str!("_documentation/troubleshooting.md")]
pub mod troubleshooting {}

#[doc = include_str!("_documentation/cookbook.md")]
pub mod cookbook {}

#[doc = include_str!("_documentation/comparison.md")]
pub mod comparison {}

#[doc = include_str!("_documentation/when_it_does_not_compile.md")]
pub mod when_it_does_not_compile {}

#[doc = include_str!("_documentation/upgrading.md")]
pub mod upgrading {}
