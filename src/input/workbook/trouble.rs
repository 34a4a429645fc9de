//! Why a workbook can't be read.

use std::io;

use quick_xml::events::attributes::AttrError;
use zip::result::ZipError;

#[derive(Debug)]
pub enum Trouble {
    /// It isn't what a workbook has to be.
    Damaged,
    /// The file can't be read.
    Io(io::Error),
    /// What doesn't fit in memory can't be kept on disk.
    Scratch(io::Error),
}

impl Trouble {
    /// Of reading a part: what unpacks it says by an error of reading, too, that
    /// it is damaged.
    pub fn of_reading(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::InvalidData
            | io::ErrorKind::InvalidInput
            | io::ErrorKind::UnexpectedEof
            | io::ErrorKind::Unsupported
            | io::ErrorKind::Other => Self::Damaged,
            _ => Self::Io(error),
        }
    }
}

impl From<quick_xml::Error> for Trouble {
    fn from(error: quick_xml::Error) -> Self {
        match error {
            quick_xml::Error::Io(error) => Self::of_reading(io::Error::new(error.kind(), error)),
            _ => Self::Damaged,
        }
    }
}

impl From<AttrError> for Trouble {
    fn from(_: AttrError) -> Self {
        Self::Damaged
    }
}

impl From<ZipError> for Trouble {
    fn from(error: ZipError) -> Self {
        match error {
            ZipError::Io(error) => Self::of_reading(error),
            _ => Self::Damaged,
        }
    }
}
