//! A file of a partner's settings, beside those that stand there: what is
//! wrong with it and what it would change. Pure.

use serde_json::Value as Json;

use crate::config::{Must, PartnerSettings, Pointer};

/// Everything for which a file can't be sent; `there` is what stands now.
pub fn complaints(settings: &PartnerSettings, there: &Json, file: &Json) -> Vec<String> {
    if !file.is_object() {
        return vec!["the file holds no object between { and }".to_owned()];
    }
    let mut told = Vec::new();
    for must in &settings.must {
        match must {
            Must::Be { at, json_type } => match at.first(file) {
                None => told.push(format!("{} is missing", shown(at))),
                Some(value) if !json_type.is_of(value) => {
                    told.push(format!("{} must be {}", shown(at), json_type.in_words()));
                }
                Some(_) => {}
            },
            Must::Ascend {
                ascending,
                above,
                below,
            } => ascend(ascending, *above, *below, file, &mut told),
            Must::Whole { each, by } => {
                let standing = each.find(there);
                let mut seen = Vec::new();
                for entry in each.find(file) {
                    let name = called(settings, entry, by);
                    let wrong = whole(entry, by, &standing, &seen);
                    told.extend(wrong.into_iter().map(|what| format!("{name}{what}")));
                    seen.push(entry.get(by));
                }
            }
        }
    }
    told
}

fn ascend(
    places: &[Pointer],
    above: Option<f64>,
    below: Option<f64>,
    file: &Json,
    told: &mut Vec<String>,
) {
    let mut least = above.map(|bound| (bound, bound.to_string()));
    for place in places {
        let name = shown(place);
        let Some(number) = place.first(file).and_then(Json::as_f64) else {
            told.push(format!("{name} must be a number"));
            continue;
        };
        if let Some((bound, other)) = &least
            && number <= *bound
        {
            told.push(format!("{name} is {number}, but must be more than {other}"));
        }
        if let Some(below) = below.filter(|below| number >= *below) {
            told.push(format!("{name} is {number}, but must be less than {below}"));
        }
        least = Some((number, name));
    }
}

/// What is wrong with an entry: a member that is not sent would not stay as it
/// is.
fn whole(entry: &Json, by: &str, standing: &[&Json], seen: &[Option<&Json>]) -> Vec<String> {
    let id = entry.get(by);
    let same = standing
        .iter()
        .find(|one| id.is_some() && one.get(by) == id);
    let members = same.and_then(|same| same.as_object()).into_iter().flatten();
    let twice = (id.is_some() && seen.contains(&id)).then(|| " stands twice".to_owned());
    let unknown = match (id, same) {
        (None, _) => Some(format!(" has no `{by}`")),
        (_, None) => Some(" is no entry that the partner has".to_owned()),
        _ => None,
    };
    let members = members.filter_map(|(member, value)| match entry.get(member) {
        None => Some(format!(
            ": `{member}` is missing; an entry is sent whole, or not at all"
        )),
        Some(new) if value.is_boolean() && !new.is_boolean() => {
            Some(format!(": `{member}` must be true or false"))
        }
        Some(_) => None,
    });
    twice.into_iter().chain(unknown).chain(members).collect()
}

/// One value that would change.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Difference {
    /// Where, in words: members and the names of entries.
    pub at: String,
    pub from: Option<Json>,
    pub to: Option<Json>,
}

/// What a file would change of what stands there.
pub fn differences(settings: &PartnerSettings, there: &Json, file: &Json) -> Vec<Difference> {
    let mut found = Vec::new();
    for (name, new) in file.as_object().into_iter().flatten() {
        compare(settings, name, there.get(name), Some(new), &mut found);
    }
    found
}

fn compare(
    settings: &PartnerSettings,
    at: &str,
    from: Option<&Json>,
    to: Option<&Json>,
    found: &mut Vec<Difference>,
) {
    if from == to {
        return;
    }
    match (from, to) {
        (Some(Json::Object(old)), Some(Json::Object(new))) => {
            let gone = old.keys().filter(|name| !new.contains_key(*name));
            for name in new.keys().chain(gone) {
                let inner = format!("{at} / {name}");
                compare(settings, &inner, old.get(name), new.get(name), found);
            }
        }
        (Some(Json::Array(old)), Some(Json::Array(new))) if by(settings, new).is_some() => {
            let by = by(settings, new).unwrap_or_default();
            for entry in new {
                let same = old.iter().find(|old| old.get(by) == entry.get(by));
                let inner = format!("{at} / {}", called(settings, entry, by));
                compare(settings, &inner, same, Some(entry), found);
            }
        }
        _ => found.push(Difference {
            at: at.to_owned(),
            from: from.cloned(),
            to: to.cloned(),
        }),
    }
}

/// The member by which the entries of a list are the same.
fn by<'s>(settings: &'s PartnerSettings, list: &[Json]) -> Option<&'s str> {
    settings.must.iter().find_map(|must| match must {
        Must::Whole { by, .. } if list.iter().all(|entry| entry.get(by).is_some()) => Some(&**by),
        _ => None,
    })
}

/// An entry by its number, and its name where it has one.
fn called(settings: &PartnerSettings, entry: &Json, by: &str) -> String {
    let id = entry.get(by).map_or_else(|| "unknown".to_owned(), text);
    let name = settings.mandatory.as_ref();
    let name = name.and_then(|words| entry.get(&words.field)).map(text);
    match name {
        Some(name) => format!("{name} ({by} {id})"),
        None => format!("{by} {id}"),
    }
}

fn text(value: &Json) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

fn shown(place: &Pointer) -> String {
    place
        .to_string()
        .trim_start_matches('/')
        .replace('/', " / ")
}

impl Difference {
    /// On one line.
    pub fn in_words(&self) -> String {
        let value = |value: &Option<Json>, none: &str| {
            let text = value.as_ref().map(Json::to_string);
            text.unwrap_or_else(|| none.to_owned())
        };
        let (from, to) = (value(&self.from, "not there"), value(&self.to, "not sent"));
        format!("{}: {from} → {to}", self.at)
    }
}

/// The targets that a contact must have, as these settings say.
pub fn mandatory(settings: &PartnerSettings, there: &Json) -> Vec<String> {
    let Some(words) = &settings.mandatory else {
        return Vec::new();
    };
    let entries = words.entries.find(there).into_iter();
    entries
        .filter(|entry| entry.get(&words.flag) == Some(&Json::Bool(true)))
        .filter_map(|entry| entry.get(&words.field).map(text))
        .map(|name| words.target(&name))
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::config::Catalogue;

    fn settings() -> PartnerSettings {
        let text = r#"
[invented]
base = "https://api.example.fr"
key = ["email"]
fields = { name = "last_name" }
send = { path = "/people" }
[invented.settings]
path = "/settings"
must = [
  { at = "/filling/enable", type = "boolean" },
  { at = "/fields", type = "list" },
  { ascending = ["/filling/first", "/filling/second"], above = 0, below = 100 },
  { each = "/fields/*", by = "id" },
]
mandatory = { entries = "/fields/*", field = "name", flag = "mandatory" }
"#;
        let catalogue = Catalogue::load(Some(("test.toml", text))).unwrap();
        catalogue.get("invented").unwrap().settings.clone().unwrap()
    }

    fn there() -> Json {
        json!({
            "filling": {"enable": true, "first": 33, "second": 66},
            "fields": [
                {"id": 7, "name": "civility", "mandatory": false, "label": null},
                {"id": 9, "name": "lastname", "mandatory": true, "label": null},
            ],
            "extra": false,
        })
    }

    #[test]
    fn what_stands_there_may_be_sent_and_changes_nothing() {
        assert!(complaints(&settings(), &there(), &there()).is_empty());
        assert!(differences(&settings(), &there(), &there()).is_empty());
        assert_eq!(mandatory(&settings(), &there()), ["lastname"]);
    }

    #[test]
    fn every_fault_is_told() {
        let file = json!({
            "filling": {"enable": "yes", "first": 70, "second": 66},
            "fields": [
                {"id": 7, "name": "civility", "label": null},
                {"id": 9, "name": "lastname", "mandatory": 1, "label": null},
                {"id": 9, "name": "lastname", "mandatory": true, "label": null},
                {"id": 12, "name": "x"},
                {"name": "y"},
            ],
        });
        assert_eq!(
            complaints(&settings(), &there(), &file),
            [
                "filling / enable must be true or false",
                "filling / second is 66, but must be more than filling / first",
                "civility (id 7): `mandatory` is missing; an entry is sent whole, or not at all",
                "lastname (id 9): `mandatory` must be true or false",
                "lastname (id 9) stands twice",
                "x (id 12) is no entry that the partner has",
                "y (id unknown) has no `id`",
            ]
        );
        for (first, second) in [(0, 66), (33, 100), (33, 33)] {
            let mut file = there();
            file["filling"]["first"] = json!(first);
            file["filling"]["second"] = json!(second);
            assert_eq!(complaints(&settings(), &there(), &file).len(), 1);
        }
        assert!(!complaints(&settings(), &there(), &json!([])).is_empty());
        assert!(!complaints(&settings(), &there(), &json!({"fields": []})).is_empty());
    }

    #[test]
    fn differences_name_their_entries() {
        let file = json!({
            "filling": {"enable": false, "first": 33},
            "fields": [{"id": 9, "name": "lastname", "mandatory": false, "label": null}],
        });
        let told: Vec<String> = differences(&settings(), &there(), &file)
            .iter()
            .map(Difference::in_words)
            .collect();
        assert_eq!(
            told,
            [
                "filling / enable: true → false",
                "filling / second: 66 → not sent",
                "fields / lastname (id 9) / mandatory: true → false",
            ]
        );
    }
}
