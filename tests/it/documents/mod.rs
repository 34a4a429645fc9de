//! Each partner's document, held against the binary: its sample request comes
//! out of a lead of the user's own export, and each of its answers, and those
//! that were really seen, become the state, reference, words and exit code.

mod adlead;
mod companeo;
mod hubspot;
mod iciformation;
mod maarch;

use std::fs;
use std::path::Path;

use crate::common::{Act, Arrived, Home, Outcome, Partner};
use serde_json::Value as Json;

/// What becomes of a lead that is answered with a fixture: the file under
/// `tests/fixtures/` without `.json`, the state, the reference, what the message
/// must say (empty where there is nothing to say) and the exit code.
pub type Expected = (
    &'static str,
    &'static str,
    Option<&'static str>,
    &'static str,
    i32,
);

/// A destination, a user's file for it, and an export of one lead.
pub struct Case {
    pub to: &'static str,
    /// What the user's file says after `base`, in the destination's table.
    pub config: &'static str,
    pub secret: (&'static str, &'static str),
    pub input: &'static str,
}

impl Case {
    fn home(&self, partner: &Partner) -> Home {
        let mut home = Home::new();
        home.set(self.secret.0, self.secret.1);
        let base = partner.base();
        home.config(&format!(
            "[{}]\nbase = \"{base}\"\n{}",
            self.to, self.config
        ));
        home
    }

    /// Sends the lead; the request that arrived and the run.
    pub fn sent(&self, answer: Act) -> (Arrived, Outcome) {
        let partner = Partner::always(answer);
        let outcome = self.run(&self.home(&partner));
        let arrived = partner.arrived();
        assert_eq!(arrived.len(), 1, "{outcome:?}");
        (arrived[0].clone(), outcome)
    }

    fn run(&self, home: &Home) -> Outcome {
        let arguments = ["send", "--to", self.to, "--format", "json", "-"];
        home.run_with(&arguments, self.input)
    }

    /// Answers the lead with each fixture and checks what becomes of it.
    pub fn expect(&self, cases: &[Expected]) {
        for (answer, state, reference, says, code) in cases {
            let (arrived, outcome) = self.sent(act(answer));
            let about = format!("{answer}: {outcome:#?}");
            let rows = outcome.rows();
            assert_eq!(rows.len(), 1, "{about}");
            let row = &rows[0];
            assert_eq!(row["state"], *state, "{about}");
            assert_eq!(row["reference"].as_str(), *reference, "{about}");
            let message = row["message"].as_str().unwrap();
            assert!(message.contains(says), "{says:?} in {about}");
            assert_eq!(row["attempts"], 1, "{about}");
            assert_eq!(row["status"], fixture(answer)["status"], "{about}");
            assert_eq!(outcome.code, Some(*code), "{about}");
            assert!(!arrived.body.is_empty());
            for text in [&outcome.stdout, &outcome.stderr] {
                assert!(!text.contains(self.secret.1), "a secret in {about}");
            }
        }
    }
}

pub fn fixture(name: &str) -> Json {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    let path = folder.join(format!("{name}.json"));
    let text = fs::read_to_string(&path).unwrap_or_else(|_| panic!("{}", path.display()));
    serde_json::from_str(&text).unwrap()
}

/// A fixture's answer as a partner gives it.
pub fn act(name: &str) -> Act {
    let answer = fixture(name);
    let status = u16::try_from(answer["status"].as_u64().unwrap()).unwrap();
    let mut act = match &answer["body"] {
        Json::Null => Act::status(status),
        body => Act::json(status, &body.to_string()),
    };
    if let Some(headers) = answer["headers"].as_object() {
        for (name, value) in headers {
            act = act.with_header(name, value.as_str().unwrap());
        }
    }
    act
}

/// What every request must carry besides its own.
pub fn check_headers(arrived: &Arrived, auth: (&str, &str)) {
    assert_eq!(arrived.method, "POST");
    assert_eq!(arrived.header(auth.0), Some(auth.1));
    // Anything beside it, or before it, and some servers answer in HTML.
    assert_eq!(arrived.header("accept"), Some("application/json"));
    assert_eq!(arrived.header("content-type"), Some("application/json"));
    assert_eq!(arrived.header("accept-encoding"), None);
    let length = arrived.body.len().to_string();
    assert_eq!(arrived.header("content-length"), Some(&*length));
    let agent = arrived.header("user-agent").unwrap();
    assert!(agent.contains(env!("CARGO_PKG_VERSION")), "{agent}");
}
