//! What a table asks for and no lead gives is told, once.

use super::{hook, willing};
use crate::common::Home;

fn told(home: &Home, arguments: &[&str]) -> String {
    let outcome = home.run(arguments).expect_code(0);
    outcome.stderr
}

#[test]
fn a_target_that_nothing_fills_is_told_once() {
    let partner = willing();
    let fields = "email = \"email\"\ntown = \"Vile\"\nnote = { template = \"{comment}\" }\n\
        land = \"country\"\nk = { value = 1 }\nb = { from = \"job\", blank = \"\" }\nid = { template = \"{lead_uuid}\" }";
    let words = "defaults = { country = \"FR\" }\nheaders = { X-Zip = { from = \"zip\" } }";
    let home = hook(
        &partner,
        words,
        fields,
        "path = \"/\"\nquery = { c = { from = \"course\" } }",
    );
    home.write(
        "leads.csv",
        "E-mail;Ville\na@example.fr;Lyon\nb@example.fr;Lyon\n",
    );
    let words = "leads.csv: no column fills these of hook: town, note, c, X-Zip";
    for arguments in [
        &["check", "--to", "hook", "leads.csv"][..],
        &["send", "--to", "hook", "--dry-run", "leads.csv"],
        &["send", "--to", "hook", "leads.csv"],
    ] {
        let told = told(&home, arguments);
        assert_eq!(told.matches(words).count(), 1, "{told}");
    }
    let survey = home
        .run(&["check", "leads.csv", "--format", "json"])
        .expect_code(0);
    let fit = &survey.rows()[0]["destinations"][0];
    assert_eq!(
        fit["unfilled"],
        serde_json::json!(["town", "note", "c", "X-Zip"])
    );
    home.write("leads.jsonl", "{\"email\":\"c@example.fr\",\"Vile\":\"x\",\"zip\":\"1\"}\n{\"email\":\"d@example.fr\",\"comment\":\"y\",\"course\":\"z\"}\n");
    let all = told(&home, &["send", "--to", "hook", "leads.jsonl"]);
    assert!(!all.contains("no column fills"), "{all}");
}

#[test]
fn of_two_columns_that_are_filled_the_other_one_is_told() {
    let partner = willing();
    let fields =
        "email = \"email\"\ntel = { from = [\"phone\", \"phone2\"], format = \"phone-e164\" }";
    let home = hook(&partner, "", fields, "path = \"/\"");
    home.write(
        "leads.csv",
        "E-mail;phone;phone2\na@example.fr;0639980001;0639980002\nb@example.fr;;0639980003\nc@example.fr;0639980004;+33 6 39 98 00 04\n",
    );
    let told = told(&home, &["send", "--to", "hook", "leads.csv"]);
    assert!(
        told.contains(
            "in 1 row (line 2: \"phone2\" is filled too, with \"0639980002\", and is not sent)"
        ),
        "{told}"
    );
    let tels: Vec<_> = partner
        .arrived()
        .iter()
        .map(|it| it.json()["tel"].clone())
        .collect();
    assert_eq!(tels, ["+33639980001", "+33639980003", "+33639980004"]);
    // Where it is sent elsewhere, nothing is passed over.
    let home = hook(
        &partner,
        "",
        &format!("{fields}\nmobile = \"phone2\""),
        "path = \"/\"",
    );
    home.write(
        "leads.csv",
        "E-mail;phone;phone2\na@example.fr;0639980001;0639980002\n",
    );
    let told = self::told(&home, &["send", "--to", "hook", "leads.csv"]);
    assert!(!told.contains("is filled too"), "{told}");
}
