//! What the configuration may say, and where the names of partners may stand.

mod bounds;
mod found;
mod layers;
mod no_names;
mod secrets;
mod spoken;
