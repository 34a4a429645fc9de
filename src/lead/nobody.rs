//! Rows that are no lead: the totals and the notes that people write under a table.
//! Nothing that may be somebody's name alone is one of these.

use super::columns::Columns;
use super::nothing::CellKind;
use super::record::Record;
use super::text::{fold, is_one_of};

/// How a line of totals begins, folded.
const TOTALS: &str = "total|totals|totaux|sous total|subtotal|sub total|grand total|nombre|nb|\
    somme|sum|count|moyenne|average|effectif|effectifs";
/// A number of so many digits may be somebody's.
const NUMBER: usize = 9;

/// Whether a row has the look of one; most have not.
pub fn may_be_nobodys(record: &Record) -> bool {
    let is_note = record.fault.is_none() && filled(record).nth(1).is_none();
    is_note || is_total(record)
}

/// Whether a row under a table of people is nobody's: it sums up, or says something
/// about the table. One that can't be read is somebody's, but for a short line of
/// totals.
pub fn is_nobodys(record: &Record, columns: &Columns) -> bool {
    let short = record.cells.len() < record.header.names.len();
    columns.expected.is_table_of_people
        && match record.fault {
            Some(_) => short && is_total(record),
            None => is_total(record) || is_note(record, columns),
        }
}

/// A word such as "Total", and beside it numbers alone.
pub fn is_total(record: &Record) -> bool {
    let mut filled = filled(record).map(|(_, cell)| cell);
    let Some(first) = filled.next() else {
        return false;
    };
    // Most rows end here.
    let begins = |total: &str| {
        let two = first.as_bytes().get(..2);
        two.is_some_and(|two| two.eq_ignore_ascii_case(&total.as_bytes()[..2]))
    };
    if !TOTALS.split('|').any(begins) || digits(first) >= NUMBER {
        return false;
    }
    let (words, number) = match first.find(|letter: char| letter.is_ascii_digit()) {
        Some(at) => (&first[..at], is_amount(&first[at..])),
        None => (first, true),
    };
    let words = fold(words);
    let is_word = is_one_of(TOTALS, &words);
    let is_begun = |total| matches!(words.strip_prefix(total), Some(rest) if rest.starts_with(' '));
    let begins = || TOTALS.split('|').any(is_begun);
    let mut beside = 0;
    let amounts = filled.inspect(|_| beside += 1).all(is_amount);
    number && amounts && (is_word || beside > 0 && begins())
}

/// One cell alone, under the first column or a name's, that says more than a name.
fn is_note(record: &Record, columns: &Columns) -> bool {
    let mut filled = filled(record);
    let (Some((index, text)), None) = (filled.next(), filled.next()) else {
        return false;
    };
    let column = columns.expected.column(index);
    let stands = index == 0 || column.is_some_and(|column| column.kind == CellKind::Name);
    let words = text.split_whitespace().count();
    let has_sign = text.starts_with(['*', '('])
        || text.contains([':', '=', '©'])
        || text.contains(|letter: char| letter.is_ascii_digit());
    let is_said = words > 5 || words > 1 && has_sign;
    let letters = text.chars().any(char::is_alphabetic);
    stands && letters && is_said && !text.contains('@') && digits(text) < NUMBER
}

fn filled(record: &Record) -> impl Iterator<Item = (usize, &str)> {
    let cells = record.cells.iter().map(str::trim).enumerate();
    cells.filter(|(_, cell)| !cell.is_empty())
}

/// `12`, `1 234,50 €`, `12 %`: no number by which somebody is called.
fn is_amount(text: &str) -> bool {
    let of_amount =
        |letter: char| letter.is_ascii_digit() || " \u{a0}\u{202f}.,'-+%€$£()".contains(letter);
    text.chars().all(of_amount) && digits(text) < NUMBER
}

/// The digits of the longest number in it.
fn digits(text: &str) -> usize {
    let joins = |letter: char| letter.is_ascii_digit() || " \u{a0}.-()".contains(letter);
    let numbers = text.split(|letter| !joins(letter));
    let digits = numbers.map(|number| number.bytes().filter(u8::is_ascii_digit).count());
    digits.max().unwrap_or(0)
}
