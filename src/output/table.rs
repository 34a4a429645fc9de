//! The table that people read: streams, so widths are chosen before the second
//! row is known, from the terminal's width alone. Two lines a row at most, and
//! the same message once; whoever reads it elsewhere than on a terminal gets
//! every cell whole, with tabs between them.

use std::borrow::Cow;
use std::collections::HashMap;

use anstyle::{AnsiColor, Style};

use super::message::Message;
use super::text;
use crate::lead::State;
use crate::words::say;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Fit {
    /// Longer text loses its end.
    Cut,
    /// Longer text loses its beginning.
    CutStart,
    /// Longer text goes on below, and what is left then is lost.
    Wrap,
    /// To the right; longer text pushes the rest of its row.
    Right,
    /// Coloured, and as wide as any state is called.
    State,
}

/// What a column is called; said for the header alone.
pub type Title = fn() -> String;

/// A column. The narrow widths of a table sum up to 80 with its gaps.
#[derive(Clone, Copy)]
pub struct Column {
    pub title: Title,
    /// Columns of the terminal at 80, and at most on a wider one.
    narrow: usize,
    wide: usize,
    fit: Fit,
}

const fn column(title: Title, narrow: usize, wide: usize, fit: Fit) -> Column {
    Column {
        title,
        narrow,
        wide,
        fit,
    }
}

pub const fn cut(title: Title, narrow: usize, wide: usize) -> Column {
    column(title, narrow, wide, Fit::Cut)
}

pub const fn cut_start(title: Title, narrow: usize, wide: usize) -> Column {
    column(title, narrow, wide, Fit::CutStart)
}

pub const fn wrap(title: Title, narrow: usize, wide: usize) -> Column {
    column(title, narrow, wide, Fit::Wrap)
}

pub const fn right(title: Title, width: usize) -> Column {
    column(title, width, width, Fit::Right)
}

/// The column that a state colours.
pub const STATE: Column = column(|| say!("column-state"), 0, 0, Fit::State);
const GAP: usize = 2;
const INDENT: usize = 8;
/// The least width that tables are made for, and the most: longer lines are hard
/// to read.
pub const NARROWEST: usize = 80;
const WIDEST: usize = 140;
/// A last column that is narrower has what doesn't fit in it below the row.
const READABLE: usize = 30;
/// Messages remembered at most: past these each is told again.
const REMEMBERED: usize = 1000;

/// A row's cells as text not yet cleaned or cut.
#[derive(Default)]
pub struct TableCells {
    pub cells: Vec<(Column, String)>,
    /// The last column, as wide as the terminal allows.
    pub detail: Option<Detail>,
    /// Colours the cell of [`STATE`].
    pub state: Option<State>,
    /// Told under the row, over the whole width: titles and texts, where they are
    /// not empty.
    pub notes: Vec<(Title, String)>,
}

/// What a row is about in the end: in one cell on a terminal, in two elsewhere.
pub struct Detail {
    pub titles: [Title; 2],
    pub reference: Option<String>,
    pub message: Message,
    /// Nobody has to do anything: one line is enough.
    pub brief: bool,
    /// The message is worth more than the reference.
    pub message_first: bool,
    /// What a later row with the same message calls this one.
    pub place: Place,
}

/// Where a row stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// Each tells of itself.
    Nowhere,
    Line(String),
    Id(String),
    /// File and line.
    File(String),
}

impl Place {
    fn same_as_there(&self) -> String {
        match self {
            Self::Nowhere => String::new(),
            Self::Line(line) => say!("table-as-line", line),
            Self::Id(id) => say!("table-as-id", id),
            Self::File(place) => say!("table-as-file", place),
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
        State::Duplicate | State::Returned | State::InDoubt => color(AnsiColor::Yellow),
        State::Rejected | State::Invalid | State::Failed => color(AnsiColor::Red),
        State::Unsent => color(AnsiColor::Magenta),
        State::Expired | State::Filtered | State::Held | State::Skipped => QUIET,
    }
}

/// A table at one width, or without one.
pub struct Table {
    /// `None`: no terminal.
    total: Option<usize>,
    color: bool,
    /// How wide the column of states is.
    states: usize,
    /// The rows in which messages were told.
    told: HashMap<String, Place>,
}

/// A cell with its lines, and how it is set.
struct Cell<'t> {
    lines: Vec<Cow<'t, str>>,
    width: usize,
    to_right: bool,
    style: Option<Style>,
}

impl Table {
    /// `total`: the terminal's columns; less than 80 counts as 80. `None`: there is
    /// no terminal.
    pub fn new(total: Option<usize>, color: bool) -> Self {
        let states = State::ALL.map(|state| text::width(&state.in_words()));
        Self {
            total: total.map(|total| total.clamp(NARROWEST, WIDEST)),
            color,
            states: states.into_iter().max().unwrap_or(0),
            told: HashMap::new(),
        }
    }

    /// Appends the line of titles of such rows.
    pub fn header(&self, buffer: &mut Vec<u8>, row: &TableCells) {
        let detail = row.detail.as_ref().map(|detail| detail.titles);
        let Some(total) = self.total else {
            let own = row.cells.iter().map(|(column, _)| column.title);
            let notes = row.notes.iter().map(|(title, _)| *title);
            let titles = own.chain(detail.into_iter().flatten()).chain(notes);
            return tabbed(buffer, titles.map(|title| (title().into(), None)));
        };
        let (widths, last) = self.widths(row, total);
        let title = |((column, _), width): (&(Column, String), usize)| Cell {
            lines: vec![(column.title)().into()],
            width,
            to_right: column.fit == Fit::Right,
            style: self.styled(TITLE),
        };
        let mut cells: Vec<_> = row.cells.iter().zip(widths).map(title).collect();
        cells.extend(detail.map(|titles| Cell {
            lines: vec![titles.map(|title| title()).join(" · ").into()],
            width: last,
            to_right: false,
            style: self.styled(TITLE),
        }));
        lines(buffer, &cells);
    }

    /// Appends a row: the line of its cells, what goes on below, its notes.
    pub fn row(&mut self, buffer: &mut Vec<u8>, row: &TableCells) {
        let Some(total) = self.total else {
            return self.plain(buffer, row);
        };
        let (widths, last) = self.widths(row, total);
        let cell = |((column, cell), width): (&(Column, String), usize)| {
            let cell = text::clean(cell).into_owned();
            let lines = match column.fit {
                Fit::Cut | Fit::State => vec![text::cut(&cell, width)],
                Fit::CutStart => vec![text::cut_start(&cell, width)],
                Fit::Wrap => text::wrap_within(&cell, width, 2),
                Fit::Right => vec![cell.as_str().into()],
            };
            let lines = lines.into_iter().map(|line| line.into_owned().into());
            Cell {
                lines: lines.collect(),
                width,
                to_right: column.fit == Fit::Right,
                style: self.style(column, row),
            }
        };
        let mut cells: Vec<Cell<'_>> = row.cells.iter().zip(widths).map(cell).collect();
        let mut below = None;
        if let Some(detail) = &row.detail {
            let (lines, under) = self.detail(detail, last, total - INDENT);
            below = under;
            cells.push(Cell {
                lines: lines.into_iter().map(Cow::Owned).collect(),
                width: last,
                to_right: false,
                style: None,
            });
        }
        lines(buffer, &cells);
        let notes = row.notes.iter().flat_map(|(title, note)| {
            let note = text::clean(note);
            if note.is_empty() {
                return Vec::new();
            }
            let note = say!("table-note", title = title(), text = note);
            let lines = text::wrap(&note, total - INDENT);
            lines.into_iter().map(Cow::into_owned).collect()
        });
        for line in below.into_iter().chain(notes) {
            buffer.extend(format!("{:INDENT$}{line}\n", "").bytes());
        }
    }

    /// The lines of the last cell, and the one under the row.
    fn detail(
        &mut self,
        detail: &Detail,
        width: usize,
        whole_width: usize,
    ) -> (Vec<String>, Option<String>) {
        let reference = detail.reference.as_deref().map(text::clean);
        let message = text::clean(detail.message.short());
        let enough = detail.brief && !detail.message_first && reference.is_some();
        let (message, command) = match self.repeated(&message, &detail.place) {
            // On success nothing but the row.
            Some(_) if enough => ("".into(), None),
            Some(repeated) => (repeated.into(), None),
            None => (message, detail.message.command()),
        };
        let mut parts = vec![reference.as_deref().unwrap_or_default(), &*message];
        parts.retain(|part| !part.is_empty());
        if detail.message_first {
            parts.reverse();
        }
        let text = parts.join(" · ");
        if let Some(command) = command {
            let command = text::clean(command);
            return match text::wrap_before(&text, &format!("({command})"), width) {
                Some(lines) if width >= READABLE => (lines, None),
                // On a line of its own, and never broken.
                _ => {
                    let text = text::cut(&text, width).into_owned();
                    (vec![text], Some(command.into_owned()))
                }
            };
        }
        let narrow = width < READABLE && text::width(&text) > width;
        if let (true, Some(reference)) = (narrow && enough, &reference)
            && text::width(reference) <= width
        {
            return (vec![reference.to_string()], None);
        }
        if narrow {
            let text = text::cut(&text, whole_width);
            return (Vec::new(), Some(text.into_owned()));
        }
        let most = if detail.brief { 1 } else { 2 };
        let lines = text::wrap_within(&text, width, most).into_iter();
        (lines.map(Cow::into_owned).collect(), None)
    }

    /// Where a message was told before; of one that is shorter than such a word
    /// nothing is won.
    fn repeated(&mut self, message: &str, place: &Place) -> Option<String> {
        if *place == Place::Nowhere || message.is_empty() {
            return None;
        }
        if let Some(place) = self.told.get(message) {
            let repeated = place.same_as_there();
            return (text::width(&repeated) < text::width(message)).then_some(repeated);
        }
        if self.told.len() < REMEMBERED {
            self.told.insert(message.to_owned(), place.clone());
        }
        None
    }

    /// Every cell whole, on one line.
    fn plain(&self, buffer: &mut Vec<u8>, row: &TableCells) {
        let own = row.cells.iter();
        let own = own.map(|(column, cell)| (text::clean(cell), self.style(column, row)));
        let detail = row.detail.iter().flat_map(|detail| {
            let reference = detail.reference.as_deref().unwrap_or_default();
            [reference, &*detail.message].map(|cell| (text::clean(cell), None))
        });
        let notes = row.notes.iter();
        let notes = notes.map(|(_, note)| (text::clean(note), None));
        tabbed(buffer, own.chain(detail).chain(notes));
    }

    fn style(&self, column: &Column, row: &TableCells) -> Option<Style> {
        let state = row.state.filter(|_| column.fit == Fit::State)?;
        self.styled(color_of(state))
    }

    fn styled(&self, style: Style) -> Option<Style> {
        Some(style).filter(|_| self.color)
    }

    /// The width of each column, and of the last one. What a wide terminal has beyond
    /// 80: first half of it goes to the last column, then to the others until they are
    /// as wide as they like, and what is left to the last again.
    fn widths(&self, row: &TableCells, total: usize) -> (Vec<usize>, usize) {
        let columns = row.cells.iter().map(|(column, _)| column);
        let narrow = |column: &Column| match column.fit {
            Fit::State => self.states,
            _ => column.narrow,
        };
        let mut widths: Vec<usize> = columns.clone().map(narrow).collect();
        let taken: usize = widths.iter().map(|width| width + GAP).sum();
        let mut extra = total - NARROWEST;
        let half = match row.detail {
            Some(_) => extra.div_ceil(2),
            None => 0,
        };
        extra -= half;
        for (width, column) in widths.iter_mut().zip(columns) {
            let more = extra.min(column.wide - column.narrow);
            *width += more;
            extra -= more;
        }
        (widths, NARROWEST.saturating_sub(taken) + half + extra)
    }

    #[cfg(test)]
    pub fn width_of(&self, row: &TableCells) -> usize {
        let (widths, last) = self.widths(row, self.total.unwrap());
        let last = row.detail.as_ref().map(|_| last);
        let all: Vec<usize> = widths.into_iter().chain(last).collect();
        all.iter().sum::<usize>() + GAP * (all.len() - 1)
    }
}

/// Appends as many lines as the longest cell has, without spaces at an end.
fn lines(buffer: &mut Vec<u8>, cells: &[Cell<'_>]) {
    let height = cells.iter().map(|cell| cell.lines.len()).max();
    for at in 0..height.unwrap_or(0) {
        let mut line = String::new();
        for cell in cells {
            let piece = cell.lines.get(at).map_or("", Cow::as_ref);
            let blank = " ".repeat(cell.width.saturating_sub(text::width(piece)));
            let styled = painted(piece, cell.style);
            let (before, after) = match cell.to_right {
                true => (blank.as_str(), ""),
                false => ("", blank.as_str()),
            };
            line += &format!("{before}{styled}{after}{:GAP$}", "");
        }
        buffer.extend_from_slice(line.trim_end_matches(' ').as_bytes());
        buffer.push(b'\n');
    }
}

/// Appends one line, with tabs between its cells.
fn tabbed<'t>(buffer: &mut Vec<u8>, cells: impl Iterator<Item = (Cow<'t, str>, Option<Style>)>) {
    let cells: Vec<_> = cells.map(|(cell, style)| painted(&cell, style)).collect();
    buffer.extend_from_slice(cells.join("\t").as_bytes());
    buffer.push(b'\n');
}

fn painted(text: &str, style: Option<Style>) -> String {
    match style.filter(|_| !text.is_empty()) {
        Some(style) => format!("{style}{text}{style:#}"),
        None => text.to_owned(),
    }
}
