//! The table that people read: streams, so widths are chosen before the first
//! row is known, from the terminal's width alone. A message is never cut: it
//! goes on below itself, under its own column.

use anstyle::{AnsiColor, Style};

use super::rows::{Cells, Layout};
use super::text;
use crate::lead::State;

#[derive(Clone, Copy)]
enum Fit {
    /// Longer text loses its end.
    Cut,
    /// Longer text loses its beginning.
    CutStart,
    /// Longer text goes on below.
    Wrap,
    /// To the right; longer text pushes the rest of its row.
    Right,
}

struct Column {
    title: &'static str,
    /// Columns of the terminal at 80, and at most on a wider one.
    narrow: usize,
    wide: usize,
    fit: Fit,
}

const fn column(title: &'static str, narrow: usize, wide: usize, fit: Fit) -> Column {
    Column {
        title,
        narrow,
        wide,
        fit,
    }
}

const ANY: usize = usize::MAX;
const GAP: usize = 2;
const INDENT: usize = 8;
/// The least width that tables are made for.
pub const NARROWEST: usize = 80;

const LEAD: Column = column("lead", 18, 28, Fit::Cut);
const STATE: Column = column("state", 9, 9, Fit::Wrap);
const REFERENCE: Column = column("reference", 11, 36, Fit::Wrap);
const MESSAGE: Column = column("message", 28, ANY, Fit::Wrap);
const ID: Column = column("id", 6, 6, Fit::Right);

// Each sums up to 80 with its gaps.
const LINES: [Column; 5] = [
    column("line", 6, 6, Fit::Right),
    LEAD,
    STATE,
    REFERENCE,
    MESSAGE,
];
const FILES: [Column; 5] = [
    column("file:line", 15, 30, Fit::CutStart),
    column("lead", 15, 28, Fit::Cut),
    STATE,
    REFERENCE,
    column("message", 22, ANY, Fit::Wrap),
];
const IDS: [Column; 5] = [ID, LEAD, STATE, REFERENCE, MESSAGE];
const HISTORY: [Column; 6] = [
    ID,
    column("sent", 16, 16, Fit::Wrap),
    column("destination", 12, 24, Fit::Wrap),
    column("lead", 16, 28, Fit::Cut),
    STATE,
    REFERENCE,
];
const ATTEMPTS: [Column; 6] = [
    column("no", 3, 3, Fit::Right),
    column("time", 19, 19, Fit::Wrap),
    column("why", 8, 8, Fit::Wrap),
    column("answer", 8, 8, Fit::Wrap),
    column("status", 6, 6, Fit::Right),
    STATE,
];
const STATUS: [Column; 7] = [
    column("destination", 15, 30, Fit::Wrap),
    column("pending", 7, 7, Fit::Right),
    column("in doubt", 8, 8, Fit::Right),
    column("failed", 6, 6, Fit::Right),
    column("unsent", 6, 6, Fit::Right),
    column("oldest", 10, 10, Fit::Wrap),
    column("last success", 16, 16, Fit::Wrap),
];

const LISTED: [Column; 5] = [
    column("reference", 12, 36, Fit::Wrap),
    column("created", 16, 16, Fit::Wrap),
    column("state", 10, 14, Fit::Wrap),
    column("ours", 6, 6, Fit::Right),
    column("about", 28, ANY, Fit::Wrap),
];

impl Layout {
    fn columns(self) -> &'static [Column] {
        match self {
            Self::Lines => &LINES,
            Self::Files => &FILES,
            Self::Ids => &IDS,
            Self::History => &HISTORY,
            Self::Attempts => &ATTEMPTS,
            Self::Status => &STATUS,
            Self::Listed => &LISTED,
            Self::Pages => &[],
        }
    }
}

pub(super) const TITLE: Style = Style::new().bold();
pub(super) const QUIET: Style = Style::new().dimmed();

/// The style of a state's word.
fn color_of(state: State) -> Style {
    let color = |color: AnsiColor| color.on_default();
    match state {
        State::Delivered | State::Approved => color(AnsiColor::Green),
        State::Pending => color(AnsiColor::Cyan),
        State::Duplicate | State::InDoubt => color(AnsiColor::Yellow),
        State::Rejected | State::Invalid | State::Failed => color(AnsiColor::Red),
        State::Unsent => color(AnsiColor::Magenta),
        State::Expired | State::Skipped => QUIET,
    }
}

/// The table of one layout at one width.
pub struct Table {
    columns: &'static [Column],
    widths: Vec<usize>,
    total: usize,
    color: bool,
}

impl Table {
    /// `total`: the terminal's columns; less than 80 counts as 80.
    pub fn new(layout: Layout, total: usize, color: bool) -> Self {
        let columns = layout.columns();
        let total = total.max(NARROWEST);
        Self {
            columns,
            widths: widths(columns, total),
            total,
            color,
        }
    }

    /// Appends the line of titles.
    pub fn header(&self, buffer: &mut Vec<u8>) {
        let titles = self.columns.iter().map(|column| vec![column.title]);
        let titles: Vec<_> = titles.collect();
        self.lines(buffer, &titles, |_: &Column| Some(TITLE));
    }

    /// Appends a row: the line of its cells, what goes on below, its notes.
    pub fn row(&self, buffer: &mut Vec<u8>, cells: &Cells) {
        let clean: Vec<_> = cells.cells.iter().map(|cell| text::clean(cell)).collect();
        let fitted: Vec<_> = (self.columns.iter().zip(&self.widths).zip(&clean))
            .map(|((column, &width), cell)| match column.fit {
                Fit::Cut => text::cut(cell, width),
                Fit::CutStart => text::cut_start(cell, width),
                Fit::Wrap | Fit::Right => cell.as_ref().into(),
            })
            .collect();
        let wrapped: Vec<_> = (self.columns.iter().zip(&self.widths).zip(&fitted))
            .map(|((column, &width), cell)| match column.fit {
                Fit::Wrap => text::wrap(cell, width),
                _ => vec![cell.as_ref()],
            })
            .collect();
        self.lines(buffer, &wrapped, |column: &Column| {
            let state = cells.state.filter(|_| column.title == STATE.title);
            state.map(color_of)
        });
        for note in &cells.notes {
            let note = text::clean(note);
            for line in text::wrap(&note, self.total - INDENT) {
                if !line.is_empty() {
                    spaces(buffer, INDENT);
                    buffer.extend_from_slice(line.as_bytes());
                    buffer.push(b'\n');
                }
            }
        }
    }

    /// Appends as many lines as the longest cell has, without spaces at an end.
    fn lines(
        &self,
        buffer: &mut Vec<u8>,
        cells: &[Vec<&str>],
        style: impl Fn(&Column) -> Option<Style>,
    ) {
        let height = cells.iter().map(Vec::len).max().unwrap_or(0);
        for line in 0..height {
            let mut owed = 0;
            for ((column, &width), cell) in self.columns.iter().zip(&self.widths).zip(cells) {
                let piece = cell.get(line).copied().unwrap_or("");
                let blank = width.saturating_sub(text::width(piece));
                let right = matches!(column.fit, Fit::Right);
                if piece.is_empty() {
                    owed += width + GAP;
                    continue;
                }
                spaces(buffer, if right { owed + blank } else { owed });
                self.styled(buffer, piece, style(column));
                owed = if right { GAP } else { blank + GAP };
            }
            buffer.push(b'\n');
        }
    }

    fn styled(&self, buffer: &mut Vec<u8>, piece: &str, style: Option<Style>) {
        match style.filter(|_| self.color) {
            Some(style) => {
                buffer.extend_from_slice(format!("{style}{piece}{style:#}").as_bytes());
            }
            None => buffer.extend_from_slice(piece.as_bytes()),
        }
    }
}

/// Gives what a wide terminal has beyond 80: first half of it to the column
/// without a limit, then to the others until they are as wide as they like,
/// and what is left to the first again.
fn widths(columns: &[Column], total: usize) -> Vec<usize> {
    let mut widths: Vec<_> = columns.iter().map(|column| column.narrow).collect();
    let mut extra = total - NARROWEST;
    let open = columns.iter().position(|column| column.wide == ANY);
    if let Some(open) = open {
        widths[open] += extra.div_ceil(2);
        extra /= 2;
    }
    for (width, column) in widths.iter_mut().zip(columns) {
        if column.wide != ANY {
            let more = extra.min(column.wide - column.narrow);
            *width += more;
            extra -= more;
        }
    }
    if let Some(open) = open {
        widths[open] += extra;
    }
    widths
}

fn spaces(buffer: &mut Vec<u8>, count: usize) {
    buffer.resize(buffer.len() + count, b' ');
}

#[cfg(test)]
mod tests {
    use super::*;

    const LAYOUTS: [Layout; 6] = [
        Layout::Lines,
        Layout::Files,
        Layout::Ids,
        Layout::History,
        Layout::Attempts,
        Layout::Status,
    ];

    #[test]
    fn every_table_fits_its_terminal() {
        for layout in LAYOUTS {
            for total in [0, 80, 81, 100, 132, 250] {
                let table = Table::new(layout, total, false);
                let gaps = GAP * (table.widths.len() - 1);
                let sum = table.widths.iter().sum::<usize>() + gaps;
                assert!(sum <= total.max(80), "{layout:?} at {total}: {sum}");
                assert!(layout == Layout::Attempts || sum >= 76, "{layout:?}: {sum}");
            }
        }
    }

    #[test]
    fn a_wide_terminal_shows_whole_references() {
        let table = Table::new(Layout::Lines, 200, false);
        assert_eq!(table.widths, [6, 28, 9, 36, 113]);
    }
}
