//! Ctrl-C and SIGTERM: the first finishes the leads in flight, the second leaves
//! at once (what was in flight is declared at the next start). A terminal that is
//! closed (SIGHUP) says so more than once and means one thing.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::thread;
use std::{fs, io};

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::{Handle, Signals};

use crate::delivery::{Control, Stop, StopKind};
use crate::error::Failure;
use crate::io_words::io_words;
use crate::output::{Exit, Warnings};

/// Watches until it is released.
pub struct Guard {
    handle: Handle,
    thread: Option<thread::JoinHandle<()>>,
}

/// The first signal stops the run's control, the second ends the process.
pub fn watch(control: &Arc<Control>, warnings: &Warnings) -> Result<Guard, Failure> {
    let note = "stopping: the leads on their way are finished first, the others are stored (once more leaves at once)";
    watch_all(vec![Arc::clone(control)], note, warnings)
}

/// The same for a run with several controls; `note` says what happens now.
pub fn watch_all(
    controls: Vec<Arc<Control>>,
    note: &'static str,
    warnings: &Warnings,
) -> Result<Guard, Failure> {
    let again = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM] {
        // Armed by the first signal: its own handler runs after this one.
        signal_hook::flag::register_conditional_shutdown(
            signal,
            i32::from(Exit::Interrupted.code()),
            Arc::clone(&again),
        )
        .map_err(unheard)?;
        signal_hook::flag::register(signal, Arc::clone(&again)).map_err(unheard)?;
    }
    let mut heard = vec![SIGINT, SIGTERM];
    heard.extend(hangs_up().then_some(SIGHUP));
    let mut signals = Signals::new(&heard).map_err(unheard)?;
    let handle = signals.handle();
    let warnings = warnings.clone();
    let thread = thread::spawn(move || {
        if signals.forever().next().is_some() {
            for control in controls {
                control.stop(Stop::all(StopKind::Interrupted));
            }
            warnings.note(note);
        }
    });
    Ok(Guard {
        handle,
        thread: Some(thread),
    })
}

/// Whether a closed terminal ends this process: not under `nohup`, which goes on
/// until somebody else ends it. Where the system can't tell, nothing is changed.
fn hangs_up() -> bool {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let ignored = ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    ignored.is_some_and(|mask| mask >> (SIGHUP - 1) & 1 == 0)
}

/// Signals can't be heard, such as where no more files can be opened.
pub fn unheard(error: io::Error) -> Failure {
    Failure::unfinished(format!("Ctrl-C can't be heard: {}", io_words(&error)))
}

impl Guard {
    pub fn release(mut self) {
        self.handle.close();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
