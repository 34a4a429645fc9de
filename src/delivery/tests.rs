//! The protocol explored: every state that can be reached, every event that can
//! happen there. And what the workers share.

use std::collections::HashSet;
use std::time::Duration;

use jiff::tz::TimeZone;

use super::control::{Control, Health};
use super::control::{Stop, StopKind};
use super::protocol::{Action, Ending, Event, Heard, Ruling, Tries, WAITS};
use super::words::{approved, soon_in};
use crate::config::Then;
use crate::config::{Catalogue, Destination};
use crate::lead::State;
use crate::outcome::{Meaning, Verdict};
use crate::trace::Wait;

pub fn shop() -> Destination {
    let text = "[shop]\nbase = \"https://api.example.fr\"\nkey = [\"email\"]\ntries = 3\n\
                backoff = \"100ms\"\nlongest_wait = \"1m\"\n[shop.fields]\ne = \"email\"\n[shop.send]\npath = \"/\"\n";
    let catalogue = Catalogue::load(Some(("test.toml", text))).expect("no mistake");
    catalogue.get("shop").expect("a shop").clone()
}

fn verdict(meaning: Meaning) -> Verdict {
    Verdict::new(meaning, "replied", "said".into())
}

pub fn heard(meaning: Meaning) -> Heard {
    Heard {
        left_at: None,
        verdict: verdict(meaning),
        at: 1_000,
        expires_at: None,
        decided_at: None,
        left: None,
        chance: 0.5,
    }
}

/// Every answer that the protocol tells apart.
fn answers() -> Vec<Heard> {
    let mut answers = vec![heard(Meaning::Unreachable)];
    for (_, then) in Then::WORDS {
        for (status, wait, expires_at) in [
            (None, None, None),
            (Some(503), Some(30), Some(999)),
            (Some(200), Some(3600), Some(1_001)),
        ] {
            let mut heard = heard(Meaning::Then(then));
            heard.verdict.status = status;
            heard.verdict.wait = wait.map(Duration::from_secs);
            heard.expires_at = expires_at;
            answers.push(heard);
        }
    }
    answers
}

/// What the world knows of a lead, whatever its worker believes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct World {
    /// The attempt is on disk and its outcome is not.
    open: bool,
    /// A request of this run left and no answer told what became of it.
    may_be_there: bool,
    /// What is stored.
    stored: Option<State>,
    called: bool,
}

/// The events that can follow an action, and the world after each.
fn events(action: &Action, world: World) -> Vec<(Event, World)> {
    let stop = || Stop::all(StopKind::Interrupted);
    let same = |event| (event, world);
    match action {
        Action::Begin => vec![
            (
                Event::Granted(1),
                World {
                    open: true,
                    ..world
                },
            ),
            same(Event::Paced(Duration::from_secs(1))),
            same(Event::Taken(State::Delivered)),
            same(Event::Stopped(stop())),
        ],
        Action::Call(attempt) => {
            let answered = |heard: Heard| {
                let lost = heard.verdict.meaning == Meaning::Then(Then::InDoubt);
                let may_be_there = world.may_be_there || lost;
                let after = World {
                    may_be_there,
                    called: true,
                    ..world
                };
                (Event::Answered(*attempt, Box::new(heard)), after)
            };
            answers().into_iter().map(answered).collect()
        }
        Action::Record(_, _, ruling) => {
            let after = World {
                open: false,
                stored: ruling.state.or(world.stored),
                ..world
            };
            vec![
                (Event::Recorded(ruling.again), after),
                same(Event::NotRecorded),
            ]
        }
        Action::Rest(_) => vec![same(Event::Rested), same(Event::Stopped(stop()))],
        Action::End(_) => Vec::new(),
    }
}

/// The promise, at one step.
fn keeps_the_promise(
    from: Tries,
    before: World,
    event: &str,
    tries: Tries,
    action: &Action,
    world: World,
) {
    let at = format!("{from:?} {before:?} + {event} → {tries:?} {action:?}");
    match action {
        Action::Call(_) => {
            assert!(world.open, "sent before it was on disk: {at}");
            let again = tries.safe_to_repeat || tries.asks;
            assert!(!world.may_be_there || again, "sent twice: {at}");
        }
        Action::Record(_, _, ruling) => records_rightly(tries, world, ruling, &at),
        Action::Begin | Action::Rest(_) => assert!(!world.open, "left open: {at}"),
        Action::End(ending) => {
            // Then the next start declares the lead in doubt.
            let unrecorded = event == "NotRecorded";
            assert_eq!(world.open, unrecorded, "an end that is not on disk: {at}");
            let tried = matches!(ending, Ending::Tried);
            assert!(world.called || !tried, "never tried: {at}");
        }
    }
    assert!(tries.made <= 3 && tries.waits <= WAITS, "no end: {at}");
}

fn records_rightly(tries: Tries, world: World, ruling: &Ruling, at: &str) {
    let doubtful = world.may_be_there || world.stored == Some(State::InDoubt);
    if doubtful && !tries.asks {
        let downgraded = ruling.state == Some(State::Failed);
        assert!(!downgraded, "a doubt became a failure: {at}");
    }
    if ruling.again.is_some() {
        let open = matches!(ruling.state, None | Some(State::Failed | State::InDoubt));
        assert!(open, "tried again after an answer: {at}");
        assert!(ruling.stop.is_none(), "{at}");
    }
    assert!(
        tries.asks || ruling.state.is_some(),
        "nothing recorded: {at}"
    );
}

#[test]
fn whatever_happens_nothing_is_lost_or_sent_twice() {
    let shop = shop();
    let (mut seen, mut steps) = (HashSet::new(), 0);
    for (doubtful, safe_to_repeat, asks) in [
        (false, false, false),
        (true, false, false),
        (false, true, false),
        (true, true, false),
        (false, false, true),
    ] {
        let start = Tries {
            doubtful,
            safe_to_repeat,
            asks,
            ..Tries::default()
        };
        let world = World {
            open: false,
            may_be_there: false,
            stored: doubtful.then_some(State::InDoubt),
            called: false,
        };
        let mut waiting = vec![(start, world, events(&Action::Begin, world))];
        while let Some((from, before, events_here)) = waiting.pop() {
            for (event, world) in events_here {
                let told = format!("{event:?}");
                let mut to = from;
                let action = to.next(event, &shop);
                steps += 1;
                keeps_the_promise(from, before, &told, to, &action, world);
                if seen.insert((to, world, format!("{action:?}"))) {
                    waiting.push((to, world, events(&action, world)));
                }
            }
        }
    }
    assert!(
        seen.len() > 1_000 && steps > seen.len(),
        "{} {steps}",
        seen.len()
    );
}

fn made(made: u32) -> Tries {
    Tries {
        made,
        ..Tries::default()
    }
}

fn ruled(meaning: Meaning, mut tries: Tries) -> Ruling {
    tries.rule(&heard(meaning), &shop())
}

#[test]
fn an_unreachable_partner_is_tried_again_then_stops_the_run() {
    for (tries, pause) in [(0, 100), (1, 200)] {
        let ruling = ruled(Meaning::Unreachable, made(tries));
        assert_eq!(ruling.state, Some(State::Failed));
        let again = ruling.again.expect("tried again");
        assert_eq!(again.pause, Duration::from_millis(pause));
    }
    let last = ruled(Meaning::Unreachable, made(2));
    assert_eq!((last.state, last.again), (Some(State::Failed), None));
    let told = last.stop.map(|stop| stop.to_string());
    assert_eq!(told.as_deref(), Some("said (tried 3 times)"));
}

#[test]
fn a_refused_token_is_renewed_once_and_no_doubt_goes_by_that() {
    let mut refused = heard(Meaning::Then(Then::Stop));
    refused.verdict.stale_token = true;
    for (doubtful, state) in [(false, State::Failed), (true, State::InDoubt)] {
        // The last try of ours: another token is none.
        let mut tries = Tries {
            doubtful,
            ..made(2)
        };
        let first = tries.rule(&refused, &shop());
        assert_eq!((first.state, first.stop), (Some(state), None));
        let again = first.again.expect("at once");
        assert_eq!((again.pause, again.why), (Duration::ZERO, Wait::Retry));
        let second = tries.rule(&refused, &shop());
        assert_eq!((second.state, second.again), (Some(state), None));
        assert!(matches!(second.stop, Some(StopKind::Wrong(_))));
    }
}

#[test]
fn waits_are_bounded() {
    let mut asked = heard(Meaning::Then(Then::Wait));
    asked.verdict.wait = Some(Duration::from_secs(30));
    let again = made(0).rule(&asked, &shop()).again.expect("again");
    assert!(again.why == Wait::Asked && again.pause >= Duration::from_secs(30));
    asked.left = Some(Duration::from_secs(10));
    let late = made(0).rule(&asked, &shop()).stop;
    assert!(matches!(late, Some(StopKind::WaitPastDeadline { .. })));
    asked.verdict.wait = Some(Duration::from_secs(3600));
    let long = made(0).rule(&asked, &shop());
    assert_eq!((long.state, long.again), (Some(State::Failed), None));
    let told = long.stop.map(|stop| stop.to_string()).unwrap_or_default();
    assert_eq!(
        told,
        "said: the partner asks to wait 60 min, longer than this run waits (60 s)"
    );
    let mut often = Tries {
        waits: WAITS - 1,
        ..made(0)
    };
    let stop = ruled(Meaning::Then(Then::Wait), often).stop;
    assert!(matches!(stop, Some(StopKind::WaitsTooMany { .. })));
    often.waits -= 1;
    assert!(ruled(Meaning::Then(Then::Wait), often).again.is_some());
}

#[test]
fn an_approval_that_ran_out_has_expired() {
    let mut approval = heard(Meaning::Then(Then::Approved));
    for (end, state) in [(1_000, State::Expired), (1_001, State::Approved)] {
        approval.expires_at = Some(end);
        let ruling = made(0).rule(&approval, &shop());
        assert_eq!(ruling.state, Some(state));
    }
}

#[test]
fn one_lead_tries_the_partner_until_it_answers() {
    let control = Control::new(None);
    let mut first = control.enter(&[]).expect("its turn");
    std::thread::scope(|scope| {
        let second = scope.spawn(|| control.enter(&[]).map(drop));
        assert!(!control.passes_on(&[]), "half open");
        first.health = Health::Answers;
        drop(first);
        assert_eq!(second.join().expect("no panic"), Ok(()));
    });
    let several = [control.enter(&[]), control.enter(&[])];
    assert!(several.iter().all(Result::is_ok), "closed");
    let mut doubtful = several.into_iter().flatten().next().expect("one");
    doubtful.health = Health::Doubtful;
    drop(doubtful);
    assert!(!control.passes_on(&[]), "half open again");
}

#[test]
fn a_stop_may_concern_only_some_leads() {
    let control = Control::new(None);
    let value = ("program".to_owned(), "12".to_owned());
    control.stop(Stop {
        kind: StopKind::Wrong("unknown programme".into()),
        only: vec![value.clone()],
    });
    assert!(control.enter(&[value]).is_err());
    assert!(control.enter(&[("program".into(), "15".into())]).is_ok());
    assert!(control.stopped().is_none());
    control.stop(Stop::all(StopKind::Doubts(3)));
    assert!(control.sleep(Wait::Pace, Duration::from_secs(60)).is_err());
}

#[test]
fn a_deadline_that_passed_stops_the_run() {
    let control = Control::new(Some(Duration::ZERO));
    let stop = control.enter(&[]).map(drop).expect_err("stopped");
    assert_eq!(stop.kind, StopKind::Deadline);
}

#[test]
fn a_stop_for_the_next_lead_needs_one() {
    let (pause, most) = (Duration::from_secs(7200), Duration::from_secs(60));
    let stop = Stop::all(StopKind::WindowUsedUp { pause, most });
    let told = stop.kind.to_string();
    assert!(
        told.contains("2 h 00, longer than this run waits (60 s)"),
        "{told}"
    );
    let control = Control::new(None);
    control.stop_next(stop.clone());
    assert!(control.stops().is_empty(), "nobody came");
    assert!(!control.passes_on(&[]));
    assert_eq!(control.enter(&[]).map(drop), Err(stop.clone()));
    assert_eq!(control.stops(), [stop]);
}

#[test]
fn an_end_within_a_week_is_told_in_days_of_the_calendar() {
    const HOUR: i64 = 3_600_000;
    const DAY: i64 = 24 * HOUR;
    let paris = TimeZone::fixed(jiff::tz::offset(1));
    // 2026-11-26 15:00 in Paris.
    let now = 1_795_701_600_000;
    for (left, words) in [
        (0, Some("today")),
        (9 * HOUR - 1, Some("today")),
        (9 * HOUR, Some("tomorrow")),
        (3 * DAY - 10 * HOUR, Some("in 3 days")),
        (7 * DAY, Some("in 7 days")),
        (8 * DAY, None),
    ] {
        let soon = soon_in(&paris, now + left, now);
        assert_eq!(soon.as_deref(), words, "{left}");
    }
}

#[test]
fn an_approval_tells_its_end_and_their_words() {
    let told = approved("nobody known", Some(1_793_689_925_000), None);
    assert!(told.ends_with(" Nov 2026: nobody known") && told.starts_with("approved until "));
    assert_eq!(approved("", None, None), "approved");
}
