//! A partner's own settings, through the binary: printed, checked, changed.

use std::sync::Mutex;

use crate::common::{Act, Home, Outcome, Partner};
use serde_json::{Value as Json, json};

fn config(base: &str) -> String {
    format!(
        r#"
[crm]
base = "{base}"
auth.basic = {{ user = "u", secret = "CRM_PASSWORD" }}
key = ["email"]
fields = {{ email = "email" }}
send = {{ path = "/contacts" }}
[crm.settings]
path = "/settings"
must = [
  {{ at = "/filling", type = "object" }},
  {{ at = "/fields", type = "list" }},
  {{ at = "/filling/enable", type = "boolean" }},
  {{ ascending = ["/filling/first", "/filling/second"], above = 0, below = 100 }},
  {{ each = "/fields/*", by = "id" }},
]
mandatory = {{ entries = "/fields/*", field = "name", flag = "mandatory" }}
rules = [
  {{ when = {{ status = 200 }}, then = "delivered" }},
  {{ when = {{ status = 403 }}, then = "stop", message = "/errors", say = "only an administrator's account may change the settings" }},
]
"#
    )
}

fn settings() -> Json {
    json!({
        "filling": {"id": 1, "enable": true, "first": 33, "second": 66},
        "fields": [
            {"id": 7, "name": "civility", "mandatory": false, "label": null},
            {"id": 9, "name": "lastname", "mandatory": true, "label": null},
        ],
        "extra": false,
    })
}

/// A partner that keeps what was PUT, and says so with `act`.
fn keeping(act: Act) -> Partner {
    let kept = Mutex::new(settings());
    Partner::start(move |arrived| {
        let mut kept = kept.lock().unwrap();
        if arrived.method == "GET" {
            return Act::json(200, &kept.to_string());
        }
        *kept = arrived.json();
        act.clone()
    })
}

fn home(partner: &Partner) -> Home {
    let mut home = Home::new();
    home.config(&config(&partner.base()));
    home.set("CRM_PASSWORD", "secret");
    home
}

fn set(home: &Home, file: &Json, more: &[&str]) -> Outcome {
    home.write("settings.json", file.to_string());
    let first = ["partner-settings", "--to", "crm", "--set", "settings.json"];
    home.run(&[&first[..], more].concat())
}

fn writes(partner: &Partner) -> usize {
    let arrived = partner.arrived();
    arrived.iter().filter(|a| a.method != "GET").count()
}

#[test]
fn they_are_printed_as_json() {
    let partner = keeping(Act::json(200, "{}"));
    let home = home(&partner);
    let outcome = home
        .run(&["partner-settings", "--to", "crm"])
        .expect_code(0);
    let printed: Json = serde_json::from_str(&outcome.stdout).unwrap();
    assert_eq!(printed, settings());
    assert!(outcome.stdout.lines().count() > 5);
    let line = home.run(&["partner-settings", "--to", "crm", "--format", "json"]);
    assert_eq!(line.expect_code(0).rows(), [settings()]);
    let arrived = &partner.arrived()[0];
    assert_eq!((&*arrived.method, &*arrived.target), ("GET", "/settings"));
    assert!(arrived.header("authorization").is_some());
}

#[test]
fn a_change_is_shown_and_needs_a_yes() {
    let partner = keeping(Act::json(200, r#"{"success":"success"}"#));
    let home = home(&partner);
    let mut file = settings();
    file["filling"]["first"] = json!(40);
    file["fields"][0]["mandatory"] = json!(true);
    let outcome = set(&home, &file, &[]).expect_code(2);
    assert_eq!(
        outcome.stdout.lines().collect::<Vec<_>>(),
        [
            "filling / first: 33 → 40",
            "fields / civility (id 7) / mandatory: false → true"
        ]
    );
    let command = "leadctl partner-settings --to crm --set settings.json --yes";
    assert!(outcome.stderr.contains(command), "{}", outcome.stderr);
    assert_eq!(writes(&partner), 0);

    let outcome = set(&home, &file, &["--yes"]).expect_code(0);
    assert!(outcome.stderr.contains("changed at crm"));
    let mut arrived = partner.arrived();
    assert_eq!(arrived.pop().unwrap().method, "GET", "read again");
    let sent = arrived.pop().unwrap();
    assert_eq!((&*sent.method, sent.json()), ("PUT", file.clone()));

    // It is so now.
    let outcome = set(&home, &file, &["--yes"]).expect_code(0);
    assert!(outcome.stderr.contains("nothing to change"));
    assert_eq!((writes(&partner), &*outcome.stdout), (1, ""));
}

#[test]
fn a_page_instead_of_settings_is_told_as_one() {
    for (page, came) in [("<html>Hello</html>", "<html>Hello"), ("", "empty")] {
        let partner = Partner::start(move |_| Act::html(200, page));
        let home = home(&partner);
        let outcome = home.run(&["partner-settings", "--to", "crm"]);
        let told = outcome.expect_code(1).stderr;
        for part in [
            "crm answered 200, but not with its settings",
            came,
            &partner.base(),
        ] {
            assert!(told.contains(part), "{part}: {told}");
        }
    }
}

#[cfg(unix)]
#[test]
fn at_a_terminal_a_person_is_asked() {
    for (typed, written) in [("n", 0), ("", 0), ("oui", 1)] {
        let partner = keeping(Act::json(200, "{}"));
        let home = home(&partner);
        let mut file = settings();
        file["filling"]["enable"] = json!(false);
        home.write("settings.json", file.to_string());
        let command = home.command(&["partner-settings", "--to", "crm", "--set", "settings.json"]);
        let mut terminal = rexpect::session::spawn_command(command, Some(60_000)).unwrap();
        terminal.exp_string("Change this at crm? [y/N]").unwrap();
        terminal.send_line(typed).unwrap();
        let told = match written {
            0 => "nothing was changed",
            _ => "changed at crm",
        };
        terminal.exp_string(told).unwrap();
        terminal.exp_eof().unwrap();
        assert_eq!(writes(&partner), written, "{typed}");
    }
}

#[test]
fn a_file_that_is_wrong_is_never_sent() {
    let partner = keeping(Act::json(200, "{}"));
    let home = home(&partner);
    let changed = |change: &dyn Fn(&mut Json)| {
        let mut file = settings();
        change(&mut file);
        file
    };
    let without = |key: &str| {
        changed(&|file| {
            file.as_object_mut().unwrap().remove(key);
        })
    };
    for (file, told) in [
        (without("filling"), "filling is missing"),
        (without("fields"), "fields is missing"),
        (
            changed(&|f| f["filling"]["enable"] = json!(1)),
            "true or false",
        ),
        (
            changed(&|f| f["filling"]["first"] = json!(0)),
            "more than 0",
        ),
        (
            changed(&|f| f["filling"]["first"] = json!(66)),
            "more than filling / first",
        ),
        (
            changed(&|f| f["filling"]["second"] = json!(100)),
            "less than 100",
        ),
        (
            changed(&|f| {
                f["fields"][0].as_object_mut().unwrap().remove("mandatory");
            }),
            "civility (id 7): `mandatory` is missing",
        ),
        (
            changed(&|f| f["fields"][1]["id"] = json!(99)),
            "no entry that the partner has",
        ),
    ] {
        let outcome = set(&home, &file, &["--yes"]).expect_code(2);
        assert!(outcome.stderr.contains(told), "{told}: {}", outcome.stderr);
        assert!(outcome.stderr.contains("nothing was changed"));
    }
    home.write("broken.json", "{\n\"filling\": {,\n");
    let broken = [
        "partner-settings",
        "--to",
        "crm",
        "--set",
        "broken.json",
        "--yes",
    ];
    let outcome = home.run(&broken).expect_code(2);
    assert!(
        outcome.stderr.contains("broken.json:2"),
        "{}",
        outcome.stderr
    );
    assert_eq!(writes(&partner), 0);
}

#[test]
fn an_administrator_is_asked_for() {
    let partner = Partner::start(|arrived| match &*arrived.method {
        "GET" => Act::json(200, &settings().to_string()),
        _ => Act::json(403, r#"{"errors":"Service forbidden"}"#),
    });
    let home = home(&partner);
    let mut file = settings();
    file["filling"]["enable"] = json!(false);
    let outcome = set(&home, &file, &["--yes"]).expect_code(2);
    assert!(
        outcome.stderr.contains("administrator"),
        "{}",
        outcome.stderr
    );
    assert_eq!(partner.count(), 2);
}

#[test]
fn after_a_lost_answer_what_stands_there_tells() {
    let mut file = settings();
    file["filling"]["first"] = json!(40);

    let partner = keeping(Act::Close);
    let outcome = set(&home(&partner), &file, &["--yes"]).expect_code(0);
    assert!(
        outcome.stderr.contains("all the same"),
        "{}",
        outcome.stderr
    );

    let partner = Partner::start(|arrived| match &*arrived.method {
        "GET" => Act::json(200, &settings().to_string()),
        _ => Act::status(500),
    });
    let outcome = set(&home(&partner), &file, &["--yes"]).expect_code(1);
    for told in [
        "not changed",
        "filling / first: 33 → 40",
        "same command again",
    ] {
        assert!(outcome.stderr.contains(told), "{told}: {}", outcome.stderr);
    }

    // Nor can that be read.
    let partner = Partner::playing(vec![
        Act::json(200, &settings().to_string()),
        Act::Close,
        Act::Close,
    ]);
    let outcome = set(&home(&partner), &file, &["--yes"]).expect_code(4);
    assert!(
        outcome.stderr.contains("may or may not"),
        "{}",
        outcome.stderr
    );
}

#[test]
fn what_stands_there_proves_a_success() {
    let mut file = settings();
    file["filling"]["first"] = json!(40);
    let partner = Partner::start(|arrived| match &*arrived.method {
        "GET" => Act::json(200, &settings().to_string()),
        _ => Act::html(200, "<html>login</html>"),
    });
    let outcome = set(&home(&partner), &file, &["--yes"]).expect_code(1);
    for told in [
        "answered 200",
        "read again it is not so",
        "filling / first: 33 → 40",
    ] {
        assert!(outcome.stderr.contains(told), "{told}: {}", outcome.stderr);
    }
    assert!(!outcome.stderr.contains("changed at crm"));

    let partner = Partner::playing(vec![
        Act::json(200, &settings().to_string()),
        Act::html(200, "<html>login</html>"),
    ]);
    let outcome = set(&home(&partner), &file, &["--yes"]).expect_code(4);
    assert!(
        outcome.stderr.contains("may or may not"),
        "{}",
        outcome.stderr
    );
}

#[test]
fn a_destination_without_settings_says_so() {
    let home = Home::new();
    home.config("[shop]\nbase = \"https://shop.example.fr\"\nkey = [\"email\"]\nfields = { m = \"email\" }\n");
    let outcome = home
        .run(&["partner-settings", "--to", "shop"])
        .expect_code(2);
    assert!(
        outcome.stderr.contains("declares no settings"),
        "{}",
        outcome.stderr
    );
}

#[test]
fn what_is_no_settings_is_not_printed() {
    let partner = Partner::always(Act::html(200, "<h1>Maintenance</h1>"));
    let outcome = home(&partner).run(&["partner-settings", "--to", "crm"]);
    assert_eq!(outcome.expect_code(1).stdout, "");
    let partner = Partner::always(Act::json(200, "[]"));
    home(&partner)
        .run(&["partner-settings", "--to", "crm"])
        .expect_code(1);
}
