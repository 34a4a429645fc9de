//! What is wrong about who calls, told with its line before anything is sent.

use crate::common::Home;

/// A partner whose second line this is, and what is told of it.
fn told(line: &str) -> String {
    let home = Home::new();
    home.config(&format!(
        "[shop]\n{line}\nbase = \"https://shop.example.fr\"\nkey = [\"email\"]\n[shop.fields]\nemail = \"email\"\nname = \"last_name\"\n[shop.send]\npath = \"/leads\"\nrules = [{{ when = {{ status = 201 }}, then = \"delivered\" }}]\n"
    ));
    let run = home.run(&["check", "--to", "shop"]).expect_code(2);
    run.stdout + &run.stderr
}

#[test]
fn each_mistake_has_its_line_and_the_word_that_was_meant() {
    let oauth2 = |more: &str| {
        format!(
            "auth.oauth2 = {{ token = \"https://login.example.fr/t\", client_id = \"A\"{more} }}"
        )
    };
    for (line, words) in [
        ("auth.quary = { name = \"k\", secret = \"K\" }".to_owned(), "did you mean `query`?"),
        ("auth.query = { nam = \"k\", secret = \"K\" }".into(), "did you mean `name`?"),
        ("auth.query = { name = \"\", secret = \"K\" }".into(), "is empty"),
        ("auth.query = { name = \"k\" }".into(), "needs `secret`"),
        ("auth.body = { name = \"k\", secret = \"K\" }".into(), "`name` is not a word of `auth.body`"),
        ("auth.body = { target = \"email\", secret = \"K\" }".into(), "keep one of them"),
        ("auth.body = { target = \"name.key\", secret = \"K\" }".into(), "keep one of them"),
        ("auth.path = { name = \"token\", secret = \"K\" }".into(), "path = \"/hooks/{token}\""),
        ("auth = { }".into(), "must hold one of header, bearer"),
        ("auth = { bearer = \"A\", basic = { user = \"u\", secret = \"B\" } }".into(), "all write Authorization"),
        ("auth.hmac = { header = \"X-Sign\", secret = \"K\", algorithm = \"sha512\" }".into(), "did you mean \"sha1\"?"),
        ("auth.hmac = { header = \"X-Sign\", secret = \"K\", encoding = \"hexa\" }".into(), "did you mean \"hex\"?"),
        ("auth.hmac = { header = \"X Sign\", secret = \"K\" }".into(), "perhaps \"X-Sign\"?"),
        ("auth.hmac = { header = \"X-Sign\", secret = \"K\", timestamp = \"x-sign\" }".into(), "two parts of `auth` write the header"),
        ("auth.certificate = { cert = \"a.pem\" }".into(), "needs `key`"),
        ("auth.oauth2 = { token = \"http://login.example.fr/t\", grant = \"client_credentials\", client_id = \"A\", secret = \"B\" }".into(), "`token` must begin with https://"),
        (oauth2(", grant = \"password\", secret = \"B\""), "one of: client_credentials, refresh_token"),
        (oauth2(", grant = \"client_credentials\""), "needs `secret` for this grant"),
        (oauth2(", grant = \"client_credentials\", secret = \"B\", refresh = \"C\""), "grant = \"refresh_token\""),
        (oauth2(", grant = \"refresh_token\", secret = \"B\""), "needs `refresh` for this grant"),
        (oauth2(", grant = \"client_credentials\", secret = \"B\", scheme = \"Zoho token\""), "is one word"),
        (oauth2(", grant = \"client_credentials\", secret = \"B\", scop = \"x\""), "did you mean `scope`?"),
    ] {
        let told = told(&line);
        assert!(told.contains("partners.toml:2"), "{line}: {told}");
        assert!(told.contains(words), "{line}: {told}");
    }
}

#[test]
fn a_literal_that_its_name_calls_a_secret_is_refused_and_never_repeated() {
    for (line, hint) in [
        (
            "headers = { \"X-Access-Token\" = \"s3cr3t-1\" }",
            "auth.header = ",
        ),
        ("headers = { X_KEY = \"s3cr3t-1\" }", "auth.header = "),
        (
            "send.query = { apiKey = \"s3cr3t-1\" }",
            "auth.query = { name = \"apiKey\"",
        ),
        (
            "fields.api_token = { value = \"s3cr3t-1\" }",
            "auth.body = { target = \"api_token\"",
        ),
        (
            "path.token = { value = \"s3cr3t-1\" }",
            "auth.path = { name = \"token\"",
        ),
        (
            "online = { path = \"/me?key=s3cr3t-1\" }",
            "auth.query = { name = \"key\"",
        ),
    ] {
        // Said in the table itself, not in one that follows it.
        let home = Home::new();
        home.config(&format!(
            "[shop]\n{line}\nbase = \"https://shop.example.fr\"\n"
        ));
        let run = home.run(&["check", "--to", "shop"]).expect_code(2);
        let told = run.stdout + &run.stderr;
        assert!(told.contains("partners.toml:2"), "{line}: {told}");
        assert!(told.contains(hint), "{line}: {told}");
        assert!(!told.contains("s3cr3t"), "{line}: {told}");
    }
    // A constant that is no secret stays one, and a base of one line too.
    let home = Home::new();
    home.config("[shop]\nbase = \"https://shop.example.fr/?token_type=x\"\nsend.query = { keyword = \"x\" }\nheaders = { \"X-Account\" = \"42\" }\nfields = { mail = \"email\" }\n");
    let run = home.run(&["partners", "shop"]).expect_code(0);
    assert!(run.stdout.contains("shop.example.fr"), "{}", run.stdout);
}
