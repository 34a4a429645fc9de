//! What is written of a contact, and what never is.

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
        clear: clear
            .iter()
            .map(|&it| Target::from(it.to_owned()))
            .collect(),
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
    assert!(replaced(&whole(), &json!({"id": 13}), &nothing).is_err());
    let odd = json!({"name": "Martin", "civility": {"label": "Madame"}});
    assert!(replaced(&whole(), &odd, &nothing).is_err());
    // An older server that gives the id itself.
    let plain = json!({"name": "Martin", "civility": 2});
    let written = replaced(&whole(), &plain, &nothing).unwrap();
    assert_eq!(written.body, plain);
}

#[test]
fn what_the_server_would_not_take_as_text_is_not_written_back() {
    let mut amend = whole();
    amend.refuse = vec!["CURRENT_TIMESTAMP".into(), "\u{0}".into()];
    let set = part(json!({"notes": "fine now"}), &[]);
    for (read, member) in [
        (json!({"name": "x current_timestamp"}), "name"),
        (
            json!({"customFields": {"2": "Current_Timestamp"}}),
            "customFields.2",
        ),
        (
            json!({"name": "x", "list": ["a", "CURRENT_TIMESTAMP"]}),
            "list",
        ),
        (json!({"name": "a\u{0}b"}), "name"),
    ] {
        let why = replaced(&amend, &read, &set).unwrap_err().to_string();
        assert!(why.contains(&format!("its {member} holds")), "{why}");
    }
    // What the row puts in its place is sent.
    let read = json!({"name": "x", "notes": "CURRENT_TIMESTAMP"});
    assert!(replaced(&amend, &read, &set).is_ok());
}

#[test]
fn what_was_not_kept_is_found() {
    let written = json!({"name": "Martin", "civility": 2, "means": "x", "phone": "1",
        "empty": "", "customFields": {"2": "a", "3": 7}});
    let read = json!({"id": 13, "name": "Martin", "civility": {"id": 2}, "means": null,
        "phone": "2", "customFields": {"2": "a", "3": "7"}});
    assert_eq!(dropped(&whole(), &written, &read), ["means", "phone"]);
    assert_eq!(
        dropped(&whole(), &json!([{"name": "A"}]), &json!([])),
        ["name"]
    );
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
