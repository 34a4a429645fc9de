//! Leads along routes: three destinations behind one door, which counts who got whom.

mod choosing;
mod going_on;
mod kills;
mod pipe;
mod together;
mod told;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::common::desk::column;
use crate::common::{Act, Arrived, Home, Outcome, Partner};

/// The destinations, each under its own path.
pub const ABC: [&str; 3] = ["a", "b", "c"];

const TABLES: &str = r#"
[a]
base = "BASE/a"
key = ["email"]
tries = 2
backoff = "1ms"
jobs = 1
stop_after_doubts = 1000000
stop_after_refusals = 1000000
A-WORDS
[a.fields]
name = "last_name"
email = { from = "email", required = true }
[a.send]
path = "/leads"
message = "/message"
rules = [
  { when = { status = 201, "/id" = "present" }, then = "delivered", reference = "/id" },
  { when = { status = 202, "/id" = "present" }, then = "pending", reference = "/id" },
  { when = { status = 409 }, then = "duplicate" },
]
[a.follow]
path = "/leads/{reference}"
rules = [
  { when = { "/state" = "taken" }, then = "approved" },
  { when = { "/state" = "refused" }, then = "rejected" },
]
[b]
extends = "a"
base = "BASE/b"
B-WORDS
[c]
extends = "a"
base = "BASE/c"
"#;

/// Words of b by which it takes none of these leads.
pub const PICKY: &str = "[b.fields]\nname = { from = \"last_name\", pattern = '^X' }";

/// Three destinations, a route and a ledger.
pub struct Crossing {
    pub partner: Partner,
    pub home: Home,
    got: Arc<Mutex<BTreeMap<&'static str, Vec<String>>>>,
}

/// Which destination this request is for, and whose lead it is.
pub fn of(arrived: &Arrived) -> (&'static str, String) {
    let to = ABC
        .into_iter()
        .find(|to| arrived.target.starts_with(&format!("/{to}/")));
    let who = arrived.json()["email"]
        .as_str()
        .unwrap_or_default()
        .to_owned();
    (to.unwrap_or_default(), who)
}

/// A lead is taken.
pub fn taken(arrived: &Arrived) -> Act {
    Act::json(201, &format!("{{\"id\":{}}}", arrived.number + 1))
}

pub fn refused() -> Act {
    Act::json(422, r#"{"message":"hors zone"}"#)
}

impl Crossing {
    /// `route`: the words of `[routes.r]`; `answer`: what each destination does with a
    /// lead that was posted.
    pub fn new(
        route: &str,
        answer: impl Fn(&str, &str, &Arrived) -> Act + Send + Sync + 'static,
    ) -> Self {
        let got = Arc::<Mutex<BTreeMap<&'static str, Vec<String>>>>::default();
        let noting = Arc::clone(&got);
        let partner = Partner::start(move |arrived| {
            let (to, who) = of(arrived);
            if arrived.method == "POST" {
                let mut got = noting.lock().unwrap_or_else(PoisonError::into_inner);
                got.entry(to).or_default().push(who.clone());
            }
            answer(to, &who, arrived)
        });
        let crossing = Self {
            partner,
            home: Home::new(),
            got,
        };
        crossing.configure(route, "", "");
        crossing
    }

    /// The same with these words in the tables of a and b.
    pub fn configure(&self, route: &str, a: &str, b: &str) {
        let tables = TABLES.replace("BASE", &self.partner.base());
        let tables = tables.replace("A-WORDS", a).replace("B-WORDS", b);
        let own = "[leadctl]\nledger = \"ledger.db\"\n";
        self.home
            .config(&format!("{own}{tables}\n[routes.r]\n{route}\n"));
    }

    /// Writes an export of these leads, and sends it along the route.
    pub fn send(&self, leads: &[usize], more: &[&str]) -> Outcome {
        self.home.write("leads.csv", export(leads));
        let mut arguments = vec!["send", "--to", "r", "--format", "json"];
        arguments.extend(more);
        arguments.push("leads.csv");
        self.home.run(&arguments)
    }

    pub fn run(&self, arguments: &[&str]) -> Outcome {
        self.home.run(arguments)
    }

    /// The numbers of the leads that were posted to a destination, in order.
    pub fn got(&self, to: &str) -> Vec<usize> {
        let got = self.got.lock().unwrap_or_else(PoisonError::into_inner);
        let got = got.get(to).into_iter().flatten();
        got.map(|who| number(who)).collect()
    }

    /// `a 3 rejected`: every offer, in the order in which it was stored.
    pub fn offers(&self) -> Vec<String> {
        let conn = rusqlite::Connection::open(self.home.path().join("ledger.db"));
        let query = "SELECT name || ' ' || coalesce(email_text, '') || ' ' || state
             FROM leads JOIN destinations ON destinations.id = destination ORDER BY leads.id";
        let offers = column(&conn.expect("the ledger"), query).into_iter();
        offers
            .map(|it| it.replace("lead", "").replace("@example.fr", ""))
            .collect()
    }
}

/// The number in `lead17@example.fr`.
pub fn number(who: &str) -> usize {
    let digits: String = who.chars().filter(char::is_ascii_digit).collect();
    digits.parse().unwrap_or_default()
}

/// A CSV of these leads.
pub fn export(leads: &[usize]) -> String {
    let rows = leads
        .iter()
        .map(|lead| format!("Nom{lead};lead{lead}@example.fr\n"));
    format!("Nom;E-mail\n{}", rows.collect::<String>())
}
