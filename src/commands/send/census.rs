//! The count before a run that must not begin lightly: `--strict` and `--max-new`
//! read the input once more than usual, and send nothing if it breaks them.

use crate::cli;
use crate::error::Failure;
use crate::ledger::{DedupOutcome, Judgement, Ledger, LedgerReader};
use crate::output::text::counted;
use crate::pipeline::inputs::{self, Inputs};
use crate::pipeline::met::Met;
use crate::pipeline::preparer::{Preparer, Rules};
use crate::pipeline::rejected_row::Recall;
use crate::pipeline::sendable::Ready;
use crate::session::Session;
use crate::session::opening;

/// What the count says.
#[derive(Debug, Default)]
pub struct Census {
    /// Why nothing may be sent.
    pub hold: Option<String>,
    /// What to do then.
    pub advice: Option<String>,
}

#[derive(Debug, Default)]
struct Count {
    new: u64,
    invalid: u64,
    first_invalid: Option<(String, u64, String)>,
}

/// Counts new and invalid leads, where an option asks for it.
pub fn take(
    session: &Session,
    args: &cli::Send,
    rules: &Rules<'_>,
    inputs: &Inputs,
    ledger: &Ledger,
) -> Result<Census, Failure> {
    if !args.strict && args.max_new.is_none() {
        return Ok(Census::default());
    }
    let count = count(args, rules, inputs, ledger)?;
    if let (true, Some((file, line, why))) = (args.strict, &count.first_invalid) {
        let why = format!(
            "nothing is sent (--strict): {} invalid, the first one is {file} line {line} ({why})",
            count.invalid
        );
        session.warnings.warn(&why);
        return Ok(Census {
            hold: Some("not sent: --strict, and an invalid lead is in the input".to_owned()),
            advice: Some(
                "correct the invalid rows, then send the file again (or without --strict)"
                    .to_owned(),
            ),
        });
    }
    match args.max_new {
        Some(max) if count.new > max => {
            session.warnings.warn(&format!(
                "nothing is sent (--max-new {max}): {}",
                counted(count.new, "lead is new", "leads are new")
            ));
            Ok(Census {
                hold: Some(format!(
                    "not sent: --max-new {max}, and {}",
                    counted(count.new, "lead is new", "leads are new")
                )),
                advice: Some(
                    "look at the new leads (--dry-run), then send them with a higher --max-new"
                        .to_owned(),
                ),
            })
        }
        _ => Ok(Census::default()),
    }
}

fn count(
    args: &cli::Send,
    rules: &Rules<'_>,
    inputs: &Inputs,
    ledger: &Ledger,
) -> Result<Count, Failure> {
    let destination = rules.destination;
    let recall = Recall::new(
        LedgerReader::of(ledger.path()),
        ledger.hasher(),
        &destination.name,
    );
    let mut preparer = Preparer::new(rules, inputs).recalling(Some(recall));
    let mut standings = ledger.intake_preview(&destination.name, &[], destination.again_after);
    let hasher = ledger.hasher();
    let mut met = Met::default();
    let mut count = Count::default();
    for input in &inputs.files {
        // A file that can't be read is told by the run itself.
        let Ok(reader) = inputs::open(input, &inputs.options) else {
            continue;
        };
        for record in reader.map_while(Result::ok) {
            if args
                .lines
                .as_ref()
                .is_some_and(|lines| !lines.contains(record.line))
            {
                continue;
            }
            let Ok((prepared, lead, shape)) = preparer.prepare(record, &inputs.set) else {
                break;
            };
            let judgement = match &prepared.judged {
                Ready::Valid(_) => Judgement::Ready,
                Ready::Invalid(why) => Judgement::Invalid(why.clone()),
            };
            let intake = preparer.intake(&hasher, &prepared, &lead, &shape, judgement);
            let known = standings.of(&intake).map_err(opening::failure)?;
            match (known, prepared.judged) {
                // Settled, or put right by a corrected row since.
                (Some(DedupOutcome::Skip(_) | DedupOutcome::Blocked { .. }), _) => {}
                (_, Ready::Invalid(why)) => {
                    count.invalid += 1;
                    let first = (prepared.row.file, lead.record.line, why);
                    count.first_invalid.get_or_insert(first);
                }
                (_, Ready::Valid(_)) if met.insert(intake.key.short())? => count.new += 1,
                (_, Ready::Valid(_)) => {}
            }
        }
    }
    Ok(count)
}
