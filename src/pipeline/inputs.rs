//! The files of a run: which they are, how they are read and what their columns
//! may be called.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::listed::Listed;
use super::row_counts::RowCounts;
use crate::cli::{Lines, Reading};
use crate::config::{ConsentRule, Destination, nearest};
use crate::error::Failure;
use crate::input::{self, ErrorKind, KnownHeaders, Options, Reader};
use crate::lead::text::squeeze;
use crate::lead::{Aliases, Columns, Habits, Header, Ours, Preparation, Source};
use crate::output::{Command, Exit, Layout, Warnings};
use crate::session::Session;
use crate::words::say;

/// An input: where its bytes are, and what the user calls it.
#[derive(Debug, Clone)]
pub struct Input {
    pub path: PathBuf,
    pub shown_as: String,
}

/// How inputs are read, what is wanted of them, and what their columns may be
/// called.
pub struct Inputs {
    pub files: Vec<Input>,
    pub options: Options,
    pub aliases: Aliases,
    pub sources: Vec<Source>,
    /// What sources write into any file.
    pub habits: Arc<Habits>,
    pub preparation: Preparation,
    /// Where any of the user's destinations looks for a consent: a no holds everywhere.
    pub consents: Vec<ConsentRule>,
    /// `--default`: what fills blank fields.
    pub set: Vec<(String, String)>,
    /// `--source`
    pub source: Option<String>,
    /// `--lines`
    pub lines: Option<Lines>,
    /// Cut short in the midst of the last row, which is nobody's.
    pub torn: bool,
    /// Nobody can give it again: it is taken in, whatever is wrong with all of it.
    pub orphan: bool,
    /// That nothing is in them, not even column names, is as it should be.
    pub empty_ok: bool,
    /// Of a run that changes nothing: whom it would not send, by lists.
    pub listed: Option<Arc<Listed>>,
    pub row_counts: RowCounts,
    /// Where what should be known of the inputs is told.
    pub warnings: Warnings,
}

impl Inputs {
    /// Whole inputs. `country`: whose numbers are in them.
    pub fn new(session: &Session, files: Vec<Input>, reading: &Reading, country: &str) -> Self {
        let to = session.settings.catalogue.concerned();
        Self::with(session, files, reading, country, &to)
    }

    fn with(
        session: &Session,
        files: Vec<Input>,
        reading: &Reading,
        country: &str,
        to: &[&Destination],
    ) -> Self {
        let catalogue = &session.settings.catalogue;
        let aliases = Aliases::new(&catalogue.columns);
        Self {
            files,
            options: Options {
                format: reading.input_format,
                delimiter: reading.delimiter,
                encoding: reading.encoding,
                sheet: reading.sheet.clone(),
                hidden: reading.hidden,
                header_row: reading.header_row,
                bare: false,
                sources: layouts(&catalogue.sources, reading.source.as_deref()),
                known: Some(known_headers(&aliases, &catalogue.sources, to)),
            },
            aliases,
            sources: catalogue.sources.clone(),
            habits: Source::habits(&catalogue.sources),
            preparation: Preparation {
                repair: reading.repair,
                country: country.to_owned(),
            },
            consents: catalogue.users_consents(),
            set: reading.defaults.clone(),
            source: reading.source.clone(),
            lines: None,
            torn: false,
            orphan: false,
            empty_ok: reading.empty_ok,
            listed: None,
            row_counts: RowCounts::default(),
            warnings: session.warnings.clone(),
        }
    }

    /// Of leads that go to a destination: it says whose numbers these are.
    pub fn of(
        session: &Session,
        destination: &Destination,
        files: Vec<Input>,
        reading: &Reading,
    ) -> Self {
        let country = &destination.country;
        Self::with(session, files, reading, country, &[destination])
    }

    /// The source that the user named, that gave the rows, or that a header tells.
    pub fn source_of(&self, header: &Header) -> (Option<&Source>, Option<String>) {
        match self.source.as_deref().or(header.source.as_deref()) {
            Some(name) => {
                let found = self.sources.iter().find(|source| source.name == *name);
                (found, Some(name.to_owned()))
            }
            None => {
                let found = crate::lead::recognise(header, &self.sources);
                (found, found.map(|source| source.name.clone()))
            }
        }
    }

    /// Which lead field each column is. `accepted`: a destination's own headers.
    pub fn columns(&self, header: &Arc<Header>, accepted: &[Vec<(String, String)>]) -> Columns {
        let (source, _) = self.source_of(header);
        Columns::resolve(header, &self.aliases, accepted, source)
    }
}

/// What a column may be called where leads go to these destinations: tells the
/// column names from a title above them.
fn known_headers(aliases: &Aliases, sources: &[Source], to: &[&Destination]) -> KnownHeaders {
    let of_sources = sources.iter().flat_map(|source| {
        let prefixes = source.prefixes.iter().map(|(name, _)| name);
        let columns = source.columns.iter().map(|(name, _)| name);
        source.headers.iter().chain(prefixes).chain(columns)
    });
    let of_destinations = to.iter().flat_map(|destination| {
        let accepted = destination.accepted_headers().into_iter().flatten();
        let taken = destination.names_taken().map(str::to_owned);
        accepted.map(|(header, _)| header).chain(taken)
    });
    let mut known: HashSet<String> = of_sources.map(|name| squeeze(name)).collect();
    known.extend(of_destinations.map(|name| squeeze(&name)));
    let ours = Ours::ALL.into_iter().flat_map(Ours::names);
    known.extend(ours.map(|name| squeeze(name)));
    known.retain(|name| name.chars().any(char::is_alphabetic));
    let aliases = aliases.clone();
    KnownHeaders::new(move |name| aliases.knows(name) || known.contains(&squeeze(name)))
}

/// The sources whose leads are lists of names and values: the one that the user
/// names, if it is one.
fn layouts(sources: &[Source], named: Option<&str>) -> Arc<[Source]> {
    let all = sources.iter().filter(|source| source.pairs.is_some());
    let said = all.clone().find(|source| Some(&*source.name) == named);
    match said {
        Some(source) => [source.clone()].into(),
        None => all.cloned().collect(),
    }
}

/// Fields named by `--default` must be known: a misspelt one would fill nothing.
pub fn check_set(
    defaults: &[(String, String)],
    session: &Session,
    to: &[&Destination],
) -> Result<(), Failure> {
    let columns = &session.settings.catalogue.columns;
    for (field, _) in defaults {
        let used = to.iter().any(|to| to.takes(field));
        if used || columns.iter().any(|(name, _)| name == field) {
            continue;
        }
        let known = columns.iter().map(|(name, _)| name.as_str());
        let what = say!("default-unknown", field);
        return Err(unknown_field(what, field, known, "DEST"));
    }
    Ok(())
}

/// A field that nobody knows, and one that may be meant.
pub fn unknown_field<'k>(
    what: String,
    name: &str,
    known: impl Iterator<Item = &'k str>,
    destination: &str,
) -> Failure {
    let list = || {
        let command = Command::new(["partners", destination]).to_string();
        say!("field-list-hint", command)
    };
    let near = nearest(name, known).map(|near| say!("did-you-mean", near));
    Failure::usage(what).hint(near.unwrap_or_else(list))
}

/// An input as people call it.
pub fn shown(file: &str) -> String {
    match file {
        "-" => say!("standard-input"),
        named => named.to_owned(),
    }
}

/// Opens one input.
///
/// # Errors
/// It isn't there, can't be read or can't hold leads.
pub fn open(file: &Input, options: &Options) -> Result<Reader, Failure> {
    let opened = match is_stdin(&file.path) {
        true => input::from_stdin(&file.shown_as, options),
        false => input::open(&file.path, &file.shown_as, options),
    };
    opened.map_err(failure)
}

/// A file that can't be read, in words.
pub fn failure(error: input::Error) -> Failure {
    let exit = match error.is_usage() {
        true => Exit::Usage,
        false => Exit::Unfinished,
    };
    let place = match error.line {
        Some(line) => format!("{}:{line}", error.file),
        None => error.file.clone(),
    };
    let failure = Failure::new(error.kind.to_string(), exit).at(place);
    let hint = match (error.hint(), &error.kind) {
        // Whoever packed it chose these names: only quoted are they fit for a shell.
        (Some(hint), ErrorKind::SeveralExports(names)) => {
            let command = Command::new(["send", "--to", "DEST"]).and(names);
            Some(format!("{hint}\n{command}"))
        }
        (hint, _) => hint,
    };
    match hint {
        Some(hint) => failure.hint(hint),
        None => failure,
    }
}

/// Does the user mean standard input?
pub fn is_stdin(path: &Path) -> bool {
    path.as_os_str() == "-"
}

/// How the rows of the named files, or of standard input, are shown.
pub fn layout(named: &[PathBuf]) -> Layout {
    match named.len() {
        0 | 1 => Layout::Lines,
        _ => Layout::Files,
    }
}

/// The files named; standard input stands where its spool is.
pub fn named(files: &[PathBuf], spool: Option<&Path>) -> Vec<Input> {
    let stdin = || Input {
        path: spool.map_or_else(|| "-".into(), Path::to_path_buf),
        shown_as: "-".to_owned(),
    };
    let named = files.iter().map(|path| match is_stdin(path) {
        true => stdin(),
        false => Input {
            path: path.clone(),
            shown_as: path.display().to_string(),
        },
    });
    match files.is_empty() {
        true => vec![stdin()],
        false => named.collect(),
    }
}
