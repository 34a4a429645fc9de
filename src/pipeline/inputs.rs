//! The files of a run, and the rows in them: each becomes a lead under the
//! columns of its input.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::cli::{self, InputFormat, Reading};
use crate::config::{Catalogue, Destination};
use crate::error::Failure;
use crate::input::{self, Facts, FatalKind, Format, Options, Reader};
use crate::lead::{Aliases, Columns, Header, Preparation, Repair, Source};
use crate::output::{Exit, Warnings, quoted};
use crate::session::Session;

/// An input: where its bytes are, and what the user calls it.
#[derive(Debug, Clone)]
pub struct Input {
    pub path: PathBuf,
    pub shown_as: String,
}

/// How inputs are read, and what their columns may be called.
pub struct Inputs {
    pub files: Vec<Input>,
    pub options: Options,
    pub aliases: Aliases,
    pub sources: Vec<Source>,
    pub preparation: Preparation,
    /// `--default`: what fills blank fields.
    pub set: Vec<(String, String)>,
    /// `--source`
    pub source: Option<String>,
}

impl Inputs {
    pub fn new(files: Vec<Input>, reading: &Reading, catalogue: &Catalogue, country: &str) -> Self {
        Self {
            files,
            options: options(reading),
            aliases: Aliases::new(&catalogue.columns),
            sources: catalogue.sources.iter().map(source).collect(),
            preparation: Preparation {
                repair: match reading.repair {
                    cli::Repair::None => Repair::None,
                    cli::Repair::Safe => Repair::Certain,
                    cli::Repair::All => Repair::All,
                },
                country: country.to_owned(),
            },
            set: reading.defaults.clone(),
            source: reading.source.clone(),
        }
    }

    /// Of leads that go to a destination: it says whose numbers these are.
    pub fn of(
        session: &Session,
        destination: &Destination,
        files: Vec<Input>,
        reading: &Reading,
    ) -> Self {
        let catalogue = &session.settings.catalogue;
        Self::new(files, reading, catalogue, &destination.country)
    }

    /// Of leads that are stored already: there is no file to read.
    pub fn stored(session: &Session, destination: &Destination) -> Self {
        Self::of(session, destination, Vec::new(), &Reading::default())
    }

    /// The source that a header tells, or that the user named.
    pub fn source_of(&self, header: &Header) -> (Option<&Source>, Option<String>) {
        let found = match &self.source {
            Some(name) => self.sources.iter().find(|source| source.name == *name),
            None => crate::lead::recognise(header, &self.sources),
        };
        let name = self.source.clone();
        (
            found,
            name.or_else(|| found.map(|source| source.name.clone())),
        )
    }

    /// Which lead field each column is, for a destination.
    pub fn columns(
        &self,
        header: &Arc<Header>,
        accepted: &[(String, String)],
        file: &str,
    ) -> Result<Columns, Failure> {
        let (source, _) = self.source_of(header);
        Columns::resolve(header, &self.aliases, accepted, source).map_err(|error| {
            Failure::usage(error.to_string())
                .at(file.to_owned())
                .hint("leadctl check FILE shows what each column was taken for")
        })
    }
}

/// Fields named by `--default` must be known: a misspelt one would fill nothing.
pub fn check_set(
    reading: &Reading,
    session: &Session,
    to: Option<&Destination>,
) -> Result<(), Failure> {
    let columns = &session.settings.catalogue.columns;
    for (field, _) in &reading.defaults {
        let used = to.is_some_and(|to| to.takes(field));
        if used || columns.iter().any(|(name, _)| name == field) {
            continue;
        }
        let known = columns.iter().map(|(name, _)| name.as_str());
        let failure = Failure::usage(format!(
            "--default {field}=…: there is no lead field \"{field}\""
        ));
        return Err(match crate::config::nearest(field, known) {
            Some(near) => failure.hint(format!("did you mean {near}?")),
            None => failure.hint("leadctl partners DEST lists the fields"),
        });
    }
    Ok(())
}

fn options(reading: &Reading) -> Options {
    Options {
        format: reading.input_format.map(|format| match format {
            InputFormat::Csv => Format::Csv,
            InputFormat::Json => Format::Json,
            InputFormat::Jsonl => Format::Jsonl,
            InputFormat::Xlsx | InputFormat::Xls | InputFormat::Xlsb | InputFormat::Ods => {
                Format::Xlsx
            }
        }),
        delimiter: reading.delimiter,
        encoding: reading.encoding,
        sheet: reading.sheet.clone(),
    }
}

fn source(table: &crate::config::SourceTable) -> Source {
    Source {
        name: table.name.clone(),
        headers: table.headers.clone(),
        prefixes: table.prefixes.clone(),
        columns: table.columns.clone(),
    }
}

/// Opens one input.
pub fn open(file: &Input, options: &Options) -> Result<Reader, Failure> {
    let opened = match is_stdin(&file.path) {
        true => input::from_stream(Box::new(std::io::stdin()), &file.shown_as, options),
        false => input::open(&file.path, &file.shown_as, options),
    };
    opened.map_err(failure)
}

/// Looks at the headers of several files before the first one's leads are
/// sent. A file that can't be read is told when its turn comes.
///
/// # Errors
/// A header that can't be used.
pub fn check_headers(inputs: &Inputs, accepted: &[(String, String)]) -> Result<(), Failure> {
    if inputs.files.len() < 2 {
        return Ok(());
    }
    for file in &inputs.files {
        // What a named pipe gives can't be read twice.
        if !file.path.is_file() {
            continue;
        }
        match open(file, &inputs.options) {
            Ok(reader) => {
                if let Some(header) = reader.header() {
                    inputs.columns(header, accepted, &file.shown_as)?;
                }
            }
            Err(failure) if failure.exit == Exit::Usage => return Err(failure),
            Err(_) => {}
        }
    }
    Ok(())
}

/// Tells what was found out about an input that a user should know of.
pub fn tell_facts(facts: &Facts, input: &Input, warnings: &Warnings) {
    let file = &input.shown_as;
    if facts.encoding_assumed {
        warnings.remark(&format!(
            "{file}: read as {} (--encoding overrules)",
            facts.encoding
        ));
    }
    let sheet = facts.sheet.as_deref().unwrap_or_default();
    if let Some(first) = facts.sheets_with_rows.first() {
        warnings.warn(&format!(
            "{file}: the sheet \"{sheet}\" is empty; rows stand in {}: name one, --sheet {}",
            facts.sheets_with_rows.join(", "),
            quoted(first)
        ));
    } else if !facts.other_sheets.is_empty() {
        warnings.remark(&format!(
            "{file}: sheet \"{sheet}\" is read; others are {} (--sheet NAME)",
            facts.other_sheets.join(", ")
        ));
    }
}

/// Tells that `--lines` leaves nothing of an input.
pub fn tell_no_line(file: &str, warnings: &Warnings) {
    warnings.warn(&format!(
        "{file}: no leads: --lines names no line of it that holds one"
    ));
}

/// Tells the columns that nothing uses, and the fields that no column gives.
pub fn tell_columns(columns: &Columns, destination: &Destination, file: &str, warnings: &Warnings) {
    // A row that can't be read has no columns to speak of.
    if columns.seen().iter().all(|(header, _)| header.is_empty()) {
        return;
    }
    let unused: Vec<&str> = columns
        .seen()
        .into_iter()
        .filter(|(header, field)| {
            let used = |field: &str| destination.takes(field) || columns.splits(field);
            !destination.takes(header) && !field.is_some_and(used)
        })
        .map(|(header, _)| header)
        .filter(|header| !header.starts_with("leadctl_"))
        .collect();
    if !unused.is_empty() {
        warnings.remark(&format!(
            "{file}: these columns are not sent to {}: {}",
            destination.name,
            unused.join(", ")
        ));
    }
    let missing: Vec<&str> = destination
        .needs()
        .into_iter()
        .filter(|field| columns.index_of(field).is_none())
        .collect();
    // A row that comes back for correction has what its lead had.
    if !missing.is_empty() && columns.index_of("leadctl_id").is_none() {
        let told = missing_in_words(&missing, columns, destination);
        warnings.remark(&format!("{file}: {told}"));
    }
}

fn missing_in_words(missing: &[&str], columns: &Columns, destination: &Destination) -> String {
    let name = |field: &&str| match destination.label_of(field) {
        Some(label) => format!("{field} (\"{label}\")"),
        None => (*field).to_owned(),
    };
    let names: Vec<String> = missing.iter().map(name).collect();
    let seen: Vec<&str> = columns
        .seen()
        .into_iter()
        .map(|(header, _)| header)
        .collect();
    // One value for all leads makes sense for an address, not for a person.
    let of_address = |field: &&&str| destination.send.placeholders().any(|name| name == **field);
    let shared = match missing.iter().find(of_address) {
        Some(field) => format!(
            ", or give one value for all leads: --default {field}=VALUE, or in partners.toml under [{}]: defaults = {{ {field} = \"VALUE\" }}",
            destination.name
        ),
        None => String::new(),
    };
    format!(
        "no column gives {}: rename the column that does{shared}. The headers seen are: {}   (leadctl partners {} lists those that are accepted)",
        names.join(", "),
        seen.join(", "),
        quoted(&destination.name),
    )
}

/// A file that can't be read, in words.
pub fn failure(fatal: input::Fatal) -> Failure {
    let exit = match fatal.kind {
        FatalKind::Usage => Exit::Usage,
        FatalKind::Io => Exit::Unfinished,
    };
    let place = match fatal.line {
        Some(line) => format!("{}:{line}", fatal.file),
        None => fatal.file,
    };
    let failure = Failure::new(fatal.message, exit).at(place);
    match fatal.hint {
        Some(hint) => failure.hint(hint),
        None => failure,
    }
}

/// Does the user mean standard input?
pub fn is_stdin(path: &Path) -> bool {
    path.as_os_str() == "-"
}

/// The files named; standard input stands where its spool is.
pub fn named(files: &[PathBuf], spool: Option<&Path>) -> Vec<Input> {
    let stdin = || Input {
        path: spool.map_or_else(|| "-".into(), Path::to_path_buf),
        shown_as: "-".to_owned(),
    };
    if files.is_empty() {
        return vec![stdin()];
    }
    files
        .iter()
        .map(|path| match is_stdin(path) {
            true => stdin(),
            false => Input {
                path: path.clone(),
                shown_as: path.display().to_string(),
            },
        })
        .collect()
}
