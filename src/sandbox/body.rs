//! A lead in the body that arrived: where its values stand, and what a partner
//! would refuse of them by the destination's own rules. Pure: knows no HTTP and
//! no memory.

use serde_json::Value as Json;

use super::partner::Values as Named;
use crate::config::{
    BodyKind, Destination, FieldRule, Step, Target, ValueFormat, ValueType, Values,
};
use crate::mapping::change;
use crate::words::say;

/// The object that holds the lead's values.
pub fn lead_of<'a>(destination: &Destination, body: &'a Json) -> Option<&'a Json> {
    let lead = match (destination.send.wrap.is_some(), body) {
        (true, Json::Array(items)) => match items.as_slice() {
            [lead] => lead,
            _ => return None,
        },
        (true, _) => return None,
        (false, body) => body,
    };
    let is_so = if is_list(destination) {
        lead.is_array()
    } else {
        lead.is_object()
    };
    is_so.then_some(lead)
}

/// Is the whole body a list, by its targets?
fn is_list(destination: &Destination) -> bool {
    let first = destination.fields.first();
    matches!(
        first.and_then(|field| field.target.steps().first()),
        Some(Step::Item(_))
    )
}

/// The value at a target, unless it is empty.
pub fn at<'a>(lead: &'a Json, target: &Target) -> Option<&'a Json> {
    change::at(lead, target).filter(|value| !is_empty(value))
}

/// Does something stand at this target of a body?
pub fn is_filled(body: &Json, target: &str) -> bool {
    let value = change::sent_at(body, &Target::from(target.to_owned()));
    value.is_some_and(|value| !is_empty(value))
}

/// What was sent for a lead field, as text; nothing where it has no place in
/// the body, or an empty one.
pub fn sent_for(destination: &Destination, lead: &Json, field: &str) -> Option<String> {
    at(lead, target_of(destination, field)?).and_then(text_of)
}

/// Where a lead field stands in the body.
pub fn target_of<'d>(destination: &'d Destination, field: &str) -> Option<&'d Target> {
    let mut targets = destination.fields.iter();
    let is_from = |from: &String| from == field;
    let target = targets.find(|target| target.rule.from.iter().any(is_from))?;
    Some(&target.target)
}

/// A value as text; nothing for lists and objects.
fn text_of(value: &Json) -> Option<String> {
    match value {
        Json::String(text) => Some(text.clone()),
        Json::Number(_) | Json::Bool(_) => Some(value.to_string()),
        _ => None,
    }
}

fn is_empty(value: &Json) -> bool {
    match value {
        Json::Null => true,
        Json::String(text) => text.trim().is_empty(),
        _ => false,
    }
}

/// Why this body would be refused; `None` if it would be taken in.
pub fn refusal(destination: &Destination, body: &Json) -> Option<String> {
    let Some(lead) = lead_of(destination, body) else {
        return Some(match destination.send.wrap.is_some() {
            true => say!("sandbox-body-list-of-one"),
            false if is_list(destination) => say!("sandbox-body-list"),
            false => say!("sandbox-body-object"),
        });
    };
    let mut fields = destination.fields.iter();
    let told = fields.find_map(|field| {
        let wrong = wrong(destination, &field.rule, at(lead, &field.target))?;
        Some(format!("{} {wrong}", field.target))
    });
    told.or_else(|| missing_group(destination, lead))
}

/// Why a query would be refused, whose values stand beside the path's.
pub fn query_refusal(destination: &Destination, values: &Named) -> Option<String> {
    destination.send.query.iter().find_map(|(name, rule)| {
        let value = values.iter().find(|(known, _)| *known == query_name(name));
        let value = value.map(|(_, value)| Json::from(value.as_str()));
        let text = FieldRule {
            value_type: Some(ValueType::Text),
            ..rule.clone()
        };
        let value = value.filter(|value| !is_empty(value));
        let wrong = wrong(destination, &text, value.as_ref())?;
        Some(say!("sandbox-of-the-query", name, wrong))
    })
}

/// What a value of the query is called beside those of the path.
pub fn query_name(name: &str) -> String {
    format!("?{name}")
}

/// What is wrong with the value of a field.
fn wrong(destination: &Destination, rule: &FieldRule, value: Option<&Json>) -> Option<String> {
    let is_text = destination.values == Some(Values::Text)
        || destination.send.body_kind() == BodyKind::Form
        || rule.value_type == Some(ValueType::Text);
    let as_sent = |json: &Json| if is_text { as_text(json) } else { json.clone() };
    if let Some(constant) = rule.value.as_ref().map(as_sent) {
        // A constant may itself be empty.
        let same = value.map_or_else(|| is_empty(&constant), |value| *value == constant);
        return (!same).then(|| say!("sandbox-must-be", constant = constant.to_string()));
    }
    let Some(value) = value else {
        return rule.required.then(|| say!("sandbox-is-required"));
    };
    if rule.blank.is_some() && text_of(value) == rule.blank {
        return None;
    } else if rule.hash.is_some() {
        let is_hash = |text: &str| text.len() == 64 && text.bytes().all(|b| b.is_ascii_hexdigit());
        let whole = value.as_str().is_some_and(is_hash);
        return (!whole).then(|| say!("sandbox-no-hash"));
    }
    let has_map = !rule.map.is_empty() || !rule.ranges.is_empty();
    let wanted = rule
        .value_type
        .filter(|_| !is_text)
        .unwrap_or(ValueType::Text);
    if has_map && is_mapped(rule, value, as_sent) {
        return None;
    } else if has_map && !rule.others {
        return Some(say!("sandbox-not-accepted"));
    } else if !has_type(wanted, value) {
        return Some(say!("sandbox-wrong-type"));
    }
    let text = text_of(value)?;
    let lower = text.to_lowercase();
    let refused = |part: &&String| lower.contains(&part.to_lowercase());
    let is_formed = |format| {
        let dated = rule.date_form.as_ref();
        has_map || dated.map_or_else(|| has_format(format, &text), |form| form.fits(&text))
    };
    if rule.max.is_some_and(|max| text.chars().count() > max) {
        Some(say!("sandbox-too-long"))
    } else if let Some(pattern) = rule.pattern.as_ref().filter(|it| !it.matches(&text)) {
        Some(say!("sandbox-no-match", pattern = &pattern.text))
    } else if let Some(refused) = rule.refuse.iter().find(refused) {
        Some(say!("sandbox-contains", refused))
    } else if !rule.format.is_none_or(is_formed) {
        Some(say!("sandbox-wrong-form"))
    } else {
        None
    }
}

/// A number, or yes and no, as text.
fn as_text(json: &Json) -> Json {
    match json {
        Json::Number(_) | Json::Bool(_) => json.to_string().into(),
        Json::Array(items) => items.iter().map(as_text).collect(),
        _ => json.clone(),
    }
}

/// One of the map's values, of the JSON type that is to be written.
fn is_mapped(rule: &FieldRule, value: &Json, as_sent: impl Fn(&Json) -> Json) -> bool {
    let ranged = rule.ranges.iter().map(|(_, sent)| sent);
    let mut all = rule.map.iter().map(|(_, sent)| sent).chain(ranged);
    all.any(|sent| {
        let typed = rule.value_type.filter(|wanted| *wanted != ValueType::Text);
        let converted =
            typed.is_some_and(|wanted| has_type(wanted, value)) && text_of(sent) == text_of(value);
        as_sent(sent) == *value || converted
    })
}

fn has_type(value_type: ValueType, value: &Json) -> bool {
    match value_type {
        ValueType::Text => value.is_string(),
        ValueType::Integer => value.is_i64() || value.is_u64(),
        ValueType::Number => value.is_number(),
        ValueType::Boolean => value.is_boolean(),
    }
}

/// The outer form only: what a partner without tables of numbers can see.
fn has_format(format: ValueFormat, text: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    match format {
        ValueFormat::PhoneE164 => text.strip_prefix('+').is_some_and(digits),
        ValueFormat::PhoneNational | ValueFormat::PhoneFrench => {
            digits(text.strip_prefix('+').unwrap_or(text))
        }
        ValueFormat::Email => text.split_once('@').is_some_and(|(local, domain)| {
            !local.is_empty() && domain.contains('.') && !text.contains(char::is_whitespace)
        }),
        ValueFormat::Title => matches!(text, "mr" | "ms"),
        ValueFormat::Country => {
            text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_uppercase())
        }
        ValueFormat::Digits => digits(text),
        ValueFormat::Lower => text.to_lowercase() == text,
        ValueFormat::Upper => text.to_uppercase() == text,
        ValueFormat::CountryName | ValueFormat::Postcode | ValueFormat::Date => true,
    }
}

/// Of each group of lead fields, one target at least must be filled. A group
/// that the body can't show (its field goes into the path) is not judged.
fn missing_group(destination: &Destination, lead: &Json) -> Option<String> {
    let in_path = destination.send.placeholders();
    let in_path: Vec<FieldRule> = in_path.map(|name| destination.placeholder(name)).collect();
    destination.need_one.iter().find_map(|group| {
        let is_of = |rule: &FieldRule| rule.from.iter().any(|from| group.contains(from));
        let fields = destination.fields.iter();
        let fields = fields.filter(|field| is_of(&field.rule));
        let targets: Vec<&Target> = fields.map(|field| &field.target).collect();
        let filled = targets.iter().any(|target| at(lead, target).is_some());
        let is_missing = !targets.is_empty() && !filled && !in_path.iter().any(is_of);
        is_missing.then(|| {
            let names: Vec<&str> = targets.iter().map(|target| target.as_str()).collect();
            say!("sandbox-one-is-required", targets = names.join(", "))
        })
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::config::Catalogue;

    const PARTNER: &str = r#"
[invented]
base = "https://api.example.fr"
need_one = [["surname", "firm"]]
[invented.fields]
channel = { value = 7 }
"who.surname" = "surname"
"who.firm" = "firm"
mail = { from = "mail", required = true, format = "email", max = 30 }
size = { from = "size", map = { small = 1, large = "L" } }
kind = { from = "kind", map = { a = "A" }, others = true, pattern = "^[A-Z]$" }
age = { from = "age", type = "integer" }
rate = { from = "rate", type = "number" }
consent = { from = "consent", type = "boolean" }
grade = { from = "grade", type = "integer", map = { best = "1" } }
note = { from = "note", refuse = ["sysdate"] }
phone = { from = "phone", format = "phone-e164" }
[invented.send]
path = "/leads"
"#;

    fn partner() -> Destination {
        read(PARTNER)
    }

    fn read(text: &str) -> Destination {
        let catalogue = Catalogue::load(Some(("test.toml", text))).unwrap();
        catalogue.get("invented").cloned().unwrap()
    }

    fn with(key: &str, value: Json) -> Json {
        let mut body = json!({"channel": 7, "who": {"surname": "Martin"}, "mail": "a@example.fr"});
        body[key] = value;
        body
    }

    #[test]
    fn what_the_rules_allow_is_taken_in() {
        for (key, value) in [
            ("channel", json!(7)),
            ("who", json!({"firm": "Example SARL"})),
            ("size", json!("L")),
            ("size", json!("")),
            ("kind", json!("B")),
            ("age", json!(42)),
            ("rate", json!(1.5)),
            ("consent", json!(true)),
            ("grade", json!(1)),
            ("note", json!(null)),
            ("phone", json!("+33639980001")),
            ("unknown", json!([1])),
        ] {
            assert_eq!(refusal(&partner(), &with(key, value)), None, "{key}");
        }
    }

    #[test]
    fn what_the_rules_forbid_is_refused() {
        for (key, value, reason) in [
            ("channel", json!("7"), "channel must be 7"),
            ("channel", json!(null), "channel must be 7"),
            ("mail", json!(" "), "mail is required"),
            ("mail", json!("a example.fr"), "mail has the wrong form"),
            (
                "mail",
                json!("abcdefghijklmnopqrstu@example.fr"),
                "mail is too long",
            ),
            ("size", json!("1"), "size is not one of the accepted values"),
            ("kind", json!("b"), "kind does not match ^[A-Z]$"),
            ("age", json!("42"), "age has the wrong type"),
            ("age", json!(4.5), "age has the wrong type"),
            ("rate", json!("1"), "rate has the wrong type"),
            ("consent", json!("yes"), "consent has the wrong type"),
            ("grade", json!(2), "grade is not one of the accepted values"),
            ("note", json!(["a"]), "note has the wrong type"),
            ("note", json!("x SYSDATE"), "note must not contain sysdate"),
            ("phone", json!("0639980001"), "phone has the wrong form"),
            ("who", json!({}), "one of who.surname, who.firm is required"),
        ] {
            let told = refusal(&partner(), &with(key, value));
            assert_eq!(told.as_deref(), Some(reason), "{key}");
        }
    }

    #[test]
    fn the_wrap_is_part_of_the_rules() {
        let body = with("note", json!("hello"));
        assert!(refusal(&partner(), &json!([body])).is_some());
        let partner =
            read(&PARTNER.replace("[invented.send]\n", "[invented.send]\nwrap = \"list\"\n"));
        assert_eq!(refusal(&partner, &json!([body])), None);
        for wrong in [body.clone(), json!([]), json!([body, body]), json!([1])] {
            assert!(refusal(&partner, &wrong).is_some());
        }
    }
}
