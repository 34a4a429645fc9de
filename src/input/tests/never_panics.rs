use proptest::prelude::*;

use super::super::{Format, Options};
use super::read_with;

/// Bytes that mean something to some reader, and any others.
fn noise() -> impl Strategy<Value = Vec<u8>> {
    let words: &[&[u8]] = &[
        b"\"",
        b";",
        b",",
        b"\n",
        b"\r\n",
        b"{",
        b"}",
        b"[",
        b"]",
        b"\":",
        b"\\",
        b"\xC3",
        b"\xA9",
        b"\0",
        b"a@example.fr",
        b"\xFF\xFE",
        b"{\"a\":1}",
        b"null",
        b"sep=",
        b" ",
        b"<table>",
        b"</table>",
        b"<tr>",
        b"<td colspan=2 rowspan=3>",
        b"<row ss:index=9>",
        b"<cell/>",
        b"<![CDATA[",
        b"&eacute;",
    ];
    let word = prop::sample::select(words);
    let words = prop::collection::vec(word, 0..60).prop_map(|words| words.concat());
    prop_oneof![words, prop::collection::vec(any::<u8>(), 0..200)]
}

proptest! {
    #[test]
    fn no_bytes_panic_any_reader(bytes in noise()) {
        let said = [Format::Csv, Format::Json, Format::Jsonl, Format::Html].map(Some);
        for format in said.into_iter().chain([None]) {
            let options = Options { format, ..Options::default() };
            if let Ok((_, rows)) = read_with(bytes.clone(), &options) {
                prop_assert!(rows.len() <= bytes.len() + 1);
            }
        }
    }

    #[test]
    fn lines_are_those_of_the_text(bytes in noise()) {
        let options = Options { format: Some(Format::Csv), ..Options::default() };
        if let Ok((_, rows)) = read_with(bytes, &options) {
            prop_assert!(rows.windows(2).all(|two| two[0].line < two[1].line));
        }
    }
}
