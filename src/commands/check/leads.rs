//! `leadctl check --to DEST FILE…`: the leads of files, judged by the same
//! rules as `send` applies. A row for each lead that can't be sent.

use super::flags::flags;
use super::proof;
use crate::cli;
use crate::config::Destination;
use crate::error::Failure;
use crate::lead::State;
use crate::output::text::counted;
use crate::output::{Command, Exit, Format, Layout, Output, Row};
use crate::pipeline::inputs::{self, Input, Inputs};
use crate::pipeline::remarks::Remarks;
use crate::pipeline::{InputRows, Prepared, Preparer, Rules, Wanted};
use crate::session::Session;

/// Leads being judged.
struct Judging<'r> {
    session: &'r Session,
    rules: &'r Rules<'r>,
    inputs: &'r Inputs,
    output: Output,
    remarks: Remarks,
    ready: u64,
    invalid: u64,
}

/// `open`: nothing that was asked keeps the destination from taking leads.
pub fn run(
    session: &Session,
    args: &cli::Check,
    destination: &Destination,
    open: bool,
) -> Result<Exit, Failure> {
    let configuration = told_of_configuration(session, destination)?;
    let inputs = Inputs::of(
        session,
        destination,
        inputs::named(&args.files, None),
        &args.reading,
    );
    let rules = Rules::new(destination);
    let kind = match inputs.files.len() {
        1 => Layout::Lines,
        _ => Layout::Files,
    };
    let mut judging = Judging {
        session,
        rules: &rules,
        inputs: &inputs,
        output: Output::new(session.format(), kind, false, &session.progress),
        remarks: Remarks::default(),
        ready: 0,
        invalid: 0,
    };
    let mut exit = configuration;
    session.progress.start(None);
    for input in &inputs.files {
        if let Err(failure) = judging.read(input) {
            session.progress.lifted(|| failure.print());
            exit = exit.min(failure.exit);
        }
    }
    session.progress.finish();
    judging.end(args, exit, open)
}

/// The destination's own faults, told beside its leads. What is only missing
/// so far fails the check where the user configured the destination.
fn told_of_configuration(session: &Session, destination: &Destination) -> Result<Exit, Failure> {
    let mut proofs = proof::prove_all(session, &[destination])?;
    let Some(proof) = proofs.pop() else {
        return Ok(Exit::Done);
    };
    for told in &proof.past {
        session.warnings.warn(told);
    }
    for found in proof.wrong.iter().chain(&proof.missing) {
        let told = found.in_words();
        session
            .warnings
            .warn(&format!("{}: {told}", destination.name));
    }
    let configured = session.settings.catalogue.users.contains(&destination.name);
    let sound = proof.wrong.is_empty() && (proof.missing.is_empty() || !configured);
    Ok(match sound {
        true => Exit::Done,
        false => Exit::Usage,
    })
}

impl Judging<'_> {
    fn read(&mut self, input: &Input) -> Result<(), Failure> {
        let mut preparer = Preparer::new(self.rules, self.inputs);
        let read = self.read_with(input, &mut preparer);
        self.remarks.append(preparer.remarks);
        read
    }

    fn read_with(&mut self, input: &Input, preparer: &mut Preparer<'_>) -> Result<(), Failure> {
        let wanted = Wanted {
            rules: self.rules,
            inputs: self.inputs,
            warnings: &self.session.warnings,
            lines: None,
            torn: false,
        };
        for record in InputRows::open(wanted, input)? {
            let record = record?;
            let prepared = preparer.prepare(record, &self.inputs.set)?;
            self.judged(&prepared);
            self.session.progress.advance(1);
        }
        Ok(())
    }

    fn judged(&mut self, prepared: &Prepared<'_>) {
        let mut row = prepared.row();
        match &prepared.ready {
            Ok(_) => self.ready += 1,
            Err(_) => {
                self.invalid += 1;
                row.state = State::Invalid;
                row.message = prepared.why_invalid();
            }
        }
        match self.session.format() {
            Format::Table if row.state == State::Invalid => self.output.row(&row),
            Format::Table => {}
            Format::Json | Format::Csv => self.record(&row),
        }
    }

    fn record(&mut self, row: &Row) {
        let state = match row.state {
            State::Invalid => "invalid",
            _ => "ready",
        };
        self.output.record(vec![
            ("file", row.file.as_str().into()),
            ("line", row.line.into()),
            ("lead", row.lead.as_str().into()),
            ("destination", row.destination.as_str().into()),
            ("source", row.source.clone().into()),
            ("state", state.into()),
            ("message", row.message.as_str().into()),
        ]);
    }

    fn end(mut self, args: &cli::Check, exit: Exit, open: bool) -> Result<Exit, Failure> {
        crate::pipeline::ending::finish(self.output)?;
        let warnings = &self.session.warnings;
        self.remarks.tell(warnings);
        let leads = counted(self.ready + self.invalid, "lead", "leads");
        warnings.note(&format!(
            "{leads}: {} ready, {} invalid; nothing was sent or recorded",
            self.ready, self.invalid
        ));
        let files = args.files.iter().map(|file| file.display().to_string());
        let files = flags(&args.reading).into_iter().chain(files);
        let send = Command::new(["send", "--to", &self.rules.destination.name]);
        match (self.ready, self.invalid) {
            (0, _) => {}
            _ if !open => {}
            (_, 0) => warnings.note(&format!("next: {}", send.and(files))),
            _ => warnings.note(&format!(
                "next: correct these rows, or send the others: {}",
                send.and(["--rejects", "rejects.csv"]).and(files)
            )),
        }
        Ok(match self.invalid {
            0 => exit,
            _ => exit.min(Exit::Refused),
        })
    }
}
