//! The month as a page to look at: what was accepted and what that is worth, where the
//! others are, and what is open. Nothing of a person stands on it.

use std::collections::BTreeMap;

use maud::{Markup, html};

use super::chart::{self, Bins, SERIES, Series};
use super::table::{cell, table, tabled};
use super::{Frame, heads, section, share};
use crate::lead::{Dated, Figures, Money};
use crate::output::figures::{Figure, unsent};
use crate::output::report::{Refusal, Report};
use crate::output::report_tables::{Cell, Table};
use crate::output::text::{clean, first_of};
use crate::words::grouped;

/// Reasons that are told, the others are one line.
const REASONS: usize = 6;
/// Lines of a table that still stay together on paper.
const TOGETHER: usize = 25;

/// The report as a page.
pub fn report(report: &Report) -> String {
    let sections = html! {
        @if report.groups.is_empty() {
            (section("", "Nothing to count", &html! { p { "No lead belongs to this period." } }))
        } @else { (sections(report)) }
    };
    let frame = Frame {
        kind: "Leads report",
        title: &report.title(),
        about: &report.about(),
        notes: &report.notes(),
        made: &report.made(),
    };
    frame.page(&sections)
}

fn sections(report: &Report) -> Markup {
    let all = Table::groups(report);
    let class = if all.rows.len() > TOGETHER {
        "long"
    } else {
        ""
    };
    let by = format!("By {}", report.by.join(" and "));
    let none = "None was decided on later.";
    html! {
        (headline(report))
        (whereabouts(&report.total))
        (picture(report))
        (tabled(class, &by, &all, ""))
        (refusals(report))
        (tabled("half", "From sending to decision", &Table::decisions(report), none))
        // What is not decided belongs to no day of a decision.
        @if report.dated == Dated::Sent {
            (tabled("half", "What is open", &Table::open(report), "Nothing."))
        }
        (tabled("", "Sources beside each other", &Table::sources(report), ""))
    }
}

fn headline(report: &Report) -> Markup {
    let total = &report.total;
    let tile = |what: &str, figure: String, about: String| html! { div { p.what { (what) } p.figure { (figure) } p.soft { (about) } } };
    let of_sent = |share: String| match report.dated {
        Dated::Sent => format!("{share} of {} sent", grouped(total.sent)),
        Dated::Decided => format!("{share} of {} decided", grouped(total.sent)),
    };
    let accepted = share(total.accepted, total.sent).map_or_else(String::new, of_sent);
    let bills = total.amount != Money::default();
    let margin = total.cost.zip(total.margin);
    let margin = margin.filter(|(cost, _)| *cost != Money::default());
    let open: u64 = report.open.iter().map(|leads| leads.count).sum();
    let undecided = format!(
        "{} pending, {} in doubt",
        grouped(total.pending),
        grouped(total.in_doubt)
    );
    html! {
        section aria-label="The figures" {
            div.tiles {
                @if bills {
                    (tile("To bill", grouped(total.amount), format!("for {} leads", grouped(total.billable))))
                }
                (tile("Accepted", grouped(total.accepted), accepted))
                @if let Some((cost, margin)) = margin {
                    (tile("Margin", grouped(margin), format!("less {} for the leads", grouped(cost))))
                }
                @if report.dated == Dated::Sent { (tile("Open", grouped(open), undecided)) }
            }
        }
    }
}

fn whereabouts(total: &Figures) -> Markup {
    let states = [
        ("accepted", 0, total.accepted),
        ("pending", 1, total.pending),
        ("in doubt", 2, total.in_doubt),
        ("rejected", 5, total.rejected),
        ("returned", 3, total.returned),
        ("duplicate", 4, total.duplicate),
        ("expired", 7, total.expired),
        ("not sent", 6, unsent(total).unwrap_or(0)),
    ];
    let whole = states.iter().map(|(_, _, count)| count).sum();
    let parts = states.map(|(_, colour, count)| (colour, count));
    let heading = format!("Where {} leads are", grouped(whole));
    let there = states.iter().filter(|(_, _, count)| *count > 0);
    section(
        "",
        &heading,
        &html! {
            (chart::shares("The shares of the states, as told below", &parts))
            ul.keys {
                @for (name, colour, count) in there {
                    li {
                        (chart::key(*colour)) (name) " " b { (grouped(count)) } " "
                        span.soft { (share(*count, whole).unwrap_or_default()) }
                    }
                }
            }
        },
    )
}

/// What each destination accepted in each bin, the largest first; the smallest together.
fn series(report: &Report, bins: &Bins) -> Vec<Series> {
    let mut all: Vec<Series> = Vec::new();
    for day in report.days.iter().filter(|day| day.figures.accepted > 0) {
        let at = all.iter().position(|one| one.name == day.destination);
        let at = at.unwrap_or_else(|| {
            let (name, parts) = (day.destination.clone(), vec![0; bins.len()]);
            all.push(Series { name, parts });
            all.len() - 1
        });
        if let Some(bin) = bins.of(day.day) {
            all[at].parts[bin] += day.figures.accepted;
        }
    }
    all.sort_by_key(|one| std::cmp::Reverse(one.sum()));
    if all.len() > SERIES {
        let others = all.split_off(SERIES - 1);
        let sum = |bin: usize| others.iter().map(|one| one.parts[bin]).sum();
        all.push(Series {
            name: format!("{} others", others.len()),
            parts: (0..bins.len()).map(sum).collect(),
        });
    }
    all
}

fn picture(report: &Report) -> Markup {
    let Some((first, last)) = report.period else {
        return html! {};
    };
    let bins = Bins::between(first, last);
    let series = series(report, &bins);
    let heading = format!("Accepted by {} and destination", bins.word());
    let names: Vec<&str> = series.iter().map(|one| one.name.as_str()).collect();
    section(
        "",
        &heading,
        &html! {
            @if series.is_empty() { p.soft { "None was accepted." } } @else {
                (chart::bars(&heading, &bins, &series))
                ul.keys {
                    @for (colour, one) in series.iter().enumerate() {
                        li { (chart::key(colour)) (one.name) " " b { (grouped(one.sum())) } }
                    }
                }
                details {
                    summary { "The same as a table" }
                    (table(&heading, &heads(&[bins.word()], &names), &html! {
                        tbody {
                            @for (bin, label) in bins.labels().enumerate() {
                                tr { th.text scope="row" { (label) } @for one in &series { (cell(&Cell::Figure(Figure::Count(one.parts[bin])))) } }
                            }
                        }
                    }))
                }
            }
        },
    )
}

/// A reason, how many leads it was given for, and by whom, the most frequent first.
type Reason<'r> = (&'r str, u64, Vec<&'r Refusal>);

fn reasons(report: &Report) -> Vec<Reason<'_>> {
    let mut by_words: BTreeMap<&str, Vec<&Refusal>> = BTreeMap::new();
    for refusal in &report.refusals {
        by_words.entry(&refusal.reason).or_default().push(refusal);
    }
    let sum = |all: &[&Refusal]| all.iter().map(|one| one.count).sum();
    let reasons = by_words.into_iter();
    let reasons = reasons.map(|(words, all)| (words, sum(&all), all));
    let mut reasons: Vec<Reason<'_>> = reasons.collect();
    for (_, _, all) in &mut reasons {
        all.sort_by_key(|one| std::cmp::Reverse(one.count));
    }
    reasons.sort_by_key(|(_, sum, _)| std::cmp::Reverse(*sum));
    reasons
}

fn refusals(report: &Report) -> Markup {
    let mut told = reasons(report);
    let others = told.split_off(told.len().min(REASONS));
    let largest = told.first().map_or(0, |(_, count, _)| *count);
    let rest: u64 = others.iter().map(|(_, count, _)| count).sum();
    let whose = |all: &[&Refusal]| {
        let told = |one: &&Refusal| format!("{} {}", clean(&one.destination), grouped(one.count));
        let told: Vec<String> = all.iter().map(told).collect();
        first_of(told.iter().map(String::as_str), 2)
    };
    let heading = "Why leads were refused";
    let body = html! {
        tbody {
            @for (reason, count, all) in &told {
                tr {
                    th.text scope="row" {
                        @if reason.is_empty() { "no reason given" } @else { (clean(reason)) }
                        div.soft { (whose(all)) }
                    }
                    td { (grouped(count)) }
                    td.bar { (chart::bar(*count, largest)) }
                }
            }
            @if !others.is_empty() {
                tr { th.text scope="row" { (format!("{} other reasons", others.len())) } td { (grouped(rest)) } td {} }
            }
        }
    };
    let head = html! { (heads(&["reason"], &["leads"])) td.bar {} };
    section(
        "half tall",
        heading,
        &html! {
            @if told.is_empty() { p.soft { "None was refused." } } @else { (table(heading, &head, &body)) }
        },
    )
}

#[cfg(test)]
mod tests;
