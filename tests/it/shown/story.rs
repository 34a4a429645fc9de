//! A newcomer's first day and month, told in each language.

use rusqlite::Connection;

use super::{Teller, languages};

/// What is theirs to write into the configuration; a lead at a time, so that each has
/// its reference at every run.
const OWN: &str = r#"
jobs        = 1
price       = [{ amount = "35.00" }, { amount = "1245.50", when = { program = ["12"] } }]
billable_on = ["approved"]
"#;

impl Teller {
    /// Points every table at the simulated partners.
    fn configures(&mut self) -> &mut Self {
        let toml = self
            ._partners
            .toml
            .replace("[adlead]\n", &format!("[adlead]{OWN}"))
            .replace("[companeo]\n", "[companeo]\njobs = 1\n");
        let toml = format!("{toml}\n[sources.salon]\ncost = \"12.00\"\n");
        self.home.set("LEADCTL_LEDGER", "ledger.db");
        self.home.config(&toml);
        self
    }

    /// What was done today was done on a day that is the same at every run.
    fn sleeps_long(&mut self) -> &mut Self {
        let ledger = Connection::open(self.home.path().join("ledger.db")).unwrap();
        const THEN: &str = "1760000000000";
        for (table, columns) in [
            (
                "leads",
                &["read_at", "first_read_at", "sent_at", "decided_at"][..],
            ),
            ("attempts", &["started_at", "ended_at", "decided_at"]),
            ("runs", &["started_at", "ended_at"]),
        ] {
            for column in columns {
                let sql =
                    format!("UPDATE {table} SET {column} = {THEN} WHERE {column} IS NOT NULL");
                ledger.execute(&sql, []).unwrap();
            }
        }
        self
    }
}

#[test]
fn setting_up() {
    for language in languages() {
        Teller::new(&language)
            .types("check leads.csv")
            .types("partners")
            .types("partners adlead")
            .types("partners --fields")
            .types("init adlead --config mine.toml")
            .opens("mine.toml")
            .types("check --config mine.toml")
            .told("setting-up");
    }
}

#[test]
fn sending() {
    for language in languages() {
        Teller::new(&language)
            .configures()
            .types("check --to adlead leads.csv")
            .types("send --to adlead --limit 1 --dry-run leads.csv")
            .types("send --to adlead --source salon --rejects refused.csv leads.csv")
            .opens("refused.csv")
            .types("send --to companeo companeo.csv")
            .types("send --to adlead --sandbox --limit 2 leads.csv")
            .told("sending");
    }
}

#[test]
fn a_morning() {
    for language in languages() {
        Teller::new(&language)
            .configures()
            .types("send --quiet --to adlead --source salon leads.csv")
            .sleeps_long()
            .pipes("send --to adlead leads.csv")
            .types("status")
            .types("history")
            .types("history 1")
            .types("history --person martin")
            .pipes("follow --to adlead")
            .types("resolve 6 --delivered")
            .types("resend --to adlead 4")
            .types("list --to adlead --default tenant=agence-demo --default program=12")
            .told("morning");
    }
}

#[test]
fn a_month() {
    for language in languages() {
        Teller::new(&language)
            .configures()
            .types("send --quiet --to adlead --source salon leads.csv")
            .pipes("follow --wait 1m")
            .sleeps_long()
            .types("report --month 2025-10")
            .types("report --month 2025-10 --by source")
            .types("report --month 2025-10 --output month.html")
            .opens("month.html")
            .types("history --person lea.martin@example.fr --output lea.html")
            .opens("lea.html")
            .told("month");
    }
}

#[test]
fn keeping() {
    for language in languages() {
        Teller::new(&language)
            .configures()
            .types("send --quiet --to adlead leads.csv")
            .types("block lea.martin@example.fr --note demande")
            .types("block")
            .types("unblock lea.martin@example.fr")
            .types("purge --person hugo.petit@example.fr")
            .types("purge --before 2020-01-01")
            .types("backup copy.db")
            .types("--ledger other.db restore copy.db")
            .types("resolve 99 --delivered")
            .told("keeping");
    }
}

#[test]
fn what_goes_wrong() {
    const WRONG: &str = "[adlead]\nkee = [\"email\"]\npace = \"often\"\n[adlead.fields]\nname = { from = \"last_name\", required = \"yes\" }\n\n[acme]\nbase = \"ftp://example.fr\"\n";
    for language in languages() {
        let mut teller = Teller::new(&language);
        teller.home.write("wrong.toml", WRONG);
        teller.home.write("empty.csv", "");
        teller.home.write("binary.csv", [0, 159, 146, 150, 0, 1, 2]);
        teller
            .home
            .write("odd.csv", "Nom;E-mail\nMartin;lea@example.fr;trop\n");
        teller
            .types("--config wrong.toml check")
            .types("--config nowhere.toml send --to adlead leads.csv")
            .types("send --to adlaed leads.csv")
            .types("send --to hubspot nowhere.csv")
            .types("send --to hubspot empty.csv")
            .types("send --to hubspot binary.csv")
            .types("send --to hubspot --dry-run odd.csv")
            .types("send --to maarch leads.csv")
            .types("send")
            .types("send --to")
            .types("send --too adlead leads.csv")
            .types("sned leads.csv")
            .types("send --to adlead --format jsn leads.csv")
            .types("history 4711")
            .types("resolve 1 --delivered")
            .told("wrong");
    }
}
