//! Which leads a destination takes, how many and when: what can't be meant so is told
//! where it is written.

use super::Catalogue;

const SHOP: &str = "[shop]\nbase = \"https://shop.example.fr\"\nkey = [\"email\"]\n\
    fields = { mail = \"email\" }\nsend = { path = \"/leads\" }\n";

/// What is wrong with a line of a destination's table.
fn told(line: &str) -> String {
    let text = format!("{SHOP}{line}\n");
    let loaded = Catalogue::load(Some(("my.toml", &text)));
    let mistakes = loaded.err().unwrap_or_default();
    let lines: Vec<String> = mistakes.iter().map(ToString::to_string).collect();
    lines.join("\n")
}

#[test]
fn what_can_not_be_meant_is_told_with_its_line() {
    for (line, words) in [
        ("only = [{ zpi = \"69\" }]", "did you mean \"zip\"?"),
        ("only = [{ zip = { match = '(' } }]", "can't be read"),
        (
            "only = [{ zip = { mach = '^69' } }]",
            "did you mean `match`?",
        ),
        ("only = [{ zip = [] }]", "what `zip` must be can't be []"),
        ("only = [{}]", "holds for every lead"),
        ("only = \"69\"", "`only` must be names with values: { … }"),
        ("max_age = \"0d\"", "`max_age` must be longer than nothing"),
        ("max_age = \"a week\"", "is not a duration"),
        ("cap = [\"30/hour\"]", "`30/hour` is no cap"),
        ("cap = 30", "`30` is no cap"),
        (
            "hours = [\"Mon-Fri 9-19\"]",
            "`Mon-Fri 9-19` names no hours",
        ),
        ("hour = \"Mon\"", "did you mean `hours`?"),
        (
            "exclusive = \"solar\"",
            "no other destination is of the group \"solar\"",
        ),
    ] {
        let told = told(line);
        let place = told.starts_with("my.toml:6: ");
        assert!(place && told.contains(words), "{line}: {told}");
    }
    let zone = Catalogue::load(Some(("my.toml", "[leadctl]\nzone = \"Europe/Pari\"\n")));
    let told = zone.err().unwrap_or_default()[0].to_string();
    assert!(
        told.starts_with("my.toml:2: ") && told.contains("did you mean `Europe/Paris`?"),
        "{told}"
    );
}

#[test]
fn a_group_is_known_by_the_names_that_its_destinations_have_and_had() {
    let text = format!(
        "{SHOP}exclusive = \"solar\"\n[late]\nextends = \"shop\"\nformerly = [\"old\"]\n\
         [other]\nextends = \"shop\"\nexclusive = false\n"
    );
    let loaded = Catalogue::load(Some(("my.toml", &text)));
    let loaded = loaded.unwrap_or_else(|it| panic!("{it:#?}"));
    let rivals = |name: &str| loaded.get(name).expect("it").rivals.clone();
    assert_eq!(rivals("shop"), ["late", "old"]);
    assert_eq!(rivals("late"), ["shop"]);
    assert!(rivals("other").is_empty());
    let slip = text.replace(
        "[other]\nextends = \"shop\"\nexclusive = false",
        "[other]\nextends = \"shop\"\nexclusive = \"soler\"",
    );
    let loaded = Catalogue::load(Some(("my.toml", &slip)));
    let told = loaded.err().unwrap_or_default()[0].to_string();
    assert!(
        told.starts_with("my.toml:12: ") && told.contains("did you mean \"solar\"?"),
        "{told}"
    );
}

#[test]
fn one_table_may_stand_for_a_list_of_one() {
    for line in [
        "only = { zip = \"69001\", city = [\"Lyon\"] }",
        "only = [{ zip = \"69001\", city = [\"Lyon\"] }]",
        "only = [{ zip = 69001, consent = false }]",
    ] {
        let text = format!("{SHOP}{line}\n");
        let loaded =
            Catalogue::load(Some(("my.toml", &text))).unwrap_or_else(|it| panic!("{it:#?}"));
        let shop = loaded.get("shop").expect("the table");
        let tests: Vec<usize> = shop.only.iter().map(Vec::len).collect();
        assert_eq!(tests, [2], "{line}");
    }
    let none = Catalogue::load(Some(("my.toml", &format!("{SHOP}only = false\n"))));
    assert!(none.expect("none").get("shop").expect("it").only.is_empty());
}
