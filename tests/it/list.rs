//! `leadctl list`: the partner's own list.

use crate::common::following::{asked, detail, entry, home, moment, page, partner, refusal, send};
use crate::common::{Act, Home, Partner};
use serde_json::{Value as Json, json};

fn list(home: &Home, more: &[&str]) -> crate::common::Outcome {
    let mut arguments = vec!["list", "--to", "adlead", "--format", "json"];
    arguments.extend(more);
    home.run(&arguments)
}

fn number(target: &str) -> usize {
    target
        .rsplit_once("page=")
        .and_then(|(_, number)| number.parse().ok())
        .unwrap_or(0)
}

/// Pages of two of so many entries, numbered from 501 on.
fn pages(count: u64) -> Partner {
    partner(move |arrived| {
        let entries: Vec<Json> = (0..count)
            .map(|at| {
                entry(
                    501 + at,
                    "Léa Martin",
                    "+33639980001",
                    &moment(-86_400 * 30 * i64::try_from(at).unwrap()),
                )
            })
            .collect();
        let pages: Vec<&[Json]> = entries.chunks(2).collect();
        page(pages[number(&arrived.target) - 1], pages.len() as u64)
    })
}

#[test]
fn every_page_as_it_came_with_our_id() {
    let partner = pages(5);
    let home = home(&partner, "");
    send(&home, 1).expect_code(0);
    let run = list(&home, &[]).expect_code(0);
    assert_eq!(run.column("id"), ["501", "502", "503", "504", "505"]);
    assert_eq!(run.column("ours"), ["1", "null", "null", "null", "null"]);
    let first = &run.rows()[0];
    assert_eq!(first["email1"], Json::Null);
    assert_eq!(first["phone1"], "+33639980001");
    // The pages' addresses are made here: `links.next` leads elsewhere.
    let asked = asked(&partner);
    assert_eq!(asked.len(), 3);
    assert_eq!(
        asked[2],
        "/v1/agency/programs/12/registrations?per_page=50&page=3"
    );

    let table = home.run(&["list", "--to", "adlead"]).expect_code(0);
    assert!(
        table.stdout.contains("Léa Martin · +33639980001"),
        "{}",
        table.stdout
    );
    let csv = home
        .run(&["list", "--to", "adlead", "--format", "csv"])
        .expect_code(0);
    assert!(
        csv.stdout
            .starts_with("reference,created_at,state,ours,about\n501,"),
        "{}",
        csv.stdout
    );
}

#[test]
fn by_state_and_by_date() {
    let partner = partner(|_| {
        let mut rejected = entry(2, "Paul", "+33639980002", &moment(-86_400 * 60));
        rejected["status"] = json!("rejected");
        page(&[entry(1, "Léa", "+33639980001", &moment(0)), rejected], 1)
    });
    let home = home(&partner, "");
    assert_eq!(
        list(&home, &["--state", "rejected"])
            .expect_code(0)
            .column("id"),
        ["2"]
    );
    let month = moment(-86_400 * 30);
    let since = month.split('T').next().unwrap();
    assert_eq!(
        list(&home, &["--since", since]).expect_code(0).column("id"),
        ["1"]
    );
    assert!(
        list(&home, &["--since", "soon"])
            .expect_code(2)
            .stderr
            .contains("is no date")
    );
}

#[test]
fn what_shifts_while_it_is_read_comes_once() {
    let count = crate::common::following::shared(0_u64);
    let partner = partner(move |arrived| {
        let mut count = count.lock().unwrap();
        *count += 1;
        let entries: Vec<Json> = (0..3 + *count)
            .map(|at| entry(900 + *count - at, "Paul", "+33639981234", &moment(0)))
            .collect();
        let pages: Vec<&[Json]> = entries.chunks(2).collect();
        page(
            pages
                .get(number(&arrived.target) - 1)
                .copied()
                .unwrap_or_default(),
            pages.len() as u64,
        )
    });
    let home = home(&partner, "");
    let mut ids = list(&home, &[]).expect_code(0).column("id");
    let all = ids.len();
    ids.dedup();
    assert_eq!(all, ids.len());
    assert!(all >= 4, "{ids:?}");
}

/// A partner that gives the same page whatever is asked.
#[test]
fn a_page_that_brings_nothing_new_is_the_last_that_is_read() {
    let partner = partner(|_| page(&[entry(1, "Léa", "+33639980001", &moment(0))], 90_000));
    let run = list(&home(&partner, ""), &[]).expect_code(1);
    assert_eq!(run.column("id"), ["1"]);
    assert_eq!(asked(&partner).len(), 2);
    let words = "page 2 brought nothing new";
    assert!(run.stderr.contains(words), "{}", run.stderr);
}

#[test]
fn a_list_without_end_is_read_up_to_a_limit_that_is_named() {
    let partner = partner(|arrived| {
        let number = number(&arrived.target) as u64;
        page(
            &[entry(number, "Léa", "+33639980001", &moment(0))],
            number + 1,
        )
    });
    let run = list(&home(&partner, ""), &[]).expect_code(1);
    assert_eq!(run.rows().len(), 10_000);
    let words = "it was read up to page 10000";
    assert!(run.stderr.contains(words), "{}", run.stderr);
}

#[test]
fn another_list_is_named_with_set() {
    let partner = pages(1);
    let home = home(&partner, "");
    list(&home, &["--default", "program=99"]).expect_code(0);
    assert_eq!(
        asked(&partner),
        ["/v1/agency/programs/99/registrations?per_page=50&page=1"]
    );
    let run = list(&home, &["--default", "programme=99"]).expect_code(2);
    assert!(
        run.stderr.contains("did you mean program?"),
        "{}",
        run.stderr
    );

    home.config(&format!("[adlead]\nbase = \"{}\"\n", partner.base()));
    let run = list(&home, &["--default", "tenant=agency"]).expect_code(2);
    assert!(
        run.stderr
            .contains("leadctl list --to adlead --default program=VALUE"),
        "{}",
        run.stderr
    );
}

#[test]
fn a_destination_without_a_list_names_those_that_have_one() {
    let home = Home::new();
    let run = home.run(&["list", "--to", "companeo"]).expect_code(2);
    assert!(
        run.stderr.contains("companeo has no list"),
        "{}",
        run.stderr
    );
    assert!(
        run.stderr.contains("these have one: adlead"),
        "{}",
        run.stderr
    );
}

#[test]
fn a_list_that_can_not_be_read_says_why() {
    for (act, code, words) in [
        (
            refusal(
                403,
                "Vous n'avez pas la permission d'effectuer cette action.",
            ),
            2,
            "permission to view",
        ),
        (
            refusal(403, "La clé API fournie n'est pas valide."),
            2,
            "the API key is refused",
        ),
        (
            refusal(404, "Ressource introuvable."),
            2,
            "check tenant and program",
        ),
        (
            Act::html(200, "<h1>Maintenance</h1>"),
            1,
            "which no rule understands",
        ),
        (
            Act::json(200, r#"{"success":true,"data":7}"#),
            1,
            "not a page of the list",
        ),
        (
            Act::json(429, r#"{"retry_after":86400}"#),
            5,
            "longer than this run waits",
        ),
    ] {
        let partner = Partner::always(act);
        let run = list(&home(&partner, ""), &[]).expect_code(code);
        assert!(run.stderr.contains(words), "{}", run.stderr);
        assert_eq!(run.stdout, "");
    }
}

#[test]
fn what_was_read_before_a_failure_is_shown() {
    let partner = partner(|arrived| match number(&arrived.target) {
        1 => page(&[entry(1, "Léa", "+33639980001", &moment(0))], 2),
        _ => detail("pending", json!({})),
    });
    let run = list(&home(&partner, ""), &[]).expect_code(1);
    assert_eq!(run.column("id"), ["1"]);
}

#[test]
fn every_value_that_is_missing_is_in_the_command_to_type() {
    let partner = pages(0);
    let mut home = Home::new();
    home.set("ADLEAD_API_KEY", "a-key");
    home.config(&format!("[adlead]\nbase = \"{}\"\n", partner.base()));
    let run = list(&home, &[]).expect_code(2);
    let command = "list --to adlead --default tenant=VALUE --default program=VALUE";
    assert!(run.stderr.contains(command), "{}", run.stderr);
}

/// Lists two entries a page, the next one as the query says.
fn paged(
    paging: &str,
    next: impl Fn(&str) -> (usize, Json) + Send + Sync + 'static,
) -> Vec<String> {
    let partner = partner(move |arrived| {
        let query = arrived
            .target
            .split_once('?')
            .map_or("", |(_, query)| query);
        let (from, next) = next(query);
        let entries: Vec<Json> = (from..(from + 2).min(5))
            .map(|at| entry(501 + at as u64, "Léa Martin", "+33639980001", &moment(-60)))
            .collect();
        let body = json!({"success": true, "data": entries, "paging": {"next": next}});
        Act::json(200, &body.to_string())
    });
    let home = home(
        &partner,
        &format!("[adlead.list]\npage = false\nlast = false\n{paging}"),
    );
    let run = list(&home, &[]).expect_code(0);
    assert_eq!(run.column("id"), ["501", "502", "503", "504", "505"]);
    let queries = asked(&partner).into_iter();
    queries
        .map(|target| target.split_once("per_page=50").unwrap().1.to_owned())
        .collect()
}

#[test]
fn pages_are_asked_for_by_the_entries_before_them() {
    let asked = paged("offset = { query = \"start\", step = 2 }", |query| {
        let from = query
            .rsplit_once("start=")
            .and_then(|(_, at)| at.parse().ok());
        (from.unwrap_or(0), Json::Null)
    });
    assert_eq!(asked, ["&start=0", "&start=2", "&start=4", "&start=6"]);
}

#[test]
fn pages_are_asked_for_by_the_name_that_the_one_before_gives() {
    let asked = paged(
        "cursor = { at = \"/paging/next\", query = \"after\" }",
        |query| {
            let from = query
                .rsplit_once("after=k%2F")
                .and_then(|(_, at)| at.parse().ok());
            let from = from.unwrap_or(0);
            (
                from,
                if from < 4 {
                    json!(format!("k/{}", from + 2))
                } else {
                    Json::Null
                },
            )
        },
    );
    assert_eq!(asked, ["", "&after=k%2F2", "&after=k%2F4"]);
}
