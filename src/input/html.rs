//! The tables of a web page, which many programs write and call `.xls`, and those
//! of Excel's XML of 2003, whose rows and cells have other names. Text is taken as
//! a browser shows it.

use std::collections::{BTreeMap, HashSet};

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};
use html5gum::{StartTag, Token, Tokenizer};
use regex::{Captures, Regex, bytes};

use super::look::{Look, Place};
use super::row::{RowSender, Stop};

/// Columns and rows that one cell may take.
const WIDEST: u32 = 1000;
const TALLEST: u32 = 10_000;

pub struct Page {
    text: String,
    tables: Vec<String>,
}

/// The encoding that a page says it is in.
pub fn said_encoding(head: &[u8]) -> Option<&'static Encoding> {
    let said = bytes::Regex::new(r#"(?i)(?:charset|encoding)\s*=\s*["']?\s*([\w.:-]+)"#).ok()?;
    let label = said.captures(head)?.get(1)?;
    match Encoding::for_label(label.as_bytes())? {
        // Nobody could have read this in such a page.
        wide if wide == UTF_16LE || wide == UTF_16BE => Some(UTF_8),
        encoding => Some(encoding),
    }
}

impl Page {
    pub fn new(text: String) -> Self {
        let mut page = Self {
            text: without_cdata(text),
            tables: Vec::new(),
        };
        // Of no table any row is given.
        let read = page.walk("", &mut |_| Ok(()));
        page.tables = read.unwrap_or_default();
        page
    }

    /// What the tables are called.
    pub fn tables(&self) -> &[String] {
        &self.tables
    }

    /// What is hidden of a table although it holds something.
    pub fn look(&self, table: &str) -> Look {
        let mut look = Look::default();
        let _ = self.walk(table, &mut |row| {
            let filled = || row.cells.iter().filter(|(_, cell)| !cell.trim().is_empty());
            if row.is_hidden && filled().next().is_some() {
                look.rows.insert(row.line);
            } else {
                let hidden = filled().map(|(column, _)| *column);
                look.columns
                    .extend(hidden.filter(|column| row.hidden.contains(column)));
            }
            Ok(())
        });
        look
    }

    /// Gives the cells of a table.
    pub fn cells(&self, table: &str, rows: &mut RowSender<'_>) -> Result<(), Stop> {
        self.walk(table, &mut |row| {
            let mut cells = row.cells.iter();
            cells.try_for_each(|(column, cell)| rows.add((row.line, *column), cell))
        })?;
        Ok(())
    }

    /// Goes through the page, and gives the rows of a table. What all are called.
    fn walk(&self, table: &str, give: Give<'_>) -> Result<Vec<String>, Stop> {
        let wanted = self.tables.iter().position(|name| name == table);
        let mut walk = Walk {
            wanted: wanted.unwrap_or(usize::MAX),
            give,
            tables: Vec::new(),
            sheet: None,
            open: Vec::new(),
            muted: 0,
            row: None,
            next_line: 0,
            next_column: 0,
            hidden: HashSet::new(),
            taken: BTreeMap::new(),
            cell: None,
        };
        for Ok(token) in Tokenizer::new(&self.text) {
            match token {
                Token::StartTag(tag) => walk.start(&tag)?,
                Token::EndTag(tag) => {
                    let name = tag.name.strip_prefix(b"ss:").unwrap_or(&tag.name);
                    walk.end(name)?;
                }
                Token::String(text) => walk.text(&String::from_utf8_lossy(&text)),
                _ => {}
            }
        }
        walk.end_row()?;
        Ok(walk.tables)
    }
}

/// XML has a second way to write text, which is a comment in HTML.
fn without_cdata(text: String) -> String {
    let escaped = |text: &Captures<'_>| text[1].replace('&', "&amp;").replace('<', "&lt;");
    match Regex::new(r"(?s)<!\[CDATA\[(.*?)\]\]>") {
        Ok(section) if text.contains("<![CDATA[") => {
            section.replace_all(&text, escaped).into_owned()
        }
        _ => text,
    }
}

type Give<'g> = &'g mut dyn FnMut(&PageRow) -> Result<(), Stop>;

#[derive(Default)]
struct PageRow {
    /// From 0 on.
    line: u32,
    is_hidden: bool,
    /// The columns of which a cell is hidden.
    hidden: HashSet<u32>,
    cells: BTreeMap<u32, String>,
}

struct Cell {
    column: u32,
    text: String,
    /// Columns and rows.
    spans: Place,
    /// White space is kept, as XML keeps it.
    is_xml: bool,
}

/// The way through a page.
struct Walk<'g> {
    wanted: usize,
    give: Give<'g>,
    /// The tables so far, and what the next one is called.
    tables: Vec<String>,
    sheet: Option<String>,
    /// The tables that are open, one in the other.
    open: Vec<usize>,
    /// Inside what is no text of a cell.
    muted: usize,
    row: Option<PageRow>,
    next_line: u32,
    /// Of Excel's XML, where columns are told before the rows.
    next_column: u32,
    hidden: HashSet<u32>,
    /// Columns that a cell of a row above takes, for so many rows, and its text.
    taken: BTreeMap<u32, (u32, String)>,
    cell: Option<Cell>,
}

/// Elements whose text nobody sees, or that is no part of the cell.
const MUTED: [&[u8]; 6] = [
    b"script",
    b"style",
    b"title",
    b"comment",
    b"template",
    b"noscript",
];

/// A tag's name, without the prefix that Excel's XML may have.
fn local(tag: &StartTag<()>) -> &[u8] {
    tag.name.strip_prefix(b"ss:").unwrap_or(&tag.name)
}

fn attribute(tag: &StartTag<()>, name: &[u8]) -> Option<String> {
    let prefixed = [b"ss:", name].concat();
    let mut attributes = tag.attributes.iter();
    let found = attributes.find(|(key, _)| key.0 == name || key.0 == prefixed);
    found.map(|(_, value)| String::from_utf8_lossy(value).into_owned())
}

fn number(tag: &StartTag<()>, name: &[u8]) -> Option<u32> {
    attribute(tag, name)?.trim().parse().ok()
}

fn is_hidden(tag: &StartTag<()>) -> bool {
    let style = attribute(tag, b"style").unwrap_or_default();
    let style: String = style.split_whitespace().collect();
    let hidden = attribute(tag, b"hidden").is_some_and(|hidden| hidden != "0");
    hidden || style.to_ascii_lowercase().contains("display:none")
}

impl Walk<'_> {
    fn is_wanted(&self) -> bool {
        self.open.last() == Some(&self.wanted)
    }

    fn start(&mut self, tag: &StartTag<()>) -> Result<(), Stop> {
        let name = local(tag);
        if MUTED.contains(&name) && !tag.self_closing {
            self.muted += 1;
        }
        if name == b"worksheet" {
            self.sheet = attribute(tag, b"name");
        } else if name == b"table" {
            let number = self.tables.len() + 1;
            self.open.push(number - 1);
            let name = self.sheet.take();
            self.tables
                .push(name.unwrap_or_else(|| format!("table {number}")));
        }
        if !self.is_wanted() {
            return Ok(());
        }
        match name {
            b"column" => self.column(tag),
            b"tr" | b"row" => {
                self.end_row()?;
                self.start_row(Some(tag));
            }
            b"td" | b"th" | b"cell" => {
                self.end_cell();
                self.start_cell(tag, name == b"cell");
            }
            b"br" => self.break_line(),
            b"p" | b"div" | b"li" => self.break_line(),
            _ => {}
        }
        // XML ends an empty element where it begins.
        match tag.self_closing && matches!(name, b"cell" | b"row") {
            true => self.end(name),
            false => Ok(()),
        }
    }

    fn end(&mut self, name: &[u8]) -> Result<(), Stop> {
        if MUTED.contains(&name) {
            self.muted = self.muted.saturating_sub(1);
        }
        match name {
            b"td" | b"th" | b"cell" if self.is_wanted() => self.end_cell(),
            b"tr" | b"row" if self.is_wanted() => self.end_row()?,
            b"p" | b"div" | b"li" if self.is_wanted() => self.break_line(),
            b"table" => {
                if self.is_wanted() {
                    self.end_row()?;
                }
                self.open.pop();
            }
            _ => {}
        }
        Ok(())
    }

    /// A column of Excel's XML.
    fn column(&mut self, tag: &StartTag<()>) {
        let first = number(tag, b"index").map_or(self.next_column, |at| at.saturating_sub(1));
        let last = first.saturating_add(number(tag, b"span").unwrap_or(0).min(WIDEST));
        self.next_column = last.saturating_add(1);
        if is_hidden(tag) {
            self.hidden.extend(first..=last);
        }
    }

    fn start_row(&mut self, tag: Option<&StartTag<()>>) {
        let index = tag.and_then(|tag| number(tag, b"index"));
        let line = index.map_or(self.next_line, |index| index.saturating_sub(1));
        // What a cell of a row above takes.
        let taken = self
            .taken
            .iter()
            .map(|(column, (_, text))| (*column, text.clone()));
        self.row = Some(PageRow {
            line,
            is_hidden: tag.is_some_and(is_hidden),
            hidden: self.hidden.clone(),
            cells: taken.collect(),
        });
        self.next_line = line.saturating_add(1);
        self.next_column = 0;
    }

    fn start_cell(&mut self, tag: &StartTag<()>, is_xml: bool) {
        if self.row.is_none() {
            self.start_row(None);
        }
        let index = number(tag, b"index").map(|index| index.saturating_sub(1));
        let mut column = index.unwrap_or(self.next_column);
        while index.is_none() && self.taken.contains_key(&column) {
            column += 1;
        }
        // Excel's XML counts the cells that are merged with this one.
        let span = |name, merged| {
            let merged = number(tag, merged).map(|more| more.saturating_add(1));
            number(tag, name).or(merged).unwrap_or(1).max(1)
        };
        let columns = span(&b"colspan"[..], &b"mergeacross"[..]).min(WIDEST);
        let rows = span(&b"rowspan"[..], &b"mergedown"[..]).min(TALLEST);
        self.next_column = column.saturating_add(columns);
        if let Some(row) = self.row.as_mut().filter(|_| is_hidden(tag)) {
            row.hidden.insert(column);
        }
        self.cell = Some(Cell {
            column,
            text: String::new(),
            spans: (columns, rows),
            is_xml,
        });
    }

    fn text(&mut self, text: &str) {
        let listens = self.is_wanted() && self.muted == 0;
        let Some(cell) = self.cell.as_mut().filter(|_| listens) else {
            return;
        };
        if cell.is_xml {
            cell.text.push_str(text);
            return;
        }
        for letter in text.chars() {
            let is_space = letter.is_ascii_whitespace();
            let before = cell.text.chars().next_back();
            let doubles = before.is_none_or(|before| before.is_ascii_whitespace());
            match is_space {
                true if doubles => {}
                true => cell.text.push(' '),
                false => cell.text.push(letter),
            }
        }
    }

    /// A line ends inside a cell.
    fn break_line(&mut self) {
        if let Some(cell) = self.cell.as_mut().filter(|cell| !cell.text.is_empty()) {
            cell.text.truncate(cell.text.trim_end_matches(' ').len());
            cell.text.push('\n');
        }
    }

    fn end_cell(&mut self) {
        let (Some(cell), Some(row)) = (self.cell.take(), &mut self.row) else {
            return;
        };
        let text = cell
            .text
            .trim_matches(|letter: char| letter.is_ascii_whitespace());
        let (columns, rows) = cell.spans;
        for column in cell.column..cell.column.saturating_add(columns) {
            let text = if column == cell.column { text } else { "" };
            if rows > 1 {
                self.taken.insert(column, (rows, text.to_owned()));
            }
        }
        row.cells.insert(cell.column, text.to_owned());
    }

    fn end_row(&mut self) -> Result<(), Stop> {
        self.end_cell();
        let Some(row) = self.row.take() else {
            return Ok(());
        };
        self.taken.retain(|_, (rows, _)| {
            *rows -= 1;
            *rows > 0
        });
        (self.give)(&row)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &str, table: &str) -> Vec<String> {
        let page = Page::new(text.to_owned());
        let mut rows = Vec::new();
        let _ = page.walk(table, &mut |row| {
            let width = row.cells.last_key_value().map_or(0, |(at, _)| at + 1);
            let cells = (0..width).map(|at| row.cells.get(&at).map_or("", String::as_str));
            rows.push(format!(
                "{} {}",
                row.line + 1,
                cells.collect::<Vec<_>>().join("|")
            ));
            Ok(())
        });
        rows
    }

    #[test]
    fn text_is_taken_as_a_browser_shows_it() {
        let page = "<table><tr><th>Nom<th>L&#039;H&ocirc;te&nbsp;</tr>\n<tr><td> Léa\n  <b>M</b>artin \
             <td>1 rue<br>Lyon <p>69003</p><script>x()</script><!-- y --></td></table>";
        assert_eq!(
            rows(page, "table 1"),
            ["1 Nom|L'Hôte\u{a0}", "2 Léa Martin|1 rue\nLyon\n69003"]
        );
    }

    #[test]
    fn cells_may_take_several_columns_and_rows() {
        let page = "<TABLE><TR><TD COLSPAN=2>A<TD>B<TR><TD ROWSPAN='2'>1<TD>2<TD>3\
             <TR><TD>4<TD>5<TR><TD>6</TABLE>";
        assert_eq!(
            rows(page, "table 1"),
            ["1 A||B", "2 1|2|3", "3 1|4|5", "4 6"]
        );
    }

    #[test]
    fn a_table_inside_another_is_its_own() {
        let page = "<table><tr><td>menu<table><tr><td>Nom</table>bas<td>x</table>";
        assert_eq!(rows(page, "table 1"), ["1 menubas|x"]);
        assert_eq!(rows(page, "table 2"), ["1 Nom"]);
    }

    #[test]
    fn excel_of_2003_wrote_xml() {
        let page = "<?xml version=\"1.0\"?><Workbook><Worksheet ss:Name=\"Leads\"><Table>\
             <Column ss:Index=\"2\" ss:Hidden=\"1\"/><Row><Cell><Data ss:Type=\"String\">Nom</Data></Cell>\
             <Cell ss:Index=\"3\"><Data ss:Type=\"String\">CP</Data><Comment><Data>x</Data></Comment></Cell></Row>\
             <Row ss:Index=\"4\" ss:Hidden=\"1\"><Cell/><Cell><Data> a  b\n</Data></Cell></Row></Table></Worksheet></Workbook>";
        assert_eq!(rows(page, "Leads"), ["1 Nom||CP", "4 |a  b"]);
        let look = Page::new(page.to_owned()).look("Leads");
        assert_eq!((look.rows.len(), look.columns.len()), (1, 0));
        let hidden = page.replace("ss:Index=\"3\"", "");
        assert_eq!(Page::new(hidden).look("Leads").columns.len(), 1);
    }

    #[test]
    fn text_of_xml_may_be_a_section() {
        let page =
            "<table><row><cell><data><![CDATA[a > b & <c> &amp;]]></data></cell></row></table>";
        assert_eq!(rows(page, "table 1"), ["1 a > b & <c> &amp;"]);
    }

    #[test]
    fn a_page_says_its_encoding() {
        let said = |head: &str| said_encoding(head.as_bytes()).map(Encoding::name);
        let meta = "<meta http-equiv=\"Content-Type\" content=\"text/html; charset=iso-8859-1\">";
        assert_eq!(said(meta), Some("windows-1252"));
        assert_eq!(said("<META CHARSET = 'utf-8'>"), Some("UTF-8"));
        assert_eq!(
            said("<?xml version='1.0' encoding='UTF-16'?>"),
            Some("UTF-8")
        );
        assert_eq!(said("<table>"), None);
    }
}
