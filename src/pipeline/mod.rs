//! From the rows of a run's inputs to the rows that it tells: a record becomes
//! a lead, a lead what can be sent, the ledger takes it in, workers deliver it,
//! and its row leaves in the input's order. Knows no verb and no partner
//! by name.
//!
//! ```text
//! inputs → surveyed → input_rows → preparer → intake (ledger) → run (workers) → ordered
//!                       rules, whole_file                      corrections, ending
//!                       dry_run (for verbs that send nothing)
//! ```

pub mod answered;
pub mod block_list;
mod consent;
pub mod corrections;
pub mod dry_run;
pub mod ending;
pub mod fresh;
mod input_rows;
pub mod inputs;
pub mod intake;
mod listed;
pub mod ordered;
pub mod preparer;
pub mod reading;
pub mod remarks;
mod row_counts;
mod rules;
pub mod run;
mod sendable;
mod surveyed;
mod whole_file;
pub mod withdrawals;

pub use input_rows::InputRows;
pub use listed::Listed;
pub use preparer::{Prepared, Preparer};
pub use rules::Rules;
pub use sendable::Sendable;
pub use surveyed::SurveyedRows;
