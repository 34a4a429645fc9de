//! Where the column names stand, and which of two columns is meant.

use rust_xlsxwriter::Workbook;
use serde_json::{Value as Json, json};

use crate::common::{Act, Home, Outcome, Partner};

/// A partner of the user's own that takes everything. What is sent is named as
/// the lead fields are.
struct Desk {
    partner: Partner,
    home: Home,
}

impl Desk {
    fn new() -> Self {
        Self::taking("email2 phone2 title job city comment company")
    }

    /// One that takes these fields too.
    fn taking(fields: &str) -> Self {
        let partner = Partner::always(Act::json(201, r#"{"id":7}"#));
        let home = Home::new();
        let fields = fields
            .split(' ')
            .map(|field| format!("{field} = \"{field}\"\n"));
        home.config(&format!(
            "[acme]\nbase = \"{}\"\nkey = [\"email\"]\n\
             [acme.fields]\n\
             first_name = \"first_name\"\n\
             last_name = {{ from = \"last_name\", required = true }}\n\
             email = {{ from = \"email\", required = true, format = \"email\" }}\n\
             phone = \"phone\"\n{}\
             [acme.send]\npath = \"/leads\"\n\
             rules = [{{ when = {{ status = 201, \"/id\" = \"present\" }}, then = \"delivered\", reference = \"/id\" }}]\n",
            partner.base(),
            fields.collect::<String>()
        ));
        Self { partner, home }
    }

    fn send(&self, name: &str, content: impl AsRef<[u8]>, more: &[&str]) -> Outcome {
        self.home.write(name, content);
        let arguments = [
            "send", "--to", "acme", "--jobs", "1", "--format", "json", name,
        ];
        self.home.run(&[&arguments[..], more].concat())
    }

    fn bodies(&self) -> Vec<Json> {
        let arrived = self.partner.arrived();
        arrived.iter().map(crate::common::Arrived::json).collect()
    }
}

/// The one lead that arrives of a CSV file of one row.
#[track_caller]
fn one(csv: &str) -> (Json, Outcome) {
    let desk = Desk::new();
    let outcome = desk.send("x.csv", csv, &[]).expect_code(0);
    let mut bodies = desk.bodies();
    assert_eq!(bodies.len(), 1, "{csv}");
    (bodies.remove(0), outcome)
}

fn sheet(rows: &[&[&str]]) -> Vec<u8> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    for (line, row) in rows.iter().enumerate() {
        for (column, cell) in row.iter().enumerate().filter(|(_, cell)| !cell.is_empty()) {
            let place = (line as u32, column as u16);
            sheet.write_string(place.0, place.1, *cell).expect("a cell");
        }
    }
    book.save_to_buffer().expect("a workbook")
}

#[test]
fn a_title_above_the_columns_is_told_and_no_lead() {
    let leads = "Nom;Prénom;E-mail\nMartin;Léa;a@example.fr\nRoche;Ana;b@example.fr\n";
    for (title, line) in [
        ("Rapport des prospects au 12/11\n", 2),
        ("Rapport, au 12/11, par Jean;;\n;;\n", 3),
        ("Tableau 1\n", 2),
        ("\"Notes :\ncertaines adresses manquent, car…\"\n\n", 4),
        ("Agence;Villa Rosa;\nExporté par jean@example.fr;\n\n", 4),
        ("Contact;;\n", 2),
    ] {
        let desk = Desk::new();
        let outcome = desk
            .send("x.csv", format!("{title}{leads}"), &[])
            .expect_code(0);
        let lines = [(line + 1).to_string(), (line + 2).to_string()];
        assert_eq!(outcome.column("line"), lines, "{title}{outcome:?}");
        let told = format!("x.csv: headers on line {line}; above them stands \"");
        assert!(outcome.stderr.contains(&told), "{}", outcome.stderr);
        assert_eq!(desk.bodies()[0]["first_name"], "Léa", "{title}");
        let shown = desk
            .home
            .run(&["history", "--format", "json"])
            .expect_code(0);
        assert_eq!(shown.rows().len(), 2, "nothing of a title is recorded");
    }
}

#[test]
fn a_workbook_has_titles_and_storeys_too() {
    let book = sheet(&[
        &["Rapport mensuel"],
        &[],
        &["Nom", "Prénom", "Coordonnées", "", "Adresse"],
        &["", "", "E-mail", "Téléphone", "Ville"],
        &["Martin", "Léa", "a@example.fr", "", "Lyon"],
        &["Roche", "", "b@example.fr", "0639980123", "Nice"],
    ]);
    let desk = Desk::new();
    let outcome = desk.send("x.xlsx", book, &[]).expect_code(0);
    assert_eq!(outcome.column("line"), ["5", "6"]);
    let expected = [
        json!({"first_name": "Léa", "last_name": "Martin", "email": "a@example.fr", "city": "Lyon"}),
        json!({"last_name": "Roche", "email": "b@example.fr", "phone": "0639980123", "city": "Nice"}),
    ];
    assert_eq!(desk.bodies(), expected);
}

#[test]
fn the_user_names_the_line_of_the_headers() {
    let csv = "Campagne;Villa Rosa\nRubrique;Valeur\nNom;E-mail\nMartin;a@example.fr\n";
    let desk = Desk::new();
    let outcome = desk
        .send("x.csv", csv, &["--header-row", "3"])
        .expect_code(0);
    assert_eq!(outcome.column("line"), ["4"]);
    let outcome = desk
        .send("x.csv", csv, &["--header-row", "9"])
        .expect_code(2);
    assert!(outcome.stderr.contains("x.csv:9\n"), "{outcome:?}");
    let outcome = desk
        .send("x.csv", csv, &["--header-row", "0"])
        .expect_code(2);
    assert!(outcome.stderr.contains("--header-row"), "{outcome:?}");
}

#[test]
fn what_may_be_a_lead_is_not_passed_over() {
    let csv = "Martin;Léa;a@example.fr\nNom;Prénom;E-mail\nRoche;Ana;b@example.fr\n";
    let desk = Desk::new();
    let outcome = desk.send("x.csv", csv, &[]).expect_code(2);
    assert!(outcome.stderr.contains("here stands a lead"), "{outcome:?}");
    assert!(outcome.stderr.contains("x.csv:1\n"), "{outcome:?}");
    assert!(outcome.stderr.contains("--header-row 2"), "{outcome:?}");
    assert_eq!(desk.partner.count(), 0);
    let csv = "Rapport 2026\nA;B;C;D\n1;2;3;4\n";
    let outcome = desk.send("y.csv", csv, &[]).expect_code(2);
    assert!(outcome.stderr.contains("--header-row 2"), "{outcome:?}");
    let shown = desk
        .home
        .run(&["history", "--format", "json"])
        .expect_code(0);
    assert!(shown.rows().is_empty());
}

#[test]
fn a_form_plugins_first_name_is_no_last_name() {
    for header in [
        "Nom (Nom de famille);Nom (Prénom);E-mail",
        "Name (Last);Name (First);Email",
        "Full Name - Last Name;Full Name - First Name;E-mail pro",
        "Name: Last;Name: First;Work email",
    ] {
        let (body, _) = one(&format!("{header}\nMartin;Léa;a@example.fr\n"));
        let expected = json!({"first_name": "Léa", "last_name": "Martin", "email": "a@example.fr"});
        assert_eq!(body, expected, "{header}");
    }
    // Alone it is not surely a whole name.
    let desk = Desk::new();
    let outcome = desk.send("x.csv", "Nom (Prénom);E-mail\nLéa;a@example.fr\n", &[]);
    assert_eq!(desk.partner.count(), 0, "{outcome:?}");
    let told = "no column or default gives it: last_name";
    assert!(outcome.stderr.contains(told), "{outcome:?}");
}

#[test]
fn what_a_destination_does_not_take_stops_nothing() {
    let csv =
        "Salutation;Title;Commune;Localité;Nom;E-mail\nMme;Directrice;X;Y;Martin;a@example.fr\n";
    let desk = Desk::taking("company");
    desk.send("x.csv", csv, &[]).expect_code(0);
    let desk = Desk::taking("city");
    let outcome = desk.send("x.csv", csv, &[]).expect_code(2);
    assert!(
        outcome
            .stderr
            .contains("\"Commune\" (column 3) and \"Localité\""),
        "{outcome:?}"
    );
    assert_eq!(desk.partner.count(), 0);
}

#[test]
fn of_two_columns_the_usual_one_decides_and_that_is_told() {
    let (body, outcome) = one("Commune;Ville;Nom;E-mail\nX;Lyon;Martin;a@example.fr\n");
    assert_eq!(body["city"], "Lyon");
    let told = "x.csv: city is taken from \"Ville\", so \"Commune\" is not used";
    assert!(outcome.stderr.contains(told), "{}", outcome.stderr);
    let (body, _) = one("Salutation;Title;Nom;E-mail\nMme;Directrice;Martin;a@example.fr\n");
    assert_eq!(
        (&body["title"], &body["job"]),
        (&json!("Mme"), &json!("Directrice"))
    );
}

#[test]
fn a_second_address_or_number_is_sent_as_the_second() {
    let (body, outcome) = one(
        "Nom;Work Email;Email;Téléphone;Mobile\nMartin;b@example.fr;a@example.fr;0139980123;0639980123\n",
    );
    assert_eq!(body["email"], "a@example.fr");
    assert_eq!(body["email2"], "b@example.fr");
    assert_eq!(body["phone2"], "0639980123");
    assert!(
        outcome
            .stderr
            .contains("\"Work Email\" is taken for a second one (email2)"),
        "{outcome:?}"
    );
    // The same name twice is as good.
    let (body, _) = one("Nom;Email;Email\nMartin;a@example.fr;b@example.fr\n");
    assert_eq!(
        (&body["email"], &body["email2"]),
        (&json!("a@example.fr"), &json!("b@example.fr"))
    );
}

#[test]
fn two_comments_are_joined_and_that_is_told() {
    let (body, outcome) =
        one("Nom;Commentaire;E-mail;Commentaire\nMartin;à 18 h;a@example.fr;rappeler\n");
    assert_eq!(body["comment"], "à 18 h\nrappeler");
    assert!(
        outcome
            .stderr
            .contains("the texts of several columns were joined"),
        "{outcome:?}"
    );
    let (body, _) = one("Nom;Commentaire;E-mail;Commentaire\nMartin;;a@example.fr;rappeler\n");
    assert_eq!(body["comment"], "rappeler");
}

/// What the ledger keeps and a rejects file says of such a row is the same row.
#[test]
fn rows_under_a_name_that_stands_twice_come_back() {
    let desk = Desk::new();
    let csv =
        "Nom;Note;Commentaire;E-mail;Note;Commentaire\nMartin;1;à 18 h;nulle-part;2;rappeler\n";
    let outcome = desk
        .send("x.csv", csv, &["--rejects", "r.csv"])
        .expect_code(3);
    assert_eq!(outcome.column("state"), ["invalid"]);
    let rejects = desk.home.read("r.csv");
    assert!(
        rejects.contains("Martin;1;à 18 h;nulle-part;2;rappeler"),
        "{rejects}"
    );
    let corrected = rejects.replace("nulle-part", "a@example.fr");
    desk.send("r2.csv", corrected, &[]).expect_code(0);
    assert_eq!(desk.bodies()[0]["comment"], "à 18 h\nrappeler");
    let shown = desk
        .home
        .run(&["history", "--format", "json"])
        .expect_code(0);
    assert_eq!(shown.column("state"), ["delivered"], "{shown:?}");
}
