//! A home with one destination, its leads and its ledger: what every fault
//! starts from.

use std::path::PathBuf;
use std::thread;
use std::time::{Duration, Instant};

use rusqlite::Connection;

use crate::common::{Act, Arrived, Home, Outcome, PATIENCE, Partner, Running};

/// What follows `base` in every `[desk]` that says nothing else: hasty, so that
/// no test waits.
pub const HASTY: &str = "tries = 2\nbackoff = \"1ms\"\njobs = 1\n";

/// Asks for a proof: a 201 with an id.
const REST: &str = r#"
[desk.fields]
name  = "last_name"
email = { from = "email", required = true }
[desk.send]
message = "/message"
"#;

const PROOF: &str =
    r#"{ when = { status = 201, "/id" = "present" }, then = "delivered", reference = "/id" }"#;

/// A user's folder.
pub struct Desk {
    pub home: Home,
}

impl Desk {
    /// `[desk]` at `base`, called with [`HASTY`].
    pub fn at(base: &str) -> Self {
        let desk = Self { home: Home::new() };
        desk.configure(base, HASTY, "");
        desk
    }

    /// `[desk]` at `base` with these settings and, before its proof, these rules.
    pub fn with(base: &str, settings: &str, rules: &str) -> Self {
        let desk = Self { home: Home::new() };
        desk.configure(base, settings, rules);
        desk
    }

    /// Writes the configuration anew.
    pub fn configure(&self, base: &str, settings: &str, rules: &str) {
        let key = match settings.contains("key =") {
            true => "",
            false => "key = [\"email\"]\n",
        };
        self.home.config(&format!(
            "[leadctl]\nledger = \"ledger.db\"\n[desk]\nbase = \"{base}\"\n{key}{settings}{REST}path = \"/leads\"\nrules = [{rules}\n{PROOF}]\n"
        ));
    }

    /// The ledger's file.
    pub fn ledger(&self) -> PathBuf {
        self.home.path().join("ledger.db")
    }

    /// Runs `leadctl send --to desk --format json` with more arguments.
    pub fn send(&self, more: &[&str]) -> Outcome {
        self.start(more).finish()
    }

    pub fn start(&self, more: &[&str]) -> Running {
        self.home.start(&arguments(more), b"")
    }

    /// The same, with leads on standard input.
    pub fn pipe(&self, more: &[&str], input: &str) -> Running {
        self.home.start(&arguments(more), input)
    }

    /// Writes an export of leads numbered from `first`; returns its name.
    pub fn export(&self, name: &str, first: usize, count: usize) -> String {
        self.home.write(name, export(first, count));
        name.to_owned()
    }

    /// A connection of the test's own.
    pub fn sql(&self) -> Connection {
        let conn = Connection::open(self.ledger()).expect("the ledger");
        conn.busy_timeout(PATIENCE).expect("a time-out");
        conn
    }

    /// The states of all leads, in the order in which they were stored.
    pub fn states(&self) -> Vec<String> {
        column(&self.sql(), "SELECT state FROM leads ORDER BY id")
    }

    /// Returns once the ledger answers `query` with this number.
    pub fn await_sql(&self, query: &str, number: i64) {
        let late = Instant::now() + PATIENCE;
        loop {
            let found = match self.ledger().exists() {
                true => Connection::open(self.ledger())
                    .and_then(|conn| conn.query_row(query, [], |row| row.get::<_, i64>(0))),
                false => Ok(-1),
            };
            match found {
                Ok(found) if found == number => return,
                other => assert!(Instant::now() < late, "{query}: {other:?}"),
            }
            // SQLite tells nobody of a change: it has to be asked again.
            thread::sleep(Duration::from_millis(2));
        }
    }

    /// Returns once this number of leads is in this state.
    pub fn await_state(&self, state: &str, count: i64) {
        self.await_sql(
            &format!("SELECT count(*) FROM leads WHERE state = '{state}'"),
            count,
        );
    }
}

fn arguments<'a>(more: &[&'a str]) -> Vec<&'a str> {
    let mut arguments = vec!["send", "--to", "desk", "--format", "json"];
    arguments.extend(more);
    arguments
}

pub fn column(conn: &Connection, query: &str) -> Vec<String> {
    let mut found = conn.prepare(query).expect("a query");
    let rows = found.query_map([], |row| row.get(0)).expect("rows");
    rows.collect::<Result<_, _>>().expect("texts")
}

/// A CSV of leads numbered from `first`.
pub fn export(first: usize, count: usize) -> String {
    let mut text = "Nom;E-mail\n".to_owned();
    for number in first..first + count {
        text.push_str(&format!("Nom{number};lead{number}@example.fr\n"));
    }
    text
}

/// The proof that a lead was taken.
pub fn taken(arrived: &Arrived) -> Act {
    Act::json(201, &format!("{{\"id\":{}}}", arrived.number + 1))
}

/// A partner that takes every lead.
pub fn willing() -> Partner {
    Partner::start(taken)
}

/// Plays these acts, then takes every lead.
pub fn then_willing(acts: Vec<Act>) -> Partner {
    Partner::start(move |arrived| {
        let act = acts.get(arrived.number);
        act.cloned().unwrap_or_else(|| taken(arrived))
    })
}

/// Whose leads arrived, by e-mail, in order.
pub fn persons(partner: &Partner) -> Vec<String> {
    let arrived = partner.arrived();
    let person = |one: &Arrived| one.json()["email"].as_str().unwrap_or("?").to_owned();
    arrived.iter().map(person).collect()
}
