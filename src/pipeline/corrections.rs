//! `--rejects FILE`: the rows to be corrected, from a run or from the ledger.
//! How such a file is written is none of its business.

use std::path::Path;

use super::inputs;
use super::preparer::read_stored;
use super::rules::Rules;
use crate::cli;
use crate::error::Failure;
use crate::input::{Facts, Format};
use crate::lead::{Headers, Record};
use crate::ledger::Ledger;
use crate::output::rejects::{Earlier, Form, Refusal, Rejects, Syntax, Written, WrittenBefore};
use crate::output::text::counted;
use crate::output::{Exit, Row, quoted};
use crate::session::Session;

/// The file of `--rejects`, if it is asked for and may be written there.
///
/// # Errors
/// It may not.
pub fn create(path: Option<&Path>) -> Result<Option<Rejects>, Failure> {
    Ok(path.map(Rejects::create).transpose()?)
}

/// The same for what `send` reads.
///
/// # Errors
/// It may not be written there.
pub fn of_send(args: &cli::Send) -> Result<Option<Rejects>, Failure> {
    let mut file = create(args.rejects.as_deref())?;
    if let (Some(file), Some(_)) = (&mut file, &args.lines) {
        file.read_in_part();
    }
    Ok(file)
}

/// Looks at the inputs before the first lead is sent. Of several, a header that
/// can't be used refuses all; so does a name for `--rejects` that says JSON, for
/// rows that are written as CSV, as they came: nothing could read such a file
/// again. What can't be read is told when its turn comes.
///
/// # Errors
/// One of them must be put right first.
pub fn look_ahead(rules: &Rules<'_>, rejects: Option<&Path>) -> Result<(), Failure> {
    let rejects = rejects.filter(|path| Form::named(path).is_json());
    let inputs = &rules.inputs;
    let several = inputs.files.len() > 1;
    // What a named pipe gives can't be read twice.
    let seekable = inputs.files.iter().filter(|file| file.path.is_file());
    for file in seekable.filter(|_| several || rejects.is_some()) {
        let reader = match inputs::open(file, &inputs.options) {
            Ok(reader) => reader,
            Err(failure) if several && failure.exit == Exit::Usage => return Err(failure),
            Err(_) => continue,
        };
        if let Some(header) = reader.header().filter(|_| several) {
            inputs.columns(header, &rules.accepted, &file.shown_as)?;
        }
        let facts = reader.facts();
        if let Some(path) = rejects.filter(|_| !facts.empty && !form(facts).is_json()) {
            let csv = path.with_extension("csv").display().to_string();
            return Err(Failure::usage(format!(
                "--rejects {}: the rows of {} ({}) are written back as CSV",
                path.display(),
                file.shown_as,
                facts.format.in_words()
            ))
            .hint(format!("--rejects {}", quoted(&csv))));
        }
    }
    Ok(())
}

/// The form of an input, in which its rows are written back.
fn form(facts: &Facts) -> Form {
    let syntax = match facts.format {
        Format::Json => Syntax::Array,
        Format::Jsonl => Syntax::Lines,
        _ => Syntax::Csv,
    };
    let from_workbook = syntax == Syntax::Csv && facts.format != Format::Csv;
    Form {
        syntax,
        encoding: facts.encoding.encoding,
        marked: facts.encoding.mark > 0 || from_workbook,
        delimiter: facts.delimiter.unwrap_or(b';'),
        crlf: facts.crlf || from_workbook,
        from_workbook,
    }
}

/// Where no ledger is, nothing tells whether a file was changed: it counts as such.
impl WrittenBefore for Ledger {
    fn mark(&self, path: &Path) -> Option<Vec<u8>> {
        self.mark_of(path).ok().flatten()
    }

    fn keep(&self, path: &Path, mark: &[u8]) {
        // At worst the file is taken for changed, and kept.
        let _ = self.keep_mark(path, mark);
    }
}

/// Takes the rows of a run that end invalid or rejected.
pub struct Corrections<'l> {
    file: Rejects,
    /// Remembers what was written; what a row that doesn't travel is read from.
    ledger: Option<&'l Ledger>,
    /// Rows say which lead they replace.
    with_ids: bool,
    headers: Headers,
    /// Changes of contacts that were left out.
    changes: u64,
}

impl<'l> Corrections<'l> {
    /// `ledger`: where the leads are; `None`: nothing is kept, so no row replaces
    /// a lead.
    pub fn new(file: Rejects, ledger: Option<&'l Ledger>) -> Self {
        Self {
            file,
            ledger,
            with_ids: ledger.is_some(),
            headers: Headers::new(),
            changes: 0,
        }
    }

    /// Of a run that stores nothing: what stands in the file is not `ledger`'s.
    pub fn without_ids(file: Rejects, ledger: Option<&'l Ledger>) -> Self {
        Self {
            with_ids: false,
            ..Self::new(file, ledger)
        }
    }

    /// An input is read: rows are written back in its form.
    pub fn opened(&mut self, input: &str, facts: &Facts) {
        self.file.opened(input, form(facts));
    }

    /// A row has its state. Kept if a person must correct it, also when that
    /// was so before this run. `record`: what was read, where it travelled.
    pub fn settled(&mut self, row: &Row, record: Option<&Record>) {
        let state = row.earlier.unwrap_or(row.state);
        if !state.is_refused() {
            return;
        }
        let id = row.id.filter(|_| self.with_ids);
        let stored = match record {
            Some(_) => None,
            None => id.and_then(|id| self.read(id)),
        };
        if let Some(record) = record.or(stored.as_ref()) {
            let message = &row.message;
            self.file.add(record, Refusal { id, state, message });
        }
    }

    fn read(&mut self, id: i64) -> Option<Record> {
        let lead = self.ledger?.lead(id).ok()??;
        let stored = read_stored(&lead, &mut self.headers).ok()??;
        // What stands in the file is sent as leads: a change would become a
        // contact of its own.
        self.changes += u64::from(lead.is_change);
        (!lead.is_change).then_some(stored.record)
    }

    /// Writes the files and tells where they are; none: there was nothing to
    /// write, and nothing was touched.
    ///
    /// # Errors
    /// One could not be written; the ledger has every row all the same.
    pub fn finish(self, session: &Session) -> Result<Vec<Written>, Failure> {
        if self.changes > 0 {
            let changes = counted(
                self.changes,
                "change of a contact is",
                "changes of contacts are",
            );
            session.warnings.note(&format!(
                "{changes} not in that file, which is to be sent as leads: correct the file that it came from and run the amend command again"
            ));
        }
        let memory = self.ledger.map(|ledger| ledger as &dyn WrittenBefore);
        let written = self.file.finish(memory)?;
        for written in &written {
            tell(session, written);
        }
        if written.len() > 1 {
            session.warnings.note(
                "rows under different columns stand in files of their own, so that each is read as it was",
            );
        }
        Ok(written)
    }
}

/// The files as they are typed in a command.
pub fn to_type(written: &[Written]) -> impl Iterator<Item = String> {
    let written = written.iter();
    written.map(|written| written.path.display().to_string())
}

fn tell(session: &Session, written: &Written) {
    let path = written.path.display();
    let rows = counted(written.rows, "row", "rows");
    let form = match written.from_workbook {
        true => " as CSV (UTF-8, `;`), since workbooks are read and not written",
        false => "",
    };
    // The same rows once more are no news to a cron job.
    if !(written.earlier == Earlier::Same && session.global.quiet) {
        session
            .warnings
            .note(&format!("{rows} to correct written to {path}{form}"));
    }
    match &written.earlier {
        Earlier::None | Earlier::Same => {}
        Earlier::Kept(old) => session
            .warnings
            .note(&format!("the earlier {path} is kept as {}", shown(old))),
        Earlier::Changed(changed) => session.warnings.warn(&format!(
            "{path} was changed since leadctl wrote it: with these changes it is kept as {}; send that file too, if they were not sent yet",
            shown(changed)
        )),
    }
}

/// A path as short as it can be said.
fn shown(path: &Path) -> String {
    let here = std::env::current_dir().unwrap_or_default();
    let path = path.strip_prefix(here).unwrap_or(path);
    path.display().to_string()
}
