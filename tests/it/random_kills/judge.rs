//! Compares what arrived with what the ledger says, person by person.

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;

use rusqlite::Connection;

use super::partner::{DESTINATIONS, Five, person};
use crate::common::PATIENCE;

/// States that no later run sends unasked.
const KEPT: [&str; 5] = ["delivered", "pending", "approved", "duplicate", "in_doubt"];

type Name = (&'static str, usize);

pub struct Judge {
    ledger: PathBuf,
    /// How many leads each destination was given.
    leads: HashMap<&'static str, usize>,
    /// Leads that leadctl had in hand for certain.
    had: HashSet<Name>,
    lost: HashSet<Name>,
    undeclared: HashSet<Name>,
}

#[derive(Debug)]
pub struct Found {
    pub leads: usize,
    pub lost: Vec<Name>,
    pub twice: Vec<Name>,
    pub undeclared: Vec<Name>,
    pub in_doubt: usize,
}

impl Judge {
    pub fn new(ledger: PathBuf) -> Self {
        Self {
            ledger,
            leads: HashMap::new(),
            had: HashSet::new(),
            lost: HashSet::new(),
            undeclared: HashSet::new(),
        }
    }

    /// An export was given; `certain`: leadctl had it in hand.
    pub fn handed(&mut self, to: &'static str, first: usize, count: usize, certain: bool) {
        self.leads.insert(to, first + count);
        if certain {
            self.had
                .extend((first..first + count).map(|lead| (to, lead)));
        }
    }

    pub fn leads(&self, to: &str) -> usize {
        self.leads.get(to).copied().unwrap_or(0)
    }

    /// After a kill: who arrived is in a state in which nobody sends it again.
    pub fn nothing_undeclared(
        &mut self,
        five: &Five,
        to: &'static str,
        first: usize,
        count: usize,
    ) {
        let states = self.states(to, 200);
        for lead in first..first + count {
            let state = states.get(&lead).map_or("nowhere", String::as_str);
            if five.leads_of(to, lead) > 0 && !KEPT.contains(&state) {
                self.undeclared.insert((to, lead));
            }
        }
    }

    /// What a killed run had read from a pipe is in the ledger by now.
    pub fn nothing_of_a_pipe_is_lost(&mut self) {
        for to in DESTINATIONS {
            let states = self.states(to, u32::MAX);
            let had = self.had.iter().filter(|(at, _)| *at == to);
            let lost: Vec<_> = had
                .filter(|(_, lead)| !states.contains_key(lead))
                .copied()
                .collect();
            self.lost.extend(lost);
        }
    }

    /// After the last rerun.
    pub fn verdict(self, five: &Five) -> Found {
        let mut found = Found {
            leads: 0,
            lost: self.lost.iter().copied().collect(),
            twice: Vec::new(),
            undeclared: self.undeclared.iter().copied().collect(),
            in_doubt: 0,
        };
        for to in DESTINATIONS {
            let states = self.states(to, u32::MAX);
            for lead in 0..self.leads(to) {
                found.leads += 1;
                let arrived = five.leads_of(to, lead);
                let state = states.get(&lead).map_or("nowhere", String::as_str);
                found.in_doubt += usize::from(state == "in_doubt");
                if arrived > 1 {
                    found.twice.push((to, lead));
                }
                if !KEPT.contains(&state) || (arrived == 0 && state != "in_doubt") {
                    found.lost.push((to, lead));
                }
            }
        }
        found
    }

    /// Each person's state, of the latest rows.
    fn states(&self, to: &str, latest: u32) -> HashMap<usize, String> {
        if !self.ledger.exists() {
            return HashMap::new();
        }
        let conn = Connection::open(&self.ledger).expect("the ledger");
        conn.busy_timeout(PATIENCE).expect("a time-out");
        let Ok(mut query) = conn.prepare(
            "SELECT fields, state FROM leads
             JOIN destinations ON destinations.id = destination
             WHERE name = ?1 ORDER BY leads.id DESC LIMIT ?2",
        ) else {
            // Killed before there were tables.
            return HashMap::new();
        };
        let rows = query
            .query_map(rusqlite::params![to, latest], |row| {
                Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?))
            })
            .expect("rows");
        rows.map(|row| row.expect("a row"))
            .filter_map(|(fields, state)| Some((person(fields.as_bytes())?, state)))
            .collect()
    }
}
