//! `resend --dry-run`: the very requests that would be sent, secrets hidden.
//! Nothing is sent and no lead is changed.

use super::chosen::{check_ids, filter};
use super::judging::{Judged, Judging, invalid, kept};
use crate::cli;
use crate::commands::{identity, rows};
use crate::config::Destination;
use crate::error::Failure;
use crate::ledger::Mode;
use crate::output::{Counts, Exit, code};
use crate::pipeline::Rules;
use crate::pipeline::ending;
use crate::pipeline::inputs::Inputs;
use crate::pipeline::page::Page;
use crate::session::Session;
use crate::session::opening;
use crate::session::secrets;

pub fn run(
    session: &Session,
    args: &cli::Resend,
    destination: &Destination,
) -> Result<Exit, Failure> {
    let ledger = opening::open(session, Mode::Existing)?;
    identity::foresee(session, &ledger, destination, false)?;
    check_ids(&ledger, args)?;
    let inputs = Inputs::stored(session, destination);
    let rules = Rules::new(destination);
    let mut judging = Judging::new(args, None, &ledger, &rules, &inputs);
    let page = Page {
        format: session.format(),
        hidden: secrets::hidden(destination),
    };
    let mut output = page.output(session);
    let (mut counts, mut ready) = (Counts::new(), 0);
    let leads = ledger.leads(filter(args, destination));
    for stored in leads.map_err(opening::failure)? {
        let stored = stored.map_err(opening::failure)?;
        let row = rows::standing(&stored);
        let row = match judging.judge(&stored)? {
            Judged::Valid(sendable) => {
                ready += 1;
                page.print(&mut output, &page.of(&row, Some(&sendable.request)));
                continue;
            }
            Judged::Kept(why) => kept(row, &stored, why, false),
            Judged::Invalid(why) => invalid(row, why),
        };
        counts.add(row.state, row.earlier);
        page.print(&mut output, &page.of(&row, None));
    }
    judging.remarks().tell(&session.warnings);
    ending::tell_dry_run(session, ready, &counts);
    ending::finish(output)?;
    Ok(code(&counts, None))
}
