//! The fault suite: for everything that can go wrong between the first byte and
//! the outcome on disk, the state that must be declared, the count that must
//! have arrived, and a second run that neither sends twice nor leaves out what
//! was certainly not received.

mod answers;
mod damage;
mod desk;
mod disk;
mod identity;
mod kills;
mod memory;
mod options;
mod pace;
mod quiet;
mod resend;
mod signals;
mod stdin;
mod stops;
mod together;
mod unreachable;
mod waits;
