//! What the integration tests share: a partner that plays a script and counts
//! what arrived, and the binary run in a folder of its own.
#![allow(dead_code, unused_imports)]

mod act;
pub mod desk;
pub mod following;
mod gate;
pub mod inbox;
mod partner;
mod receive;
mod run;
#[cfg(unix)]
mod terminal;

pub use act::{Act, Part};
pub use gate::Gate;
pub use partner::{Arrived, Door, Partner, nobody, unaccepting};
pub use run::{Home, Outcome, Running};
#[cfg(unix)]
pub use terminal::utf8;

use std::time::Duration;

/// An event that has not come after this long never will: the test fails
/// instead of hanging. Nothing is measured by it.
pub const PATIENCE: Duration = Duration::from_secs(120);
