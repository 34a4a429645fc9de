//! One question and its answer, judged; and whether it is asked once more, or
//! ends the asking. What a question can't settle stays as it was, so asking
//! again never does harm.

use std::time::SystemTime;

use super::asker::Asker;
use super::control::Turn;
use super::step::{self, Step, Tries};
use super::stop::{Stop, StopKind};
use crate::config::Call;
use crate::config::REFERENCE;
use crate::config::Then;
use crate::http::Reply;
use crate::http::request::Request;
use crate::outcome::{Judge, Meaning, Verdict};

/// One exchange, judged.
pub struct Exchange {
    pub reply: Reply,
    pub verdict: Verdict,
    pub step: Step,
}

impl Exchange {
    /// What happened, in words.
    pub fn message(&self) -> String {
        let replaced = self.step.message.clone();
        let stop = self.step.stop.as_ref().map(|stop| stop.message.clone());
        replaced
            .or(stop)
            .unwrap_or_else(|| self.verdict.message.clone())
    }
}

impl Asker<'_> {
    pub fn exchange(&self, operation: &Call, request: &Request, tries: &mut Tries) -> Exchange {
        let judge = Judge::new(self.destination, operation);
        let reply = self.transport.call(request, self.credential);
        let verdict = judge.verdict(&reply, SystemTime::now());
        match verdict.meaning {
            Meaning::Then(Then::Wait) => tries.waits += 1,
            _ => tries.made += 1,
        }
        // A question may be asked again where the partner broke down, but a
        // whole answer would only be the same again.
        tries.safe_to_repeat = verdict.status.is_none_or(|status| status >= 500);
        let step = step::next(&verdict, self.destination, *tries, self.control.left());
        Exchange {
            reply,
            verdict,
            step,
        }
    }

    /// Waits for another try, or raises the stop that the answer asks for.
    pub fn go_on(&self, exchange: &Exchange, given: &[(String, String)]) -> bool {
        if let Some(again) = exchange.step.again {
            if again.everybody {
                self.control.pause(again.pause);
                return true;
            }
            return self.control.sleep(again.pause) == Turn::Yours;
        }
        self.raise_stop(exchange, given);
        false
    }

    fn raise_stop(&self, exchange: &Exchange, given: &[(String, String)]) {
        let verdict = &exchange.verdict;
        let silent = verdict.meaning == Meaning::Then(Then::InDoubt)
            && verdict.status.is_none_or(|status| status / 100 != 4);
        let unanswered = if silent { self.unanswered.get() + 1 } else { 0 };
        self.unanswered.set(unanswered);
        if let Some(mut stop) = exchange.step.stop.clone() {
            let blames = verdict.blames.as_deref().unwrap_or_default();
            // An address that is wrong for one reference is so for one lead.
            if blames.iter().any(|field| field == REFERENCE) {
                return;
            }
            let blamed = given.iter().filter(|(field, _)| blames.contains(field));
            stop.only = blamed.cloned().collect();
            self.control.stop(stop);
            return;
        }
        let most = self.destination.stop_after_doubts;
        if most > 0 && unanswered >= most {
            let message = format!(
                "{unanswered} questions in a row got no usable answer: {}",
                verdict.message
            );
            self.control.stop(Stop::all(StopKind::ForNow, message));
        }
    }
}
