//! The system's failures in words. Knows nobody, so that every room can say them
//! alike.

use std::io::{Error, ErrorKind};

use crate::words::say;

/// Windows lets a program keep others from a file that it has open.
pub fn is_open_elsewhere(error: &Error) -> bool {
    // ERROR_SHARING_VIOLATION, ERROR_LOCK_VIOLATION, ERROR_USER_MAPPED_FILE
    cfg!(windows) && matches!(error.raw_os_error(), Some(32 | 33 | 1224))
}

/// An I/O error in words, without the system's error number.
pub fn io_words(error: &Error) -> String {
    match error.kind() {
        _ if is_open_elsewhere(error) => say!("io-open-elsewhere"),
        ErrorKind::NotFound => say!("io-not-found"),
        ErrorKind::PermissionDenied => say!("io-permission"),
        ErrorKind::IsADirectory => say!("io-folder"),
        ErrorKind::StorageFull => say!("io-full"),
        _ => {
            let text = error.to_string();
            let end = text.find(" (os error").unwrap_or(text.len());
            text[..end].to_owned()
        }
    }
}
