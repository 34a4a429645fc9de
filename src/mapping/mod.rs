//! From a lead to what a destination expects. Pure: knows no host, clock or
//! secret. A lead that can't be mapped gets every complaint at once.

// `formerly` has no caller any more.
#![allow(dead_code)]

mod body;
pub mod change;
pub mod formats;
mod formed;
mod identity;
mod keyed;
mod likeness;
mod plan;
mod reading;
mod value;

pub use identity::Identity;
pub use likeness::{Face, Found, Portrait, Sending, assign};
pub use plan::{Judged, Mapped, Plan, placeholders};
pub use value::Complaint;

#[cfg(test)]
mod tests;
