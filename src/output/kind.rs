//! The kinds of results.

/// What the rows are, hence which columns and fields they have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Leads of one file: the first column is the line.
    Lines,
    /// Leads of several files: the first column is `file:line`.
    Files,
    /// Leads of the ledger: the first column is the id.
    Ids,
    /// Leads of the ledger with their instants.
    History,
    /// One lead's attempts.
    Attempts,
    /// One row a destination.
    Status,
    /// Entries of a partner's own list.
    Listed,
    /// No rows: pages and lines written by the caller.
    Pages,
}
