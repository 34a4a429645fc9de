//! Five partners behind one door, each with its own proof of success, its
//! latency, and now and then an answer that is lost or a request to wait.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use super::dice::Dice;
use crate::common::{Act, Arrived, Partner};

pub const DESTINATIONS: [&str; 5] = ["adlead", "companeo", "hubspot", "iciformation", "maarch"];

pub struct Five {
    partner: Partner,
    memory: Arc<Memory>,
}

#[derive(Default)]
struct Memory {
    /// How often each person became a lead, by destination and number.
    leads: Mutex<HashMap<(&'static str, usize), usize>>,
    commits: [AtomicUsize; 5],
    lost_answers: AtomicUsize,
    told_existing: AtomicUsize,
}

impl Five {
    pub fn start(seed: u64) -> Self {
        let memory = Arc::<Memory>::default();
        let dice = Mutex::new(Dice::new(!seed));
        let remembering = Arc::clone(&memory);
        let partner = Partner::start(move |arrived| {
            let throw = dice.lock().unwrap_or_else(PoisonError::into_inner).throw();
            remembering.answer(arrived, throw)
        });
        Self { partner, memory }
    }

    pub fn base(&self) -> String {
        self.partner.base()
    }

    /// How often this person became a lead there.
    pub fn leads_of(&self, to: &'static str, person: usize) -> usize {
        self.memory.leads().get(&(to, person)).copied().unwrap_or(0)
    }

    /// Leads made so far at a destination.
    pub fn commits(&self, to: &str) -> usize {
        let at = DESTINATIONS.iter().position(|known| *known == to);
        at.map_or(0, |at| self.memory.commits[at].load(Ordering::SeqCst))
    }

    pub fn lost_answers(&self) -> usize {
        self.memory.lost_answers.load(Ordering::SeqCst)
    }

    pub fn told_existing(&self) -> usize {
        self.memory.told_existing.load(Ordering::SeqCst)
    }
}

impl Memory {
    fn leads(&self) -> MutexGuard<'_, HashMap<(&'static str, usize), usize>> {
        self.leads.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn answer(&self, arrived: &Arrived, throw: u64) -> Act {
        let at = DESTINATIONS
            .iter()
            .position(|to| arrived.target[1..].starts_with(to))
            .expect("one of five");
        let to = DESTINATIONS[at];
        let person = person(&arrived.body).expect("a person");
        if throw.is_multiple_of(64) {
            return Act::status(429).with_header("retry-after", "0");
        }
        // The latency before the commit, and after it.
        thread::sleep(Duration::from_micros(throw >> 8 & 0x7ff));
        if to == "hubspot" && self.leads().contains_key(&(to, person)) {
            self.told_existing.fetch_add(1, Ordering::SeqCst);
            return Act::json(
                409,
                r#"{"message":"Contact already exists. Existing ID: 5"}"#,
            );
        }
        *self.leads().entry((to, person)).or_default() += 1;
        self.commits[at].fetch_add(1, Ordering::SeqCst);
        thread::sleep(Duration::from_micros(throw >> 20 & 0x7ff));
        if throw % 64 == 1 {
            self.lost_answers.fetch_add(1, Ordering::SeqCst);
            return Act::Close;
        }
        proof(to)
    }
}

fn proof(to: &str) -> Act {
    match to {
        "adlead" => Act::json(201, r#"{"success":true,"data":{"id":2597,"status":null}}"#),
        "companeo" => Act::json(
            200,
            r#"{"success":true,"data":{"input_0":{"rfq_id":"17"}}}"#,
        ),
        "hubspot" => Act::json(201, r#"{"id":"171"}"#),
        "maarch" => Act::json(200, r#"{"id":13,"warning":""}"#),
        _ => Act::status(200),
    }
}

/// The number in `k17@example.fr`, wherever it stands.
pub fn person(text: &[u8]) -> Option<usize> {
    let text = String::from_utf8_lossy(text);
    let before = &text[..text.find("@example.fr")?];
    before[before.rfind('k')? + 1..].parse().ok()
}
