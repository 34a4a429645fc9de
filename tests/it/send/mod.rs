//! `leadctl send`: its flags, and the dry run.

mod dry_run;
mod flags;
mod held;
mod inbox;
