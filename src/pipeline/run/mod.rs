//! A run: what feeds it, who delivers, the desk that prints in order, and how
//! it ends. Verbs that only ask use its desk and its end.

pub mod conduct;
pub mod desk;
pub mod dispatch;
pub mod earlier;
pub mod ending;
pub mod interrupts;
pub mod placing;
pub mod producer;
pub mod rejects;
pub mod taking;
