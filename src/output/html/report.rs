//! The month as a page to look at: what was accepted and what that is worth, where the
//! others are, and what is open. Nothing of a person stands on it.

use std::collections::BTreeMap;

use maud::{Markup, html};

use super::chart::{self, Bins, SERIES, Series};
use super::table::{cell, table, tabled};
use super::{Frame, heads, section, share};
use crate::lead::text::all_of;
use crate::lead::{Dated, Figures, Money};
use crate::output::figures::{Column, Figure, money, unsent};
use crate::output::report::{Refusal, Report};
use crate::output::report_tables::{Cell, Table};
use crate::output::text::{clean, first_of};
use crate::words::{grouped, say};

/// Reasons that are told, the others are one line.
const REASONS: usize = 6;
/// Lines of a table that still stay together on paper.
const TOGETHER: usize = 25;

/// The report as a page.
pub fn report(report: &Report) -> String {
    let sections = html! {
        @if report.groups.is_empty() {
            (section("", &say!("page-nothing"), &html! { p { (say!("page-no-lead")) } }))
        } @else { (sections(report)) }
    };
    let frame = Frame {
        kind: &say!("page-report"),
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
    let by: Vec<String> = report.heads().collect();
    let by = say!("page-by", by = all_of(&by));
    let (decisions, none) = (say!("page-decisions"), say!("page-none-decided"));
    let (open, none_open) = (say!("page-open"), say!("page-none-open"));
    html! {
        (headline(report))
        (whereabouts(&report.total))
        (picture(report))
        (tabled(class, &by, &all, ""))
        (refusals(report))
        (tabled("half", &decisions, &Table::decisions(report), &none))
        // What is not decided belongs to no day of a decision.
        @if report.dated == Dated::Sent {
            (tabled("half", &open, &Table::open(report), &none_open))
        }
        (tabled("", &say!("page-sources"), &Table::sources(report), ""))
    }
}

fn headline(report: &Report) -> Markup {
    let total = &report.total;
    let tile = |what: String, figure: String, about: String| html! { div { p.what { (what) } p.figure { (figure) } p.soft { (about) } } };
    let of_sent = |share: String| match report.dated {
        Dated::Sent => say!("page-share-of-sent", share, count = total.sent),
        Dated::Decided => say!("page-share-of-decided", share, count = total.sent),
    };
    let accepted = share(total.accepted, total.sent).map_or_else(String::new, of_sent);
    let bills = total.amount != Money::default();
    let margin = total.cost.zip(total.margin);
    let margin = margin.filter(|(cost, _)| *cost != Money::default());
    let open: u64 = report.open.iter().map(|leads| leads.count).sum();
    let (pending, doubts) = (total.pending, total.in_doubt);
    let undecided = say!("page-undecided", pending, doubts);
    html! {
        section aria-label=(say!("page-figures")) {
            div.tiles {
                @if bills {
                    (tile(say!("page-to-bill"), money(total.amount), say!("page-billable", count = total.billable)))
                }
                (tile(say!("page-accepted"), grouped(total.accepted), accepted))
                @if let Some((cost, margin)) = margin {
                    (tile(say!("page-margin"), money(margin), say!("page-less-cost", cost = money(cost))))
                }
                @if report.dated == Dated::Sent { (tile(say!("page-still-open"), grouped(open), undecided)) }
            }
        }
    }
}

fn whereabouts(total: &Figures) -> Markup {
    let states = [
        (Column::Accepted, 0, total.accepted),
        (Column::Pending, 1, total.pending),
        (Column::InDoubt, 2, total.in_doubt),
        (Column::Rejected, 5, total.rejected),
        (Column::Returned, 3, total.returned),
        (Column::Duplicate, 4, total.duplicate),
        (Column::Expired, 7, total.expired),
        (Column::NotSent, 6, unsent(total).unwrap_or(0)),
    ];
    let whole: u64 = states.iter().map(|(_, _, count)| count).sum();
    let parts = states.map(|(_, colour, count)| (colour, count));
    let heading = say!("page-whereabouts", count = whole);
    let there = states.iter().filter(|(_, _, count)| *count > 0);
    section(
        "",
        &heading,
        &html! {
            (chart::shares(&say!("page-shares"), &parts))
            ul.keys {
                @for (column, colour, count) in there {
                    li {
                        (chart::key(*colour)) (column.name()) " " b { (grouped(count)) } " "
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
            name: say!("page-others", count = others.len()),
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
    let heading = bins.heading();
    let names: Vec<String> = series.iter().map(|one| one.name.clone()).collect();
    section(
        "",
        &heading,
        &html! {
            @if series.is_empty() { p.soft { (say!("page-none-accepted")) } } @else {
                (chart::bars(&heading, &bins, &series))
                ul.keys {
                    @for (colour, one) in series.iter().enumerate() {
                        li { (chart::key(colour)) (one.name) " " b { (grouped(one.sum())) } }
                    }
                }
                details {
                    summary { (say!("page-as-table")) }
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
    let heading = say!("page-refusals");
    let body = html! {
        tbody {
            @for (reason, count, all) in &told {
                tr {
                    th.text scope="row" {
                        @if reason.is_empty() { (say!("page-no-reason")) } @else { (clean(reason)) }
                        div.soft { (whose(all)) }
                    }
                    td { (grouped(count)) }
                    td.bar { (chart::bar(*count, largest)) }
                }
            }
            @if !others.is_empty() {
                tr { th.text scope="row" { (say!("page-other-reasons", count = others.len())) } td { (grouped(rest)) } td {} }
            }
        }
    };
    let head =
        html! { (heads(&[say!("report-head-reason")], &[say!("report-head-leads")])) td.bar {} };
    section(
        "half tall",
        &heading,
        &html! {
            @if told.is_empty() { p.soft { (say!("page-none-refused")) } } @else { (table(&heading, &head, &body)) }
        },
    )
}

#[cfg(test)]
mod tests;
