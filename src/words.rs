//! What people read, in their language: the catalogues of messages, one file a language
//! under `i18n`, and which of them this process speaks. `say!("id", name = value)` is a
//! message; that English has it, with these values, the compiler checks, and that every
//! other language has the same, `tests/it/catalogue.rs` does.

pub mod spoken;

use std::borrow::Cow;
use std::env;
use std::path::Path;
use std::sync::LazyLock;

use fluent_bundle::FluentValue;
use i18n_embed::LanguageLoader as _;
use i18n_embed::fluent::{FluentLanguageLoader, fluent_language_loader};
use i18n_embed::unic_langid::LanguageIdentifier;
use rust_embed::RustEmbed;

/// `say!("id")`, `say!("id", name = value, …)`: the message in the language that is
/// spoken. A value is a text or a whole number; `name` alone is a variable of that name.
macro_rules! say {
    ($id:literal $(,)?) => {
        i18n_embed_fl::fl!($crate::words::SPOKEN, $id)
    };
    ($id:literal, $($values:tt)+) => {
        $crate::words::say!(@ $id [] $($values)+,)
    };
    (@ $id:literal [$($done:tt)*] $(,)?) => {
        i18n_embed_fl::fl!($crate::words::SPOKEN, $id $($done)*)
    };
    (@ $id:literal [$($done:tt)*] $name:ident = $value:expr, $($rest:tt)*) => {
        $crate::words::say!(@ $id [$($done)*, $name = $crate::words::value($value)] $($rest)*)
    };
    (@ $id:literal [$($done:tt)*] $name:ident, $($rest:tt)*) => {
        $crate::words::say!(@ $id [$($done)*, $name = $crate::words::value($name)] $($rest)*)
    };
}
pub(crate) use say;

#[derive(RustEmbed)]
#[folder = "i18n/"]
struct Catalogues;

/// The catalogue that is spoken: English, until [`speak`] was told another.
pub static SPOKEN: LazyLock<FluentLanguageLoader> = LazyLock::new(|| {
    let loader = fluent_language_loader!();
    load(&loader, &[]);
    loader
});

/// What may stand in a message.
pub trait Said<'v> {
    fn said(self) -> FluentValue<'v>;
}

macro_rules! said {
    ($($type:ty),+) => {
        $(impl<'v> Said<'v> for $type {
            fn said(self) -> FluentValue<'v> {
                self.into()
            }
        })+
    };
}
said!(
    &'v str,
    &'v String,
    String,
    Cow<'v, str>,
    i8,
    i16,
    u8,
    u16,
    u32,
    u64,
    usize,
    i32,
    i64
);

impl<'v> Said<'v> for &'v Cow<'_, str> {
    fn said(self) -> FluentValue<'v> {
        (&**self).into()
    }
}

impl<'v> Said<'v> for &Path {
    fn said(self) -> FluentValue<'v> {
        self.display().to_string().into()
    }
}

/// For `say!`.
pub fn value<'v>(value: impl Said<'v>) -> FluentValue<'v> {
    value.said()
}

/// A message, or a part of one, whose id is put together: `message` or `message.part`.
pub fn part(id: &str) -> Option<String> {
    match id.split_once('.') {
        Some((id, part)) => {
            let is_there = SPOKEN.has_attr(id, part);
            is_there.then(|| SPOKEN.get_attr(id, part))
        }
        None => SPOKEN.has(id).then(|| SPOKEN.get(id)),
    }
}

/// What a person puts something in place of (`FILE`, `FIELD=VALUE`, `FILE.html`): each
/// word in capitals that has a part of `help-values`, in the language that is spoken.
pub fn placeholder(names: &str) -> String {
    let pieces = names.split_inclusive(|letter: char| !letter.is_ascii_uppercase());
    let said = pieces.map(|piece| {
        let word = piece.trim_end_matches(|letter: char| !letter.is_ascii_uppercase());
        let own = part(&format!("help-values.{}", word.to_lowercase()));
        own.unwrap_or_else(|| word.to_owned()) + &piece[word.len()..]
    });
    said.collect()
}

/// From now on this language is spoken (`fr`, `fr-CA`), where there is a catalogue of
/// it; else English.
pub fn speak(language: &str) {
    let asked: Option<LanguageIdentifier> = language.parse().ok();
    load(&SPOKEN, asked.as_slice());
}

/// Every catalogue.
static EVERY: LazyLock<Vec<FluentLanguageLoader>> = LazyLock::new(|| {
    let languages = languages().into_iter();
    let loaders = languages.map(|language| {
        let loader = fluent_language_loader!();
        let language: Option<LanguageIdentifier> = language.parse().ok();
        load(&loader, language.as_slice());
        loader
    });
    loaders.collect()
});

/// A message without values in every language: what was written in one is read under
/// any other.
pub fn in_every_language(id: &str) -> Vec<String> {
    EVERY.iter().map(|loader| loader.get(id)).collect()
}

fn load(loader: &FluentLanguageLoader, asked: &[LanguageIdentifier]) {
    i18n_embed::select(loader, &Catalogues, asked).expect("the catalogues are compiled in");
    loader.set_use_isolating(false);
    loader.with_bundles_mut(|bundle| {
        let counted = bundle.add_function("COUNT", |values, _| match values {
            [FluentValue::Number(count)] => grouped(count.as_string()).into(),
            _ => FluentValue::Error,
        });
        counted.expect("a new bundle has no function yet");
    });
}

/// The one that is spoken: `en`, `fr`.
pub fn language() -> String {
    SPOKEN.current_language().language.to_string()
}

/// The languages that there is a catalogue of: `en`, `fr`.
pub fn languages() -> Vec<String> {
    let all = SPOKEN.available_languages(&Catalogues);
    let all = all.expect("the catalogues are compiled in").into_iter();
    all.map(|language| language.to_string()).collect()
}

/// The language of whoever runs it, as POSIX says it, else as the system does.
pub fn of_user() -> Option<String> {
    let variables = ["LC_ALL", "LC_MESSAGES", "LANG"].into_iter();
    let mut said = variables.filter_map(|name| env::var(name).ok());
    let said = said.find(|value| !value.is_empty());
    let said = said.or_else(sys_locale::get_locale)?;
    let (locale, _) = said.split_once(['.', '@']).unwrap_or((&said, ""));
    Some(locale.replace('_', "-"))
}

/// A count or an amount as people write it, its thousands apart: `1 234,50`.
pub fn grouped(number: impl ToString) -> String {
    let number = number.to_string();
    let number = number.as_str();
    let (sign, digits) = match number.strip_prefix('-') {
        Some(digits) => ("\u{2212}", digits),
        None => ("", number),
    };
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    let mut grouped = sign.to_owned();
    for (at, digit) in whole.char_indices() {
        if at > 0 && (whole.len() - at).is_multiple_of(3) {
            grouped += &say!("number-thousands");
        }
        grouped.push(digit);
    }
    match part.is_empty() {
        true => grouped,
        false => grouped + &say!("number-decimal") + part,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_stand_apart_and_cents_do_not() {
        for (number, text) in [
            ("0", "0"),
            ("999", "999"),
            ("1000", "1\u{202f}000"),
            ("-1234567.05", "\u{2212}1\u{202f}234\u{202f}567.05"),
        ] {
            assert_eq!(grouped(number), text);
        }
    }

    #[test]
    fn english_is_what_is_spoken_where_nothing_else_is_said() {
        assert_eq!(SPOKEN.current_language().to_string(), "en");
        assert!(languages().contains(&"fr".to_owned()));
    }
}
