use super::*;
use crate::config::document::Documents;
use crate::config::mistake::Mistakes;
use crate::config::reader;

/// A rule, and how many mistakes it holds.
fn read(text: &str) -> (Option<ResponseRule>, usize) {
    let documents = Documents::new(Some(("test.toml", text)));
    let mut table = documents.user_tables().unwrap();
    let mut mistakes = Mistakes::new(&documents);
    let rule = reader::read(table.get_mut("rule").unwrap(), &mut mistakes);
    (rule, mistakes.found.len())
}

#[test]
fn a_quote_takes_the_sentence_out_of_machine_text() {
    let (rule, mistakes) = read(
        r#"rule = { when = { status = 400 }, then = "rejected", quote = '"message":"([^"]+)"' }"#,
    );
    assert_eq!(mistakes, 0);
    let quote = rule.unwrap().quote.unwrap();
    let words = r#"Not valid: [{"ok":false,"message":"Email address x is invalid"}]"#;
    assert_eq!(quote.capture(words), Some("Email address x is invalid"));
    assert_eq!(quote.capture("Bad request"), None);
    let (_, mistakes) =
        read("rule = { when = { status = 400 }, then = \"rejected\", quote = '(' }");
    assert_eq!(mistakes, 1);
}

#[test]
fn a_condition_that_says_nothing_or_never_holds_is_a_mistake() {
    for (when, told) in [
        (r#"{ "/errors" = {} }"#, 1),
        (r#"{ "/errors" = [] }"#, 1),
        (r#"{ "/errors" = { match = '(' } }"#, 1),
        (r#"{ status = ["500"] }"#, 1),
        ("{ status = 5000 }", 1),
        ("{ status = true }", 1),
        ("{ status = [] }", 1),
        (r#"{ status = [400, "6xx"] }"#, 1),
        (r#"{ status = 5000, "/errors" = [] }"#, 2),
        (r#"{ status = [400, "5xx"], "/errors/*" = "absent" }"#, 0),
    ] {
        let (rule, mistakes) = read(&format!("rule = {{ when = {when}, then = 'in_doubt' }}"));
        assert_eq!((rule.is_some(), mistakes), (true, told), "{when}");
    }
}

#[test]
fn a_place_needs_its_at() {
    let (rule, mistakes) = read("rule = { then = 'wait', reference = { match = '(x)' } }");
    assert!(rule.unwrap().reference.is_none());
    assert_eq!(mistakes, 1);
}

/// Without `then` nothing can be made of it; what was wrong is told once.
#[test]
fn a_rule_without_a_meaning_is_told_once() {
    assert_eq!(read("rule = { when = { status = 200 } }").1, 1);
    assert_eq!(
        read("rule = { when = { status = 200 }, then = 'deliverd' }").1,
        1
    );
}
