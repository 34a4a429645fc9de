use super::super::{Error, Facts, KnownHeaders, Options};
use super::{briefs, read_with, sound};
use crate::lead::Record;

const NAMES: [&str; 9] = [
    "nom",
    "prénom",
    "e-mail",
    "tél",
    "ville",
    "client",
    "date",
    "First Name",
    "Email Address",
];

fn options() -> Options {
    let known = |name: &str| {
        NAMES
            .iter()
            .any(|known| known.eq_ignore_ascii_case(name.trim()))
    };
    Options {
        known: Some(KnownHeaders::new(known)),
        ..Options::default()
    }
}

fn read(text: &str) -> (Facts, Vec<Record>) {
    read_with(text, &options()).expect("a readable input")
}

fn refused(text: &str, options: &Options) -> Error {
    read_with(text, options)
        .map(|(facts, _)| facts)
        .expect_err("refused")
}

#[test]
fn what_stands_above_the_column_names_is_no_lead() {
    for (title, line) in [
        ("", 1),
        ("Rapport des prospects;;;\n", 2),
        ("Rapport des prospects\n", 2),
        ("\n\nTableau 1\n", 4),
        (
            ";;;\nPériode : du 1 au 12/11;;;\n;;;\nClient;Villa Rosa;;\n",
            5,
        ),
        ("Auteur;jean@example.fr\n\n", 3),
        ("\"Notes :\n\nces adresses; et la suite\"\n", 4),
        ("Total, tout compris, 12, 4\nx, y, z, t\n", 3),
        ("sep=;\nRapport\n", 3),
        ("Rapport \"spécial\";x\n", 2),
        ("\"Rapport\" spécial;x\n", 2),
    ] {
        let (facts, rows) = read(&format!(
            "{title}Nom;Prénom;E-mail;Budget\nRoche;Léa;l@example.fr;12\nDin;Ana;a@example.fr;\n"
        ));
        assert_eq!(facts.header_line, Some(line), "{title}");
        assert_eq!(facts.above.is_empty(), line == 1, "{title}");
        let rows = briefs(&rows);
        let leads = [
            sound(line + 1, "Roche|Léa|l@example.fr|12"),
            sound(line + 2, "Din|Ana|a@example.fr|"),
        ];
        assert_eq!(rows, leads, "{title}");
    }
}

#[test]
fn two_storeys_of_names_are_one_header() {
    for (header, names) in [
        (
            "Nom;Prénom;Contact;;Ville\n;;E-mail;Tél;\n",
            "nom prénom e-mail tél ville",
        ),
        (
            ";;Contact;;Projet\nNom;Prénom;E-mail;Tél;Ville\n",
            "nom prénom e-mail tél ville",
        ),
        (
            "Client;;Date;;\nNom;Prénom;E-mail;Tél;Ville\n",
            "nom prénom e-mail tél ville",
        ),
        (
            "nom;prénom;mail;tél;ville\nNom;Prénom;E-mail;Tél;Ville\n",
            "nom prénom e-mail tél ville",
        ),
    ] {
        let (facts, rows) = read(&format!("{header}Roche;Léa;l@example.fr;0639980123;Lyon\n"));
        assert_eq!(rows.len(), 1, "{header}");
        assert_eq!(
            rows[0].header.names.join(" ").to_lowercase(),
            names,
            "{header}"
        );
        assert_eq!((facts.header_line, rows[0].line), (Some(2), 3), "{header}");
    }
}

#[test]
fn the_first_row_is_the_header_where_none_is_known() {
    let (facts, rows) = read("Truc;Machin\n1;2\n3\n");
    assert_eq!(facts.header_line, Some(1));
    assert_eq!(briefs(&rows)[0], sound(2, "1|2"));
    assert_eq!(briefs(&rows)[1], sound(3, "3|"));
    let (_, rows) = read("e-mail\nl@example.fr\n");
    assert_eq!(briefs(&rows), [sound(2, "l@example.fr")]);
}

#[test]
fn a_title_without_known_names_below_it_is_refused() {
    let error = refused("\nRapport 2026\nTruc;Machin;Chose\n1;2;3\n", &options());
    assert_eq!(error.line, Some(2));
    assert!(error.kind.to_string().contains("Rapport 2026"), "{error}");
    assert!(
        error
            .hint()
            .is_some_and(|hint| hint.contains("--header-row 3"))
    );
}

#[test]
fn a_title_above_a_narrow_table_is_none_of_its_columns() {
    let error = refused("Contacts\nTruc;Budget\n1;2\n", &options());
    assert!(
        error
            .hint()
            .is_some_and(|hint| hint.contains("--header-row 2"))
    );
}

#[test]
fn leads_above_their_header_are_not_passed_over() {
    let text = "Din;Ana;a@example.fr\nNom;Prénom;E-mail\nRoche;Léa;l@example.fr\n";
    let error = refused(text, &options());
    assert_eq!(error.line, Some(1));
    assert!(
        error
            .hint()
            .is_some_and(|hint| hint.contains("--header-row 2"))
    );
    let said = Options {
        header_row: Some(2),
        ..options()
    };
    assert_eq!(read_with(text, &said).expect("said").1.len(), 1);
}

#[test]
fn the_user_says_which_line_it_is() {
    let text = "Rapport\n\nNom;Prénom\nNom usuel;Prénom usuel;Âge\nRoche;Léa;40\n";
    let said = |line| Options {
        header_row: Some(line),
        ..options()
    };
    let (facts, rows) = read_with(text, &said(4)).expect("a header");
    assert_eq!(rows[0].header.names, ["Nom usuel", "Prénom usuel", "Âge"]);
    assert_eq!(briefs(&rows), [sound(5, "Roche|Léa|40")]);
    assert_eq!(facts.above, ["Rapport", "Nom Prénom"]);
    for line in [2, 6, 60] {
        let error = refused(text, &said(line));
        assert_eq!(error.line, Some(line), "{error}");
    }
}

/// Leads may be called as columns are.
#[test]
fn a_lead_is_no_second_storey() {
    let (_, rows) = read("Nom;Prénom;E-mail\nClient;Date;l@example.fr\nClient;Léa;\nDin;Ana;\n");
    assert_eq!(rows.len(), 3);
}
