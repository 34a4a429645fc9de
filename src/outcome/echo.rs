//! Is an answer about the lead that was meant? Partners repeat what they were
//! sent, or the number that they were asked about: what they repeat must be so.
//! What they leave out says nothing. Pure.

use serde_json::Value as Json;

use super::evidence::as_text;
use crate::config::{Call, Destination, REFERENCE};
use crate::lead::text::clean;
use crate::mapping::{self, change, normalised};

/// Characters told of a value.
const SHOWN: usize = 60;

/// The lead, or the contact, that a call is about.
#[derive(Debug, Clone, Copy, Default)]
pub struct About<'a> {
    /// The partner's number, where it is asked by that.
    pub reference: Option<&'a str>,
    /// The body that was sent (JSON).
    pub sent: Option<&'a str>,
    /// The person is searched for: what was there before this moment (milliseconds
    /// UTC) is another lead.
    pub since: Option<i64>,
}

/// What an answer repeats, compared with what was meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Echo {
    /// It repeats nothing that could be compared.
    Silent,
    Same,
    /// It is about somebody else: what it shows, where, and what was meant.
    Another {
        at: String,
        shown: String,
        meant: String,
    },
}

impl About<'_> {
    /// Compares every place of the call's `echo`.
    pub fn echo(&self, destination: &Destination, call: &Call, answer: Option<&Json>) -> Echo {
        let (Some(answer), false) = (answer, call.echo.is_empty()) else {
            return Echo::Silent;
        };
        let sent: Option<Json> = self.sent.and_then(mapping::sent);
        let mut echo = Echo::Silent;
        for (at, field) in &call.echo {
            let meant = match field.as_str() {
                REFERENCE => self.reference.map(str::to_owned),
                field => sent
                    .as_ref()
                    .and_then(|sent| sent_for(destination, sent, field)),
            };
            let (Some(shown), Some(meant)) = (at.first(answer).and_then(as_text), meant) else {
                continue;
            };
            if !is_same(field, &shown, &meant, &destination.country) {
                return Echo::Another {
                    at: at.to_string(),
                    shown: clean(&shown, SHOWN),
                    meant: clean(&meant, SHOWN),
                };
            }
            echo = Echo::Same;
        }
        echo
    }
}

/// What was sent for a lead field, where it has a place in the body.
fn sent_for(destination: &Destination, sent: &Json, field: &str) -> Option<String> {
    let mut fields = destination.fields.iter();
    fields.find_map(|target| {
        let is_of = target.rule.from.iter().any(|from| from == field);
        let value = is_of.then(|| change::sent_at(sent, &target.target))?;
        as_text(value?)
    })
}

/// However either side writes it: case and accents make no other person.
fn is_same(field: &str, shown: &str, meant: &str, country: &str) -> bool {
    let plain = |text: &str| match field {
        // Asked for as 013, it is 13.
        REFERENCE => text.trim().trim_start_matches('0').to_lowercase(),
        _ => normalised(field, text, country, country),
    };
    plain(shown) == plain(meant)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::config::Catalogue;

    const PARTNER: &str = r#"
[desk]
base = "https://api.example.fr"
key = ["email"]
fields = { "who.mail" = "email", "who.tel" = "phone", "who.name" = "last_name" }
[desk.send]
path = "/leads"
wrap = "list"
echo = { "/data/mail" = "email", "/data/tel" = "phone", "/data/name" = "last_name" }
[desk.follow]
path = "/leads/{reference}"
echo = { "/data/id" = "reference", "/data/mail" = "email" }
rules = [{ when = { status = 200 }, then = "approved" }]
"#;

    fn echo(call: &str, about: About<'_>, data: Json) -> Echo {
        let catalogue = Catalogue::load(Some(("test.toml", PARTNER))).unwrap();
        let desk = catalogue.get("desk").unwrap();
        about.echo(
            desk,
            desk.call(call).unwrap(),
            Some(&json!({ "data": data })),
        )
    }

    const LEA: About<'_> = About {
        reference: Some("1001"),
        since: None,
        sent: Some(
            r#"[{"who":{"mail":"lea@example.fr","tel":"+33639980001","name":"Hélène Martin"}}]"#,
        ),
    };

    #[test]
    fn the_same_person_however_written() {
        for data in [
            json!({"mail": "LEA@Example.FR"}),
            json!({"tel": "06 39 98 00 01", "mail": null}),
            json!({"tel": "33639980001"}),
            json!({"name": "HELENE  MARTIN"}),
        ] {
            assert_eq!(echo("send", LEA, data.clone()), Echo::Same, "{data}");
        }
        for id in [json!(1001), json!("1001"), json!("01001")] {
            assert_eq!(echo("follow", LEA, json!({ "id": id })), Echo::Same);
        }
    }

    #[test]
    fn what_is_left_out_says_nothing() {
        for data in [
            json!({}),
            json!({"mail": null}),
            json!({"mail": "  "}),
            json!({"mail": [], "tel": {}}),
            json!(null),
        ] {
            assert_eq!(echo("send", LEA, data.clone()), Echo::Silent, "{data}");
            assert_eq!(echo("follow", LEA, data.clone()), Echo::Silent, "{data}");
        }
        let unsent = About {
            sent: Some(r#"[{"who":{}}]"#),
            ..LEA
        };
        let mail = json!({"mail": "paul@example.fr"});
        assert_eq!(echo("send", unsent, mail.clone()), Echo::Silent);
        assert_eq!(echo("send", About::default(), mail), Echo::Silent);
    }

    #[test]
    fn another_person_is_told_with_the_place() {
        let told = echo(
            "send",
            LEA,
            json!({"tel": "0639980001", "mail": "paul@example.fr"}),
        );
        let another = |at: &str, shown: &str, meant: &str| Echo::Another {
            at: at.into(),
            shown: shown.into(),
            meant: meant.into(),
        };
        assert_eq!(
            told,
            another("/data/mail", "paul@example.fr", "lea@example.fr")
        );
        let told = echo("follow", LEA, json!({"id": 999999}));
        assert_eq!(told, another("/data/id", "999999", "1001"));
        // A dot in an address makes another one.
        let dotted = echo("send", LEA, json!({"mail": "l.ea@example.fr"}));
        assert!(matches!(dotted, Echo::Another { .. }), "{dotted:?}");
    }
}
