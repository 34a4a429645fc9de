//! A merged table, and where its lines are from.

use super::Catalogue;
use super::merged::{MergedLine, merged};

/// A user's file over the first partner that ships.
fn users() -> String {
    let shipped = Catalogue::load(None).unwrap();
    let name = &shipped.destinations[0].name;
    format!(
        "[{name}]\nbase = \"https://x.example.fr\"\nfields = {{ name = {{ required = false }}, \"a.b\" = \"city\", comment = false }}\n\
         [villa]\nextends = \"{name}\"\ndefaults = {{ program = \"12\" }}\n"
    )
}

fn text_of(lines: &[MergedLine]) -> String {
    let lines = lines.iter().map(|line| line.toml.clone() + "\n");
    lines.collect()
}

#[test]
fn each_line_says_where_it_is_from() {
    let lines = merged(Some(("p.toml", &users())), "villa").unwrap();
    let place = |start: &str| {
        let line = lines.iter().find(|line| line.toml.starts_with(start));
        line.unwrap().place.clone().unwrap()
    };
    assert_eq!(place("base = ").to_string(), "p.toml:2");
    assert_eq!(place("program = \"12\"").to_string(), "p.toml:6");
    assert_eq!(place("name.required = false").to_string(), "p.toml:3");
    assert_eq!(place("\"a.b\" = ").to_string(), "p.toml:3");
    assert!(place("name.from = ").is_built_in());
    assert!(place("  { when = ").is_built_in());
    assert!(!text_of(&lines).contains("\ncomment"));
}

/// A text in several languages is a line, or one for each file that it is from.
#[test]
fn a_text_in_several_languages_is_no_table_of_its_own() {
    let shipped = Catalogue::load(None).unwrap();
    let name = &shipped.destinations[0].name;
    let lines = text_of(&merged(None, name).unwrap());
    assert!(lines.contains("\nask = { en = \""), "{lines}");
    let user = format!("[{name}]\nask.fr = \"Julie\"\n");
    let lines = text_of(&merged(Some(("p.toml", &user)), name).unwrap());
    assert!(lines.contains("\nask.en = \""), "{lines}");
    assert!(lines.contains("\nask.fr = \"Julie\"\n"), "{lines}");
}

#[test]
fn what_it_writes_is_the_same_destination() {
    let shipped = Catalogue::load(None).unwrap();
    for destination in &shipped.destinations {
        let name = &destination.name;
        let text = text_of(&merged(None, name).unwrap());
        // Under another name, so that nothing of the catalogue is below it.
        let text = text.replace(&format!("[{name}"), "[copy");
        let again = Catalogue::load(Some(("p.toml", &text))).unwrap();
        let mut copy = again.get("copy").unwrap().clone();
        copy.name.clone_from(name);
        copy.place.clone_from(&destination.place);
        for (example, own) in copy.examples.iter_mut().zip(&destination.examples) {
            example.place.clone_from(&own.place);
        }
        assert_eq!(format!("{copy:?}"), format!("{destination:?}"), "{text}");
    }
}
