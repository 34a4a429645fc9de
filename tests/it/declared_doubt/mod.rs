//! For everything that can come back from a partner, or not: the state that is
//! declared, the count that arrived, and what a second run does about it.

mod answers;
mod echo;
mod memory;
mod stops;
mod tls;
mod unreachable;
mod waits;
