//! The table that people read: streams, so widths are chosen before the second
//! row is known, from the terminal's width alone. A message is never cut: it
//! goes on below itself, under its own column.

use std::borrow::Cow;

use anstyle::{AnsiColor, Style};

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

/// A column. The narrow widths of a table sum up to 80 with its gaps.
#[derive(Clone, Copy)]
pub struct Column {
    pub title: &'static str,
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

pub const fn cut(title: &'static str, narrow: usize, wide: usize) -> Column {
    column(title, narrow, wide, Fit::Cut)
}

pub const fn cut_start(title: &'static str, narrow: usize, wide: usize) -> Column {
    column(title, narrow, wide, Fit::CutStart)
}

pub const fn wrap(title: &'static str, narrow: usize, wide: usize) -> Column {
    column(title, narrow, wide, Fit::Wrap)
}

pub const fn right(title: &'static str, width: usize) -> Column {
    column(title, width, width, Fit::Right)
}

/// The column that a state colours.
pub const STATE: Column = wrap("state", 9, 9);
/// As wide as the terminal allows.
pub const ANY: usize = usize::MAX;
const GAP: usize = 2;
const INDENT: usize = 8;
/// The least width that tables are made for.
pub const NARROWEST: usize = 80;

/// A row's cells as text not yet cleaned or cut.
pub struct TableCells {
    pub cells: Vec<(Column, String)>,
    /// Colours the cell of [`STATE`].
    pub state: Option<State>,
    /// Told under the row, over the whole width.
    pub notes: Vec<String>,
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
        State::Expired | State::Filtered | State::Held | State::Skipped => QUIET,
    }
}

/// A table at one width.
pub struct Table {
    total: usize,
    color: bool,
}

impl Table {
    /// `total`: the terminal's columns; less than 80 counts as 80.
    pub fn new(total: usize, color: bool) -> Self {
        let total = total.max(NARROWEST);
        Self { total, color }
    }

    /// Appends the line of titles of such rows.
    pub fn header(&self, buffer: &mut Vec<u8>, row: &TableCells) {
        let columns = self.columns(row);
        let titles = columns.iter().map(|(column, _)| vec![column.title.into()]);
        let titles: Vec<_> = titles.collect();
        self.lines(buffer, &columns, &titles, |_| Some(TITLE));
    }

    /// Appends a row: the line of its cells, what goes on below, its notes.
    pub fn row(&self, buffer: &mut Vec<u8>, row: &TableCells) {
        let columns = self.columns(row);
        let texts: Vec<_> = row
            .cells
            .iter()
            .map(|(_, cell)| text::clean(cell))
            .collect();
        let fitted: Vec<_> = (columns.iter().zip(&texts))
            .map(|((column, width), cell)| match column.fit {
                Fit::Cut => vec![text::cut(cell, *width)],
                Fit::CutStart => vec![text::cut_start(cell, *width)],
                Fit::Wrap => text::wrap(cell, *width),
                Fit::Right => vec![cell.as_ref().into()],
            })
            .collect();
        self.lines(buffer, &columns, &fitted, |column| {
            let state = row.state.filter(|_| column.title == STATE.title);
            state.map(color_of)
        });
        for note in row.notes.iter().map(|note| text::clean(note)) {
            for line in text::wrap(&note, self.total - INDENT) {
                if !line.is_empty() {
                    buffer.extend(format!("{:INDENT$}{line}\n", "").bytes());
                }
            }
        }
    }

    /// Appends as many lines as the longest cell has, without spaces at an end.
    fn lines(
        &self,
        buffer: &mut Vec<u8>,
        columns: &[(Column, usize)],
        cells: &[Vec<Cow<'_, str>>],
        style: impl Fn(&Column) -> Option<Style>,
    ) {
        let height = cells.iter().map(Vec::len).max().unwrap_or(0);
        for at in 0..height {
            let mut line = String::new();
            for ((column, width), cell) in columns.iter().zip(cells) {
                let piece = cell.get(at).map_or("", Cow::as_ref);
                let blank = " ".repeat(width.saturating_sub(text::width(piece)));
                let style = style(column).filter(|_| self.color && !piece.is_empty());
                let styled = match style {
                    Some(style) => format!("{style}{piece}{style:#}"),
                    None => piece.to_owned(),
                };
                let (before, after) = match column.fit {
                    Fit::Right => (blank.as_str(), ""),
                    _ => ("", blank.as_str()),
                };
                line += &format!("{before}{styled}{after}{:GAP$}", "");
            }
            buffer.extend_from_slice(line.trim_end_matches(' ').as_bytes());
            buffer.push(b'\n');
        }
    }

    /// Each column with its width. What a wide terminal has beyond 80: first half
    /// of it goes to the column without a limit, then to the others until they
    /// are as wide as they like, and what is left to the first again.
    fn columns(&self, row: &TableCells) -> Vec<(Column, usize)> {
        let columns = row.cells.iter().map(|(column, _)| (*column, column.narrow));
        let mut columns: Vec<_> = columns.collect();
        let mut extra = self.total - NARROWEST;
        let open = columns.iter().position(|(column, _)| column.wide == ANY);
        if let Some(open) = open {
            columns[open].1 += extra.div_ceil(2);
            extra /= 2;
        }
        for (column, width) in columns.iter_mut().filter(|(column, _)| column.wide != ANY) {
            let more = extra.min(column.wide - column.narrow);
            *width += more;
            extra -= more;
        }
        if let Some(open) = open {
            columns[open].1 += extra;
        }
        columns
    }

    #[cfg(test)]
    pub fn width_of(&self, row: &TableCells) -> usize {
        let columns = self.columns(row);
        columns.iter().map(|(_, width)| width).sum::<usize>() + GAP * (columns.len() - 1)
    }
}
