//! The table: two lines a row on a terminal, every cell whole elsewhere.

use super::rows::{LEADS, answer, home};
use crate::common::{Home, Outcome, Partner};

/// Accepts five sizes and needs four fields.
const CATALOGUE: &str = "[sizes]\nbase = \"https://partner.invalid\"\nkey = [\"email\"]\n\
    [sizes.fields]\n\
    name = { from = \"last_name\", required = true }\n\
    zip = { from = \"zip\", required = true, format = \"postcode\" }\n\
    email = { from = \"email\", required = true, format = \"email\" }\n\
    phone = { from = \"phone\", required = true, format = \"phone-e164\" }\n\
    size = { from = \"headcount\", map = { \"1 - 4\" = 1, \"5 - 9\" = 2, \"10 - 19\" = 3, \"20 - 49\" = 4, \"50 et plus\" = 5, \"100 et plus\" = 6 } }\n\
    [sizes.send]\npath = \"/leads\"\nrules = [{ when = { status = 201 }, then = \"delivered\" }]\n";

const FAULTY: &str = "Nom;Code postal;E-mail;Téléphone;Nombre de salariés / Visiteurs\n\
    Martin;75001;a@example.fr;06 39 98 00 01;beaucoup\n\
    Petit;75001;b@example.fr;06 39 98 00 02;beaucoup\n\
    ;paris;paul.example;06 39;un certain nombre de personnes\n\
    Roy;75001;ana@example,fr;06 39 98 00 03;5 - 9\n";

fn send_both(home: &Home, columns: Option<usize>) -> Outcome {
    let arguments = ["send", "--to", "acme", "leads.csv", "--no-progress"];
    match columns {
        Some(columns) => home.run_on_terminal(columns, &arguments),
        None => home.run(&arguments),
    }
}

/// Two leads more that the partner answers alike.
fn leads() -> String {
    format!("{LEADS}Anne;Petit;doubt@example.com\nLuc;Roux;reject@example.com\n")
}

#[test]
fn at_80_columns() {
    let partner = Partner::start(answer);
    let home = home(&partner);
    home.write("leads.csv", leads());
    let outcome = send_both(&home, Some(80)).expect_code(4);
    let expected = "
  line  lead                state      reference · message
     2  Léa Martin          delivered  1001
     3  Camille Nguyễn      pending    Dossier reçu, [31mà l'étude
     4  Sean O’Neil         rejected   Ce programme est complet.
     5  Léa Martin          skipped    the same lead as line 2 · 1001
     6  Inès Dubois         invalid    E-mail: \"ines.example\" has no @; write
                                       one address such as jean.dupont@example.…
     7  Paul Leroy          in doubt   answered 502: a fault on the partner's
                                       side; the partner may have this lead
     8  Maximilien-Alexan…  delivered  a-very-long-reference-0123456789
     9  健一 佐藤           delivered  9
    10  Zoé Blanc           duplicate  A-7 · the partner already had this lead
    11  Anne Petit          in doubt   as line 7
    12  Luc Roux            rejected   as line 4
";
    assert_eq!(format!("\n{}", outcome.stdout), expected);
    assert!(
        outcome.stderr.contains("11 leads: 3 delivered"),
        "{outcome:?}"
    );
    assert!(
        outcome
            .stderr
            .contains("config partners.toml · recorded in "),
        "{outcome:?}"
    );
    // Another day: what was refused and what is in doubt is told with where it is.
    let again = send_both(&home, Some(80)).expect_code(4);
    let expected = "
  line  lead                state      reference · message
     2  Léa Martin          skipped    already delivered since DAY · 1001
     3  Camille Nguyễn      skipped    already pending since DAY
     4  Sean O’Neil         skipped    already rejected since DAY (Ce
                                       programme e… (leadctl resend --to acme 3)
     5  Léa Martin          skipped    as line 2 · 1001
     6  Inès Dubois         invalid    E-mail: \"ines.example\" has no @; write
                                       one address such as jean.dupont@example.…
     7  Paul Leroy          skipped    already in doubt since DAY (answered
                                       502: a fault on the partner's side; the…
     8  Maximilien-Alexan…  skipped    as line 2 · a-very-long-reference-012345…
     9  健一 佐藤           skipped    as line 2 · 9
    10  Zoé Blanc           skipped    already duplicate since DAY · A-7
    11  Anne Petit          skipped    as line 7
    12  Luc Roux            skipped    as line 4
";
    let day = regex::Regex::new(r"\d{1,2} [A-Z][a-z]{2}\b").unwrap();
    let shown = day.replace_all(&again.stdout, "DAY");
    assert_eq!(format!("\n{shown}"), expected);
}

#[test]
fn at_120_columns() {
    let partner = Partner::start(answer);
    let home = home(&partner);
    home.write("leads.csv", leads());
    let outcome = send_both(&home, Some(120)).expect_code(4);
    let expected = "
  line  lead                          state      reference · message
     2  Léa Martin                    delivered  1001
     3  Camille Nguyễn                pending    Dossier reçu, [31mà l'étude
     4  Sean O’Neil                   rejected   Ce programme est complet.
     5  Léa Martin                    skipped    the same lead as line 2 · 1001
     6  Inès Dubois                   invalid    E-mail: \"ines.example\" has no @; write one address such as
                                                 jean.dupont@example.fr
     7  Paul Leroy                    in doubt   answered 502: a fault on the partner's side; the partner may have this
                                                 lead
     8  Maximilien-Alexandre de La…   delivered  a-very-long-reference-0123456789
     9  健一 佐藤                     delivered  9
    10  Zoé Blanc                     duplicate  A-7 · the partner already had this lead
    11  Anne Petit                    in doubt   as line 7
    12  Luc Roux                      rejected   as line 4
";
    assert_eq!(format!("\n{}", outcome.stdout), expected);
    let wide = home.run_on_terminal(500, &["history"]);
    let widths = wide
        .stdout
        .lines()
        .map(unicode_width::UnicodeWidthStr::width);
    assert!(widths.max() <= Some(140), "{}", wide.stdout);
}

/// For `grep`, `cut` and a mail.
#[test]
fn into_a_pipe_nothing_is_cut_and_tabs_stand_between_the_cells() {
    let partner = Partner::start(answer);
    let home = home(&partner);
    home.write("leads.csv", leads());
    let outcome = send_both(&home, None).expect_code(4);
    let expected = "
line\tlead\tstate\treference\tmessage
2\tLéa Martin\tdelivered\t1001\t
3\tCamille Nguyễn\tpending\t\tDossier reçu, [31mà l'étude
4\tSean O’Neil\trejected\t\tCe programme est complet.
5\tLéa Martin\tskipped\t1001\tthe same lead as line 2
6\tInès Dubois\tinvalid\t\tE-mail: \"ines.example\" has no @; write one address such as jean.dupont@example.fr
7\tPaul Leroy\tin doubt\t\tanswered 502: a fault on the partner's side; the partner may have this lead
8\tMaximilien-Alexandre de La Rochefoucauld\tdelivered\ta-very-long-reference-0123456789\t
9\t健一 佐藤\tdelivered\t9\t
10\tZoé Blanc\tduplicate\tA-7\tthe partner already had this lead
11\tAnne Petit\tin doubt\t\tanswered 502: a fault on the partner's side; the partner may have this lead
12\tLuc Roux\trejected\t\tCe programme est complet.
";
    assert_eq!(format!("\n{}", outcome.stdout), expected);
    let history = home.run(&["history", "--state", "in_doubt"]);
    let lines: Vec<&str> = history.stdout.lines().collect();
    assert_eq!(lines.len(), 3, "{}", history.stdout);
    assert!(lines.iter().all(|line| line.matches('\t').count() > 5));
}

#[test]
fn a_row_with_many_complaints_fits_in_two_lines() {
    let home = Home::new();
    home.config(CATALOGUE);
    home.write("leads.csv", FAULTY);
    let check = ["check", "--to", "sizes", "leads.csv"];
    let outcome = home.run_on_terminal(80, &check).expect_code(3);
    let expected = "
  line  lead                state      reference · message
     2  Martin              invalid    Nombre de salarié…: \"beaucoup\" is none
                                       of: 1 - 4, 5 -… (leadctl partners sizes)
     3  Petit               invalid    as line 2
     4  paul.example        invalid    missing: Nom; to correct: Code postal,
                                       E-mail, Téléphone, Nombre de salariés /…
     5  Roy                 invalid    E-mail: \"ana@example,fr\" holds a comma
                                       instead of a point; write one address su…
";
    assert_eq!(format!("\n{}", outcome.stdout), expected);
    // Whoever needs all of it is given it.
    let whole = home.run(&check);
    for told in ["100 et plus", "write one address such as", "is too short"] {
        assert!(whole.stdout.contains(told), "{told}: {}", whole.stdout);
    }
}

#[test]
fn a_command_too_wide_for_its_column_has_a_line_of_its_own() {
    let home = Home::new();
    home.write("a-folder-of-mine/partners.toml", CATALOGUE);
    home.write("leads.csv", FAULTY);
    let config = ["--config", "a-folder-of-mine/partners.toml"];
    let mut arguments = vec!["check", "--to", "sizes", "leads.csv"];
    arguments.extend(config);
    let outcome = home.run_on_terminal(80, &arguments).expect_code(3);
    let expected = "        leadctl --config a-folder-of-mine/partners.toml partners sizes\n";
    assert!(outcome.stdout.contains(expected), "{}", outcome.stdout);
}

#[test]
fn the_rows_of_several_files_name_them() {
    let partner = Partner::start(answer);
    let home = home(&partner);
    home.write("exports/more.csv", "Nom;E-mail\nRoche;roche@example.fr\n");
    let arguments = ["send", "--to", "acme", "exports/more.csv", "leads.csv"];
    let arguments = [&arguments[..], &["--lines", "2"]].concat();
    let outcome = home.run_on_terminal(80, &arguments).expect_code(0);
    let expected = "\
file:line        lead             state      reference · message
more.csv:2       Roche            delivered  1000
leads.csv:2      Léa Martin       delivered  1001
";
    assert_eq!(outcome.stdout, expected);
}
