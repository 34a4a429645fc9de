//! Standard input, kept on disk before its first lead is sent: what a pipe
//! gave survives a kill, and the next start takes it in.

use std::io::IsTerminal as _;

use serde::{Deserialize, Serialize};

use super::identity;
use crate::cli;
use crate::config::Destination;
use crate::delivery::Control;
use crate::error::Failure;
use crate::io_words::io_words;
use crate::lead::State;
use crate::ledger::{Ledger, Orphan, RunSpec, Spool};
use crate::output::quoted;
use crate::output::text::counted;
use crate::pipeline::inputs::{Input, Inputs, is_stdin};
use crate::pipeline::intake::Producer;
use crate::pipeline::ordered::OrderedOutput;
use crate::pipeline::run::Workers;
use crate::pipeline::{Rules, Wanted};
use crate::session::Session;
use crate::session::opening;

/// What the next start must know to take a spool in.
#[derive(Debug, Serialize, Deserialize)]
struct Note {
    to: String,
    set: Vec<(String, String)>,
    source: Option<String>,
    format: Option<String>,
    delimiter: Option<u8>,
    encoding: Option<String>,
    sheet: Option<String>,
    repair: String,
    /// Of which lines alone it was.
    #[serde(default)]
    lines: Option<String>,
    /// They were sent by other means, says this note.
    #[serde(default)]
    record_only: Option<String>,
    /// The options that guarded the run, as they were typed.
    #[serde(default)]
    guards: Vec<String>,
}

/// Copies standard input to disk, where it is one of the inputs.
pub fn spool_stdin(ledger: &Ledger, args: &cli::Send) -> Result<Option<Spool>, Failure> {
    if !is_wanted(args) {
        return Ok(None);
    }
    let mut stdin = std::io::stdin().lock();
    if args.files.is_empty() && stdin.is_terminal() {
        return Err(
            Failure::usage("no leads: name a file, or pipe an export in")
                .hint(format!("leadctl send --to {} export.csv", quoted(&args.to))),
        );
    }
    let note = serde_json::to_string(&Note::of(args)).unwrap_or_default();
    let mut spool = ledger.spool(&note).map_err(opening::failure)?;
    spool.copy_from(&mut stdin).map_err(|error| {
        Failure::unfinished(format!(
            "standard input could not be kept on disk, so nothing was sent: {}",
            io_words(&error)
        ))
    })?;
    Ok(Some(spool))
}

fn is_wanted(args: &cli::Send) -> bool {
    args.files.is_empty() || args.files.iter().any(|path| is_stdin(path))
}

/// A run that fails before it knows where its leads go reads nothing of a pipe,
/// and says so.
pub fn unread(failure: Failure, args: &cli::Send) -> Failure {
    if !is_wanted(args) || std::io::stdin().is_terminal() {
        return failure;
    }
    let unread =
        "nothing of the pipe was read or kept: put this right, then give the same export again";
    let hint = failure
        .hint
        .as_ref()
        .map_or_else(|| unread.to_owned(), |hint| format!("{hint}\n{unread}"));
    failure.hint(hint)
}

/// Takes up what earlier runs left undone: what a pipe gave comes into the
/// ledger, and leads that are stored and were never sent are told once.
pub fn import_orphans(session: &Session, ledger: &mut Ledger) -> Result<(), Failure> {
    for orphan in ledger.orphans().map_err(opening::failure)? {
        import(session, ledger, orphan)?;
    }
    opening::tell_cut_short(session, ledger)
}

/// The destination that a pipe was for, by its name of today.
fn heir<'s>(session: &'s Session, name: &str) -> Option<&'s Destination> {
    let catalogue = &session.settings.catalogue;
    let named = |destination: &&Destination| destination.formerly.iter().any(|was| was == name);
    let heir = catalogue.destinations.iter().find(named);
    heir.or_else(|| catalogue.get(name))
}

/// What was kept can't be taken in now: why, and what to do about it.
fn leave(session: &Session, orphan: &Orphan, to: &str, why: &str) {
    let data = orphan.spool.path();
    let shown = |path: &std::path::Path| quoted(&path.display().to_string());
    session.warnings.warn(&format!(
        "an earlier run was stopped before it took in what a pipe gave it for \"{to}\", and it is still kept in {}: {why}. To throw it away: rm {} {}",
        data.display(),
        shown(data),
        shown(&data.with_extension("note"))
    ));
}

/// May leads be stored for this destination, as a send would store them?
fn prove(session: &Session, ledger: &mut Ledger, to: &Destination) -> Result<(), Failure> {
    opening::require_key(to)?;
    identity::settle(session, ledger, to, false)
}

fn import(session: &Session, ledger: &mut Ledger, orphan: Orphan) -> Result<(), Failure> {
    let Ok(note) = serde_json::from_str::<Note>(&orphan.note) else {
        session.warnings.warn(&format!(
            "{} holds leads of an interrupted run that this version can't read",
            orphan.spool.path().display()
        ));
        return Ok(());
    };
    let Some(destination) = heir(session, &note.to) else {
        let why = format!(
            "there is no such destination now. If its table was renamed, write formerly = [\"{}\"] in the new one: then the next run takes it in",
            note.to
        );
        leave(session, &orphan, &note.to, &why);
        return Ok(());
    };
    if let Err(failure) = prove(session, ledger, destination) {
        let hint = failure.hint.unwrap_or_default();
        let why = [failure.what, hint].join(". What to do: ");
        leave(session, &orphan, &note.to, &why);
        return Ok(());
    }
    let input = Input {
        path: orphan.spool.path().to_path_buf(),
        shown_as: "-".to_owned(),
    };
    let inputs = Inputs::of(session, destination, vec![input], &note.reading());
    let lines = note.lines.as_deref().map(cli::Lines::parse);
    let lines = lines.transpose().map_err(Failure::unfinished)?;
    let rules = Rules::new(destination);
    let hasher = ledger.hasher();
    let journal = ledger
        .journal(&RunSpec {
            destination: &destination.name,
            command: "recover",
            again_after: destination.again_after,
        })
        .map_err(opening::failure)?;
    let producer = Producer {
        wanted: Wanted {
            rules: &rules,
            inputs: &inputs,
            warnings: &session.warnings,
            lines: lines.as_ref(),
            torn: orphan.torn().map_err(opening::failure)?,
        },
        journal: &journal,
        hasher: &hasher,
        limit: None,
        hold: Some("taken in from an interrupted run".to_owned()),
        elsewhere: note.record_only.as_deref(),
        keep_records: false,
    };
    let control = Control::new(None);
    let workers = Workers {
        destination,
        credential: None,
        journal: &journal,
        control: &control,
        pace: None,
        jobs: 1,
    };
    let mut desk = OrderedOutput::new(None, &session.progress, true);
    let produced = workers.run(&mut desk, |feed| producer.produce(feed))?;
    let (unsent, recorded) = (State::Unsent, State::Delivered);
    let taken_in = [unsent, recorded].map(|state| desk.counts.of(state));
    tell_taken_in(session, &destination.name, &orphan, &note, taken_in);
    put_away(session, orphan.spool, produced.unread.is_empty())
}

/// Every lead of the spool is in the ledger now; what could not be read is not
/// thrown away.
pub fn put_away(session: &Session, spool: Spool, whole: bool) -> Result<(), Failure> {
    if whole {
        return spool.done().map_err(opening::failure);
    }
    let kept = spool.keep_aside().map_err(opening::failure)?;
    session.warnings.warn(&format!(
        "what the pipe gave could not all be read; it is kept in {}: delete it once its leads are sent",
        kept.display()
    ));
    Ok(())
}

fn tell_taken_in(
    session: &Session,
    to: &str,
    orphan: &Orphan,
    note: &Note,
    [unsent, recorded]: [u64; 2],
) {
    if !orphan.complete {
        session.warnings.warn(&format!(
            "an earlier run was stopped while it still read from a pipe to {to}, which was cut short: give that export again{} (what was sent already is skipped)",
            note.options()
        ));
    }
    if recorded > 0 {
        session.warnings.warn(&format!(
            "an earlier run was stopped before it recorded what a pipe gave it: {} now, as sent by other means ({})",
            counted(recorded, "lead is recorded", "leads are recorded"),
            note.record_only.as_deref().unwrap_or_default()
        ));
    }
    if unsent == 0 {
        return;
    }
    let stored = counted(unsent, "lead is stored, unsent", "leads are stored, unsent");
    let next = match note.guards.is_empty() {
        true => format!(" - leadctl resend --to {} --state unsent", quoted(to)),
        // A resend would get round what the user asked to be guarded.
        false => format!(
            ". That run was given {}: give its export again{}, or look at the leads before you resend them - leadctl history --to {} --state unsent",
            note.guards.join(" "),
            note.options(),
            quoted(to)
        ),
    };
    session.warnings.warn(&format!(
        "an earlier run was stopped before it sent what a pipe gave it: {stored}{next}"
    ));
}

impl Note {
    fn of(args: &cli::Send) -> Self {
        let reading = &args.reading;
        Self {
            to: args.to.clone(),
            set: reading.defaults.clone(),
            source: reading.source.clone(),
            format: reading
                .input_format
                .map(|format| format!("{format:?}").to_lowercase()),
            delimiter: reading.delimiter,
            encoding: reading.encoding.map(|encoding| encoding.name().to_owned()),
            sheet: reading.sheet.clone(),
            repair: format!("{:?}", reading.repair).to_lowercase(),
            lines: args.lines.as_ref().map(ToString::to_string),
            record_only: args.note.clone().filter(|_| args.record_only),
            guards: guards(args),
        }
    }

    /// The options that decide about its leads, as part of a sentence.
    fn options(&self) -> String {
        let recorded = self.record_only.as_ref();
        let recorded = recorded.map(|note| format!("--record-only --note {}", quoted(note)));
        let lines = self.lines.as_ref().map(|lines| format!("--lines {lines}"));
        let options = [recorded, lines].into_iter().flatten();
        let options: Vec<String> = options.chain(self.guards.iter().cloned()).collect();
        match options.is_empty() {
            true => String::new(),
            false => format!(", with {}", options.join(" ")),
        }
    }

    fn reading(&self) -> cli::Reading {
        use clap::ValueEnum as _;
        cli::Reading {
            input_format: self
                .format
                .as_deref()
                .and_then(|format| cli::InputFormat::from_str(format, true).ok()),
            sheet: self.sheet.clone(),
            delimiter: self.delimiter,
            encoding: self
                .encoding
                .as_deref()
                .and_then(|name| encoding_rs::Encoding::for_label(name.as_bytes())),
            defaults: self.set.clone(),
            source: self.source.clone(),
            repair: cli::Repair::from_str(&self.repair, true).unwrap_or_default(),
        }
    }
}

/// Options that keep leads from being sent, as they were typed.
fn guards(args: &cli::Send) -> Vec<String> {
    let limit = args.limit.map(|limit| format!("--limit {limit}"));
    let max = args.max_new.map(|max| format!("--max-new {max}"));
    let strict = args.strict.then(|| "--strict".to_owned());
    [limit, max, strict].into_iter().flatten().collect()
}

/// A run that fails before it took in what a pipe gave says that nothing of it
/// is lost.
pub fn tell_kept(session: &Session, spool: Option<&Spool>, args: &cli::Send) {
    if spool.is_none() {
        return;
    }
    session.warnings.warn(match args.record_only {
        true => "nothing was recorded; what the pipe gave is kept, and the next run records it",
        false => {
            "nothing was sent; what the pipe gave is kept, and the next run takes it in as unsent"
        }
    });
}
