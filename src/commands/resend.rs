//! `leadctl resend`: stored leads again, through today's table.

mod chosen;
mod dry_run;
mod judging;

use chosen::{check_ids, filter};
use judging::{Judged, Judging, invalid, kept};

use super::{identity, rows, spooling};
use crate::cli;
use crate::delivery::Job;
use crate::error::Failure;
use crate::lead::State;
use crate::ledger::{Hasher, Mode, StoredLead, Trigger};
use crate::output::{Exit, Kind, Row};
use crate::pipeline::Rules;
use crate::pipeline::Sendable;
use crate::pipeline::corrections;
use crate::pipeline::ending::Next;
use crate::pipeline::inputs::Inputs;
use crate::pipeline::run::{Feed, Produced, Run, Scene};
use crate::session::Session;
use crate::session::opening;
use crate::session::secrets;

pub fn run(session: &Session, args: &cli::Resend) -> Result<Exit, Failure> {
    let destination = session.settings.destination(&args.to)?;
    opening::require_key(destination)?;
    opening::require_base(destination)?;
    if args.dry_run {
        return dry_run::run(session, args, destination);
    }
    let credential = secrets::credential(destination, session.settings.folder())?;
    let rejects = corrections::create(args.rejects.as_deref())?;
    let mut ledger = opening::open(session, Mode::Existing)?;
    identity::settle(session, &mut ledger, destination, false)?;
    spooling::import_orphans(session, &mut ledger)?;
    check_ids(&ledger, args)?;
    let inputs = Inputs::stored(session, destination);
    let rules = Rules::new(destination);
    // The producer reads by a connection of its own, in its own thread.
    let stored = ledger.again().map_err(opening::failure)?;
    let run = Run {
        session,
        destination,
        credential: credential.as_ref(),
        ledger: &mut ledger,
        command: "resend",
        kind: Kind::Ids,
        jobs: args.jobs,
        deadline: args.deadline,
        wait_lock: args.wait_lock,
        next: Next::Resend,
        rejects,
    };
    run.conduct(move |scene, feed| {
        let mut resending = Resending {
            scene,
            judging: Judging::new(args, scene.held.clone(), &stored, &rules, &inputs),
        };
        let filter = filter(args, destination);
        for lead in stored.leads(filter).map_err(opening::failure)? {
            resending.place(lead.map_err(opening::failure)?, feed)?;
        }
        Ok(Produced {
            remarks: resending.judging.remarks(),
            ..Produced::default()
        })
    })
}

struct Resending<'r> {
    scene: &'r Scene<'r>,
    judging: Judging<'r>,
}

impl Resending<'_> {
    fn place(&mut self, stored: StoredLead, feed: &mut Feed) -> Result<(), Failure> {
        let row = rows::standing(&stored);
        match self.judging.judge(&stored)? {
            Judged::Kept(why) => feed.settled(
                kept(row, &stored, why, self.scene.held.is_some()),
                None,
                stored.notified,
            ),
            Judged::Invalid(why) => self.invalid(row, &stored, why, feed)?,
            Judged::Valid(sendable) => self.send(row, stored, *sendable, feed),
        }
        Ok(())
    }

    /// It breaks today's rules; what the ledger can't change, the row tells.
    fn invalid(
        &self,
        row: Row,
        stored: &StoredLead,
        why: String,
        feed: &mut Feed,
    ) -> Result<(), Failure> {
        if matches!(stored.state, State::Unsent | State::Failed | State::Invalid) {
            let journal = self.scene.journal;
            journal
                .invalidate(stored.id, &why)
                .map_err(opening::failure)?;
        }
        feed.settled(invalid(row, why), None, false);
        Ok(())
    }

    fn send(&self, row: Row, stored: StoredLead, sendable: Sendable, feed: &mut Feed) {
        let hasher: &Hasher = self.scene.hasher;
        let reason = self.judging.args.in_doubt_because.clone();
        feed.send(row, None, |place| Job {
            trigger: Trigger::Resend,
            expect: expected(stored.state),
            reason: reason.filter(|_| stored.state == State::InDoubt),
            before: stored.state,
            told: stored.notified,
            ..sendable.into_job(hasher, place, stored.id)
        });
    }
}

/// Only the state that was judged may be claimed.
fn expected(state: State) -> &'static [State] {
    match state {
        State::Failed => &[State::Failed],
        State::Unsent => &[State::Unsent],
        State::Rejected => &[State::Rejected],
        State::Invalid => &[State::Invalid],
        State::Expired => &[State::Expired],
        State::InDoubt => &[State::InDoubt],
        _ => &[],
    }
}
