//! Mistakes in the language that is spoken, with their lines and what to write.

use crate::common::Home;

/// What is told of this file in French.
fn told(text: &str) -> String {
    let mut home = Home::new();
    home.set("LC_ALL", "fr_FR.UTF-8");
    home.config(text);
    let told = home.run(&["check"]).expect_code(2).stderr;
    told.replace('\u{a0}', " ")
}

#[test]
fn what_is_no_toml_is_told_in_french() {
    for (text, words) in [
        ("[x", ":1: ce titre de table n'est pas refermé"),
        (
            "[x]\na = 1\na = 2",
            ":3: ce nom est écrit deux fois (`a` se trouve déjà à la ligne 2 :",
        ),
        (
            "[leadctl]\nledger = \"C:\\leads\"",
            "comme 'C:\\leads\\ledger.db')",
        ),
    ] {
        let told = told(text);
        assert!(told.contains(words), "{told}");
    }
}

#[test]
fn what_can_not_be_meant_is_told_in_french() {
    let file = "[x]\nbase = \"http://x.fr\"\ntries = -1\nkye = [\"email\"]\npaused = \"oui\"\n\
        fields.email = { value = \"a\", max = 3 }\n[x.send]\npath = \"/:id\"\nmethod = \"PSOT\"\n\
        [routes.r]\nfirst = [\"x\", \"x\"]\n";
    let told = told(file);
    for words in [
        "la configuration contient",
        ":2: `base` doit commencer par https://",
        ":3: `tries` doit être un nombre entier, 0 ou plus, et non -1",
        ":4: `kye` n'existe pas dans une destination (vouliez-vous dire `key` ?)",
        ":5: `paused` doit être true ou false, et non le texte « oui »",
        ":6: `max` est écrit à côté d'une constante `value`",
        ":8: le chemin « /:id » a une variable dans une autre notation",
        ":9: `method` ne peut pas être « PSOT » (vouliez-vous dire « POST » ?)",
        ":11: « x » y est deux fois (une fois suffit)",
    ] {
        assert!(told.contains(words), "{words}: {told}");
    }
}
