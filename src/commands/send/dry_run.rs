//! `--dry-run`: the very requests that would be sent, secrets hidden. Nothing
//! is sent and nothing recorded.

use super::foresight::{Foreseen, Foresight};
use crate::cli;
use crate::commands::identity;
use crate::config::Destination;
use crate::error::Failure;
use crate::output::{Exit, code};
use crate::pipeline::corrections::{self, Corrections};
use crate::pipeline::inputs::{self, Inputs};
use crate::pipeline::page::RequestPage;
use crate::pipeline::{InputRows, Rules, Wanted, ending};
use crate::session::{Session, opening, secrets};

pub fn run(
    session: &Session,
    args: &cli::Send,
    destination: &Destination,
) -> Result<Exit, Failure> {
    let files = inputs::named(&args.files, None);
    let inputs = Inputs::of(session, destination, files, &args.reading);
    corrections::check_form(args.rejects.as_deref(), &inputs)?;
    let rules = Rules::new(destination);
    let page = RequestPage {
        format: session.format(),
        hidden: secrets::hidden(destination),
    };
    let ledger = opening::look(session)?;
    if let Some(ledger) = &ledger {
        identity::foresee(session, ledger, destination, args.accept_new_key)?;
    }
    let rejects = corrections::of_send(args)?;
    let mut rejects = rejects.map(|file| Corrections::without_ids(file, ledger.as_ref()));
    let wanted = Wanted {
        lines: args.lines.as_ref(),
        ..Wanted::all(&rules, &inputs, &session.warnings)
    };
    let mut foresight = Foresight::new(wanted, ledger.as_ref())?;
    let mut output = page.output(session);
    let (mut failed, mut shown) = (None, args.limit.unwrap_or(u64::MAX));
    for input in &inputs.files {
        let read = InputRows::open(wanted, input).and_then(|rows| {
            if let Some(rejects) = &mut rejects {
                rejects.opened(&input.shown_as, rows.facts());
            }
            let look = |row: &_, request: &_| page.of(row, Some(request));
            foresight.read(rows, look, |Foreseen { row, record, sent }| {
                let is_within = sent.is_none() || shown > 0;
                shown = shown.saturating_sub(u64::from(sent.is_some()));
                if let (None, Some(rejects)) = (&sent, &mut rejects) {
                    rejects.settled(&row, Some(&record));
                }
                if is_within {
                    let text = sent.unwrap_or_else(|| page.of(&row, None));
                    page.print(&mut output, &text);
                }
                Ok(())
            })
        });
        if let Err(failure) = read {
            failure.print();
            failed = [failed, Some(failure.exit)].into_iter().flatten().min();
        }
    }
    let ready = foresight.new.min(args.limit.unwrap_or(u64::MAX));
    conclude(session, args, &mut foresight);
    ending::tell_dry_run(session, ready, &foresight.counts);
    if let Some(rejects) = rejects {
        rejects.finish(session)?;
    }
    ending::finish(output)?;
    Ok(code(&foresight.counts, failed))
}

/// What was noticed, and what would keep a real run from sending anything.
fn conclude(session: &Session, args: &cli::Send, foresight: &mut Foresight<'_>) {
    foresight.remarks.tell(&session.warnings);
    for guard in foresight.guards(args.strict, args.max_new) {
        session.warnings.warn(&format!(
            "a real run would send nothing ({}): {}",
            guard.option, guard.why
        ));
    }
}
