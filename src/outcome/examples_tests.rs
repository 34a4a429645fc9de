//! Every example of the catalogue is read as it says, whatever call it answers.

use std::time::UNIX_EPOCH;

use super::{Judge, ListPage, Meaning};
use crate::config::Catalogue;
use crate::http::{Answer, Reply};

#[test]
fn every_example_means_what_it_says() {
    let catalogue = Catalogue::load(None).unwrap_or_else(|mistakes| panic!("{mistakes:#?}"));
    for destination in &catalogue.destinations {
        for example in &destination.examples {
            let Some(operation) = destination.call(&example.call) else {
                continue;
            };
            let answer = Answer {
                status: example.status,
                headers: example
                    .headers
                    .iter()
                    .map(|(name, value)| (name.to_ascii_lowercase(), value.clone()))
                    .collect(),
                body: example.body.clone().into_bytes(),
                ..Answer::default()
            };
            if let (Some(list), "list", true) = (
                &destination.list,
                &*example.call,
                example.means.is_success(),
            ) {
                let page = ListPage::read(list, 1, &answer.body).unwrap();
                assert!(page.entries.iter().all(|entry| entry.created.is_some()));
                assert!(page.last.is_some());
            }
            let judge = Judge::new(destination, operation);
            let verdict = judge.verdict(&Reply::Replied(answer), UNIX_EPOCH);
            let what = format!("{}:{}: {verdict:?}", destination.name, example.place.line);
            assert_eq!(verdict.meaning, Meaning::Then(example.means), "{what}");
            if let Some(reference) = &example.reference {
                assert_eq!(verdict.reference.as_ref(), Some(reference), "{what}");
            }
            if let Some(message) = &example.message {
                assert!(verdict.message.contains(&**message), "{what}");
            }
        }
    }
}
