//! What an export is packed in: gzip, or a zip archive that holds one. It is
//! unpacked into a file without a name, and never without end.

use std::ffi::OsStr;
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};

use clap::ValueEnum as _;
use flate2::read::MultiGzDecoder;
use zip::ZipArchive;

use super::error::ErrorKind;
use super::file::InputFile;
use super::format::{self, Format};

/// No export is larger than this, unpacked: what is was made to fill a disk.
pub const LARGEST: u64 = 2 << 30;
/// Packed again and again so often at most.
const DEEPEST: usize = 3;
/// Names shown of an archive at most.
const SHOWN: usize = 20;

/// An input without what it was packed in, and what it is called inside.
///
/// # Errors
/// It can't be unpacked, or holds no export, or several.
pub fn unpack(mut file: InputFile, name: &Path) -> Result<(InputFile, PathBuf), ErrorKind> {
    let mut name = name.to_owned();
    for _ in 0..DEEPEST {
        let mut head = Vec::new();
        file.again().take(4).read_to_end(&mut head)?;
        file = match *head {
            [0x1F, 0x8B, ..] => {
                if name
                    .extension()
                    .is_some_and(|end| end.eq_ignore_ascii_case("gz"))
                {
                    name.set_extension("");
                }
                bounded(MultiGzDecoder::new(BufReader::new(file)), LARGEST)?
            }
            [b'P', b'K', 3 | 5, 4 | 6] => {
                let Ok(mut archive) = ZipArchive::new(BufReader::new(file.again())) else {
                    return Ok((file, name));
                };
                let Some(at) = export(&archive)? else {
                    return Ok((file, name));
                };
                let part = archive.by_index(at).map_err(of_archive)?;
                name = part.name().map_err(of_archive)?.as_ref().into();
                bounded(part, LARGEST)?
            }
            _ => return Ok((file, name)),
        };
    }
    Ok((file, name))
}

/// Where the one export of an archive stands; `None`: the archive is a workbook.
fn export<R: Read + io::Seek>(archive: &ZipArchive<R>) -> Result<Option<usize>, ErrorKind> {
    let names: Vec<String> = archive
        .file_names_raw()
        .map(|name| String::from_utf8_lossy(name).replace('\\', "/"))
        .collect();
    if format::is_workbook(&names) {
        return Ok(None);
    }
    if let Some(stranger) = format::document(&names) {
        return Err(stranger);
    }
    let is_export = |(_, name): &(usize, &String)| {
        let path = Path::new(name.as_str());
        let extension = path.extension().and_then(OsStr::to_str).unwrap_or_default();
        let known = Format::from_str(extension, true).is_ok();
        // What a Mac or a program keeps for itself.
        let own =
            name.starts_with("__MACOSX/") || name.split('/').any(|part| part.starts_with('.'));
        !own && (known || extension.eq_ignore_ascii_case("gz"))
    };
    let mut exports: Vec<_> = names.iter().enumerate().filter(is_export).collect();
    if exports.len() > 1 {
        // A text beside an export mostly says what it is.
        exports.retain(|(_, name)| !name.to_ascii_lowercase().ends_with(".txt"));
    }
    match exports[..] {
        [(at, _)] => Ok(Some(at)),
        [] => {
            let files = names.into_iter().filter(|name| !name.ends_with('/'));
            Err(ErrorKind::NoExport(files.take(SHOWN).collect()))
        }
        _ => {
            let names = exports.iter().take(SHOWN).map(|(_, name)| (*name).clone());
            Err(ErrorKind::SeveralExports(names.collect()))
        }
    }
}

/// What comes out of a packed stream, in a file without a name.
fn bounded(packed: impl Read, largest: u64) -> Result<InputFile, ErrorKind> {
    let mut packed = packed.take(largest + 1);
    let file = InputFile::keep(&mut packed).map_err(|kind| match kind {
        ErrorKind::Io(error) => ErrorKind::CutArchive(error),
        other => other,
    })?;
    match packed.limit() {
        0 => Err(ErrorKind::TooLarge),
        _ => Ok(file),
    }
}

fn of_archive(error: zip::result::ZipError) -> ErrorKind {
    use zip::result::ZipError;
    match error {
        ZipError::Io(error) => ErrorKind::CutArchive(error),
        ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED) => ErrorKind::Protected,
        other => ErrorKind::CutArchive(io::Error::other(other)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_grows_without_end_is_told() {
        let whole = bounded(&b"Nom"[..], 3).expect("three bytes");
        assert_eq!(io::read_to_string(whole).ok().as_deref(), Some("Nom"));
        let zeros = io::repeat(0);
        assert!(matches!(bounded(zeros, 1000), Err(ErrorKind::TooLarge)));
    }
}
