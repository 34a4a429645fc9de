//! A partner that registers leads, decides of them and lists them: what the
//! tests of `follow`, of doubts and of `list` talk to.
#![allow(dead_code)]

use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Value as Json, json};

use super::{Act, Arrived, Home, Outcome, Partner};

/// What a test makes the partner answer to its questions.
pub type Answers = dyn Fn(&Arrived) -> Act + Send + Sync;

/// A home whose `adlead` is that partner.
pub fn home(partner: &Partner, more: &str) -> Home {
    let mut home = Home::new();
    home.set("ADLEAD_API_KEY", "a-key");
    home.config(&format!(
        "[adlead]\nbase = \"{}\"\nbackoff = \"1ms\"\ntries = 2\ndefaults = {{ tenant = \"agency\", program = \"12\" }}\n{more}\n",
        partner.base()
    ));
    home
}

/// Registers whatever is posted under numbers from 501 on, and answers
/// questions as the test says.
pub fn partner(answers: impl Fn(&Arrived) -> Act + Send + Sync + 'static) -> Partner {
    let given = Mutex::new(500);
    Partner::start(move |arrived| match arrived.method.as_str() {
        "POST" => {
            let mut given = given.lock().unwrap_or_else(PoisonError::into_inner);
            *given += 1;
            receipt(*given)
        }
        _ => answers(arrived),
    })
}

pub fn receipt(id: u64) -> Act {
    let body = json!({"success": true, "message": "Dénonciation créée", "data": {"id": id, "status": null}});
    Act::json(201, &body.to_string())
}

/// What a registration's own page says, but for its number.
pub fn detail(status: &str, more: Json) -> Act {
    let mut data = json!({"status": status, "rejection_reason": null, "rejection_comment": null,
        "processing_report": null, "ruling_required": null, "processed_at": null, "expires_at": null});
    if let (Some(data), Json::Object(more)) = (data.as_object_mut(), more) {
        data.extend(more);
    }
    Act::json(
        200,
        &json!({"success": true, "message": null, "data": data}).to_string(),
    )
}

/// An entry of the list, as bare as the partner's.
pub fn entry(id: u64, name: &str, phone: &str, created: &str) -> Json {
    json!({"id": id, "fullname": name, "email1": null, "phone1": phone, "status": "pending", "created_at": created})
}

pub fn page(entries: &[Json], last: u64) -> Act {
    let body = json!({"success": true, "message": null, "data": entries,
        "links": {"next": "http://127.0.0.1:9/elsewhere"}, "meta": {"last_page": last}});
    Act::json(200, &body.to_string())
}

pub fn refusal(status: u16, message: &str) -> Act {
    let body = json!({"success": false, "message": message, "data": null, "errors": null});
    Act::json(status, &body.to_string())
}

/// An export of so many people: Léa Martin with 06 39 98 00 01, and so on.
pub fn export(count: usize) -> String {
    let mut text = String::from("Nom;Prénom;E-mail;Tél.\n");
    for number in 1..=count {
        text.push_str(&format!(
            "Martin{number};Léa;lea{number}@example.fr;06 39 98 00 {number:02}\n"
        ));
    }
    text
}

pub fn send(home: &Home, count: usize) -> Outcome {
    home.run_with(
        &["send", "--to", "adlead", "--format", "json"],
        export(count),
    )
}

pub fn follow(home: &Home, more: &[&str]) -> Outcome {
    let mut arguments = vec!["follow", "--format", "json"];
    arguments.extend(more);
    home.run(&arguments)
}

/// The moment this long from now, as the partner writes it.
pub fn moment(seconds: i64) -> String {
    let now = jiff_now() + seconds;
    timestamp(now)
}

fn jiff_now() -> i64 {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    i64::try_from(now.map_or(0, |now| now.as_secs())).unwrap_or(0)
}

/// ISO 8601 in UTC of seconds since 1970 (Howard Hinnant's days).
fn timestamp(seconds: i64) -> String {
    let (days, rest) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    let z = days + 719_468;
    let era = z.div_euclid(146_097);
    let doe = z.rem_euclid(146_097);
    let yoe = (doe - doe / 1460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let day = doy - (153 * mp + 2) / 5 + 1;
    let month = if mp < 10 { mp + 3 } else { mp - 9 };
    let year = yoe + era * 400 + i64::from(month <= 2);
    let (hour, minute, second) = (rest / 3600, rest / 60 % 60, rest % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.000000Z")
}

/// The questions that arrived, by their targets.
pub fn asked(partner: &Partner) -> Vec<String> {
    let arrived = partner.arrived();
    let questions = arrived.iter().filter(|arrived| arrived.method == "GET");
    questions.map(|arrived| arrived.target.clone()).collect()
}

/// How many leads were posted.
pub fn posted(partner: &Partner) -> usize {
    let arrived = partner.arrived();
    arrived
        .iter()
        .filter(|arrived| arrived.method == "POST")
        .count()
}

/// Something that a test changes while the partner answers.
pub fn shared<T>(value: T) -> Arc<Mutex<T>> {
    Arc::new(Mutex::new(value))
}
