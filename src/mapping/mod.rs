//! From a lead to what a destination expects. Pure: knows no host, clock or secret.

pub mod formats;
