//! A run that sends: what feeds it, who delivers, the desk that prints in
//! order, and how it ends.

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
