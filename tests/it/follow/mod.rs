//! `leadctl follow`: pending leads and what becomes of them.

mod doubts;
mod person;

use crate::common::following::{
    asked, detail, follow, home, moment, partner, posted, refusal, send,
};
use crate::common::{Act, Home, Partner};
use serde_json::json;

const PAGE: &str = "/v1/agency/programs/12/registrations";

/// The number that a question is about.
fn number(target: &str) -> u64 {
    target
        .rsplit('/')
        .next()
        .and_then(|number| number.parse().ok())
        .unwrap_or(0)
}

#[test]
fn decisions_are_settled_and_only_the_undecided_are_asked_again() {
    let partner = partner(|arrived| match number(&arrived.target) {
        501 => detail(
            "approved",
            json!({"expires_at": moment(80 * 86_400), "processed_at": moment(-60)}),
        ),
        502 => detail(
            "rejected",
            json!({"rejection_reason": "already-registered", "rejection_comment": "vu en mars"}),
        ),
        503 => detail(
            "rejected",
            json!({"rejection_reason": "other", "processing_report": {"message": "Coordonnées incomplètes"}}),
        ),
        504 => detail(
            "expired",
            json!({"processing_report": {"message": "Aucun doublon"}}),
        ),
        505 => detail(
            "pending",
            json!({"ruling_required": 1, "processing_report": {"message": "Contact proche trouvé"}}),
        ),
        506 => detail("approved", json!({"expires_at": moment(3 * 86_400)})),
        _ => detail("approved", json!({"expires_at": moment(-86_400)})),
    });
    let home = home(&partner, "jobs = 1");
    send(&home, 7).expect_code(0);

    let run = follow(&home, &["--to", "adlead"]).expect_code(3);
    assert_eq!(
        run.column("state"),
        [
            "approved", "rejected", "rejected", "expired", "pending", "approved", "expired"
        ]
    );
    assert_eq!(run.column("id"), ["1", "2", "3", "4", "5", "6", "7"]);
    assert_eq!(run.column("reference")[0], "501");
    let messages = run.column("message");
    assert!(messages[0].starts_with("approved until "), "{messages:?}");
    assert_eq!(
        messages[1],
        "this person was already registered on this programme; vu en mars"
    );
    assert_eq!(messages[2], "another reason; Coordonnées incomplètes");
    assert_eq!(
        messages[4],
        "a person must rule at Adlead: Contact proche trouvé"
    );
    assert!(messages[5].ends_with(", in 3 days"), "{messages:?}");
    // The partner's state, and ours of an approval whose time has passed.
    assert_eq!(messages[3], "the approval has run out: Aucun doublon");
    assert_eq!(messages[6], "the approval has run out");
    assert!(
        run.stderr.contains("leadctl follow --to adlead"),
        "{}",
        run.stderr
    );

    // A month later that would be false: it is not what is kept.
    let kept = home
        .run(&["history", "--format", "json"])
        .expect_code(0)
        .column("message");
    assert!(kept.iter().all(|kept| !kept.contains(" days")), "{kept:?}");

    // All but the one that waits for a person are decided.
    let run = follow(&home, &[]).expect_code(0);
    assert_eq!(run.column("id"), ["5"]);
    assert!(
        run.stderr
            .contains("the approval of Léa Martin6 (id 6, reference 506) ends on"),
        "{}",
        run.stderr
    );
    assert!(run.stderr.contains(", in 3 days"), "{}", run.stderr);
    assert_eq!(asked(&partner).len(), 8);
    assert_eq!(posted(&partner), 7);
}

#[test]
fn an_approval_at_once_is_told_as_a_later_one() {
    let end = moment(80 * 86_400);
    let data = json!({"id": 501, "status": "approved", "expires_at": end, "processed_at": "2026-01-02T03:04:05Z"});
    let body = json!({"success": true, "message": "Dénonciation créée", "data": data});
    let partner = Partner::always(Act::json(201, &body.to_string()));
    let home = home(&partner, "");
    let told = send(&home, 1).expect_code(0).column("message").remove(0);
    let day: jiff::civil::Date = end[..10].parse().unwrap();
    let day = day.strftime("%-d %b %Y");
    assert_eq!(told, format!("approved until {day}"));
    let row = home.run(&["history", "--format", "json"]).rows().remove(0);
    assert_eq!(
        (&row["state"], &row["message"]),
        (&json!("approved"), &json!(told))
    );
    assert_eq!(row["decided_at"], "2026-01-02T03:04:05.000Z");
}

#[test]
fn a_refusal_without_a_reason_says_so() {
    let body = r#"{"success":true,"message":"Dénonciation créée","data":{"id":501,"status":"rejected","rejection_reason":null}}"#;
    let partner = Partner::always(Act::json(201, body));
    let run = send(&home(&partner, ""), 1).expect_code(3);
    assert_eq!(run.column("message"), ["refused, without a reason"]);
}

#[test]
fn it_is_asked_where_it_was_sent() {
    let partner = partner(|_| detail("pending", json!({})));
    let home = home(&partner, "");
    send(&home, 1).expect_code(0);
    home.config(
        &home
            .read("partners.toml")
            .replace("\"12\"", "\"99\"")
            .replace("agency", "other"),
    );
    follow(&home, &[]).expect_code(0);
    assert_eq!(asked(&partner), [format!("{PAGE}/501")]);
}

/// Such as one that was repeated after months.
#[test]
fn an_approval_at_once_may_have_run_out() {
    let data = json!({"id": 501, "status": "approved", "expires_at": moment(-86_400)});
    let body = json!({"success": true, "data": data}).to_string();
    let partner = Partner::always(Act::json(201, &body));
    let home = home(&partner, "");
    let run = send(&home, 1).expect_code(0);
    assert_eq!(run.column("state"), ["expired"]);
    let past = home.run(&["history", "--format", "json"]).expect_code(0);
    assert_eq!(past.column("state"), ["expired"]);
    // Sent once more where somebody asks for it, by its state as by its id.
    let again = ["resend", "--to", "adlead", "--state", "expired"];
    let again = [&again[..], &["--format", "json"]].concat();
    let again = home.run(&again).expect_code(0);
    assert_eq!(again.column("state"), ["expired"]);
    assert_eq!(partner.count(), 2);
}

#[test]
fn an_approval_runs_out_without_being_asked() {
    let partner = partner(|_| detail("approved", json!({"expires_at": moment(2)})));
    let home = home(&partner, "");
    send(&home, 1).expect_code(0);
    assert_eq!(
        follow(&home, &[]).expect_code(0).column("state"),
        ["approved"]
    );
    // Until the approval has run out, nothing is to be told of it.
    let mut states = Vec::new();
    while states.is_empty() {
        states = follow(&home, &[]).expect_code(0).column("state");
    }
    assert_eq!(states, ["expired"]);
    assert_eq!(asked(&partner).len(), 1);
}

#[test]
fn without_the_permission_to_view_the_leads_stay_pending() {
    let partner = partner(|_| {
        refusal(
            403,
            "Vous n'avez pas la permission d'effectuer cette action.",
        )
    });
    let home = home(&partner, "");
    send(&home, 3).expect_code(0);
    let run = follow(&home, &[]).expect_code(2);
    assert_eq!(run.column("state"), ["pending"; 3]);
    assert_eq!(
        asked(&partner).len(),
        1,
        "the others are at the same address"
    );
    assert!(run.column("message")[0].contains("permission to view"));
    assert!(
        run.stderr.contains("creating them is another permission"),
        "{}",
        run.stderr
    );
}

#[test]
fn a_lead_that_is_gone_is_one_lead() {
    let partner = partner(|arrived| match number(&arrived.target) {
        501 => refusal(404, "Ressource introuvable."),
        _ => detail("approved", json!({})),
    });
    let home = home(&partner, "jobs = 1");
    send(&home, 2).expect_code(0);
    let run = follow(&home, &[]).expect_code(5);
    assert_eq!(run.column("state"), ["pending", "approved"]);
    assert!(run.column("message")[0].contains("doesn't find this registration"));
}

#[test]
fn too_many_requests_are_waited_for() {
    let partner = Partner::start({
        let inner = crate::common::following::shared(0);
        move |arrived| {
            if arrived.method == "POST" {
                return crate::common::following::receipt(501);
            }
            let mut count = inner.lock().unwrap();
            *count += 1;
            match *count {
                1 => refusal(429, "Trop de requêtes, réessayez dans 0 secondes."),
                _ => detail("approved", json!({})),
            }
        }
    });
    let home = home(&partner, "");
    send(&home, 1).expect_code(0);
    let run = follow(&home, &[]).expect_code(0);
    assert_eq!(run.column("state"), ["approved"]);
    assert_eq!(run.column("attempts"), ["2"]);
}

#[test]
fn a_wait_that_is_too_long_ends_the_asking_for_now() {
    let partner = partner(|_| {
        Act::json(
            429,
            r#"{"success":false,"message":"Trop de requêtes.","retry_after":86400}"#,
        )
    });
    let home = home(&partner, "");
    send(&home, 2).expect_code(0);
    let run = follow(&home, &[]).expect_code(5);
    assert_eq!(run.column("state"), ["pending", "pending"]);
    assert_eq!(asked(&partner).len(), 1);
}

#[test]
fn an_answer_of_another_kind_settles_nothing() {
    for act in [
        Act::html(200, "<h1>Maintenance</h1>"),
        Act::json(200, r#"{"success":true,"data":[]}"#),
        Act::json(200, r#"{"success":true,"data":{"status":7}}"#),
        Act::redirect(302, "/login"),
        Act::html(400, "<html>blocked by firewall</html>"),
        Act::json(409, r#"{"message":"Bad Request"}"#),
        Act::html(418, "<html>blocked by firewall</html>"),
        Act::json(422, r#"{"success":true,"data":{"status":"rejected"}}"#),
        Act::json(500, r#"{"message":"Server Error"}"#),
        Act::Close,
    ] {
        let partner = partner(move |_| act.clone());
        let home = home(&partner, "");
        send(&home, 1).expect_code(0);
        let run = follow(&home, &[]).expect_code(5);
        assert_eq!(run.column("state"), ["pending"]);
        assert!(
            run.column("message")[0].contains("it stays pending"),
            "{}",
            run.stdout
        );
        assert!(!run.stdout.contains("may have this lead"), "{}", run.stdout);
        assert_eq!(posted(&partner), 1);
    }
}

#[test]
fn a_partner_that_breaks_down_is_not_asked_about_every_lead() {
    let partner = partner(|_| Act::json(500, "{}"));
    let home = home(&partner, "");
    send(&home, 9).expect_code(0);
    let run = follow(&home, &[]).expect_code(5);
    assert_eq!(run.column("state"), ["pending"; 9]);
    assert_eq!(asked(&partner).len(), 6, "three leads, two tries each");
}

#[test]
fn an_interrupted_follow_goes_on_where_it_was() {
    let gate = crate::common::Gate::new();
    let held = gate.clone();
    let partner = partner(move |arrived| match number(&arrived.target) {
        501 => detail("approved", json!({})),
        _ => detail("approved", json!({})).held(&held),
    });
    let home = home(&partner, "jobs = 1");
    send(&home, 3).expect_code(0);
    let running = home.start(&["follow", "--format", "json"], "");
    gate.await_held(1);
    let killed = running.kill();
    assert_eq!(killed.column("state"), ["approved"]);
    gate.release();
    let run = follow(&home, &[]).expect_code(0);
    assert_eq!(run.column("id"), ["2", "3"]);
    assert_eq!(run.column("state"), ["approved", "approved"]);
    assert_eq!(posted(&partner), 3);
}

#[test]
fn wait_asks_until_all_are_decided() {
    let partner = partner({
        let counts = crate::common::following::shared(0);
        move |_| {
            let mut count = counts.lock().unwrap();
            *count += 1;
            match *count {
                1 | 2 => detail("pending", json!({})),
                _ => detail("approved", json!({})),
            }
        }
    });
    let home = home(&partner, "");
    send(&home, 2).expect_code(0);
    let run = follow(&home, &["--wait", "10m"]).expect_code(0);
    assert_eq!(run.column("state"), ["approved", "approved"]);
    assert_eq!(asked(&partner).len(), 4);
}

#[test]
fn wait_ends_when_its_time_is_up() {
    let partner = partner(|_| detail("pending", json!({})));
    let home = home(&partner, "");
    send(&home, 1).expect_code(0);
    let run = follow(&home, &["--wait", "10ms"]).expect_code(0);
    assert_eq!(run.column("state"), ["pending"]);
}

#[test]
fn nothing_to_ask_is_no_failure() {
    let home = Home::new();
    let run = home.run(&["follow"]).expect_code(0);
    assert!(run.stderr.contains("nothing was sent"), "{}", run.stderr);
    let run = home.run(&["follow", "--to", "adled"]).expect_code(2);
    assert!(
        run.stderr.contains("did you mean adlead?"),
        "{}",
        run.stderr
    );
}

#[test]
fn wait_does_not_ask_again_what_is_refused() {
    let partner = partner(|_| {
        refusal(
            403,
            "Vous n'avez pas la permission d'effectuer cette action.",
        )
    });
    let home = home(&partner, "");
    send(&home, 2).expect_code(0);
    let run = follow(&home, &["--wait", "10m"]).expect_code(2);
    assert_eq!(run.column("state"), ["pending", "pending"]);
    assert_eq!(asked(&partner).len(), 1);
}

#[test]
fn what_was_not_answered_at_first_may_be_in_the_end() {
    let partner = partner({
        let counts = crate::common::following::shared(0);
        move |_| {
            let mut count = counts.lock().unwrap();
            *count += 1;
            match *count {
                1 | 2 => Act::json(500, "{}"),
                _ => detail("approved", json!({})),
            }
        }
    });
    let home = home(&partner, "");
    send(&home, 1).expect_code(0);
    let run = follow(&home, &["--wait", "10m"]).expect_code(0);
    assert_eq!(run.column("state"), ["approved"]);
    assert_eq!(run.column("attempts"), ["3"]);
}

#[cfg(unix)]
#[test]
fn ctrl_c_ends_it_after_the_question_under_way() {
    let gate = crate::common::Gate::new();
    let held = gate.clone();
    let partner = partner(move |_| detail("approved", json!({})).held(&held));
    let home = home(&partner, "jobs = 1");
    send(&home, 2).expect_code(0);
    let running = home.start(&["follow", "--format", "json"], "");
    gate.await_held(1);
    let id = rustix::process::Pid::from_raw(i32::try_from(running.id()).unwrap()).unwrap();
    rustix::process::kill_process(id, rustix::process::Signal::INT).unwrap();
    running.await_stderr("what is being asked is finished first");
    gate.release();
    let run = running.finish().expect_code(130);
    assert_eq!(run.column("state"), ["approved", "pending"]);
    assert_eq!(asked(&partner).len(), 1);
    assert_eq!(follow(&home, &[]).expect_code(0).column("id"), ["2"]);
}
