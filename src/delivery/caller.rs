//! One connection to a partner: its calls, judged, at the pace that is allowed.
//! Knows no lead and records nothing.

use std::cell::{Cell, RefCell};
use std::sync::Arc;
use std::time::SystemTime;

use jiff::Timestamp;

use super::control::Control;
use super::control::{Stop, StopKind};
use super::protocol::{Again, Heard, Tries};
use crate::calendar;
use crate::config::Call;
use crate::config::Destination;
use crate::config::REFERENCE;
use crate::config::Then;
use crate::http::credentials::{NoToken, Token};
use crate::http::request::Request;
use crate::http::{Answer, Credentials, Limits, Reply, Transport};
use crate::ledger::{Bucket, Journal};
use crate::outcome::{Judge, Meaning, Verdict, moment};
use crate::trace::Wait;

/// Who calls one destination, one call at a time.
pub struct Caller<'r> {
    pub destination: &'r Destination,
    pub credentials: Credentials,
    pub control: Arc<Control>,
    pub transport: Transport,
    /// The pace, counted in a ledger.
    pub pace: Option<(Journal, Arc<Bucket>)>,
    /// Questions in a row without a usable answer.
    unanswered: Cell<u32>,
    /// What came of the token that was asked for before its call.
    token: RefCell<Option<Result<Option<Token>, NoToken>>>,
}

impl<'r> Caller<'r> {
    pub fn new(
        destination: &'r Destination,
        credentials: Credentials,
        control: Arc<Control>,
        pace: Option<(Journal, Arc<Bucket>)>,
    ) -> Self {
        Self {
            destination,
            credentials,
            control,
            transport: Transport::new(
                &Limits::within(destination.timeout),
                destination.ca.as_deref(),
                destination.auth.certificate.as_ref(),
            ),
            pace,
            unanswered: Cell::new(0),
            token: RefCell::default(),
        }
    }

    /// Asks for a token where the call that comes needs another one. What comes of
    /// that is that call's affair.
    pub(super) fn prepare(&self) {
        if !self.credentials.are_at_hand() {
            self.token.replace(Some(self.credentials.token()));
        }
    }

    /// Makes one call and judges what came back.
    pub fn call(&self, call: &Call, request: &Request) -> (Reply, Verdict) {
        self.judged(Judge::new(self.destination, call), request)
    }

    pub(super) fn judged(&self, judge: Judge<'_>, request: &Request) -> (Reply, Verdict) {
        let credentials = &self.credentials;
        let token = self.token.take();
        let token = token.unwrap_or_else(|| credentials.token());
        let reply = self.transport.call_with(request, credentials, token);
        let verdict = judge.verdict(&reply, SystemTime::now());
        // The partner's window is used up: the next ones wait for the new one.
        let most = self.destination.longest_wait;
        match verdict.exhausted {
            Some(pause) if pause > most => {
                let kind = StopKind::WindowUsedUp { pause, most };
                self.control.stop_next(Stop::all(kind));
            }
            Some(pause) => self.control.pause(Wait::Quota, pause),
            None => {}
        }
        (reply, verdict)
    }

    /// A verdict with the clock's part. Who names no zone means ours.
    pub(super) fn heard(&self, verdict: Verdict) -> Box<Heard> {
        let zone = calendar::zone();
        let end = |text: &String| moment::end(text, &zone);
        let start = |text: &String| moment::start(text, &zone);
        Box::new(Heard {
            at: Timestamp::now().as_millisecond(),
            left_at: self.transport.left_at().and_then(|at| {
                let at = Timestamp::try_from(at).ok()?;
                Some(at.as_millisecond())
            }),
            expires_at: verdict.expires.as_ref().and_then(end),
            decided_at: verdict.decided.as_ref().and_then(start),
            left: self.control.left(),
            chance: getrandom::u32().map_or(0.5, |number| f64::from(number) / f64::from(u32::MAX)),
            verdict,
        })
    }

    /// Waits for the pace of a call that is about no lead.
    ///
    /// # Errors
    /// Why the run doesn't wait.
    pub(super) fn keep_pace(&self) -> Result<(), Stop> {
        let Some((journal, bucket)) = &self.pace else {
            return Ok(());
        };
        loop {
            let paced = journal.pace(bucket);
            match paced.map_err(|error| Stop::all(StopKind::Ledger(error.to_string())))? {
                Ok(()) => return Ok(()),
                Err(pause) => self.control.sleep(Wait::Pace, pause)?,
            }
        }
    }

    /// A page of the partner's list, whose address holds the values `given`.
    ///
    /// # Errors
    /// Why there is none: what stopped it, or the partner's words. A stop is
    /// raised where it concerns more than this page.
    pub fn page(
        &self,
        call: &Call,
        request: &Request,
        given: &[(String, String)],
    ) -> Result<Answer, Refused> {
        let mut tries = Tries {
            asks: true,
            ..Tries::default()
        };
        loop {
            let turn = self.control.enter(given).map_err(Refused::Stopped)?;
            self.keep_pace().map_err(Refused::Stopped)?;
            let (reply, verdict) = self.call(call, request);
            drop(turn);
            if let (Meaning::Then(then), Reply::Replied(answer)) = (verdict.meaning, reply)
                && then.is_success()
            {
                return Ok(answer);
            }
            let heard = self.heard(verdict);
            let ruling = tries.rule(&heard, self.destination);
            match ruling.again {
                Some(Again { pause, why }) if why == Wait::Asked => self.control.pause(why, pause),
                Some(Again { pause, why }) => {
                    self.control.sleep(why, pause).map_err(Refused::Stopped)?;
                }
                None => {
                    self.count_unanswered(&heard.verdict);
                    let Some(kind) = ruling.stop else {
                        return Err(Refused::Unread(heard.verdict.message));
                    };
                    self.raise(&heard.verdict, kind.clone(), given);
                    return Err(Refused::Stopped(Stop::all(kind)));
                }
            }
        }
    }

    /// Stops the run; only the leads that gave what the answer blames, if it
    /// blames something. An address that is wrong for one reference is so for
    /// one lead.
    pub(super) fn raise(&self, verdict: &Verdict, kind: StopKind, given: &[(String, String)]) {
        let blames = verdict.blames.as_deref().unwrap_or_default();
        if blames.iter().any(|field| field == REFERENCE) {
            return;
        }
        let blamed = given.iter().filter(|(field, _)| blames.contains(field));
        let only = blamed.cloned().collect();
        self.control.stop(Stop { kind, only });
    }

    /// A partner that breaks down is not asked about every lead.
    pub(super) fn count_unanswered(&self, verdict: &Verdict) {
        let silent = verdict.meaning == Meaning::Then(Then::InDoubt)
            && verdict.status.is_none_or(|status| status / 100 != 4);
        let questions = if silent { self.unanswered.get() + 1 } else { 0 };
        self.unanswered.set(questions);
        let most = self.destination.stop_after_doubts;
        if most > 0 && questions >= most {
            let said = verdict.message.clone();
            let kind = StopKind::Unanswered { questions, said };
            self.control.stop(Stop::all(kind));
        }
    }
}

/// Why there is no page.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Refused {
    #[error("{}", .0.kind)]
    Stopped(Stop),
    /// In the partner's words.
    #[error("{0}")]
    Unread(String),
}
