//! Text made safe and measured for a terminal: what a partner or a file says
//! can neither move the cursor nor break a column. And instants as text: they
//! come as milliseconds since 1970, UTC; one that no calendar holds is nothing.

use std::borrow::Cow;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ZonedDateTime};
pub use textwrap::core::display_width as width;
use unicode_truncate::UnicodeTruncateStr;

use crate::lead::text::is_invisible;
use crate::outcome::moment::{date, day_of_year, local};
pub use crate::outcome::moment::{day, minute, second};
use crate::words::say;

/// `text` on one line: every control character becomes a space, runs of spaces
/// become one, and none is left at the ends.
pub fn clean(text: &str) -> Cow<'_, str> {
    let text = harmless(text);
    if text.trim_matches(' ') == text && !text.contains("  ") {
        return text;
    }
    let words = text.split(' ').filter(|word| !word.is_empty());
    Cow::Owned(words.collect::<Vec<_>>().join(" "))
}

/// `text` with every control character made a space and nothing else changed,
/// so that what was aligned stays aligned.
pub fn harmless(text: &str) -> Cow<'_, str> {
    if !text.contains(is_unsafe) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.replace(is_unsafe, " "))
}

/// JSON that means the same, with the same characters written as escapes. Its own
/// ends of lines, which stand outside of texts, stay.
pub fn json_escaped(json: &str) -> Cow<'_, str> {
    let escaped = |c: char| is_unsafe(c) && c != '\n';
    if !json.contains(escaped) {
        return Cow::Borrowed(json);
    }
    let mut text = String::with_capacity(json.len() + 16);
    for c in json.chars() {
        match escaped(c) {
            false => text.push(c),
            true => {
                let mut pair = [0; 2];
                let units = c.encode_utf16(&mut pair).iter();
                text.extend(units.map(|unit| format!("\\u{unit:04x}")));
            }
        }
    }
    Cow::Owned(text)
}

/// Controls, ends of lines, and the marks that reorder or hide text.
fn is_unsafe(c: char) -> bool {
    c.is_control() || is_invisible(c) || matches!(c, '\u{2028}' | '\u{2029}')
}

/// `text` in at most `columns` columns; what is lost at the end shows as `…`.
pub fn cut(text: &str, columns: usize) -> Cow<'_, str> {
    if width(text) <= columns {
        return Cow::Borrowed(text);
    }
    let (head, _) = text.unicode_truncate(columns.saturating_sub(1));
    Cow::Owned(format!("{}…", head.trim_end()))
}

/// Like [`cut`], but loses the beginning: for `folder/file.csv:12`.
pub fn cut_start(text: &str, columns: usize) -> Cow<'_, str> {
    if width(text) <= columns {
        return Cow::Borrowed(text);
    }
    let (tail, _) = text.unicode_truncate_start(columns.saturating_sub(1));
    Cow::Owned(format!("…{tail}"))
}

/// `text` followed by the spaces that make it `columns` wide; never cut.
pub fn pad(text: &str, columns: usize) -> String {
    let mut padded = text.to_owned();
    let missing = columns.saturating_sub(width(text));
    padded.extend(std::iter::repeat_n(' ', missing));
    padded
}

/// `text` in lines of at most `columns`, broken at spaces, and inside a word
/// only where the word alone is wider. An empty text is one empty line.
pub fn wrap(text: &str, columns: usize) -> Vec<Cow<'_, str>> {
    let options = textwrap::Options::new(columns.max(2))
        .word_separator(textwrap::WordSeparator::AsciiSpace)
        .word_splitter(textwrap::WordSplitter::NoHyphenation)
        .wrap_algorithm(textwrap::WrapAlgorithm::FirstFit);
    textwrap::wrap(text, options)
}

/// The first `most` lines of the same; what is lost at the end of the last shows as `…`.
pub fn wrap_within(text: &str, columns: usize, most: usize) -> Vec<Cow<'_, str>> {
    let mut lines = wrap(text, columns);
    if lines.len() > most {
        let rest = lines.split_off(most.saturating_sub(1)).join(" ");
        lines.push(cut(&rest, columns).into_owned().into());
    }
    lines
}

/// `text` in one line or two that end with `word`, which is never broken; what is
/// lost before it shows as `…`. `None`: the word is wider than a line.
pub fn wrap_before(text: &str, word: &str, columns: usize) -> Option<Vec<String>> {
    let room = columns.checked_sub(width(word))?;
    if width(text) < room {
        return Some(vec![format!("{text} {word}")]);
    }
    let lines = wrap(text, columns);
    let rest = lines[1..].join(" ");
    let (first, second) = match rest.is_empty() {
        true => (lines[0].clone(), word.to_owned()),
        // Nothing but the mark and a space would stand before it.
        false if room < 3 => (cut(text, columns), word.to_owned()),
        false => (lines[0].clone(), format!("{} {word}", cut(&rest, room - 1))),
    };
    Some(vec![first.into_owned(), second])
}

/// As many of these names as a person reads, and how many others there are.
pub fn some_of<'n>(names: impl IntoIterator<Item = &'n str>) -> String {
    first_of(names, 40)
}

/// The first of these names, `most` at most, and how many others there are.
pub fn first_of<'n>(names: impl IntoIterator<Item = &'n str>, most: usize) -> String {
    const WIDEST: usize = 60;
    let mut names = names.into_iter();
    let told = names.by_ref().take(most).map(|name| cut(name, WIDEST));
    let told = told.collect::<Vec<_>>().join(", ");
    match names.count() {
        0 => told,
        count => say!("text-and-others", names = told, count),
    }
}

/// `2026-11-03T07:12:05.000Z`: always the same length, so that text sorts as time.
pub fn rfc3339(ms: i64) -> Option<String> {
    let at = Timestamp::from_millisecond(ms).ok()?;
    Some(format!("{at:.3}"))
}

/// A moment as people write it, seen from `now`: `today 08:12`, `3 Nov 08:12`, and of
/// another year `3 Nov 2025`.
pub fn told(ms: i64, now: &ZonedDateTime) -> String {
    let Ok(at) = Timestamp::from_millisecond(ms) else {
        return String::new();
    };
    let at = at.to_zoned_datetime(now.time_zone().clone());
    let time = at.strftime("%H:%M").to_string();
    match (at.date() == now.date(), at.year() == now.year()) {
        (true, _) => say!("date-told-today", time),
        (false, true) => say!("date-timed", day = day_of_year(at.date()), time),
        (false, false) => date(at.date()),
    }
}

/// The same in the cell of a table.
pub fn told_in_cell(ms: i64, zone: &TimeZone) -> String {
    let now = Timestamp::now().to_zoned_datetime(zone.clone());
    let that_day = |at: Timestamp| at.to_zoned_datetime(zone.clone()).date();
    let day = Timestamp::from_millisecond(ms).map_or_else(|_| Date::MIN, that_day);
    let pattern = match (day == now.date(), day.year() == now.year()) {
        (true, _) => say!("date-cell-today"),
        (false, true) => say!("date-cell-of-year"),
        (false, false) => say!("date-cell"),
    };
    local(ms, zone, &pattern)
}

/// A day and its minute in the cell of a table.
pub fn minute_in_cell(ms: i64, zone: &TimeZone) -> String {
    local(ms, zone, &say!("date-cell-minute"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_become_single_spaces() {
        assert_eq!(clean("a\u{1b}[31mb\r\n\tc\u{7f}\u{9b}d"), "a [31mb c d");
        assert_eq!(clean("\u{202e}abc\u{200b}\u{feff}def\u{2066}"), "abc def");
        assert_eq!(clean("  Élodie   N'Guyen "), "Élodie N'Guyen");
        assert!(matches!(clean("plain"), Cow::Borrowed("plain")));
        assert_eq!(harmless("a  \u{1b} b"), "a    b");
    }

    #[test]
    fn json_stays_what_it_is_without_a_sign_that_a_terminal_obeys() {
        let raw = "a\u{9b}31m\u{7f}\u{85}\u{2028}\u{202e}\u{61c}\u{e0001}é\u{a0}";
        let json = serde_json::to_string(raw).unwrap();
        let escaped = json_escaped(&json);
        assert!(escaped.chars().all(|c| !is_unsafe(c)), "{escaped}");
        assert_eq!(serde_json::from_str::<String>(&escaped).unwrap(), raw);
        assert_eq!(json_escaped("{\n  \"é\": 1\n}"), "{\n  \"é\": 1\n}");
    }

    #[test]
    fn cut_counts_columns_and_not_bytes() {
        assert_eq!(cut("Élodie", 6), "Élodie");
        assert_eq!(cut("Élodie", 5), "Élod…");
        assert_eq!(cut("株式会社テスト", 7), "株式会…");
        assert_eq!(cut("株式会社テスト", 6), "株式…");
        assert_eq!(cut("e\u{301}e\u{301}e\u{301}", 2), "e\u{301}…");
        assert_eq!(cut("Jean Dupont", 6), "Jean…");
    }

    #[test]
    fn cut_start_keeps_the_end() {
        assert_eq!(cut_start("leads.csv:12", 12), "leads.csv:12");
        assert_eq!(cut_start("leads-november.csv:12", 10), "…er.csv:12");
        assert_eq!(cut_start("株式会社", 4), "…社");
    }

    #[test]
    fn pad_counts_columns() {
        assert_eq!(pad("é", 3), "é  ");
        assert_eq!(pad("社", 3), "社 ");
        assert_eq!(pad("long", 2), "long");
    }

    #[test]
    fn wrap_breaks_at_spaces_and_loses_no_word() {
        assert_eq!(wrap("", 10), [""]);
        assert_eq!(wrap("one two three", 7), ["one two", "three"]);
        assert_eq!(wrap("one two three", 8), ["one two", "three"]);
        assert_eq!(wrap("abcdefghij k", 4), ["abcd", "efgh", "ij k"]);
        assert_eq!(wrap("株式会社", 5), ["株式", "会社"]);
        assert_eq!(wrap("社社", 1), ["社", "社"]);
    }

    #[test]
    fn what_does_not_fit_in_two_lines_is_lost_at_their_end() {
        assert_eq!(wrap_within("one two three", 8, 2), ["one two", "three"]);
        assert_eq!(
            wrap_within("one two three four", 8, 2),
            ["one two", "three f…"]
        );
        assert_eq!(wrap_within("one two three", 8, 1), ["one two…"]);
        assert_eq!(wrap_within("abcdefghijkl", 4, 2), ["abcd", "efg…"]);
    }

    #[test]
    fn a_command_ends_the_lines_and_is_never_broken() {
        let wrapped = |text, columns| wrap_before(text, "(do it)", columns);
        assert_eq!(wrapped("now", 11).unwrap(), ["now (do it)"]);
        assert_eq!(wrapped("one two", 11).unwrap(), ["one two", "(do it)"]);
        assert_eq!(
            wrapped("one two three four", 12).unwrap(),
            ["one two", "thr… (do it)"]
        );
        assert_eq!(
            wrapped("one two three", 8).unwrap(),
            ["one two…", "(do it)"]
        );
        assert_eq!(wrapped("now", 6), None);
    }

    #[test]
    fn an_instant_reads_in_utc_for_scripts_and_locally_for_people() {
        let paris = TimeZone::fixed(jiff::tz::offset(1));
        assert_eq!(
            rfc3339(1_793_689_925_000).as_deref(),
            Some("2026-11-03T07:12:05.000Z")
        );
        assert_eq!(second(1_793_689_925_000, &paris), "3 Nov 2026 08:12:05");
        assert_eq!(minute(1_793_689_925_000, &paris), "3 Nov 2026 08:12");
        assert_eq!(day(1_793_746_799_000, &paris), "3 Nov 2026");
        assert_eq!(day(1_793_746_800_000, &paris), "4 Nov 2026");
        let now: ZonedDateTime = "2026-11-03T20:00:00+01:00[+01:00]".parse().unwrap();
        let told =
            [0, -86_400_000, -400 * 86_400_000].map(|ago| told(1_793_689_925_000 + ago, &now));
        assert_eq!(told, ["today 08:12", "2 Nov 08:12", "29 Sep 2025"]);
        assert_eq!(rfc3339(i64::MAX), None);
        assert_eq!(day(i64::MIN, &paris), "");
    }
}
