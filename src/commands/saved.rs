//! What is written to the file of `--output`.

use std::path::Path;

use crate::error::Failure;
use crate::ledger::{FileKind, Ledger};
use crate::output::own_file;
use crate::session::Session;
use crate::words::say;

/// Writes it, and says where.
///
/// # Errors
/// What is there is no earlier one of leadctl's, or the disk failed.
pub fn save(
    session: &Session,
    memory: (&Ledger, FileKind),
    path: &Path,
    bytes: &[u8],
) -> Result<(), Failure> {
    own_file::write(path, &memory, bytes)?;
    session.warnings.note(&say!("file-written", path));
    Ok(())
}
