//! A user's file laid over the catalogue, and what it is told of its mistakes.

use super::Catalogue;
use crate::config::{Destination, FieldRule, ValueFormat, ValueType};

fn shipped() -> Catalogue {
    Catalogue::load(None).unwrap_or_else(|mistakes| panic!("{mistakes:#?}"))
}

/// A partner of the user's own, on which the layers below are laid.
const OWN: &str = r#"
[acme]
base = "https://api.example.fr"
auth.bearer = "ACME_TOKEN"
key = ["email"]
defaults = { program = "1", country = "FR" }

[acme.fields]
email = { from = "email", required = true, format = "email" }
name  = { from = "last_name", required = true }
type  = { value = "lead" }
"data.city" = "city"

[acme.send]
path = "/leads/{program}"
rules = [
  { when = { status = 201, "/id" = "present" }, then = "delivered", reference = "/id" },
  { when = { status = 409 }, then = "duplicate" },
]
"#;

fn load(text: &str) -> Catalogue {
    let whole = format!("{OWN}\n{text}");
    Catalogue::load(Some(("my.toml", &whole))).unwrap_or_else(|mistakes| panic!("{mistakes:#?}"))
}

/// Every mistake of a user's file, as it is told.
fn told(text: &str) -> String {
    let Err(mistakes) = Catalogue::load(Some(("my.toml", text))) else {
        panic!("no mistake was found");
    };
    let lines: Vec<_> = mistakes.iter().map(ToString::to_string).collect();
    lines.join("\n")
}

fn of<'a>(destination: &'a Destination, target: &str) -> Option<&'a FieldRule> {
    let field = destination
        .fields
        .iter()
        .find(|f| f.target.as_str() == target)?;
    Some(&field.rule)
}

#[test]
fn two_clients_of_one_partner() {
    let catalogue = load(
        r#"
[lyon]
extends = "acme"
defaults = { program = "12" }
[lyon.fields]
name = "full_name"
"data.city" = false
type = { from = "source" }

[lyon-evening]
extends = "lyon"
key = ["phone"]
auth.header = { name = "X-Key", secret = "LYON_KEY" }
fields = { phone = { from = "phone", format = "phone-e164" } }
send = { rules = [{ when = { status = 200 }, then = "delivered" }] }
"#,
    );
    let (Some(lyon), Some(evening)) = (catalogue.get("lyon"), catalogue.get("lyon-evening")) else {
        panic!("a destination is missing");
    };
    assert_eq!(lyon.base.as_deref(), Some("https://api.example.fr"));
    assert_eq!(lyon.default_of("program"), Some("12"));
    assert_eq!(lyon.default_of("country"), Some("FR"), "tables merge");

    // A text over a table changes where the value comes from, and no more.
    let name = of(lyon, "name").map(|rule| (rule.from.clone(), rule.required));
    assert_eq!(name, Some((vec!["full_name".to_owned()], true)));
    // `from` over a constant replaces it.
    let kind = of(lyon, "type").map(|rule| (rule.from.clone(), rule.value.clone()));
    assert_eq!(kind, Some((vec!["source".to_owned()], None)));
    assert!(of(lyon, "data.city").is_none(), "false removes");
    assert_eq!(lyon.send.rules.len(), 2);

    assert_eq!(evening.key, ["phone"], "lists are replaced");
    let headers = evening.auth.header.iter().map(|it| it.name.as_str());
    assert_eq!(headers.collect::<Vec<_>>(), ["X-Key"]);
    assert!(evening.auth.bearer.is_none(), "`auth` is replaced");
    assert_eq!(evening.send.rules.len(), 1);
    assert_eq!(evening.send.path, "/leads/{program}");
    assert_eq!(evening.default_of("program"), Some("12"));
    let phone = of(evening, "phone").and_then(|rule| rule.format);
    assert_eq!(phone, Some(ValueFormat::PhoneE164));
    assert!(of(evening, "data.city").is_none());

    assert!(catalogue.users.contains("lyon-evening"));
    assert_eq!(catalogue.near("lyon-evenning"), Some("lyon-evening"));
}

#[test]
fn any_destination_of_the_catalogue_can_be_extended_and_changed() {
    for below in shipped().destinations {
        let target = &below.fields[0].target;
        let text = format!(
            "[mine]\nextends = \"{}\"\nbase = \"https://hooks.example.fr\"\n\
             [mine.fields]\n\"{target}\" = false\n\"custom.course\" = {{ from = \"course\", type = \"text\" }}\n",
            below.name
        );
        let catalogue = load(&text);
        let Some(mine) = catalogue.get("mine") else {
            panic!("{} can't be extended", below.name);
        };
        assert!(of(mine, target.as_str()).is_none(), "{}", below.name);
        let own = of(mine, "custom.course").and_then(|rule| rule.value_type);
        assert_eq!(own, Some(ValueType::Text));
        assert_eq!(mine.fields.len(), below.fields.len());
        assert_eq!(mine.examples.len(), below.examples.len());
        let untouched = catalogue.get(&below.name).map(|d| d.fields.len());
        assert_eq!(untouched, Some(below.fields.len()));
    }
}

#[test]
fn a_misspelt_word_is_told_with_its_line_and_the_near_one() {
    let told = told(&format!(
        "{OWN}\n[acme2]\nextends = \"acme\"\npase = \"5/s\"\n"
    ));
    let line = OWN.lines().count() + 4;
    assert!(told.contains(&format!("my.toml:{line}:")), "{told}");
    assert!(told.contains("`pase` is not a word"), "{told}");
    assert!(told.contains("did you mean"), "{told}");
}

#[test]
fn all_mistakes_are_told_at_once() {
    let told = told(
        r#"
[shop]
base = "http://api.example.fr"
key = ["emial"]
pace = "fast"
[shop.fields]
email = { from = "email", formt = "email" }
phone = { from = "phone", format = "phone-e146" }
zip = { from = "zip", pattern = "([0-9]" }
[shop.send]
path = "leads"
rules = [{ when = { "data/id" = "present" }, then = "deliverd" }]
"#,
    );
    for expected in [
        "my.toml:3: `base` must begin with https://",
        "did you mean \"email\"?",
        "my.toml:5: `fast` is not a rate",
        "my.toml:7: `formt` is not a word",
        "did you mean \"phone-e164\"?",
        "my.toml:9: the pattern",
        "my.toml:11: the path \"leads\" must begin with /",
        "`data/id` is not a part of an answer",
        "did you mean \"delivered\"?",
    ] {
        assert!(told.contains(expected), "{expected}\n{told}");
    }
}

#[test]
fn a_circle_of_extends_is_told() {
    let told = told("[a]\nextends = \"b\"\n[b]\nextends = \"a\"\n");
    assert!(told.contains("goes in a circle: a → b → a"), "{told}");
}

#[test]
fn an_unknown_parent_and_an_unknown_table_propose_the_near_name() {
    let known = &shipped().destinations[0].name;
    let slip = format!("{known}x");
    for text in [
        format!("[mine]\nextends = \"{slip}\"\n"),
        format!("[{slip}]\npace = \"5/s\"\n"),
    ] {
        let told = told(&text);
        assert!(told.contains("did you mean"), "{told}");
        assert!(told.contains(known.as_str()), "{told}");
    }
}

#[test]
fn a_secret_in_the_file_is_refused_and_never_repeated() {
    for auth in [
        "auth.bearer = \"pat-eu1-not-a-real-one\"",
        "auth.bearer = { env = \"pat-eu1-not-a-real-one\" }",
        "auth.header = { name = \"X-Key\", secret = \"pat-eu1-not-a-real-one\" }",
        "auth.basic = { user = \"me\", secret = \"pat-eu1-not-a-real-one\" }",
        "auth.query = { name = \"key\", secret = \"pat-eu1-not-a-real-one\" }",
        "auth.body = { target = \"key\", secret = \"pat-eu1-not-a-real-one\" }",
        "auth.hmac = { header = \"X-Sign\", secret = \"pat-eu1-not-a-real-one\" }",
        "auth.oauth2 = { token = \"https://x.fr/t\", grant = \"client_credentials\", client_id = \"pat-eu1-not-a-real-one\", secret = \"S\" }",
    ] {
        let told = told(&format!("{OWN}\n[mine]\nextends = \"acme\"\n{auth}\n"));
        assert!(
            told.contains("a secret is never written in this file"),
            "{told}"
        );
        assert!(!told.contains("not-a-real-one"), "{told}");
    }
    // Nor where a table is asked for.
    for auth in [
        "auth",
        "auth.header",
        "auth.basic",
        "auth.query",
        "auth.oauth2",
        "auth.certificate",
    ] {
        let told = told(&format!(
            "{OWN}\n[mine]\nextends = \"acme\"\n{auth} = \"s3cr3t\"\n"
        ));
        assert!(!told.contains("s3cr3t"), "{told}");
    }
}

#[test]
fn a_dotted_target_without_quotes_says_how_to_write_it() {
    // The second one looks like a misspelt word too.
    for target in ["properties.course", "properties.formation"] {
        let told = told(&format!(
            "{OWN}\n[mine]\nextends = \"acme\"\n[mine.fields]\n{target} = \"course\"\n"
        ));
        assert!(told.contains(&format!("\"{target}\" = …")), "{told}");
        assert_eq!(told.lines().count(), 1, "{told}");
    }
}

#[test]
fn the_words_of_changes_and_settings_are_checked() {
    let whole = |text: &str| format!("{OWN}\n{text}");
    for (text, expected) in [
        (
            "[acme.amend]\npath = \"/leads\"",
            "which contact is changed",
        ),
        (
            "[acme.amend]\npath = \"/leads/{ref}\"\nraed = \"/leads\"",
            "did you mean `read`?",
        ),
        (
            "[acme.amend]\npath = \"/leads/{ref}\"\nread = \"leads\"",
            "must begin with /",
        ),
        (
            "[acme.amend]\npath = \"/leads/{ref}\"\ntake = { title = \"id\" }",
            "must begin with /",
        ),
        (
            "[acme.amend]\npath = \"/leads/{ref}\"\npattern = '('",
            "can't be read",
        ),
        (
            "[acme.amend]\npath = \"/{tenent}/{ref}\"",
            "did you mean \"tenant\"?",
        ),
        (
            "[acme.settings]\npath = \"/s\"\nmust = [{ at = \"/a\", type = \"bool\" }]",
            "`type` can't be \"bool\"",
        ),
        (
            "[acme.settings]\npath = \"/s\"\nmust = [{ below = 3 }]",
            "checks nothing",
        ),
        (
            "[acme.online]\npath = \"/s\"\nmethod = \"POST\"",
            "must be GET",
        ),
    ] {
        let told = told(&whole(text));
        assert!(told.contains(expected), "{text}: {told}");
    }
    // Only a contact whose number the answer tells can be changed.
    let known = OWN.replace("key = ", "on_duplicate = \"amend\"\nkey = ");
    let amend = "[acme.amend]\npath = \"/leads/{ref}\"\n";
    assert!(told(&known).contains("can't be done here"));
    assert!(told(&format!("{known}{amend}")).contains("can't be done here"));
    let rule = "then = \"duplicate\", reference = \"/id\"";
    let known = format!("{}{amend}", known.replace("then = \"duplicate\"", rule));
    let catalogue = Catalogue::load(Some(("my.toml", &known))).unwrap();
    assert!(catalogue.get("acme").unwrap().on_duplicate.is_some());
    let without = known.replace("\"amend\"\nkey", "false\nkey");
    let catalogue = Catalogue::load(Some(("my.toml", &without))).unwrap();
    assert!(catalogue.get("acme").unwrap().on_duplicate.is_none());
}

#[test]
fn a_user_adds_a_lead_field_and_replaces_headers() {
    let catalogue = load("[columns]\nbudget = \"Budget\"\ncity = [\"Localisation\"]\n");
    let headers = |field: &str| {
        let column = catalogue.columns.iter().find(|(name, _)| name == field);
        column.map(|(_, headers)| headers.clone())
    };
    assert_eq!(headers("budget"), Some(vec!["Budget".to_owned()]));
    assert_eq!(headers("city"), Some(vec!["Localisation".to_owned()]));
    let first = shipped().columns.len();
    assert_eq!(catalogue.columns.len(), first + 1);
}

#[test]
fn the_example_files_load() {
    for (file, text) in [
        (
            "examples/partners.toml",
            include_str!("../../../examples/partners.toml"),
        ),
        (
            "examples/own-partner.toml",
            include_str!("../../../examples/own-partner.toml"),
        ),
    ] {
        let catalogue = Catalogue::load(Some((file, text)))
            .unwrap_or_else(|mistakes| panic!("{file}: {mistakes:#?}"));
        assert!(!catalogue.users.is_empty(), "{file}");
        for name in &catalogue.users {
            let Some(destination) = catalogue.get(name) else {
                panic!("{file}: {name} is gone");
            };
            assert!(destination.base.is_some(), "{name}");
            assert!(destination.send.proves_success(), "{name}");
            assert!(!destination.examples.is_empty(), "{name}");
        }
    }
}

#[test]
fn what_cannot_work_together_is_told_in_one_order() {
    let told = told(
        r#"[acme]
on_duplicate = "amend"
base = "https://api.example.fr"
key = ["email"]
fields = { person = "email", "person.name" = "last_name" }
send = { path = "/", rules = [{ when = { status = 201 }, then = "delivered" }] }
follow = { path = "/{reference}/{program}", rules = [{ when = { status = 200 }, then = "approved" }] }
find = { fields = { email = "/email" } }
"#,
    );
    let places = [
        "person.name",
        "[acme.follow]",
        "[acme.find] needs",
        "on_duplicate",
    ];
    let places = places.map(|words| told.find(words));
    assert!(
        places.iter().all(Option::is_some) && places.is_sorted(),
        "{told}"
    );
}

#[test]
fn a_constant_takes_only_its_own_rules_source_away() {
    let catalogue = load(
        r#"
[kid]
extends = "acme"
[kid.fields]
value = { value = 7 }
type = { from = "source", map = { a = "b" } }
[kid.send]
query = { value = "9" }
[grandkid]
extends = "kid"
[grandkid.fields]
type = { value = "lead" }
email = { value = "x" }
[grandkid.send]
query = { from = "x" }
"#,
    );
    let Some(grandkid) = catalogue.get("grandkid") else {
        panic!("a destination is missing");
    };
    let query: Vec<_> = grandkid
        .send
        .query
        .iter()
        .map(|(name, _)| name.as_str())
        .collect();
    assert_eq!(query, ["value", "from"]);
    let kind = of(grandkid, "type").expect("a type");
    assert!(kind.from.is_empty() && kind.map.is_empty());
    assert_eq!(kind.value, Some("lead".into()));
    let email = of(grandkid, "email").expect("an email");
    assert!(!email.required && email.format.is_none());
    assert!(of(grandkid, "value").is_some());
}

#[test]
fn a_slip_is_told_where_the_user_made_it() {
    let shipped = shipped();
    let mut destinations = shipped.destinations.iter();
    let read =
        destinations.find(|one| one.amend.as_ref().is_some_and(|amend| amend.read.is_some()));
    let name = &read.expect("one that is read before it is amended").name;
    for (text, line, words) in [
        (
            "[it]\nkey = [\"tenant\", \"progam\"]\n",
            2,
            "did you mean \"program\"?",
        ),
        (
            "[it]\n[it.defaults]\ntenent = \"x\"\n",
            3,
            "did you mean \"tenant\"?",
        ),
        ("[it.send]\n\npath = \"/x/{programme}\"\n", 3, "programme"),
        ("[it]\nsafe_to_repeat = []\n", 2, "names no field"),
        (
            "[it]\nsafe_to_repeat = [\"emial\"]\n",
            2,
            "did you mean \"email\"?",
        ),
        ("[it]\n[it.amend]\nread = \"/contacts/{reff}\"\n", 3, "reff"),
        (
            "[it.send]\npath = \"/v1/{tenant\"\n",
            2,
            "brace without its other half",
        ),
        (
            "[it.send]\nquery = { id = \"{email}\" }\n",
            2,
            "{ template = \"{email}\" }",
        ),
        ("it = \"x\"\n", 1, "must be a table"),
        ("[[it]]\n", 1, "must be a table"),
        ("[it]\nauth = {}\n", 2, "one of header, bearer, basic"),
        (
            "[it.fields]\nname = { from = \"\" }\n",
            2,
            "names no lead field",
        ),
        (
            "[it.fields]\nx = { value = 1, max = 3 }\n",
            2,
            "keep one of them",
        ),
        (
            "[sources.x]\ncolumns = { Ville = \"citty\" }\n",
            2,
            "did you mean \"city\"?",
        ),
        (
            "[sources.x]\ntest_values = [\"essai-*\", \"*\"]\n",
            2,
            "every lead would be a test",
        ),
    ] {
        let text = text
            .replace("[it", &format!("[{name}"))
            .replace("it = ", &format!("{name} = "));
        let told = told(&text);
        assert!(told.contains(&format!("my.toml:{line}")), "{text}: {told}");
        assert!(told.contains(words), "{text}: {told}");
    }
}

#[test]
fn texts_merge_by_their_language_and_one_alone_replaces_all() {
    let shipped = shipped();
    let one = &shipped.destinations[0];
    let (name, english) = (&one.name, one.ask.as_deref());
    let ask = |line: &str| {
        let catalogue = load(&format!("[{name}]\n{line}\n"));
        let ask = catalogue.get(name).unwrap().ask.clone();
        ask.map(|ask| ask.every().map(str::to_owned).collect::<Vec<_>>())
    };
    let french = ask("ask.fr = \"Julie\"").unwrap();
    assert_eq!(french, [english.unwrap(), "Julie"]);
    assert_eq!(ask("ask = \"Julie\"").unwrap(), ["Julie"]);
    assert_eq!(ask("ask = 12").unwrap(), ["12"]);
    assert_eq!(ask("ask.en = false").unwrap().len(), 1);
    assert_eq!(ask("ask = false"), None);
}

/// A file is read alike whoever reads it.
#[test]
fn a_label_is_a_header_in_each_of_its_languages() {
    let catalogue = load(
        "[shop]\nbase = \"https://shop.example.fr\"\nkey = [\"email\"]\nsend = { path = \"/\" }\n\
         fields = { a = { from = \"email\", label = { fr = \"Courriel ?\", en = \"Mail ?\" } } }",
    );
    let shop = catalogue.get("shop").unwrap();
    let labels = &shop.accepted_headers()[0];
    let labels: Vec<&str> = labels.iter().map(|(header, _)| header.as_str()).collect();
    assert_eq!(labels, ["Mail ?", "Courriel ?"]);
}
