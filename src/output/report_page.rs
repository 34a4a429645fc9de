//! The report as people read it on a terminal: a line a group with its figures in
//! columns, or where these are too many for the screen, told below its name.

use super::figures::{Column, Figure, columns};
use super::report::{Group, Report, head, told};
use super::screen::terminal_width;
use super::text::{cut, pad, width, wrap};
use crate::lead::Figures;
use crate::words::say;

/// No wider, even on a wide terminal.
const WIDEST: usize = 140;
/// A group's name is cut to no less than this.
const LEAST_NAME: usize = 12;
const GAP: usize = 2;
/// Before figures that stand below their name.
const INDENT: &str = "  ";

/// The whole report as lines of text.
pub fn report_page(report: &Report) -> String {
    of_width(report, terminal_width().min(WIDEST))
}

fn of_width(report: &Report, screen: usize) -> String {
    let mut lines = vec![report.title()];
    lines.extend(
        wrap(&report.about(), screen)
            .iter()
            .map(ToString::to_string),
    );
    lines.push(String::new());
    let grid = Grid::of(report, screen);
    lines.extend(grid.header(&by(report)));
    for group in &report.groups {
        lines.extend(grid.row(&name(report, group), &group.figures));
    }
    if report.groups.len() != 1 {
        lines.extend(grid.row(&say!("report-all"), &report.total));
    }
    lines
        .into_iter()
        .map(|line| line.trim_end().to_owned() + "\n")
        .collect()
}

fn by(report: &Report) -> String {
    report.heads().collect::<Vec<_>>().join(" · ")
}

fn name(report: &Report, group: &Group) -> String {
    let values = report.by.iter().zip(&group.of);
    let values = values.map(|(by, value)| {
        let none = || say!("report-no", by = head(by));
        told(by, value).unwrap_or_else(none)
    });
    values.collect::<Vec<_>>().join(" · ")
}

/// Figures in columns, each as wide as its widest.
struct Grid {
    columns: Vec<(Column, usize)>,
    /// The width of the names; `None`: the columns leave them no room.
    names: Option<usize>,
    screen: usize,
}

impl Grid {
    fn of(report: &Report, screen: usize) -> Self {
        let all = || {
            report
                .groups
                .iter()
                .map(|group| &group.figures)
                .chain([&report.total])
        };
        let columns = columns(&report.total).into_iter().map(|column| {
            let widest = all().map(|figures| width(&cell(column, figures))).max();
            (column, widest.unwrap_or(0).max(width(&column.name())))
        });
        let columns: Vec<_> = columns.collect();
        let figures: usize = columns.iter().map(|(_, wide)| wide + GAP).sum();
        let names = report
            .groups
            .iter()
            .map(|group| width(&name(report, group)));
        let others = [by(report), say!("report-all")].map(|name| width(&name));
        let widest = names.chain(others).max();
        let widest = widest.unwrap_or(0);
        let left = screen.saturating_sub(figures);
        Self {
            columns,
            names: (left >= widest.min(LEAST_NAME)).then_some(widest.min(left)),
            screen,
        }
    }

    fn header(&self, by: &str) -> Option<String> {
        let titles = |wide| self.line(by, wide, Column::name);
        self.names.map(titles)
    }

    fn row(&self, name: &str, figures: &Figures) -> Vec<String> {
        if let Some(wide) = self.names {
            return vec![self.line(name, wide, |column| cell(column, figures))];
        }
        let told = self.columns.iter();
        // A figure stays beside its name.
        let told = told
            .map(|(column, _)| format!("{} {}", column.name(), cell(*column, figures)))
            .map(|told| told.replace(' ', "\u{a0}"));
        let told = told.collect::<Vec<_>>().join(" · ");
        let told = wrap(&told, self.screen - INDENT.len()).into_iter();
        let name = cut(name, self.screen).into_owned();
        std::iter::once(name)
            .chain(told.map(|line| format!("{INDENT}{}", line.replace('\u{a0}', " "))))
            .collect()
    }

    fn line(&self, name: &str, wide: usize, text: impl Fn(Column) -> String) -> String {
        let cells = self.columns.iter().map(|(column, wide)| {
            let text = text(*column);
            let missing = (wide + GAP).saturating_sub(width(&text));
            " ".repeat(missing) + &text
        });
        std::iter::once(pad(&cut(name, wide), wide))
            .chain(cells)
            .collect()
    }
}

fn cell(column: Column, figures: &Figures) -> String {
    let figure = column.of(figures);
    figure.map_or_else(String::new, Figure::in_line)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::lead::{Counted, Dated, Money, State};

    fn report() -> Report {
        let mut figures = Figures::none(Dated::Sent);
        for state in [
            State::Approved,
            State::Approved,
            State::Rejected,
            State::Invalid,
        ] {
            figures.add(Counted {
                state: Some(state),
                amount: state.is_accepted().then(|| Money::of_cents(3_500)),
                cost: None,
            });
        }
        let group = |name: &str| Group {
            of: vec![name.into(), String::new()],
            figures: figures.clone(),
        };
        Report {
            period: Some((date(2026, 11, 1), date(2026, 11, 30))),
            zone: "Europe/Paris".into(),
            by: vec!["destination".into(), "program".into()],
            groups: vec![
                group("north"),
                group("a partner\u{1b}[2J of the south with a long name"),
            ],
            total: figures.clone(),
            ..Report::default()
        }
    }

    #[test]
    fn every_line_fits_and_its_figures_stand_below_their_titles() {
        for screen in [80, 100, 140] {
            let page = of_width(&report(), screen);
            assert!(page.lines().all(|line| width(line) <= screen), "{page}");
            assert!(!page.contains('\u{1b}'), "{page}");
            let titles = page.lines().find(|line| line.contains("accepted")).unwrap();
            let north = page.lines().find(|line| line.starts_with("north")).unwrap();
            let ends =
                |line: &str, what: &str| width(line.split_once(what).unwrap().0) + width(what);
            assert_eq!(ends(titles, "amount"), ends(north, "70.00"));
        }
        // Where they leave no room for names, each figure says what it is.
        let page = of_width(&report(), 60);
        assert!(page.lines().all(|line| width(line) <= 60), "{page}");
        assert!(
            page.contains("\n  read 4 · not sent 1 · sent 3 · accepted 2"),
            "{page}"
        );
    }
}
