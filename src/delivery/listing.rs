//! Asks for a page of the partner's list: a question that is about no lead.

use super::asker::Asker;
use super::control::{Turn, Way};
use super::step::Tries;
use super::stop::{Stop, StopKind};
use crate::config::Call;
use crate::http::request::Request;
use crate::http::{Answer, Reply};
use crate::outcome::Meaning;

/// Why there is no page.
#[derive(Debug, Clone)]
pub struct Refused {
    pub message: String,
    pub kind: Option<StopKind>,
}

impl Refused {
    fn stopped(stop: Stop) -> Self {
        Self {
            message: stop.message,
            kind: Some(stop.kind),
        }
    }
}

impl Asker<'_> {
    /// A page of the list, or why there is none; a stop is raised where it
    /// concerns more than this page.
    pub fn page(
        &self,
        operation: &Call,
        request: &Request,
        given: &[(String, String)],
    ) -> Result<Answer, Refused> {
        let mut tries = Tries::default();
        loop {
            if let Turn::Stopped(stop) = self.control.enter(given) {
                return Err(Refused::stopped(stop));
            }
            let paced = self.keep_pace();
            if let Err(stop) = paced {
                self.control.leave(Way::Unknown);
                return Err(Refused::stopped(stop));
            }
            let exchange = self.exchange(operation, request, &mut tries);
            self.control.leave(Way::Unknown);
            if let (Meaning::Then(then), Reply::Replied(answer)) =
                (exchange.verdict.meaning, &exchange.reply)
                && then.is_success()
            {
                return Ok(answer.clone());
            }
            if !self.go_on(&exchange, given) {
                return Err(Refused {
                    message: exchange.message(),
                    kind: exchange.step.stop.map(|stop| stop.kind),
                });
            }
        }
    }

    /// Waits for the pace of a call that is about no lead.
    fn keep_pace(&self) -> Result<(), Stop> {
        let (Some(journal), Some(pace)) = (&self.journal, &self.pace) else {
            return Ok(());
        };
        loop {
            let paced = journal
                .pace(pace)
                .map_err(|error| Stop::all(StopKind::Ledger, error.to_string()))?;
            let Err(pause) = paced else {
                return Ok(());
            };
            if let Turn::Stopped(stop) = self.control.sleep(pause) {
                return Err(stop);
            }
        }
    }
}
