//! The random kill harness: kill -9 at random moments, with several workers,
//! over the five destinations of the catalogue, then a rerun. What arrived is
//! compared, person by person, with what the ledger says.
//!
//! `LEADCTL_KILLS` is how often (200), `LEADCTL_SEED` repeats a run's dice. The
//! line that it ends with is printed with `--nocapture`. HubSpot's own partner
//! knows its contacts by e-mail: a repeat after a lost answer is legitimate
//! there and is told "already exists" (409); twice is a second contact.

pub mod dice;
pub mod judge;
pub mod partner;

use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use self::dice::Dice;
use self::judge::{Found, Judge};
use self::partner::{DESTINATIONS, Five};
use crate::common::{Home, Running};

/// Leads of one export; half of them were in the export before.
pub const EXPORT: usize = 16;

#[test]
fn kill_nine_at_random_moments() {
    let seed = number("LEADCTL_SEED").unwrap_or_else(clock);
    let kills = number("LEADCTL_KILLS").unwrap_or(200);
    println!("seed {seed} kills {kills}");
    let mut dice = Dice::new(seed);
    let five = Five::start(seed);
    let home = home(&five, "ledger.db");
    let mut judge = Judge::new(home.path().join("ledger.db"));

    let mut killed = 0;
    for round in 0_usize.. {
        if killed == kills {
            break;
        }
        let to = DESTINATIONS[round % DESTINATIONS.len()];
        let first = round / DESTINATIONS.len() * EXPORT / 2;
        let export = export(first, EXPORT);
        let before = five.commits(to);
        let piped = dice.one_in(2);
        let mut run = match piped {
            true => home.start(&["send", "--to", to, "--jobs", "4", "-"], &export),
            false => {
                home.write("leads.csv", &export);
                home.start(&["send", "--to", to, "--jobs", "4", "leads.csv"], "")
            }
        };
        if was_killed(&mut run, &five, to, before, &mut dice) {
            killed += 1;
        }
        run.kill();
        // Standard input is on disk before the first lead of it leaves.
        judge.handed(to, first, EXPORT, piped && five.commits(to) > before);
        judge.nothing_undeclared(&five, to, first, EXPORT);
    }

    let found = settle_all(&home, &five, judge);
    println!(
        "seed {seed} leads {} kills {killed} lost {} twice {} undeclared {} in doubt {} (answers lost by the partner itself {}, repeats told \"already exists\" {})",
        found.leads,
        found.lost.len(),
        found.twice.len(),
        found.undeclared.len(),
        found.in_doubt,
        five.lost_answers(),
        five.told_existing(),
    );
    // A kill leaves one lead a worker at most.
    assert!(
        found.in_doubt <= 4 * killed + five.lost_answers(),
        "seed {seed}"
    );
    assert_eq!(
        (found.lost, found.twice, found.undeclared),
        (Vec::new(), Vec::new(), Vec::new()),
        "seed {seed}"
    );
}

/// Also while the ledger and its key are being made for the first time.
#[test]
fn kill_nine_while_the_ledger_is_made() {
    let seed = number("LEADCTL_SEED").unwrap_or_else(clock);
    let five = Five::start(seed);
    let mut dice = Dice::new(seed);
    for turn in 0..20 {
        let home = home(&five, "ledger.db");
        home.write("leads.csv", export(turn, 1));
        for _ in 0..3 {
            let run = home.start(&["send", "--to", "maarch", "leads.csv"], "");
            thread::sleep(Duration::from_micros(dice.below(40_000)));
            run.kill();
        }
        let run = home.run(&["send", "--to", "maarch", "leads.csv"]);
        assert!(
            matches!(run.code, Some(0 | 4)),
            "seed {seed} {}",
            run.stderr
        );
        let arrived = five.leads_of("maarch", turn);
        assert!(
            arrived <= 1 && (arrived == 1 || run.code == Some(4)),
            "seed {seed} {arrived} {run:?}"
        );
    }
}

/// Waits for the moment: after a while, or some commits from now. False if the
/// run ended first.
pub fn was_killed(
    run: &mut Running,
    five: &Five,
    to: &str,
    before: usize,
    dice: &mut Dice,
) -> bool {
    if dice.one_in(3) {
        thread::sleep(Duration::from_micros(dice.below(120_000)));
        return !run.ended();
    }
    let more = usize::try_from(dice.below(EXPORT as u64)).unwrap_or(0);
    while five.commits(to) < before + more {
        if run.ended() {
            return false;
        }
        // Nothing tells of both a commit and an end: it has to be asked again.
        thread::sleep(Duration::from_micros(100));
    }
    thread::sleep(Duration::from_micros(dice.below(3000)));
    !run.ended()
}

/// Runs everything again, twice, until nothing is left to do; then judges.
pub fn settle_all(home: &Home, five: &Five, mut judge: Judge) -> Found {
    take_in_what_is_left(home);
    judge.nothing_of_a_pipe_is_lost();
    for _ in 0..2 {
        for to in DESTINATIONS {
            home.write("all.csv", export(0, judge.leads(to)));
            let run = home.run(&["send", "--to", to, "--jobs", "4", "all.csv"]);
            assert!(
                matches!(run.code, Some(0 | 4)),
                "{to} {:?} {}",
                run.code,
                run.stderr
            );
        }
    }
    judge.verdict(five)
}

/// One lead for each destination: what was piped into killed runs is taken in.
fn take_in_what_is_left(home: &Home) {
    home.write("last.csv", export(10_000_000, 1));
    for to in DESTINATIONS {
        let run = home.run(&["send", "--to", to, "last.csv"]);
        // 5: the first run takes in what the last killed one left for another destination.
        let is_taken_in = matches!(run.code, Some(0 | 4 | 5));
        assert!(is_taken_in, "{to} {:?} {}", run.code, run.stderr);
    }
}

pub fn home(five: &Five, ledger: &str) -> Home {
    let mut home = Home::new();
    let mut config = format!("[leadctl]\nledger = \"{ledger}\"\n");
    for to in DESTINATIONS {
        config.push_str(&format!(
            "[{to}]\nbase = \"{}/{to}\"\npace = false\nbackoff = \"1ms\"\nstop_after_doubts = 1000000\n{}\n",
            five.base(),
            match to {
                "adlead" => "defaults = { tenant = \"agence\", program = \"12\" }",
                "iciformation" => "defaults = { client = \"XYZ\", id_client = \"1234\" }",
                _ => "",
            }
        ));
    }
    home.config(&config);
    for secret in [
        "ADLEAD_API_KEY",
        "COMPANEO_TOKEN",
        "HUBSPOT_TOKEN",
        "ICIFORMATION_TOKEN",
        "MAARCH_PASSWORD",
    ] {
        home.set(secret, "k3y");
    }
    home
}

/// An export that all five accept, of the leads numbered from `first`.
pub fn export(first: usize, count: usize) -> String {
    let mut text = "Civilité;Prénom;Nom;E-mail;Téléphone;Code postal;Ville;Société;\
        Nombre de salariés / Visiteurs;Forme juridique;Formation\n"
        .to_owned();
    for lead in first..first + count {
        text.push_str(&format!(
            "Mme;Léa;Martin;k{lead}@example.fr;06 39 98 {:02} {:02};75001;Paris;Martin SARL;1 - 4;\
             \"Société créée (SASU, SARL, etc.)\";Anglais\n",
            lead / 100 % 100,
            lead % 100
        ));
    }
    text
}

pub fn number<T: std::str::FromStr>(name: &str) -> Option<T> {
    std::env::var(name).ok()?.parse().ok()
}

pub fn clock() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    now.map_or(1, |now| now.as_secs())
}
