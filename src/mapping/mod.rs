//! From a lead to what a destination expects. Pure: knows no host, clock or
//! secret. A lead that can't be mapped gets every complaint at once.

mod body;
pub mod change;
mod complaint;
mod consent;
mod criteria;
mod fit;
pub mod formats;
mod identity;
mod locale;
mod noticed;
mod plan;
mod price;
mod sent_value;
mod template;
mod value;

pub use body::{form, of_form, sent};
pub use complaint::{Complaint, Doubt, Problem, in_short};
pub use consent::{Agreed, ConsentPlan, Unclear, Word};
pub use criteria::{Candidate, Criteria, Match, PastSending, assign};
pub use fit::unfit;
pub use identity::{Identity, normalised};
pub use noticed::Sending;
pub use plan::{Judged, Mapped, Plan, placeholders};
pub use price::price;

#[cfg(test)]
mod tests;
