//! What follows each verdict, and what the workers share.

use std::time::Duration;

use super::control::{Control, Turn, Way};
use super::step::{Step, Tries, next, too_long};
use super::stop::{Stop, StopKind};
use crate::config::Then;
use crate::config::{Catalogue, Destination};
use crate::lead::State;
use crate::outcome::{Meaning, Verdict};

fn shop() -> Destination {
    let text = "[shop]\nbase = \"https://api.example.fr\"\nkey = [\"email\"]\ntries = 3\n\
                backoff = \"100ms\"\nlongest_wait = \"1m\"\n[shop.fields]\ne = \"email\"\n[shop.send]\npath = \"/\"\n";
    let catalogue = Catalogue::load(Some(("test.toml", text))).expect("no mistake");
    catalogue.get("shop").expect("a shop").clone()
}

fn verdict(meaning: Meaning) -> Verdict {
    Verdict::new(meaning, "replied", "said".into())
}

fn step(meaning: Meaning, tries: Tries) -> Step {
    next(&verdict(meaning), &shop(), tries, None)
}

fn made(made: u32) -> Tries {
    Tries {
        made,
        chance: 0.5,
        ..Tries::default()
    }
}

#[test]
fn an_unreachable_partner_is_tried_again_then_stops_the_run() {
    let first = step(Meaning::Unreachable, made(1));
    assert_eq!(first.state, State::Failed);
    assert_eq!(
        first.again.map(|again| again.pause),
        Some(Duration::from_millis(100))
    );
    let second = step(Meaning::Unreachable, made(2));
    assert_eq!(
        second.again.map(|again| again.pause),
        Some(Duration::from_millis(200))
    );
    let last = step(Meaning::Unreachable, made(3));
    assert_eq!((last.state, last.again), (State::Failed, None));
    assert_eq!(last.stop.map(|stop| stop.kind), Some(StopKind::Unreachable));
}

#[test]
fn a_doubt_is_repeated_only_where_that_is_safe() {
    let doubt = Meaning::Then(Then::InDoubt);
    let left = step(doubt, made(1));
    assert_eq!((left.state, left.again), (State::InDoubt, None));
    let safe = Tries {
        safe_to_repeat: true,
        ..made(1)
    };
    assert!(step(doubt, safe).again.is_some());
    let often = Tries {
        safe_to_repeat: true,
        ..made(3)
    };
    assert!(step(doubt, often).again.is_none());
}

#[test]
fn what_follows_a_doubt_never_says_that_nothing_was_received() {
    let after = Tries {
        doubtful: true,
        ..made(2)
    };
    for meaning in [Meaning::Unreachable, Meaning::Then(Then::Stop)] {
        let step = step(meaning, after);
        assert_eq!(step.state, State::InDoubt);
        let told = "an earlier try may have arrived; this one did not: said";
        assert_eq!(step.message.as_deref(), Some(told));
    }
}

#[test]
fn waits_are_bounded() {
    let mut asked = verdict(Meaning::Then(Then::Wait));
    asked.wait = Some(Duration::from_secs(30));
    let tries = Tries {
        waits: 1,
        ..made(0)
    };
    let waiting = next(&asked, &shop(), tries, None);
    let again = waiting.again.expect("tried again");
    assert!(again.everybody && again.pause >= Duration::from_secs(30));
    let late = next(&asked, &shop(), tries, Some(Duration::from_secs(10)));
    assert_eq!(late.stop.map(|stop| stop.kind), Some(StopKind::ForNow));
    asked.wait = Some(Duration::from_secs(3600));
    let long = next(&asked, &shop(), tries, None);
    assert_eq!((long.state, long.again), (State::Failed, None));
    let often = Tries {
        waits: 8,
        ..made(0)
    };
    asked.wait = None;
    assert!(next(&asked, &shop(), often, None).stop.is_some());
}

#[test]
fn one_lead_tries_the_way_until_the_partner_answers() {
    let control = Control::new(None);
    assert_eq!(control.enter(&[]), Turn::Yours);
    std::thread::scope(|scope| {
        let second = scope.spawn(|| control.enter(&[]));
        control.leave(Way::Clear);
        assert_eq!(second.join().expect("no panic"), Turn::Yours);
    });
    // The way is clear: several at a time.
    assert_eq!(control.enter(&[]), Turn::Yours);
}

#[test]
fn a_stop_may_concern_only_some_leads() {
    let control = Control::new(None);
    let value = ("program".to_owned(), "12".to_owned());
    control.stop(Stop {
        only: vec![value.clone()],
        ..Stop::all(StopKind::Wrong, "unknown programme")
    });
    assert!(matches!(control.enter(&[value]), Turn::Stopped(_)));
    assert_eq!(
        control.enter(&[("program".into(), "15".into())]),
        Turn::Yours
    );
    assert!(control.stopped().is_none());
    control.stop(Stop::all(StopKind::Doubts, "three"));
    assert!(matches!(
        control.sleep(Duration::from_secs(60)),
        Turn::Stopped(_)
    ));
}

#[test]
fn a_deadline_that_passed_stops_the_run() {
    let control = Control::new(Some(Duration::ZERO));
    let Turn::Stopped(stop) = control.enter(&[]) else {
        panic!("not stopped");
    };
    assert_eq!(stop.kind, StopKind::Deadline);
}

#[test]
fn a_window_longer_than_the_run_waits_stops_whoever_comes_next() {
    let shop = shop();
    assert_eq!(too_long(Duration::from_secs(60), &shop), None);
    let stop = too_long(Duration::from_secs(7200), &shop).expect("a stop");
    assert_eq!(stop.kind, StopKind::ForNow);
    assert!(
        stop.message
            .contains("2 h 00, longer than this run waits (60 s)"),
        "{stop:?}"
    );
    let control = Control::new(None);
    control.stop_next(stop.clone());
    assert!(control.stops().is_empty(), "nobody came");
    assert!(!control.pass_on(&[]));
    assert_eq!(control.enter(&[]), Turn::Stopped(stop.clone()));
    assert_eq!(control.stops(), [stop]);
}
