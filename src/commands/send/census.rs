//! The count before a run that must not begin lightly: `--strict` and `--max-new`
//! read the input once more than usual, and send nothing if it breaks them.

use std::collections::HashSet;

use crate::error::Failure;
use crate::ledger::{DedupOutcome, Ledger};
use crate::output::text::counted;
use crate::pipeline::{InputRows, Preparer, RejectedRows, Wanted};

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
    /// File, line, and what is wrong.
    first_invalid: Option<(String, u64, String)>,
}

/// Counts new and invalid leads, where `--strict` or `--max-new` asks for it.
///
/// # Errors
/// The ledger can't be asked.
pub fn take(
    wanted: Wanted<'_>,
    ledger: &Ledger,
    strict: bool,
    max: Option<u64>,
) -> Result<Census, Failure> {
    if !strict && max.is_none() {
        return Ok(Census::default());
    }
    let count = count(wanted, ledger)?;
    if let (true, Some((file, line, why))) = (strict, &count.first_invalid) {
        wanted.warnings.warn(&format!(
            "nothing is sent (--strict): {} invalid, the first one is {file} line {line} ({why})",
            count.invalid
        ));
        return Ok(Census {
            hold: Some("not sent: --strict, and an invalid lead is in the input".to_owned()),
            advice: Some(
                "correct the invalid rows, then send the file again (or without --strict)"
                    .to_owned(),
            ),
        });
    }
    let Some(max) = max.filter(|max| count.new > *max) else {
        return Ok(Census::default());
    };
    let new = counted(count.new, "lead is new", "leads are new");
    wanted
        .warnings
        .warn(&format!("nothing is sent (--max-new {max}): {new}"));
    Ok(Census {
        hold: Some(format!("not sent: --max-new {max}, and {new}")),
        advice: Some(
            "look at the new leads (--dry-run), then send them with a higher --max-new".to_owned(),
        ),
    })
}

fn count(wanted: Wanted<'_>, ledger: &Ledger) -> Result<Count, Failure> {
    let Wanted { rules, inputs, .. } = wanted;
    let (destination, hasher) = (rules.destination, ledger.hasher());
    let rejected = RejectedRows::of(ledger.path(), ledger.hasher(), &destination.name);
    let mut preparer = Preparer::new(rules, inputs).with_rejected(Some(rejected));
    let standings = ledger.intake_preview(&destination.name, &[], destination.again_after);
    let mut seen = HashSet::new();
    let mut count = Count::default();
    for input in &inputs.files {
        // A file that can't be read is told by the run itself.
        let Ok(rows) = InputRows::open(wanted, input) else {
            continue;
        };
        for record in rows.map_while(Result::ok) {
            let lead = preparer.prepare(record, &inputs.set)?;
            let intake = lead.intake(&hasher, None);
            let known = standings.of(&intake)?;
            match (known, &lead.ready) {
                // Settled, or put right by a corrected row since.
                (Some(DedupOutcome::Skip(_) | DedupOutcome::Blocked { .. }), _) => {}
                (_, Err(_)) => {
                    count.invalid += 1;
                    let first = || (intake.file, intake.line, lead.why_invalid());
                    count.first_invalid.get_or_insert_with(first);
                }
                (_, Ok(_)) => count.new += u64::from(seen.insert(intake.key.short())),
            }
        }
    }
    Ok(count)
}
