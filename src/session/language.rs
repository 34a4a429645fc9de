//! Which language leadctl speaks.

use std::ffi::OsString;
use std::path::Path;

use super::settings;
use crate::cli;
use crate::config::language_of;
use crate::words;

/// That of `--lang`, else of the configuration, else of whoever runs it: known before
/// anything is told, and so before the command line is read. One that there is no
/// catalogue of is refused where it is read, in the language that is spoken without it.
pub fn choose(arguments: &[OsString]) {
    let named = cli::typed(arguments, "--lang").and_then(|it| it.into_string().ok());
    let config = cli::typed(arguments, "--config");
    let is_known = |language: &String| words::languages().contains(language);
    let said = named.filter(is_known).or_else(|| {
        let config = config.as_deref().map(Path::new);
        of_file(config).filter(is_known)
    });
    if let Some(language) = said.or_else(words::of_user) {
        words::speak(&language);
    }
}

/// A file that can't be read says nothing here: that is told where it is used.
fn of_file(named: Option<&Path>) -> Option<String> {
    let path = settings::chosen_config(named).ok()??;
    language_of(&settings::read(&path).ok()?)
}
