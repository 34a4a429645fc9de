//! What is noticed while a lead is mapped, and what it is mapped for.

use std::sync::LazyLock;

use super::complaint::{Complaint, Doubt, Problem, PutRight};
use crate::config::Moment;

/// What was noticed while mapping.
#[derive(Debug, Default)]
pub struct Noticed<'p> {
    pub complaints: Vec<Complaint>,
    /// Values that may be wrong: (column, why).
    pub doubts: Vec<(String, Doubt)>,
    /// Defaults that filled a blank: (field, value).
    pub defaults: Vec<(&'p str, &'p str)>,
    /// Values that were put right: (column, what).
    pub repairs: Vec<(String, PutRight)>,
    /// Cells that were used.
    pub used: usize,
    /// What the values are made for.
    pub sending: Sending<'p>,
    /// `--repair none`: a value that would have to be put right is refused.
    pub refuse_repairs: bool,
}

impl Noticed<'_> {
    pub fn complain(&mut self, column: impl Into<String>, problem: Problem) {
        self.complaints.push(Complaint::new(column, problem));
    }
}

/// Stands for a lead's UUID as long as nobody has taken the lead in.
const NO_UUID: &str = "00000000-0000-4000-8000-000000000000";

/// What is known of a sending beside the lead's own cells. By default what makes
/// no other lead: the same whenever and wherever it is read.
#[derive(Debug, Clone, Copy)]
pub struct Sending<'s> {
    pub lead_uuid: &'s str,
    pub now: &'s Moment,
    pub file: &'s str,
    pub line: u64,
    /// The source that the file is known by.
    pub source: Option<&'s str>,
}

impl Default for Sending<'_> {
    fn default() -> Self {
        static NEVER: LazyLock<Moment> = LazyLock::new(Moment::default);
        Self {
            lead_uuid: NO_UUID,
            now: &NEVER,
            file: "",
            line: 0,
            source: None,
        }
    }
}
