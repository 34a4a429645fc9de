//! kill -9 at random moments over a route of three with random answers, refusals that
//! come later, returns, and follows. `LEADCTL_KILLS` is how often (60), `LEADCTL_SEED` repeats a
//! run's dice.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use super::{ABC, Crossing, export, number, refused, taken};
use crate::common::{Act, Arrived};
use crate::random_kills::dice::Dice;
use crate::random_kills::{clock, number as variable};

/// Leads of one export; half of them were in the export before.
const EXPORT: usize = 12;

/// What the three know: who has a lead by now, for certain.
#[derive(Default)]
struct Known {
    has: BTreeMap<usize, BTreeSet<&'static str>>,
    pending: BTreeMap<(String, usize), usize>,
}

type Memory = Arc<Mutex<Known>>;

/// A destination takes, refuses, decides later, or loses its answer.
fn answer(memory: &Memory, dice: &Mutex<Dice>, to: &str, who: &str, arrived: &Arrived) -> Act {
    let throw = dice.lock().unwrap_or_else(PoisonError::into_inner).throw();
    thread::sleep(Duration::from_micros(throw >> 8 & 0x7ff));
    let mut known = memory.lock().unwrap_or_else(PoisonError::into_inner);
    let name = ABC.into_iter().find(|name| *name == to).unwrap_or_default();
    if arrived.method == "GET" {
        let asked = number(arrived.target.rsplit('/').next().unwrap_or_default());
        let lead = known.pending.get(&(to.to_owned(), asked)).copied();
        return match (lead, throw % 3) {
            (Some(_), 0) => Act::json(200, r#"{"state":"taken"}"#),
            (Some(lead), 1) => {
                if let Some(has) = known.has.get_mut(&lead) {
                    has.remove(name);
                }
                known.pending.remove(&(to.to_owned(), asked));
                Act::json(200, r#"{"state":"refused"}"#)
            }
            (Some(_), _) => Act::json(200, r#"{"state":"new"}"#),
            // It was refused then, and is refused still.
            (None, _) => Act::json(200, r#"{"state":"refused"}"#),
        };
    }
    let lead = number(who);
    match throw % 8 {
        0..=2 => refused(),
        3 => {
            known.has.entry(lead).or_default().insert(name);
            known.pending.insert((to.to_owned(), arrived.number), lead);
            Act::json(202, &format!("{{\"id\":{}}}", arrived.number))
        }
        4 => {
            known.has.entry(lead).or_default().insert(name);
            Act::Close
        }
        _ => {
            known.has.entry(lead).or_default().insert(name);
            taken(arrived)
        }
    }
}

/// Nobody is at two destinations at the same time.
fn twice(memory: &Memory) -> Vec<(usize, BTreeSet<&'static str>)> {
    let known = memory.lock().unwrap_or_else(PoisonError::into_inner);
    let has = known.has.iter();
    let twice = has.filter(|(_, has)| has.len() > 1);
    twice.map(|(lead, has)| (*lead, has.clone())).collect()
}

#[test]
fn kill_nine_along_a_route() {
    let seed = variable("LEADCTL_SEED").unwrap_or_else(clock);
    let kills: usize = variable("LEADCTL_KILLS").unwrap_or(60);
    println!("seed {seed} kills {kills}");
    let mut dice = Dice::new(seed);
    let memory = Memory::default();
    let (remembering, throwing) = (Arc::clone(&memory), Mutex::new(Dice::new(!seed)));
    let route = "first = [\"a\", \"b\", \"c\"]\nnext_on = [\"returned\"]";
    let crossing = Crossing::new(route, move |to, who, arrived| {
        answer(&remembering, &throwing, to, who, arrived)
    });
    let (mut killed, mut leads) = (0, 0);
    for round in 0_usize.. {
        if killed == kills {
            break;
        }
        if dice.one_in(3) {
            give_back(&crossing, &memory);
        }
        let first = round * EXPORT / 2;
        leads = first + EXPORT;
        let numbers: Vec<usize> = (first..leads).collect();
        crossing.home.write("leads.csv", export(&numbers));
        let arguments: &[&str] = match dice.below(4) {
            0 => &["follow"],
            1 => &["resend", "--to", "r", "--state", "held,unsent,failed"],
            2 => &["send", "--to", "r", "--jobs", "4", "-"],
            _ => &["send", "--to", "r", "--jobs", "4", "leads.csv"],
        };
        let mut run = crossing.home.start(arguments, export(&numbers));
        thread::sleep(Duration::from_micros(dice.below(160_000)));
        killed += usize::from(!run.ended());
        run.kill();
        assert_eq!(twice(&memory), [], "seed {seed}");
    }
    // Everything again, until nothing is left to do.
    let numbers: Vec<usize> = (0..leads).collect();
    for _ in 0..3 {
        crossing.send(&numbers, &["--jobs", "4"]);
        crossing.run(&["resend", "--state", "held,unsent,failed"]);
        crossing.run(&["follow"]);
    }
    assert_eq!(twice(&memory), [], "seed {seed}");
    nothing_is_lost(&crossing, leads, &memory, seed);
}

/// A destination gives back a lead that it has, if it has one.
fn give_back(crossing: &Crossing, memory: &Memory) {
    let ledger = crossing.home.path().join("ledger.db");
    let Ok(conn) = rusqlite::Connection::open(ledger) else {
        return;
    };
    let query = "SELECT leads.id, name, email_text FROM leads
         JOIN destinations ON destinations.id = destination
         WHERE leads.state IN ('delivered', 'approved') ORDER BY random() LIMIT 1";
    let taken = conn.query_row(query, [], |row| {
        Ok((
            row.get::<_, i64>(0)?,
            row.get::<_, String>(1)?,
            row.get::<_, String>(2)?,
        ))
    });
    let Ok((id, to, who)) = taken else { return };
    let said = crossing.run(&["resolve", &id.to_string(), "--returned"]);
    if said.code == Some(0) {
        let mut known = memory.lock().unwrap_or_else(PoisonError::into_inner);
        let has = known.has.entry(number(&who)).or_default();
        has.retain(|name| *name != to);
    }
}

/// Each lead was offered; who may have it says so; what none took was refused by all.
fn nothing_is_lost(crossing: &Crossing, leads: usize, memory: &Memory, seed: u64) {
    let mut offers: BTreeMap<usize, Vec<(String, String)>> = BTreeMap::new();
    for offer in crossing.offers() {
        let mut words = offer.split(' ').map(str::to_owned);
        let (to, lead, state) = (words.next(), words.next(), words.next());
        let lead = number(&lead.unwrap_or_default());
        let offer = (to.unwrap_or_default(), state.unwrap_or_default());
        offers.entry(lead).or_default().push(offer);
    }
    let known = memory.lock().unwrap_or_else(PoisonError::into_inner);
    for lead in 0..leads {
        let offers = offers.remove(&lead).unwrap_or_default();
        let keeps =
            |state: &str| matches!(state, "delivered" | "pending" | "approved" | "in_doubt");
        let kept: Vec<&String> = offers
            .iter()
            .filter(|it| keeps(&it.1))
            .map(|it| &it.0)
            .collect();
        assert!(kept.len() <= 1, "seed {seed} lead {lead} {offers:?}");
        for has in known.has.get(&lead).into_iter().flatten() {
            assert_eq!(kept, [*has], "seed {seed} lead {lead} {offers:?}");
        }
        if kept.is_empty() {
            let refused = |state: &str| matches!(state, "rejected" | "returned");
            let refused = offers.iter().all(|it| refused(&it.1));
            assert!(
                refused && offers.len() == 3,
                "seed {seed} lead {lead} {offers:?}"
            );
        }
    }
}
