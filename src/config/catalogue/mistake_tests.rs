//! What would fail at the first send, or prove nothing, is told when the file is
//! read.

use super::Catalogue;
use crate::config::mistake::Mistake;

fn load(text: &str) -> Catalogue {
    Catalogue::load(Some(("my.toml", text))).unwrap_or_else(|mistakes| panic!("{mistakes:#?}"))
}

/// Every mistake of a user's file, as it is told.
fn told(text: &str) -> String {
    let Err(mistakes) = Catalogue::load(Some(("my.toml", text))) else {
        panic!("no mistake was found");
    };
    let lines: Vec<_> = mistakes.iter().map(ToString::to_string).collect();
    lines.join("\n")
}

/// A destination of the catalogue that can be asked.
fn shipped() -> String {
    let all = Catalogue::load(None).expect("the catalogue").destinations;
    let asked = all.into_iter().find(|one| one.online.is_some());
    asked.expect("one with a read that proves the key").name
}

/// A whole destination of the user's own, with more in its table.
fn shop(more: &str) -> String {
    format!(
        "[shop]\nbase = \"https://shop.example.fr\"\nkey = [\"email\"]\nfields = {{ mail = \"email\" }}\n\
         send = {{ path = \"/leads\" }}\n{more}\n"
    )
}

#[test]
fn a_table_that_sends_nothing_of_a_lead_is_a_mistake() {
    let bare = "[shop]\nbase = \"https://shop.example.fr\"\nkey = [\"email\"]\n";
    let send = "send = { path = \"/leads\" }\n";
    for more in ["", "fields = { kind = { value = \"web\" } }\n"] {
        let said = told(&format!("{bare}{more}{send}"));
        assert!(
            said.contains("[shop.send] sends nothing of a lead"),
            "{said}"
        );
    }
    load(&format!(
        "{bare}send = {{ path = \"/leads/{{email}}\", body = \"none\" }}\n"
    ));
    load(&format!(
        "{bare}send = {{ path = \"/leads\", query = {{ mail = {{ from = \"email\" }} }}, body = \"none\" }}\n"
    ));
}

#[test]
fn a_placeholder_in_another_notation_is_a_mistake() {
    let said = told(&shop("follow = { path = \"/leads/:id\" }"));
    assert!(said.contains("nothing fills :id (write {id})"), "{said}");
    load(&shop("online = { path = \"/v1/leads:count\" }"));
}

#[test]
fn a_former_table_that_is_still_there_is_a_mistake() {
    let old = "[one]\nextends = \"shop\"\n";
    let both = told(&format!("{old}{}", shop("formerly = [\"one\"]")));
    for words in [
        "my.toml:8: `formerly` of [shop] names [one], which is still there (my.toml:1)",
        "its leads would be sent again",
        "remove the table [one]",
    ] {
        assert!(both.contains(words), "{both}");
    }
    let shipped = shipped();
    let catalogues = told(&format!(
        "[mine]\nextends = \"{shipped}\"\nformerly = [\"{shipped}\"]\n"
    ));
    assert!(
        catalogues.contains(&format!("go on sending with [{shipped}]")),
        "{catalogues}"
    );
    assert!(
        told(&shop("formerly = \"shop\"")).contains("write the name that the table had before")
    );
    // One that is gone, or an heir of a table that took another's place.
    let renamed = format!("[mine]\nextends = \"{shipped}\"\nformerly = [\"old\"]\n");
    load(&format!("{renamed}[heir]\nextends = \"mine\"\n"));
}

#[test]
fn an_example_of_no_call_is_a_mistake() {
    let example = |more: &str| format!("[[shop.examples]]\nmeans = \"approved\"\n{more}\n");
    for (more, words) in [
        ("of = \"sned\"", "my.toml:8: `of` can't be \"sned\""),
        ("of = \"sned\"", "did you mean \"send\"?"),
        (
            "of = \"follow\"",
            "my.toml:6: `of = \"follow\"` names no call of [shop]",
        ),
        ("of = \"follow\"", "needs a table of its own, [shop.follow]"),
        ("of = \"xyz\"", "one of: send, follow"),
        (
            "status = 600",
            "my.toml:8: the `status` of an answer is from 100 to 599",
        ),
        ("status = 99", "from 100 to 599"),
        ("status = 70000", "from 100 to 599"),
    ] {
        let told = told(&shop(&example(more)));
        assert!(told.contains(words), "{told}");
    }
    let follow = "[shop.follow]\npath = \"/{reference}\"\nrules = [{ when = { status = 200 }, then = \"approved\" }]\n";
    load(&shop(&format!("{}{follow}", example("of = \"follow\""))));
    // An heir that leaves a call out keeps the examples of the others.
    let shipped = shipped();
    load(&format!(
        "[mine]\nextends = \"{shipped}\"\nonline = false\n"
    ));
    load(&format!("[{shipped}]\nonline = false\n"));
    let heir = "[heir]\nextends = \"shop\"\nfollow = false\n";
    load(&shop(&format!(
        "{}{follow}{heir}",
        example("of = \"follow\"")
    )));
}

#[test]
fn a_query_of_the_base_is_the_end_of_the_address() {
    let text = shop("").replace(".fr\"", ".fr/hook?id=s3cret\"");
    let told = told(&text);
    let words = "my.toml:2: `base` has a query, and the path of [shop.send] would follow it";
    assert!(told.contains(words) && !told.contains("s3cret"), "{told}");
    load(&text.replace("/leads", ""));
}

#[test]
fn what_could_not_be_sent_is_a_mistake_at_load() {
    for (more, words) in [
        (
            "headers = { \"X Account\" = \"1\" }",
            "perhaps \"X-Account\"?",
        ),
        (
            "auth.header = { name = \"Clé API\", secret = \"K\" }",
            "can't be a header's name",
        ),
        (
            "[shop.follow]\npath = \"/été {reference}\"",
            "write \"/%C3%A9t%C3%A9%20{reference}\"",
        ),
        (
            "[shop.follow]\npath = \"/{reference\"",
            "a brace without its other half",
        ),
        ("[shop.follow]\npath = \"/{reference}#x\"", "never sent"),
        ("timeout = \"0s\"", "`timeout` must be longer than nothing"),
        (
            "again_after = \"0d\"",
            "`again_after` must be longer than nothing",
        ),
        (
            "timeout = 30",
            "`30` is not a duration: write a number and a unit, as in 30s",
        ),
        (
            "timeout = true",
            "`timeout` must be a text between quotes, not true",
        ),
        ("backoff = \"1 parsec\"", "`1 parsec` is not a duration"),
        (
            "tries = -1",
            "`tries` must be a whole number from 0 up, not -1",
        ),
        ("tries = \"4\"", "not the text \"4\""),
        ("tries = 99999999999", "`tries` must be a smaller number"),
        ("country = \"France\"", "did you mean \"FR\"?"),
        ("country = \"Belgik\"", "did you mean \"BE\"?"),
        ("country = \"UK\"", "did you mean \"GB\"?"),
        ("country = \"ZZ\"", "not \"ZZ\" (as in \"FR\""),
        (
            "ledger = \"l.db\"",
            "a table of its own, at the top of the file: [leadctl]",
        ),
        (
            "defaults = { ledger = \"l.db\" }",
            "a table of its own, at the top of the file: [leadctl]",
        ),
        (
            "[shop.find]\nledger = \"l.db\"",
            "a table of its own, at the top of the file: [leadctl]",
        ),
    ] {
        let told = told(&shop(more));
        assert!(told.contains("my.toml:") && told.contains(words), "{told}");
    }
    assert_eq!(
        load(&shop("country = \"be\"")).get("shop").unwrap().country,
        "BE"
    );
    for word in ["ledgr", "leger"] {
        let told = told(&format!("{word} = \"l.db\"\n"));
        assert!(told.contains("did you mean `ledger`?"), "{told}");
    }
    let old = told("ledger = \"l.db\"\n");
    assert!(
        old.contains("my.toml:1: `ledger` stands in a table of its own now"),
        "{old}"
    );
    assert!(old.contains("write [leadctl]"), "{old}");
    for (table, words) in [
        ("leadctrl", "did you mean `leadctl`?"),
        ("column", "did you mean `columns`?"),
        ("source.x", "did you mean `sources`?"),
    ] {
        let told = told(&format!("[{table}]\nledger = \"l.db\"\n"));
        assert!(told.contains("my.toml:1") && told.contains(words), "{told}");
    }
    let old = told(&shop("").replace("\"email\" }", "{ from = \"email\", headers = [\"Mél\"] } }"));
    assert!(
        old.contains("my.toml:4: `headers` is not a word of a field (it is called `columns` now)"),
        "{old}"
    );
    let rule = "send.rules = [{ when = { status = 429 }, then = \"wait\", wait = 10 }]";
    let told = told(&format!("[{}]\n{rule}\n", shipped()));
    assert!(told.contains("`10` is not a duration"), "{told}");
}

#[test]
fn of_one_header_in_two_spellings_the_last_one_counts() {
    let headers =
        "headers = { accept = 'a', x-a = '1', X-A = '2', Accept = false, Cookie = false }";
    let shop = load(&shop(headers));
    let headers = &shop.get("shop").expect("the shop").headers;
    let sent: Vec<_> = headers
        .iter()
        .map(|(name, rule)| (name.as_str(), rule.constant()))
        .collect();
    assert_eq!(sent, [("X-A", Some("2".to_owned()))]);
}

#[test]
fn ranges_and_values_that_say_nothing_are_told() {
    let ranges = |ranges: &str| {
        let field = format!("[shop.fields.size]\nfrom = \"headcount\"\nranges = {ranges}");
        told(&shop(&field).replace("fields = { mail = \"email\" }\n", ""))
    };
    let shared = ranges("{ \"1-5\" = 1, \"5-9\" = 2 }");
    for words in [
        "my.toml:7: ",
        "`5-9` and `1-5` of `size` hold the same numbers",
        "\"1-5\" = false",
    ] {
        assert!(shared.contains(words), "{shared}");
    }
    let odd = ranges("{ \"1 to 4\" = 1 }");
    assert!(odd.contains("`1 to 4` is no range of numbers"), "{odd}");
    let values = told(&shop("values = \"txt\""));
    assert!(
        values.contains("my.toml:6: ") && values.contains("did you mean \"text\"?"),
        "{values}"
    );
}

#[test]
fn what_is_a_success_must_be_said() {
    let rules = |when: &str, then: &str| {
        shop(&format!(
            "[shop.online]\nrules = [{{ {when}then = \"{then}\" }}]"
        ))
    };
    let told = told(&rules("", "delivered"));
    assert!(
        told.contains("my.toml:7: without `when`, every answer would be"),
        "{told}"
    );
    load(&rules("", "in_doubt"));
    load(&rules("when = { status = 201 }, ", "delivered"));
}

/// What a mistake took away is no second mistake.
#[test]
fn a_mistake_is_told_once() {
    for more in [
        "[shop.online]\nrules = [{ when = { status = 9 }, then = \"delivered\" }]",
        "[shop.list]\nid = \"/id\"\nitems = \"/data\"\nrules = [{ when = { status = 200 }, then = \"delivred\" }]",
        "[shop.fields]\nmail2 = { from = true }",
        "[[shop.examples]]\nmeans = \"rejectd\"",
    ] {
        let bare = shop(more).replace("fields = { mail = \"email\" }\n", "");
        let told = told(&bare.replace("\"/leads\"", "\"/leads/{email}\""));
        assert_eq!(told.lines().count(), 1, "{told}");
    }
}

#[test]
fn a_doubt_is_settled_in_one_way_and_pages_are_asked_for_in_one() {
    let find = "[shop.find]\npath = \"/who/{email}\"\n";
    for (more, words) in [
        (find.to_owned(), "[shop.find] has no rules: no answer would end a doubt"),
        (
            format!("{find}match = {{ \"/mail\" = \"email\" }}\nrules = [{{ when = {{ status = 404 }}, then = \"not_processed\" }}]"),
            "`match` of [shop.find] searches the list, and `path` asks for the person",
        ),
        (
            "[shop.find]\ncreated = \"/at\"\nmatch = { \"/mail\" = \"email\" }".to_owned(),
            "`created` of [shop.find] is for an answer about one person",
        ),
        (
            format!("{find}method = \"POST\"\nrules = [{{ when = {{ status = 404 }}, then = \"not_processed\" }}]"),
            "`find.method` must be GET",
        ),
        (
            "[shop.find]\npath = \"/who/{emial}\"\nrules = [{ when = { status = 404 }, then = \"not_processed\" }]".to_owned(),
            "did you mean \"email\"?",
        ),
        (
            "[shop.list]\npath = \"/l\"\nitems = \"/d\"\nid = \"/id\"\npage = \"p\"\noffset = { query = \"s\", step = 10 }\nrules = [{ when = { status = 200 }, then = \"delivered\" }]".to_owned(),
            "`page`, `offset` and `cursor` are three ways",
        ),
        (
            "[shop.list]\npath = \"/l\"\nitems = \"/d\"\nid = \"/id\"\ncursor = { at = \"/n\", qurey = \"s\" }\nrules = [{ when = { status = 200 }, then = \"delivered\" }]".to_owned(),
            "`qurey` is not a word of `cursor` (did you mean `query`?)",
        ),
    ] {
        let told = told(&shop(&more));
        assert!(told.contains(words), "{told}");
    }
}

/// One field, with what is said of it.
fn field(line: &str) -> String {
    told(&shop("").replace(
        "fields = { mail = \"email\" }",
        &format!("fields = {{ {line} }}"),
    ))
}

#[test]
fn words_of_a_value_that_do_not_go_together_are_told() {
    for (rule, words) in [
        ("a = { template = '{emial}' }", "did you mean \"email\"?"),
        (
            "a = { template = '{email' }",
            "a brace without its other half",
        ),
        (
            "a = { template = 'Salon' }",
            "value = \"Salon\" for a constant",
        ),
        ("a = { templte = '{email}' }", "did you mean `template`?"),
        (
            "a = { template = ['{email}', '{phone}'] }",
            "`template` of `a` has several parts",
        ),
        (
            "a = { template = '{email}', join = ' ' }",
            "`join` of `a` stands between the parts",
        ),
        (
            "a = { from = 'email', template = '{email}' }",
            "`from` stands beside `template`",
        ),
        (
            "a = { template = '{email}', columns = ['Mél'] }",
            "`columns` stands beside `template`",
        ),
        (
            "a = { value = 'x', template = '{email}' }",
            "stands beside a constant `value`",
        ),
        (
            "a = { value = 'x', hash = 'sha256' }",
            "`hash` stands beside a constant `value`",
        ),
        ("a = { from = 'email', hash = 'md5' }", "can't be \"md5\""),
        (
            "a = { from = 'email', hash = 'sha265' }",
            "did you mean \"sha256\"?",
        ),
        (
            "a = { required = true }",
            "says neither `from`, `template` nor `value`",
        ),
        (
            "a = { from = 'email', required = true, blank = '' }",
            "`blank` of `a` stands beside `required`",
        ),
        (
            "a = { from = 'created_at', format = 'date' }",
            "`format` of `a` needs the form",
        ),
        (
            "a = { from = 'created_at', as = '%Y' }",
            "`as` of `a` is for dates alone",
        ),
        (
            "a = { from = 'created_at', reads = 'unix' }",
            "`reads` of `a` is for dates alone",
        ),
        (
            "a = { from = 'created_at', format = 'date', as = 'Y-m-d' }",
            "`Y-m-d` is no form of a date",
        ),
        (
            "a = { from = 'created_at', format = 'date', as = 'unix', reads = '%d/%m' }",
            "says %d/%m, which names no day",
        ),
    ] {
        let told = field(rule);
        assert!(
            told.starts_with("my.toml:4: ") && told.contains(words),
            "{told}"
        );
        assert_eq!(told.lines().count(), 1, "{told}");
    }
}

#[test]
fn targets_that_can_not_be_meant_are_told() {
    for (fields, words) in [
        ("'emails.0.value' = 'email'", "\"emails[0].value\""),
        ("'a..b' = 'email'", "an empty segment"),
        ("'' = 'email'", "an empty segment"),
        (
            "'a' = 'email', 'a[0]' = 'phone'",
            "`a[0]` can't stand inside `a`",
        ),
        (
            "'a[0].b' = 'email', 'a[0]' = 'phone'",
            "`a[0].b` can't stand inside `a[0]`",
        ),
        (
            "'a[0]' = 'email', 'a.b' = 'phone'",
            "an object and a list of one place",
        ),
        (
            "'[0].a' = 'email', 'a' = 'phone'",
            "an object and a list of one place",
        ),
        ("'a[0]' = 'email', 'a[00]' = 'phone'", "are one place"),
    ] {
        let told = field(fields);
        assert!(
            told.starts_with("my.toml:4: ") && told.contains(words),
            "{told}"
        );
        assert_eq!(told.lines().count(), 1, "{told}");
    }
}

#[test]
fn a_constant_with_a_placeholder_is_told_with_its_template() {
    for (more, words) in [
        (
            "headers = { \"Idempotency-Key\" = \"{email}\" }",
            "\"Idempotency-Key\" = { template = \"{email}\" }",
        ),
        (
            "defaults = { comment = \"de {source}\" }",
            "a default is one text for every lead",
        ),
        (
            "[shop.path]\nshelf = { value = \"{email}\" }",
            "`shelf` holds {email} in a constant",
        ),
        (
            "[shop.online]\nquery = { id = \"{email}\" }",
            "write what is known then into its path",
        ),
        (
            "send.query = { q = \"{email}\" }",
            "\"q\" = { template = \"{email}\" }",
        ),
    ] {
        let text = shop(more).replace("send = { path = \"/leads\" }", "send.path = \"/leads\"");
        let told = told(&text);
        assert!(told.contains("my.toml:") && told.contains(words), "{told}");
        assert!(
            told.contains("with its braces") && told.lines().count() == 1,
            "{told}"
        );
    }
    for (fields, words) in [
        (
            "a = { value = 'Bonjour {first_name}' }",
            "{ template = \"Bonjour {first_name}\" }",
        ),
        (
            "a = { value = ['{email}'] }",
            "`a` holds {email} in a constant",
        ),
        (
            "a = { value = { b = '{email}' } }",
            "`a` holds {email} in a constant",
        ),
        (
            "a = { from = 'email', map = { x = '{email}' } }",
            "`a` holds {email} in a constant",
        ),
        (
            "a = { from = '{first_name}' }",
            "write template = \"{first_name}\"",
        ),
        (
            "a = '{first_name} {last_name}'",
            "write template = \"{first_name} {last_name}\"",
        ),
    ] {
        let told = field(fields);
        assert!(
            told.starts_with("my.toml:4: ") && told.contains(words),
            "{told}"
        );
    }
    load(&shop(
        "headers = { X-Json = '{\"a\":1}', X-Hook = { template = '{{contact.name}}' } }",
    ));
}

/// What would be typed after a hint must send something.
#[test]
fn a_hint_proposes_what_is_sent() {
    let nested = field("a = { b = 'email' }");
    assert!(nested.contains("\"a.b\" = …"), "{nested}");
    for slip in [
        "a = { templte = '{email}' }",
        "a = { text = '{email} {phone}' }",
    ] {
        let told = field(slip);
        assert!(!told.contains("between quotes"), "{told}");
    }
}

#[test]
fn bodies_that_would_not_be_sent_are_told() {
    for (send, more, words) in [
        (
            "method = 'GET'",
            "",
            "[shop.send] sends no body, so nothing of `fields` would be sent",
        ),
        (
            "body = 'none'",
            "",
            "query = { email = { from = \"email\" } }",
        ),
        (
            "method = 'GET', body = 'json'",
            "",
            "goes by GET, which sends no body",
        ),
        (
            "body = 'form', wrap = 'list'",
            "",
            "sends a form, which is no list",
        ),
        ("body = 'from'", "", "did you mean \"form\"?"),
        ("bdy = 'form'", "", "did you mean `body`?"),
        (
            "body = 'form'",
            "headers = { Content-Type = 'application/json' }",
            "which is a form",
        ),
        (
            "path = '/'",
            "headers = { Content-Type = 'text/xml' }",
            "body = \"form\" in the call",
        ),
        (
            "path = '/'",
            "[shop.online]\nbody = 'form'",
            "`online.body` is nothing",
        ),
        (
            "path = '/'",
            "[shop.online]\nquery = { id = { from = 'email' } }",
            "`query.id` of [shop.online] takes its value from a lead",
        ),
        (
            "query = { a = { form = 'email' } }",
            "",
            "did you mean `from`?",
        ),
        (
            "query = { a = { template = '{emial}' } }",
            "",
            "did you mean \"email\"?",
        ),
        (
            "path = '/'",
            "headers = { X-A = { template = '{emial}' } }",
            "did you mean \"email\"?",
        ),
        (
            "path = '/'",
            "headers = { 'X A' = { from = 'email' } }",
            "perhaps \"X-A\"?",
        ),
    ] {
        let send = format!("send = {{ {send} }}");
        let told = told(&shop(more).replace("send = { path = \"/leads\" }", &send));
        assert!(told.contains("my.toml:") && told.contains(words), "{told}");
        assert_eq!(told.lines().count(), 1, "{told}");
    }
}

#[test]
fn the_whole_answer_has_a_name() {
    let rule = "rules = [{ when = { \"/\" = true }, then = \"delivered\" }]";
    let told = told(&shop(&format!("[shop.online]\n{rule}")));
    assert!(
        told.starts_with("my.toml:7: ") && told.contains("the whole of it is `body`"),
        "{told}"
    );
}

#[test]
fn a_header_in_a_lead_fields_place_names_the_field() {
    let text = "[it]\nkey = [\"Courriel\"]\nfields = { mail = \"email\" }\n";
    let told = Catalogue::load(Some(("p.toml", text))).unwrap_err();
    let words = "(that is a column header of the lead field \"email\": write its name)";
    let is_told = |mistake: &Mistake| mistake.to_string().ends_with(words);
    assert!(told.iter().any(is_told), "{told:?}");
}

#[test]
fn a_language_that_nobody_speaks_is_told_with_its_line() {
    let both = told(&shop(
        "about = { fr = \"Boutique\",\n  frr = \"Boutik\" }\nask = { de = \"frag\" }",
    ));
    assert_eq!(
        both,
        "my.toml:7: `frr` is no language that is spoken here (en, fr)\n\
         my.toml:8: `de` is no language that is spoken here (en, fr)"
    );
    let none = told(&shop("ask = {}"));
    assert!(
        none.starts_with("my.toml:6: a text has no language here"),
        "{none}"
    );
    let flag = told(&shop("ask = true"));
    assert_eq!(
        flag,
        "my.toml:6: `ask` must be a text between quotes, not true"
    );
}
