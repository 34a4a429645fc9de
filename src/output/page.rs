//! A page for people to read: titles, aligned columns, text wrapped under its
//! own column. Knows a width and nothing of what is told.

use super::command::Command;
use super::screen::terminal_width;
use super::text::{clean, cut, harmless, pad, width, wrap};

/// No wider, even on a wide terminal: long lines are hard to read.
const WIDEST: usize = 100;
/// A column that isn't the last is cut here.
const WIDEST_CELL: usize = 34;

/// A page being written.
pub struct Page {
    text: String,
    width: usize,
}

impl Page {
    /// A page as wide as the terminal, 80 columns where there is none.
    pub fn new() -> Self {
        Self::of_width(terminal_width().min(WIDEST))
    }

    pub fn of_width(width: usize) -> Self {
        Self {
            text: String::new(),
            width,
        }
    }

    /// A paragraph at the left edge.
    pub fn line(&mut self, text: &str) {
        self.entry(0, "", 0, text);
    }

    /// A title, after an empty line.
    pub fn title(&mut self, text: &str) {
        if !self.text.is_empty() {
            self.text.push('\n');
        }
        self.line(text);
    }

    /// A label at `indent`, and a text that starts `column` columns after it
    /// and is wrapped there. A label too long for its place stands alone.
    pub fn entry(&mut self, indent: usize, label: &str, column: usize, text: &str) {
        let label = clean(label);
        let fits = column == 0 || width(&label) < column || clean(text).is_empty();
        if !fits {
            self.push(&format!("{}{label}", " ".repeat(indent)));
        }
        self.padded(indent, if fits { &label } else { "" }, column, text);
    }

    /// How far after such labels their texts begin, at least so far.
    pub fn column<'l>(labels: impl IntoIterator<Item = &'l str>, least: usize) -> usize {
        let widths = labels.into_iter().map(|label| width(label) + 2);
        widths.chain([least]).max().unwrap_or(least)
    }

    /// A command to type, on a line of its own that is never broken.
    pub fn command(&mut self, indent: usize, command: &Command) {
        self.unbroken(indent, &command.to_string());
    }

    /// Rows whose columns are aligned; the last column is wrapped, the others
    /// are cut where they are very wide.
    pub fn grid(&mut self, indent: usize, rows: &[Vec<String>]) {
        let cells = rows.iter().map(Vec::len).max().unwrap_or(0);
        let widest = |at: usize| {
            let cells = rows.iter().filter_map(|row| row.get(at));
            let widths = cells.map(|cell| width(&clean(cell)).min(WIDEST_CELL));
            widths.max().unwrap_or(0)
        };
        let widths: Vec<usize> = (0..cells.saturating_sub(1)).map(widest).collect();
        for row in rows {
            let mut label = String::new();
            for (at, wide) in widths.iter().enumerate() {
                let cell = row.get(at).map_or("", String::as_str);
                label.push_str(&pad(&cut(&clean(cell), *wide), wide + 2));
            }
            let last = row.get(cells.saturating_sub(1));
            let left = widths.iter().map(|wide| wide + 2).sum();
            self.padded(indent, &label, left, last.map_or("", String::as_str));
        }
    }

    /// A line that is copied as it stands, such as a command: never broken.
    pub fn unbroken(&mut self, indent: usize, line: &str) {
        self.push(&format!("{}{}", " ".repeat(indent), harmless(line)));
    }

    /// Like [`Self::entry`] with a label that already has its width.
    fn padded(&mut self, indent: usize, label: &str, column: usize, text: &str) {
        let left = indent + column;
        let mut head = format!("{}{label}", " ".repeat(indent));
        for line in wrap(&clean(text), self.width.saturating_sub(left).max(20)) {
            let line = format!("{}{line}", pad(&head, left));
            self.push(&line);
            head.clear();
        }
    }

    fn push(&mut self, line: &str) {
        self.text.push_str(line.trim_end());
        self.text.push('\n');
    }

    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl Default for Page {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_wrapped_under_its_own_column() {
        let mut page = Page::of_width(40);
        page.line("a\u{1b}[31mb");
        page.title("Title");
        page.entry(2, "base", 8, "one two three four five six seven");
        page.entry(2, "a-long-label", 8, "text");
        assert_eq!(
            page.as_str(),
            "a [31mb\n\nTitle\n  base    one two three four five six\n          seven\n  a-long-label\n          text\n"
        );
    }

    #[test]
    fn a_grid_is_aligned_whatever_the_letters() {
        let mut page = Page::of_width(40);
        let row = |cells: &[&str]| cells.iter().map(|&cell| cell.to_owned()).collect();
        page.grid(1, &[row(&["é", "x", ""]), row(&["社社", "", "last"])]);
        assert_eq!(page.as_str(), " é     x\n 社社     last\n");
    }
}
