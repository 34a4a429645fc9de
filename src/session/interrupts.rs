//! Hears Ctrl-C, a request to end, and a terminal that is closed. What is done
//! about them is the caller's.

use std::io;
use std::sync::{Mutex, OnceLock, PoisonError};

use crate::error::Failure;
use crate::io_words::io_words;
use crate::words::say;

/// Calls `heard` at each interrupt, in a thread of its own, until another one is to be
/// called: of several runs in one process, the last.
///
/// # Errors
/// Interrupts can't be heard, such as where no more files can be opened.
pub fn listen(heard: impl FnMut() + Send + 'static) -> Result<(), Failure> {
    static HEARD: Mutex<Option<Box<dyn FnMut() + Send>>> = Mutex::new(None);
    static REGISTERED: OnceLock<()> = OnceLock::new();
    let current = || HEARD.lock().unwrap_or_else(PoisonError::into_inner);
    *current() = Some(Box::new(heard));
    if REGISTERED.set(()).is_err() {
        return Ok(());
    }
    let registered = register(move || {
        if let Some(heard) = current().as_mut() {
            heard();
        }
    });
    registered
        .map_err(|error| Failure::unfinished(say!("interrupts-unheard", why = io_words(&error))))
}

/// A closed terminal says so more than once, to the shell and by the system, and
/// means one thing: `ctrlc` can't tell it from the others, nor leave it alone
/// under `nohup`.
#[cfg(unix)]
fn register(mut heard: impl FnMut() + Send + 'static) -> io::Result<()> {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    use signal_hook::iterator::Signals;

    let mut signals = Signals::new([SIGINT, SIGTERM])?;
    if hangs_up(SIGHUP) {
        signals.add_signal(SIGHUP)?;
    }
    let mut hung_up = false;
    let listener = move || {
        for signal in signals.forever() {
            let known = signal == SIGHUP && std::mem::replace(&mut hung_up, true);
            if !known {
                heard();
            }
        }
    };
    let thread = std::thread::Builder::new().name("interrupts".to_owned());
    thread.spawn(listener).map(drop)
}

/// Whether a closed terminal ends this process: not under `nohup`, which goes on
/// until somebody else ends it. Where the system can't tell, nothing is changed.
#[cfg(unix)]
fn hangs_up(signal: i32) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let ignored = ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    ignored.is_some_and(|mask| mask >> (signal - 1) & 1 == 0)
}

#[cfg(windows)]
fn register(heard: impl FnMut() + Send + 'static) -> io::Result<()> {
    ctrlc::set_handler(heard).map_err(io::Error::other)
}
