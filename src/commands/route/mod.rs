//! A lead along its route: [taking_in] stores each row at the destination that it is
//! offered to first, [rounds] sends what is stored and offers what goes on to the next
//! destination, until none goes on, and [ending] tells where each lead ended. All of it
//! works on what is stored, so that a run which was killed is finished by the next one.

mod dry_run;
mod ending;
mod foresight;
pub mod going_on;
mod rounds;
pub mod sending;
mod station;
pub mod taking_in;
