//! One calendar: on a machine in UTC, with the zone of Paris, no two places tell two days
//! of one moment.

use crate::common::desk::{Desk, willing};
use crate::common::{Outcome, Partner};

/// 2020-11-19 23:30 in UTC; in Paris the 20th has begun.
const AT: i64 = 1_605_828_600_000;
const HOUR: i64 = 3_600_000;

/// A desk whose zone is that, and which asks for a consent.
fn desk(partner: &Partner, zone: &str) -> Desk {
    let consent = "tries = 1\njobs = 1\n[desk.consent]\n\
        given = { from = \"consent\", is = [\"oui\"] }\nat = \"consent_at\"\n";
    let desk = Desk::with(&partner.base(), consent, "");
    zoned(&desk, zone);
    desk
}

fn zoned(desk: &Desk, zone: &str) {
    let config = desk.home.read("partners.toml");
    let own = format!("[leadctl]\nzone = \"{zone}\"\n");
    desk.home.config(&config.replace("[leadctl]\n", &own));
}

fn write(desk: &Desk, name: &str, rows: &str) {
    let head = "email,last_name,consent,consent_at\n";
    desk.home.write(name, format!("{head}{rows}"));
}

/// All leads were sent then.
fn sent_at(desk: &Desk, at: i64) {
    let then = format!(
        "UPDATE leads SET read_at = {at}, first_read_at = {at}, sent_at = {at}, decided_at = {at};
         UPDATE attempts SET started_at = {at}, ended_at = {at};"
    );
    desk.sql().execute_batch(&then).unwrap();
}

fn run(desk: &Desk, arguments: &[&str]) -> Outcome {
    desk.home.run(arguments).expect_code(0)
}

#[test]
fn a_lead_has_one_day_in_history_report_and_purge() {
    let partner = willing();
    let desk = desk(&partner, "Europe/Paris");
    write(&desk, "leads.csv", "ana@example.fr,Ana,oui,2020-01-02\n");
    desk.send(&["leads.csv"]).expect_code(0);
    sent_at(&desk, AT);
    for (day, count) in [("2020-11-19", 0), ("2020-11-20", 1), ("2020-11-21", 0)] {
        let that_day = ["--since", day, "--until", day, "--json"];
        for verb in ["history", "report"] {
            let told = run(&desk, &[&[verb], &that_day[..]].concat());
            assert_eq!(told.rows().len(), count, "{verb} of {day}: {told:?}");
        }
    }
    let table = run(&desk, &["history"]).stdout;
    assert!(table.contains("20 Nov 2020"), "{table}");
    let page = run(&desk, &["history", "1"]).stdout;
    assert!(
        page.contains("20 Nov 2020") && !page.contains("19 Nov"),
        "{page}"
    );
    let again = desk.send(&["leads.csv"]).expect_code(0);
    assert!(
        again.stdout.contains("since 20 Nov 2020"),
        "{}",
        again.stdout
    );

    let purged = |before| run(&desk, &["purge", "--before", before, "--json"]);
    let none = purged("2020-11-20");
    assert!(none.stderr.contains("of before 20 Nov 2020"), "{none:?}");
    assert!(none.stderr.contains("from 0 leads"), "{none:?}");
    let one = purged("2020-11-21");
    assert!(
        one.stderr.contains("from 1 lead of before 21 Nov 2020"),
        "{one:?}"
    );
}

#[test]
fn what_keeps_a_person_from_being_sent_is_dated_as_it_was_written() {
    let partner = willing();
    let desk = desk(&partner, "Europe/Paris");
    write(&desk, "no.csv", "ana@example.fr,Ana,non,2020-11-20\n");
    desk.send(&["no.csv"]).expect_code(3);
    write(
        &desk,
        "leads.csv",
        "ana@example.fr,Ana,oui,2020-01-02\nbo@example.fr,Bo,oui,2020-01-02\n",
    );
    run(&desk, &["block", "bo@example.fr"]);
    let then = format!("UPDATE blocked SET at = {AT}; UPDATE blocks SET at = {AT};");
    desk.sql().execute_batch(&then).unwrap();
    let told = desk.send(&["leads.csv"]).stdout;
    assert!(
        told.contains("consent taken back on 20 Nov 2020:"),
        "{told}"
    );
    assert!(told.contains("blocked since 20 Nov 2020:"), "{told}");
    let list = run(&desk, &["block"]).stdout;
    assert!(list.contains("20 Nov 2020 00:30"), "{list}");
    assert_eq!(partner.count(), 0);
}

/// In the zone where midnight was within the last hour, what was sent two hours ago was
/// sent yesterday; in this machine's it was mostly today.
#[test]
fn today_began_at_midnight_of_the_zone() {
    let now = jiff::Timestamp::now();
    let hour = (now.as_second() / 3_600) % 24;
    let zone = match hour {
        0..=12 => format!("Etc/GMT+{hour}"),
        _ => format!("Etc/GMT-{}", 24 - hour),
    };
    let partner = willing();
    let desk = desk(&partner, &zone);
    write(&desk, "leads.csv", "ana@example.fr,Ana,oui,2020-01-02\n");
    desk.send(&["leads.csv"]).expect_code(0);
    sent_at(&desk, now.as_millisecond() - 2 * HOUR);
    let status = run(&desk, &["status", "--json"]).rows();
    assert_eq!(status[0]["sent_today"], 0, "{zone}: {status:?}");
    let history = |when: &str| run(&desk, &["history", "--since", when, "--json"]).rows();
    assert_eq!(history("today").len(), 0, "{zone}");
    assert_eq!(history("yesterday").len(), 1, "{zone}");
    let table = run(&desk, &["history"]).stdout;
    assert!(!table.contains("today"), "{table}");
}
