//! Ctrl-C and SIGTERM: the first finishes the leads in flight, the second
//! leaves at once (what was in flight is declared at the next start).

use std::io;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::thread;

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::{Handle, Signals};

use crate::delivery::{Control, Stop, StopKind};
use crate::failure::Failure;
use crate::io_words::io_words;
use crate::report::{Exit, Warnings};

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
    let mut signals = Signals::new([SIGINT, SIGTERM]).map_err(unheard)?;
    let handle = signals.handle();
    let warnings = warnings.clone();
    let thread = thread::spawn(move || {
        if signals.forever().next().is_some() {
            for control in controls {
                control.stop(Stop::all(
                    StopKind::Interrupted,
                    "interrupted: the leads in flight are finished first",
                ));
            }
            warnings.note(note);
        }
    });
    Ok(Guard {
        handle,
        thread: Some(thread),
    })
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
