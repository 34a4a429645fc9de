//! `leadctl init` at a terminal: it asks, writes the answers, and proves them.

use rexpect::session::{PtySession, spawn_command};

use crate::common::{Act, Home, Partner};

fn start(home: &Home, arguments: &[&str]) -> PtySession {
    spawn_command(home.command(arguments), Some(20_000)).unwrap()
}

fn answer(session: &mut PtySession, question: &str, line: &str) {
    session.exp_string(question).unwrap();
    session.exp_string("> ").unwrap();
    session.send_line(line).unwrap();
}

/// What is told from here to the end, and the exit code.
fn ending(session: &mut PtySession) -> (String, Option<i32>) {
    let told = session.exp_eof().unwrap();
    let code = match session.process().wait().unwrap() {
        rexpect::process::WaitStatus::Exited(_, code) => Some(code),
        _ => None,
    };
    (told, code)
}

#[test]
fn the_answers_are_written_and_proven_by_a_read() {
    let partner = Partner::always(Act::json(200, r#"{"privileges":["create_contacts"]}"#));
    let home = Home::new();
    home.write("maarch.key", "a-password-0123\n");
    let mut session = start(&home, &["init", "maarch"]);
    answer(&mut session, "base (the address", &partner.base());
    answer(&mut session, "auth.basic", "import");
    session
        .exp_string("Where is the secret of maarch kept?")
        .unwrap();
    answer(&mut session, "env, file or command", "a-password-0123");
    session.exp_string("That is no place").unwrap();
    answer(&mut session, "env, file or command", "file maarch.key");
    let (told, code) = ending(&mut session);
    assert_eq!(code, Some(0), "{told}");
    for words in [
        "wrote partners.toml for maarch",
        "address and credentials are right",
        "\nleadctl send --to maarch --dry-run export.csv",
    ] {
        assert!(told.contains(words), "{words}\n{told}");
    }
    let asked = partner.arrived().remove(0);
    assert_eq!(asked.target, "/rest/currentUser/profile");
    let written = home.read("partners.toml");
    assert!(!written.contains("a-password"), "{written}");
    assert!(
        written.contains(r#"{ user = "import", secret = { file = "maarch.key" } }"#),
        "{written}"
    );
}

#[test]
fn which_partner_and_what_each_row_does_not_give() {
    let home = Home::new();
    let mut session = start(&home, &["init"]);
    answer(&mut session, "Which partner? adlead, ", "adled");
    session.exp_string("Did you mean adlead?").unwrap();
    answer(&mut session, "Which partner?", "adlead");
    answer(&mut session, "tenant (needed; or a column", "my-agency");
    answer(&mut session, "program (needed; or a column", "");
    answer(&mut session, "owner (or a column", "");
    answer(&mut session, "env, file or command", "");
    let (told, code) = ending(&mut session);
    assert_eq!(code, Some(2), "{told}");
    for words in [
        "still to be filled in, in the file: program",
        "ADLEAD_API_KEY",
        "\nleadctl check --to adlead --online",
    ] {
        assert!(told.contains(words), "{words}\n{told}");
    }
    let written = home.read("partners.toml");
    for words in ["\ntenant = \"my-agency\"\n", "\n# program = \"\""] {
        assert!(written.contains(words), "{words}\n{written}");
    }

    // Once more: another destination of the same partner.
    let mut session = start(&home, &["init", "adlead"]);
    answer(&mut session, "adlead is in your file already", "adlead");
    session
        .exp_string("there is a destination [adlead] already")
        .unwrap();
    answer(
        &mut session,
        "adlead is in your file already",
        "adlead-villa",
    );
    answer(&mut session, "tenant", "");
    answer(&mut session, "program", "12");
    answer(&mut session, "owner", "");
    answer(&mut session, "env, file or command", "command printf key");
    ending(&mut session);
    let written = home.read("partners.toml");
    let second = written.split_once("[adlead-villa]").unwrap().1;
    for words in [
        "\nextends = \"adlead\"\n",
        "[adlead-villa.defaults]",
        "\nprogram = \"12\"\n",
        "{ command = [\"printf\", \"key\"] }",
    ] {
        assert!(second.contains(words), "{words}\n{written}");
    }
    home.run(&["partners", "adlead-villa"]).expect_code(0);
}

#[test]
fn a_table_of_the_shelf_and_a_question_left_open() {
    let home = Home::new();
    let mut session = start(&home, &["init", "leadbyte"]);
    answer(
        &mut session,
        "base [https://YOUR_BUYER",
        "https://x.leadbyte.co.uk",
    );
    answer(&mut session, "your campaign", "C-7");
    answer(&mut session, "your supplier id", "");
    let (told, code) = ending(&mut session);
    assert_eq!(code, Some(0), "{told}");
    assert!(
        told.contains("still to be filled in, in the file: YOUR_SUPPLIER_ID"),
        "{told}"
    );
    let written = home.read("partners.toml");
    for words in [
        "base = \"https://x.leadbyte.co.uk\"",
        "campid     = { value = \"C-7\" }",
    ] {
        assert!(written.contains(words), "{words}\n{written}");
    }

    let mut session = start(&home, &["init", "companeo"]);
    session.exp_string("> ").unwrap();
    session.send_control('d').unwrap();
    let (told, code) = ending(&mut session);
    assert_eq!(code, Some(1), "{told}");
    assert!(told.contains("nothing was written"), "{told}");
    assert_eq!(home.read("partners.toml"), written);
}
