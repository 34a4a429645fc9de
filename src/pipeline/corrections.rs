//! `--rejects FILE`: the rows to be corrected, from a run or from the ledger; how
//! such a file is written is none of its business. And the way back: a row of
//! such a file names its stored lead, and comes as it was read then, with what a
//! person corrected in it.

use std::collections::BTreeMap;
use std::path::Path;

use super::inputs;
use super::preparer::{Preparer, read_stored};
use super::rules::Rules;
use super::whole_file;
use crate::error::Failure;
use crate::input::{self, Facts, Format, Hidden, Options};
use crate::lead::{Columns, Headers, Lead, Ours, Record, State, Stored, is_ours};
use crate::ledger::{FileKind, Ledger, StoredLead};
use crate::mapping::Plan;
use crate::output::rejects::{Earlier, Form, Refusal, Rejects, Syntax, Written, WrittenBefore};
use crate::output::{Exit, Row, quoted};
use crate::session::Session;
use crate::words::say;

/// The file of `--rejects`, if it is asked for and may be written there.
/// `in_part`: only some lines of the inputs are read.
///
/// # Errors
/// It may not.
pub fn create(path: Option<&Path>, in_part: bool) -> Result<Option<Rejects>, Failure> {
    let create = |path| Rejects::create(path, is_rejects);
    let mut file = path.map(create).transpose()?;
    if let Some(file) = file.as_mut().filter(|_| in_part) {
        file.read_in_part();
    }
    Ok(file)
}

/// Whether a file that can be read has our columns.
fn is_rejects(path: &Path) -> bool {
    let options = Options {
        hidden: Some(Hidden::Send),
        ..Options::default()
    };
    let reader = input::open(path, "", &options);
    let header = reader.ok().and_then(|reader| reader.header().cloned());
    header.is_some_and(|header| header.names.iter().any(|name| Ours::Id.is(name)))
}

/// Looks at the inputs before the first lead is sent. Of several, a header that
/// can't be used refuses all; so does a name for `--rejects` that says JSON, for
/// rows that are written as CSV, as they came: nothing could read such a file
/// again. What can't be read is told when its turn comes. `each`: so is a header, since
/// each input stands for itself.
///
/// # Errors
/// One of them must be put right first.
pub fn look_ahead(rules: &Rules<'_>, rejects: Option<&Path>, each: bool) -> Result<(), Failure> {
    let rejects = rejects.filter(|path| Form::named(path).is_json());
    let inputs = &rules.inputs;
    let several = inputs.files.len() > 1 && !each;
    // What a named pipe gives can't be read twice.
    let seekable = inputs.files.iter().filter(|file| file.path.is_file());
    for file in seekable.filter(|_| several || rejects.is_some()) {
        let reader = match inputs::open(file, &inputs.options) {
            Ok(reader) => reader,
            Err(failure) if several && failure.exit == Exit::Usage => return Err(failure),
            Err(_) => continue,
        };
        if let Some(header) = reader.header().filter(|_| several) {
            let header = std::slice::from_ref(header);
            whole_file::refuse_unfilled(rules, header, true, None, &file.shown_as)?;
        }
        let facts = reader.facts();
        if let Some(path) = rejects.filter(|_| !facts.empty && !form(facts).is_json()) {
            let csv = path.with_extension("csv").display().to_string();
            let what = say!(
                "rejects-not-json",
                rejects = path,
                file = &file.shown_as,
                format = facts.format.in_words()
            );
            let hint = format!("--rejects {}", quoted(&csv));
            return Err(Failure::usage(what).hint(hint));
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
    let encoding = facts.encoding.encoding.to_write();
    let is_other =
        input::Encoding::Web(encoding) != facts.encoding.encoding && syntax == Syntax::Csv;
    Form {
        syntax,
        encoding,
        marked: facts.encoding.mark > 0 || from_workbook || is_other,
        delimiter: facts.delimiter.unwrap_or(b';'),
        crlf: facts.crlf || from_workbook,
        from_workbook,
    }
}

/// Where no ledger is, nothing tells whether a file was changed: it counts as such.
impl WrittenBefore for (&Ledger, FileKind) {
    fn mark(&self, path: &Path) -> Option<Vec<u8>> {
        self.0.mark_of(self.1, path).ok().flatten()
    }

    fn keep(&self, path: &Path, mark: &[u8]) {
        // At worst the file is taken for changed, and kept.
        let _ = self.0.keep_mark(self.1, path, mark);
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
    /// `ledger`: where the leads are. `with_ids`: that is where this run keeps
    /// them, so a row can replace one.
    pub fn new(file: Rejects, ledger: Option<&'l Ledger>, with_ids: bool) -> Self {
        Self {
            file,
            ledger,
            with_ids,
            headers: Headers::new(),
            changes: 0,
        }
    }

    /// An input is read: rows are written back in its form.
    pub fn opened(&mut self, input: &str, facts: &Facts) {
        for file in facts.files(input) {
            self.file.opened(&file, form(facts));
        }
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
            let told = say!("rejects-changes", count = self.changes);
            session.warnings.note(&told);
        }
        let memory = self.ledger.map(|ledger| (ledger, FileKind::Persons));
        let memory = memory.as_ref().map(|memory| memory as &dyn WrittenBefore);
        let written = self.file.finish(memory)?;
        for written in &written {
            tell(session, written);
        }
        if written.len() > 1 {
            session.warnings.note(&say!("rejects-several"));
        }
        Ok(written)
    }
}

fn tell(session: &Session, written: &Written) {
    let (path, count) = (written.path.as_path(), written.rows);
    // The same rows once more are no news to a cron job.
    if !(written.earlier == Earlier::Same && session.global.quiet) {
        session.warnings.note(&match written.from_workbook {
            false => say!("rejects-written", count, path),
            true => say!("rejects-written-of-workbook", count, path),
        });
    }
    match &written.earlier {
        Earlier::None | Earlier::Same => {}
        Earlier::Kept(old) => {
            let told = say!("rejects-kept", path, kept = shown(old));
            session.warnings.note(&told);
        }
        Earlier::Changed(changed) => {
            let told = say!("rejects-changed", path, kept = shown(changed));
            session.warnings.warn(&told);
        }
    }
}

/// A path as short as it can be said.
fn shown(path: &Path) -> String {
    let here = std::env::current_dir().unwrap_or_default();
    let path = path.strip_prefix(here).unwrap_or(path);
    path.display().to_string()
}

/// A lead as the ledger has it.
pub(super) struct RejectedRow {
    pub source: Option<String>,
    /// The row as it was read.
    pub stored: Stored,
    state: State,
}

impl Preparer<'_> {
    /// The lead that a row names by its `id`, if it is this person's: the file
    /// may come from another ledger.
    ///
    /// # Errors
    /// The ledger can't be read.
    pub(super) fn rejected(
        &mut self,
        id: i64,
        lead: &Lead,
        plan: &Plan<'_>,
    ) -> Result<Option<RejectedRow>, Failure> {
        let found = match &self.ledger {
            Some(ledger) => ledger.lead(id)?,
            None => None,
        };
        let to = &self.rules.destination.name;
        let Some(found) = found.filter(|found| found.destination == *to) else {
            return Ok(None);
        };
        let Some(stored) = self.read(&found)? else {
            return Ok(None);
        };
        let is_same_person = |ledger: &Ledger| {
            let ((email, phone), hasher) = (plan.person(lead), ledger.hasher());
            let email = email.map(|email| hasher.person(&email));
            let phone = phone.map(|phone| hasher.person(&phone));
            found.is_of(email, phone, &lead.label())
        };
        let is_it = has_same_cells(&lead.record, &stored.record)
            || self.ledger.as_ref().is_some_and(is_same_person)
            || was_refused(&found, &lead.record, &stored.record);
        Ok(is_it.then_some(RejectedRow {
            source: found.source,
            state: found.state,
            stored,
        }))
    }
}

impl RejectedRow {
    /// Why a damaged row is refused again: it says what it said then, so nobody
    /// mended it.
    pub fn fault(&self, record: &Record) -> Option<String> {
        let fault = self.stored.record.fault.clone()?;
        let untouched = self.state == State::Invalid
            && record.fault.is_none()
            && has_same_cells(record, &self.stored.record);
        untouched.then_some(fault)
    }

    /// What fills the blanks of a row under these columns: the cells of columns
    /// that the file has no more, what this run sets, what was set then.
    /// `then`: what the columns were.
    pub fn set(
        &self,
        now: &[(String, String)],
        columns: &Columns,
        then: &Columns,
    ) -> Vec<(String, String)> {
        let record = &self.stored.record;
        // The cells of a damaged row may stand under the wrong columns.
        let cells = record.cells.iter().filter(|_| record.fault.is_none());
        let gone = cells.enumerate().filter_map(|(index, cell)| {
            let name = then.field_at(index).unwrap_or(then.header_of(index));
            let ours = is_ours(name);
            let gone = columns.index_of(name).is_none() && !ours && !cell.trim().is_empty();
            gone.then(|| (name.to_owned(), cell.to_owned()))
        });
        let mut set: Vec<(String, String)> = Vec::new();
        for (name, value) in gone.chain(now.iter().chain(&self.stored.set).cloned()) {
            if set.iter().all(|(known, _)| *known != name) {
                set.push((name, value));
            }
        }
        set
    }
}

/// Whether a row shows by its columns that its lead was refused, also when the
/// very thing was corrected that tells who it is: it has the columns of the
/// stored row, or says the lead's state and has no column besides.
fn was_refused(found: &StoredLead, row: &Record, stored: &Record) -> bool {
    let names = |record: &Record| record.header.own_names().map(str::to_owned).collect();
    let (own, theirs): (Vec<String>, Vec<String>) = (names(row), names(stored));
    let column = row
        .header
        .names
        .iter()
        .position(|name| Ours::State.is(name));
    let said = column.and_then(|column| row.cells.get(column));
    let says_so = said.is_some_and(|said| found.state.is_called(said.trim()));
    found.state.is_refused()
        && (own == theirs || says_so && own.iter().all(|name| theirs.contains(name)))
}

/// Whether two rows say the same under the same names, ours aside; a cell that
/// is not there is as good as blank.
fn has_same_cells(row: &Record, stored: &Record) -> bool {
    cells(row) == cells(stored)
}

/// A row's filled cells by name, or, where there is none, by which of these they
/// are: such columns stand elsewhere in a workbook of ours.
fn cells(row: &Record) -> BTreeMap<(String, usize), &str> {
    let cells = row.cells.iter().map(str::trim).enumerate();
    let filled = cells.filter(|(_, cell)| !cell.is_empty());
    let mut met: BTreeMap<String, usize> = BTreeMap::new();
    let named = filled.map(|(index, cell)| {
        let name = row.header.names.get(index).map_or("", |name| name.trim());
        let name = if is_place(name) { "" } else { name };
        // A name may stand twice.
        let count = met.entry(name.to_owned()).or_default();
        *count += 1;
        ((name.to_owned(), *count), cell)
    });
    named.filter(|((name, _), _)| !is_ours(name)).collect()
}

/// What the ledger calls a cell without a name.
fn is_place(name: &str) -> bool {
    let number = name.strip_prefix("column ");
    number.is_some_and(|number| number.bytes().all(|byte| byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::lead::{Cells, Header};

    fn row(names: &[&str], cells: &[&str]) -> Record {
        Record {
            header: Arc::new(Header {
                names: names.iter().map(|&name| name.to_owned()).collect(),
                ..Header::default()
            }),
            cells: Cells::from_iter(cells),
            ..Record::default()
        }
    }

    #[test]
    fn a_row_says_the_same_however_it_is_padded() {
        let stored = row(&["Nom", "column 2"], &["A", "x"]);
        let names = ["Nom", "", "E-mail", "leadctl_id"];
        let same = |cells: &[&str]| has_same_cells(&row(&names, cells), &stored);
        assert!(same(&["A ", "x", "", "7"]));
        assert!(!same(&["A", "x", "a@b.fr", "7"]));
        assert!(!same(&["A", "", "", "7"]));
    }

    #[test]
    fn our_own_columns_make_no_other_file() {
        let padded = row(&["Nom", "E-mail", "leadctl_id", ""], &["B", "y", "7"]);
        assert!(padded.header.own_names().eq(["Nom", "E-mail"]));
    }
}
