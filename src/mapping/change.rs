//! What is sent to change a contact that is there: the row's values laid over
//! what was read, so that what a row doesn't name stays. Pure.

use serde_json::{Map, Value as Json};

use crate::config::Amend;

/// What a row changes of a contact.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Changes {
    /// The values to set, nested as they are sent.
    pub set: Map<String, Json>,
    /// The targets to empty, where `set` has no value for them.
    pub clear: Vec<String>,
}

/// What is written, and what that changes.
#[derive(Debug, Clone, PartialEq)]
pub struct Amended {
    pub body: Json,
    /// Targets whose values differ from what was read; of what was not read,
    /// all that are sent.
    pub changed: Vec<String>,
}

/// Is what was read the contact of this reference? An error says why it may be
/// something else: written back whole, that would wipe the contact.
pub fn is_same(amend: &Amend, read: &Json, reference: &str) -> Result<(), String> {
    let Some(same) = &amend.same else {
        return Ok(());
    };
    let found = match same.first(read) {
        Some(Json::String(text)) => text.trim().to_owned(),
        Some(Json::Number(number)) => number.to_string(),
        _ => {
            return Err(format!(
                "the answer doesn't show the contact {reference}: it has no number at {same}"
            ));
        }
    };
    // Asked for as 013, it is 13.
    let plain = |text: &str| match text.trim_start_matches('0') {
        "" => text.to_owned(),
        rest => rest.to_owned(),
    };
    match plain(&found).eq_ignore_ascii_case(&plain(reference)) {
        true => Ok(()),
        false => Err(format!(
            "the answer shows {found} at {same}, not the contact {reference}"
        )),
    }
}

/// The body that replaces the whole contact: `read` with the part laid over.
/// Objects merge by key; what is empty is left out, in whatever shape it was
/// read. An error says why what was read can't be written back.
pub fn replaced(amend: &Amend, read: &Json, part: &Changes) -> Result<Amended, String> {
    let before = writable(amend, read)?;
    if before.is_empty() {
        return Err("what was read of it is empty".to_owned());
    }
    let mut after = before.clone();
    lay(&mut after, &part.set);
    for target in &part.clear {
        if at(&part.set, target).is_none() {
            remove(&mut after, target);
        }
    }
    drop_empty(&mut after);
    let changed = targets(part)
        .into_iter()
        .filter(|target| at(&before, target) != at(&after, target))
        .collect();
    Ok(Amended {
        body: wrapped(amend, after),
        changed,
    })
}

/// The body that names only what changes. A field to empty is sent as the
/// destination says, else as null.
pub fn named(amend: &Amend, part: &Changes) -> Amended {
    let mut body = part.set.clone();
    for target in &part.clear {
        if at(&part.set, target).is_none() {
            let blank = amend.blank.clone().map_or(Json::Null, Json::String);
            put(&mut body, target, blank);
        }
    }
    Amended {
        body: wrapped(amend, body),
        changed: targets(part),
    }
}

fn wrapped(amend: &Amend, body: Map<String, Json>) -> Json {
    match amend.call.wrap {
        true => Json::Array(vec![Json::Object(body)]),
        false => Json::Object(body),
    }
}

/// What was read, as it is written.
fn writable(amend: &Amend, read: &Json) -> Result<Map<String, Json>, String> {
    let Json::Object(read) = read else {
        return Err("what was read of it is no object".to_owned());
    };
    let mut out = Map::new();
    for (name, value) in read {
        if amend.drop.contains(name) || is_empty(value) {
            continue;
        }
        let take = amend.take.iter().find(|(member, _)| member == name);
        let value = match (take, value) {
            (Some((_, pointer)), Json::Object(_)) => {
                let taken = pointer.first(value);
                let taken = taken.ok_or_else(|| format!("its {name} has no {pointer}"))?;
                taken.clone()
            }
            _ => value.clone(),
        };
        out.insert(name.clone(), value);
    }
    Ok(out)
}

/// Nothing, in any of the shapes in which servers write it.
fn is_empty(value: &Json) -> bool {
    match value {
        Json::Null => true,
        Json::String(text) => text.is_empty(),
        Json::Array(list) => list.is_empty(),
        Json::Object(object) => object.is_empty(),
        _ => false,
    }
}

fn drop_empty(object: &mut Map<String, Json>) {
    object.retain(|_, value| !is_empty(value));
}

/// Lays values over others; objects merge by key.
fn lay(below: &mut Map<String, Json>, over: &Map<String, Json>) {
    for (name, value) in over {
        match (below.get_mut(name), value) {
            (Some(Json::Object(below)), Json::Object(over)) => lay(below, over),
            _ => {
                below.insert(name.clone(), value.clone());
            }
        }
    }
}

/// The value at a dotted target.
pub(super) fn at<'v>(object: &'v Map<String, Json>, target: &str) -> Option<&'v Json> {
    match target.split_once('.') {
        None => object.get(target),
        Some((first, rest)) => at(object.get(first)?.as_object()?, rest),
    }
}

fn put(object: &mut Map<String, Json>, target: &str, value: Json) {
    let Some((first, rest)) = target.split_once('.') else {
        object.insert(target.to_owned(), value);
        return;
    };
    let inner = object
        .entry(first)
        .or_insert_with(|| Json::Object(Map::new()));
    if let Json::Object(inner) = inner {
        put(inner, rest, value);
    }
}

fn remove(object: &mut Map<String, Json>, target: &str) {
    match target.split_once('.') {
        None => {
            object.shift_remove(target);
        }
        Some((first, rest)) => {
            if let Some(Json::Object(inner)) = object.get_mut(first) {
                remove(inner, rest);
            }
        }
    }
}

/// Every target that a part names.
pub fn targets(part: &Changes) -> Vec<String> {
    let mut targets = Vec::new();
    leaves(&part.set, "", &mut targets);
    for target in &part.clear {
        if !targets.contains(target) {
            targets.push(target.clone());
        }
    }
    targets
}

fn leaves(object: &Map<String, Json>, prefix: &str, targets: &mut Vec<String>) {
    for (name, value) in object {
        match value {
            Json::Object(inner) => leaves(inner, &format!("{prefix}{name}."), targets),
            _ => targets.push(format!("{prefix}{name}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::config::Catalogue;

    fn amend(words: &str) -> Amend {
        let text = format!(
            "[invented]\nbase = \"https://api.example.fr\"\nkey = [\"email\"]\n\
             [invented.fields]\nname = \"last_name\"\n[invented.send]\npath = \"/people\"\n\
             [invented.amend]\npath = \"/people/{{ref}}\"\n{words}\n"
        );
        let catalogue = Catalogue::load(Some(("test.toml", &text))).unwrap();
        catalogue.get("invented").unwrap().amend.clone().unwrap()
    }

    fn whole() -> Amend {
        amend(
            "method = \"PUT\"\nread = \"/people/{ref}\"\ndrop = [\"id\", \"creator\"]\ntake = { civility = \"/id\" }",
        )
    }

    fn part(set: Json, clear: &[&str]) -> Changes {
        let Json::Object(set) = set else {
            panic!("no object")
        };
        Changes {
            set,
            clear: clear.iter().map(|&target| target.to_owned()).collect(),
        }
    }

    #[test]
    fn what_a_row_does_not_name_stays() {
        let read = json!({
            "id": 13, "creator": 1, "name": "Martin", "civility": {"id": 2, "label": "Madame"},
            "phone": "+33639980001", "notes": null, "town": "",
            "externalId": {"crm": "7", "old": "1"}, "customFields": {"2": "x", "3": ["a"]},
        });
        let written = replaced(
            &whole(),
            &read,
            &part(
                json!({"phone": "+33639980002", "externalId": {"crm": "8"}}),
                &[],
            ),
        );
        let written = written.unwrap();
        assert_eq!(
            written.body,
            json!({
                "name": "Martin", "civility": 2, "phone": "+33639980002",
                "externalId": {"crm": "8", "old": "1"}, "customFields": {"2": "x", "3": ["a"]},
            })
        );
        assert_eq!(written.changed, ["phone", "externalId.crm"]);
    }

    #[test]
    fn the_three_shapes_of_empty() {
        for empty in [json!([]), json!(null), json!({})] {
            let read = json!({"name": "Martin", "civility": empty, "externalId": empty, "customFields": empty});
            let kept = replaced(&whole(), &read, &part(json!({"phone": "1"}), &[])).unwrap();
            assert_eq!(kept.body, json!({"name": "Martin", "phone": "1"}));
            let set = part(
                json!({"civility": 1, "externalId": {"crm": "8"}, "customFields": {"2": "y"}}),
                &[],
            );
            let filled = replaced(&whole(), &read, &set).unwrap();
            assert_eq!(
                filled.body,
                json!({"name": "Martin", "civility": 1, "externalId": {"crm": "8"}, "customFields": {"2": "y"}})
            );
        }
    }

    #[test]
    fn clearing_empties_but_for_what_the_row_fills() {
        let read = json!({"name": "Martin", "phone": "1", "notes": "n", "externalId": {"crm": "8"}, "customFields": {"2": "x", "3": "y"}});
        let clear = part(
            json!({"notes": "new"}),
            &[
                "phone",
                "notes",
                "externalId.crm",
                "customFields.3",
                "absent",
                "absent.inner",
            ],
        );
        let written = replaced(&whole(), &read, &clear).unwrap();
        assert_eq!(
            written.body,
            json!({"name": "Martin", "notes": "new", "customFields": {"2": "x"}})
        );
        assert_eq!(
            written.changed,
            ["notes", "phone", "externalId.crm", "customFields.3"]
        );
    }

    #[test]
    fn nothing_changes_where_all_is_so_already() {
        let read = json!({"id": 13, "name": "Martin", "civility": {"id": 1}});
        let same = part(json!({"name": "Martin", "civility": 1}), &["phone"]);
        assert!(replaced(&whole(), &read, &same).unwrap().changed.is_empty());
    }

    #[test]
    fn what_cannot_be_written_back_is_not_written() {
        let nothing = Changes::default();
        assert!(replaced(&whole(), &json!([{"name": "Martin"}]), &nothing).is_err());
        let odd = json!({"name": "Martin", "civility": {"label": "Madame"}});
        assert!(replaced(&whole(), &odd, &nothing).is_err());
        // An older server that gives the id itself.
        let plain = json!({"name": "Martin", "civility": 2});
        let written = replaced(&whole(), &plain, &nothing).unwrap();
        assert_eq!(written.body, plain);
    }

    #[test]
    fn only_the_contact_that_was_asked_for_is_written_back() {
        let amend =
            amend("method = \"PUT\"\nread = \"/people/{ref}\"\nsame = \"/id\"\ndrop = [\"id\"]");
        for same in [json!({"id": 13}), json!({"id": "13"}), json!({"id": "013"})] {
            assert_eq!(is_same(&amend, &same, "13"), Ok(()));
            assert_eq!(is_same(&amend, &same, "013"), Ok(()));
        }
        for other in [
            json!({"id": 14}),
            json!({"id": 130}),
            json!({"id": null}),
            json!({"id": {"id": 13}}),
            json!({"errors": "x"}),
            json!({"contact": {"id": 13}}),
            json!({}),
        ] {
            let why = is_same(&amend, &other, "13").unwrap_err();
            assert!(why.contains("contact 13") && why.contains("/id"), "{why}");
        }
        let bare = replaced(&amend, &json!({"id": 13}), &Changes::default());
        assert!(bare.is_err(), "nothing that could be kept");
    }

    #[test]
    fn a_part_alone_names_what_it_empties() {
        let set = || {
            part(
                json!({"properties": {"phone": "1"}}),
                &["properties.city", "properties.phone"],
            )
        };
        let text = amend("blank = \"\"");
        assert_eq!(
            named(&text, &set()).body,
            json!({"properties": {"phone": "1", "city": ""}})
        );
        assert_eq!(
            named(&amend("wrap = \"list\""), &set()).body,
            json!([{"properties": {"phone": "1", "city": null}}])
        );
    }
}
