use jiff::civil::date;

use super::*;
use crate::lead::{Money, State};
use crate::output::report::{DayFigures, DecisionTimes, Group, OpenLeads};

fn accepted(accepted: u64, sent: u64, read: u64) -> Figures {
    let amount = Money::of_cents(accepted as i64 * 3_500);
    let cost = Money::of_cents(read as i64 * 1_250);
    Figures {
        read: Some(read),
        sent,
        accepted,
        rejected: sent - accepted,
        billable: accepted,
        amount,
        cost: Some(cost),
        margin: Some(amount - cost),
        ..Figures::default()
    }
}

fn november() -> Report {
    let day = |day, destination: &str, count| DayFigures {
        day: date(2026, 11, day),
        destination: destination.into(),
        figures: accepted(count, count, count),
    };
    let group = |of: &str, figures| Group {
        of: vec![of.into()],
        figures,
    };
    Report {
        period: Some((date(2026, 11, 1), date(2026, 11, 30))),
        made_at: 1_796_109_120_000,
        zone: "Europe/Paris".into(),
        by: vec!["destination".into()],
        groups: vec![
            group("alpha", accepted(1_200, 1_500, 1_510)),
            group("<b>beta</b>", accepted(3, 3, 3)),
        ],
        total: accepted(1_203, 1_503, 1_513),
        days: vec![day(2, "alpha", 1_200), day(30, "<b>beta</b>", 3)],
        refusals: vec![Refusal {
            destination: "alpha".into(),
            reason: "<img src=x>".into(),
            count: 300,
        }],
        decisions: vec![DecisionTimes {
            destination: "alpha".into(),
            count: 1_203,
            median: 59_000,
            ninth: 7_300_000,
            longest: 400_000_000,
        }],
        sources: vec![group("", accepted(1_203, 1_503, 1_513))],
        open: vec![OpenLeads {
            destination: "alpha".into(),
            state: State::InDoubt,
            count: 4,
            oldest: date(2026, 11, 9),
        }],
        unpriced: 2,
        ..Report::default()
    }
}

#[test]
fn the_figures_are_told_as_people_read_them() {
    let page = report(&november());
    let page = page.replace(['\u{202f}', '\u{a0}'], " ");
    for told in [
        "<h1>November 2026</h1>",
        "in the time of Europe/Paris. As it stood at 1 December 2026, 08:12.",
        "<p class=\"what\">To bill</p><p class=\"figure\">42 105.00</p>",
        "for 1 203 leads",
        "80.0 % of 1 503 sent",
        "less 18 912.50 for the leads",
        "Where 1 513 leads are",
        "<th class=\"text\" scope=\"row\">none</th>",
        "59 s",
        "2.0 h",
        "4.6 days",
        "<td class=\"text\">in doubt</td><td>4</td><td>9 Nov 2026</td>",
        "in no amount: 2.",
    ] {
        assert!(page.contains(told), "{told}\n{page}");
    }
    assert!(
        !page.contains("<b>beta") && !page.contains("<img"),
        "{page}"
    );
    assert!(page.contains("&lt;img src=x&gt;"));
}

#[test]
fn a_report_of_nothing_is_a_page_too() {
    let page = report(&Report::default());
    assert!(
        page.contains("No lead yet") && page.contains("Nothing to count"),
        "{page}"
    );
}

#[test]
fn many_destinations_are_told_apart_as_far_as_colours_go() {
    let mut report = november();
    let names = (0..9).map(|number| format!("d{number}"));
    report.days = names
        .zip(1..)
        .map(|(destination, count)| DayFigures {
            day: date(2026, 11, 1),
            destination,
            figures: accepted(count, count, count),
        })
        .collect();
    let bins = Bins::between(date(2026, 11, 1), date(2026, 11, 30));
    let all = series(&report, &bins);
    let told: Vec<_> = all
        .iter()
        .map(|one| (one.name.as_str(), one.sum()))
        .collect();
    assert_eq!(told[0], ("d8", 9));
    assert_eq!(told[SERIES - 1], ("3 others", 1 + 2 + 3));
    assert_eq!(all.len(), SERIES);
}
