//! Which language leadctl speaks.

use std::ffi::OsString;
use std::path::Path;

use super::settings;
use crate::cli;
use crate::config::language_of;
use crate::words;

/// That of `--lang`, else of the configuration, else of whoever runs it: known before
/// anything is told, and so before the command line is read.
pub fn choose(arguments: &[OsString]) {
    let named = cli::typed(arguments, "--lang").and_then(|it| it.into_string().ok());
    // Another is refused, in the language that is spoken without it.
    let named = named.filter(|named| words::languages().contains(named));
    let config = cli::typed(arguments, "--config");
    let said = named.or_else(|| of_file(config.as_deref().map(Path::new)));
    if let Some(language) = said.or_else(words::of_user) {
        words::speak(&language);
    }
}

/// A file that can't be read says nothing here: that is told where it is used.
fn of_file(named: Option<&Path>) -> Option<String> {
    let path = settings::chosen_config(named).ok()??;
    language_of(&settings::read(&path).ok()?)
}
