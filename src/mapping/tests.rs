//! Leads through invented tables: what is sent, and what is complained about.

use std::sync::Arc;

mod consent;
mod words;

use super::{Identity, Judged, Plan, Sending, placeholders};
use crate::config::{Catalogue, Destination};
use crate::lead::{Aliases, Cells, Columns, Header, Lead, Preparation, Record, prepare};

const SHOP: &str = r#"
[shop]
base = "https://api.example.fr"
key = ["program", "email", "phone"]
defaults = { country = "FR" }
need_one = [["last_name", "company"]]

[shop.path]
program = { from = "program", map = { "Villa Rosa" = "12" }, others = true }

[shop.fields]
name = { from = "last_name", plain = true, pattern = "^[A-Za-z' -]+$", expects = "letters" }
"contact.email" = { from = "email", required = true, format = "email" }
"contact.phone" = { from = "phone", format = "phone-e164" }
title = { from = "title", map = { mr = 1, ms = 2 } }
size = { from = "headcount", map = { "1 - 4" = 25638, "Création" = "CREA" } }
zip = "zip"
country = { from = "country", format = "country" }
note = { from = "comment", max = 10, refuse = ["SYSDATE"] }
stock = { from = "employees", type = "integer" }
origin = { value = ["web", 1] }
empty.inside = "job"

[shop.send]
path = "/programs/{program}/leads"
wrap = "list"
"#;

fn shop(extra: &str) -> Destination {
    let text = format!(
        "{}\n{extra}",
        SHOP.replace("empty.inside", "\"empty.inside\"")
    );
    let catalogue = Catalogue::load(Some(("test.toml", &text)));
    let catalogue = catalogue.unwrap_or_else(|mistakes| panic!("{mistakes:?}"));
    catalogue.get("shop").expect("a shop").clone()
}

fn lead(cells: &[(&str, &str)]) -> Lead {
    let header = Arc::new(Header {
        names: cells.iter().map(|(name, _)| (*name).to_owned()).collect(),
        ..Header::default()
    });
    let catalogue = Catalogue::load(None).expect("the catalogue");
    let aliases = Aliases::new(&catalogue.columns);
    let columns = Columns::resolve(&header, &aliases, &[], None);
    let record = Record {
        file: "leads.csv".into(),
        line: 2,
        header,
        cells: cells.iter().map(|(_, cell)| *cell).collect::<Cells>(),
        ..Record::default()
    };
    prepare(record, &Arc::new(columns), &Preparation::default())
}

/// The body, or every complaint.
fn judged(destination: &Destination, lead: &Lead) -> Result<(String, String), Vec<String>> {
    let holders = placeholders(destination, &destination.send);
    let plan = Plan::new(destination, &destination.send, &holders, &lead.columns);
    match plan.judge(lead, Sending::default()) {
        Judged::Ready(mapped) => Ok((mapped.body.expect("a body"), format!("{:?}", mapped.path))),
        Judged::Invalid(complaints) => Err(complaints.iter().map(ToString::to_string).collect()),
    }
}

/// As where a user's table says it once more over the catalogue's.
#[test]
fn a_later_word_counts_though_it_is_written_otherwise() {
    let words = r#"{ "Villa Rosa" = "12", b = "c", "VILLA rosa" = "15", a = "b" }"#;
    let text = SHOP.replace(r#"{ "Villa Rosa" = "12" }"#, words);
    let text = text.replace("empty.inside", "\"empty.inside\"");
    let catalogue = Catalogue::load(Some(("test.toml", &text))).expect("a catalogue");
    let shop = catalogue.get("shop").expect("a shop");
    for (word, sent) in [("villa rosa", "15"), ("b", "c"), ("a", "b"), ("12", "12")] {
        let lead = lead(&[
            ("program", word),
            ("email", "a@example.fr"),
            ("last_name", "A"),
        ]);
        let (_, path) = judged(shop, &lead).expect("a lead");
        assert!(path.contains(&format!("\"{sent}\"")), "{word}: {path}");
    }
}

/// The values of the key; `None`: the whole request is the key.
fn identity(destination: &Destination, lead: &Lead) -> Option<Vec<String>> {
    let holders = placeholders(destination, &destination.send);
    let plan = Plan::new(destination, &destination.send, &holders, &lead.columns);
    match plan.identity(lead) {
        Identity::Fields(values) => Some(values),
        Identity::Person(_) | Identity::Request => None,
    }
}

#[test]
fn types_nesting_and_blanks() {
    let lead = lead(&[
        ("Nom", "O’Neil"),
        ("E-mail", " a@example.fr "),
        ("Tél.", "06 13 13 13 12"),
        ("Civilité", "Madame"),
        ("headcount", "1-4"),
        ("Code postal", "01000"),
        ("Commentaire", "  "),
        ("employees", "12"),
        ("Programme", "villa rosa"),
    ]);
    let (body, path) = judged(&shop(""), &lead).expect("valid");
    assert_eq!(
        body,
        r#"[{"name":"O'Neil","contact":{"email":"a@example.fr","phone":"+33613131312"},"title":2,"size":25638,"zip":"01000","country":"FR","stock":12,"origin":["web",1]}]"#
    );
    assert_eq!(path, r#"[("program", "12")]"#);
}

#[test]
fn what_would_be_sent_is_accepted_too() {
    let lead = lead(&[
        ("Nom", "A"),
        ("email", "a@example.fr"),
        ("headcount", "CREA"),
        ("title", "1"),
        ("program", "12"),
    ]);
    let (body, _) = judged(&shop(""), &lead).expect("valid");
    assert!(body.contains(r#""title":1,"size":"CREA""#), "{body}");
}

#[test]
fn every_complaint_comes_at_once_in_the_users_words() {
    let lead = lead(&[
        ("Nom", "A1"),
        ("E-mail", ""),
        ("Tél.", "06 12"),
        ("headcount", "many"),
        ("Commentaire", "now SysDate"),
        ("employees", "a dozen"),
        ("Programme", ".."),
    ]);
    let complaints = judged(&shop(""), &lead).expect_err("invalid");
    let all = complaints.join("\n");
    for part in [
        "\"A1\" is not accepted; write letters",
        "E-mail is empty, but this destination needs it",
        "Tél.: \"06 12\" is too short",
        "headcount: \"many\" is not one of: 1 - 4, Création",
        "Commentaire: 11 characters, but 10 at most are accepted",
        "employees: \"a dozen\" is not a whole number",
        "\"..\" can't stand in an address",
    ] {
        assert!(all.contains(part), "{part} is not in\n{all}");
    }
    assert_eq!(complaints.len(), 7);
}

#[test]
fn one_of_a_group_must_be_there() {
    let without = lead(&[("email", "a@example.fr"), ("program", "1")]);
    let complaints = judged(&shop(""), &without).expect_err("invalid");
    assert_eq!(
        complaints,
        ["last_name or company: at least one of these must be filled"]
    );
    let with = lead(&[
        ("email", "a@example.fr"),
        ("program", "1"),
        ("Société", "B"),
    ]);
    assert!(judged(&shop(""), &with).is_ok());
}

#[test]
fn the_same_person_however_typed_has_one_identity() {
    let shop = shop("");
    let one = lead(&[
        ("email", "Jean.Dupont@Example.fr"),
        ("phone", "06 13 13 13 12"),
        ("program", "Villa Rosa"),
    ]);
    let other = lead(&[
        ("program", "12"),
        ("phone", "+33 (0)6 13.13.13.12"),
        ("email", " jean.dupont@example.fr"),
    ]);
    assert_eq!(identity(&shop, &one), identity(&shop, &other));
    assert!(identity(&shop, &one).is_some_and(|values| values.len() == 3));
    let blank = lead(&[("email", "a@example.fr"), ("phone", ""), ("program", "12")]);
    assert_eq!(identity(&shop, &blank), None);
}

#[test]
fn a_value_comes_from_any_header_even_one_that_an_alias_took() {
    let shop = shop("[shop.fields.ref]\nfrom = [\"Numéro\", \"Nom\"]\n");
    let lead = lead(&[
        ("Nom", "Durand"),
        ("email", "a@example.fr"),
        ("program", "1"),
    ]);
    let (body, _) = judged(&shop, &lead).expect("valid");
    assert!(body.contains(r#""ref":"Durand""#), "{body}");
}

#[test]
fn a_row_of_which_nothing_is_used_is_no_lead() {
    let catalogue = Catalogue::load(Some((
        "test.toml",
        "[bare]\nbase = \"https://api.example.fr\"\nkey = [\"email\"]\n\
         [bare.fields]\nmail = \"email\"\ncity = \"city\"\norigin = { value = \"web\" }\n\
         [bare.send]\npath = \"/\"\n",
    )));
    let catalogue = catalogue.unwrap_or_else(|mistakes| panic!("{mistakes:?}"));
    let bare = catalogue.get("bare").expect("a destination");
    for cells in [
        [("Export leads", "Nom"), ("x", "E-mail")],
        [("E-mail", " "), ("Code", "7")],
    ] {
        let complaints = judged(bare, &lead(&cells)).expect_err("nothing is used");
        assert!(
            complaints[0].contains("nothing of this row is sent to bare"),
            "{complaints:?}"
        );
    }
    assert!(judged(bare, &lead(&[("Ville", "Lyon")])).is_ok());
}

#[test]
fn values_lose_the_white_space_around_them_before_they_are_judged() {
    let shop = shop("");
    let lead = lead(&[
        ("Nom", "\u{a0} Kent\u{202f}"),
        ("email", "a@example.fr"),
        ("zip", " 75 001\t"),
        ("Commentaire", "   10 letters  "),
        ("program", " Villa Rosa\u{a0}"),
    ]);
    let (body, path) = judged(&shop, &lead).expect("valid");
    assert!(body.contains(r#""name":"Kent""#), "{body}");
    assert!(body.contains(r#""zip":"75 001""#), "{body}");
    assert!(body.contains(r#""note":"10 letters""#), "{body}");
    assert!(path.contains("\"12\""), "{path}");
    let bare = self::lead(&[
        ("Nom", "Kent"),
        ("email", "a@example.fr"),
        ("zip", "75 001"),
        ("Commentaire", "10 letters"),
        ("program", "Villa Rosa"),
    ]);
    assert_eq!(judged(&shop, &bare).expect("valid").0, body);
    assert_eq!(identity(&shop, &lead), identity(&shop, &bare));
}

#[test]
fn a_number_is_of_the_leads_own_country() {
    let row = |country, phone| {
        [
            ("Nom", "A"),
            ("email", "a@example.fr"),
            ("program", "12"),
            ("Pays", country),
            ("phone", phone),
        ]
    };
    for (country, phone, sent) in [
        ("Belgique", "0470 12 34 56", "+32470123456"),
        ("be", "0470 12 34 56", "+32470123456"),
        ("", "0470 12 34 56", "+33470123456"),
        ("France", "0470 12 34 56", "+33470123456"),
        ("Guadeloupe", "0690 12 34 56", "+590690123456"),
    ] {
        let (shop, lead) = (shop(""), lead(&row(country, phone)));
        let (body, _) = judged(&shop, &lead).expect("valid");
        assert!(body.contains(sent), "{country}: {body}");
        let key = identity(&shop, &lead).expect("a key");
        assert_eq!(key[2], sent, "{country}");
    }
}

#[test]
fn a_title_that_is_none_is_told_the_words_that_are() {
    let lead = lead(&[
        ("Nom", "A"),
        ("email", "a@example.fr"),
        ("program", "1"),
        ("title", "Maître"),
    ]);
    let told = judged(&shop(""), &lead).expect_err("no title");
    assert_eq!(told, ["title: \"Maître\" is not one of: M., Mr, Mme, Ms"]);
}
