//! A fault of the program itself, which Rust calls a panic: says sorry, writes a
//! report without anybody's data, and ends the process there and then. That is what
//! a kill does, for which the ledger is built: whatever went on with half its
//! threads could wait for ever, which nobody who reads a cron's mails would see.

use std::any::Any;
use std::backtrace::Backtrace;
use std::fmt::Write as _;
use std::io::Write as _;
use std::panic;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::{env, io, process, thread};

use super::summary::Exit;
use super::text::width;
use super::{Command, command};
use crate::words::say;

/// From now on a panic of any thread ends the process like this. `verb`: what the
/// user typed, without its arguments.
pub fn watch(verb: &str) {
    static TOLD: AtomicBool = AtomicBool::new(false);
    let verb = verb.to_owned();
    panic::set_hook(Box::new(move |panic| {
        if TOLD.swap(true, Ordering::Relaxed) {
            return;
        }
        let place = panic.location().map(ToString::to_string);
        let text = report(&verb, &place.unwrap_or_default(), panic.payload());
        let written = keep(&text);
        // The line of a run may stand there, and can't be lifted: it may be what failed.
        // Nobody left to tell is no reason to stop.
        _ = anstream::stderr().write_all(apology(written.as_ref(), &text).as_bytes());
        process::exit(Exit::Unfinished.code().into());
    }));
}

/// What helps whoever mends it. The message of a panic may quote what was read, so
/// only one that is constant is told.
fn report(verb: &str, place: &str, payload: &(dyn Any + Send)) -> String {
    let mut report = format!(
        "leadctl {} on {} {}\nverb: {verb}\nat: {}\nthread: {}\nplace: {place}\n",
        env!("CARGO_PKG_VERSION"),
        env::consts::OS,
        env::consts::ARCH,
        jiff::Timestamp::now(),
        thread::current().name().unwrap_or_default(),
    );
    if let Some(constant) = payload.downcast_ref::<&'static str>() {
        // Writing to memory can't fail.
        _ = writeln!(report, "message: {constant}");
    }
    _ = writeln!(report, "\n{}", Backtrace::force_capture());
    report
}

fn keep(report: &str) -> io::Result<PathBuf> {
    let mut file = tempfile::Builder::new();
    let mut file = file.prefix("leadctl-crash-").suffix(".txt").tempfile()?;
    file.write_all(report.as_bytes())?;
    let (_, path) = file.keep().map_err(|error| error.error)?;
    Ok(path)
}

fn apology(written: Result<&PathBuf, &io::Error>, report: &str) -> String {
    let report = match written {
        Ok(path) => {
            let path = command::quoted(&path.display().to_string());
            say!("crash-report", path) + "\n"
        }
        Err(_) => format!("{}\n{report}", say!("crash-send-this")),
    };
    let (error, apology) = (say!("error-label"), say!("crash-apology"));
    let (recorded, hint) = (say!("crash-recorded"), say!("hint-label"));
    let (what_next, status) = (say!("crash-hint"), Command::new(["status"]));
    let indent = width(&hint);
    format!(
        "\n{error} {apology}\n  {report}  {recorded}\n{hint} {what_next}\n{:indent$} {status}\n",
        ""
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A child of this very test breaks down in a thread of its own.
    #[test]
    fn a_panic_is_reported_without_what_was_read_and_ends_the_process() {
        const CHILD: &str = "LEADCTL_TEST_BREAKS_DOWN";
        if env::var_os(CHILD).is_some() {
            watch("send");
            let worker = thread::Builder::new().name("worker 3".to_owned());
            let broken = worker.spawn(|| panic!("byte 3 of {}", String::from("Léa Martin")));
            _ = broken.map(thread::JoinHandle::join);
            return;
        }
        let folder = tempfile::tempdir().unwrap();
        let child = process::Command::new(env::current_exe().unwrap())
            .args(["a_panic_is_reported", "--nocapture"])
            .env(CHILD, "1")
            .env("TMPDIR", folder.path())
            .env("TMP", folder.path())
            .output()
            .unwrap();
        let told = String::from_utf8(child.stderr).unwrap();
        assert_eq!(child.status.code(), Some(1), "{told}");
        assert!(told.contains("error: leadctl broke down"), "{told}");
        assert!(told.contains("\n      leadctl status\n"), "{told}");
        assert!(!told.contains("Martin"), "{told}");
        let files = std::fs::read_dir(folder.path()).unwrap();
        let files: Vec<PathBuf> = files.map(|file| file.unwrap().path()).collect();
        let [report] = &files[..] else {
            panic!("{files:?}");
        };
        assert!(told.contains(&*report.to_string_lossy()), "{told}");
        let report = std::fs::read_to_string(report).unwrap();
        for part in ["verb: send", "thread: worker 3", "crash.rs:"] {
            assert!(report.contains(part), "{report}");
        }
        assert!(!report.contains("Martin"), "{report}");
    }

    #[test]
    fn a_constant_message_is_told_and_a_report_that_can_t_be_kept_is_shown() {
        let constant: &'static str = "the queue is gone";
        let text = report("send", "src/x.rs:1:2", &constant);
        assert!(text.contains("message: the queue is gone"), "{text}");
        let made = report("send", "src/x.rs:1:2", &"Léa Martin".to_owned());
        assert!(!made.contains("Martin"), "{made}");
        let full = io::Error::from(io::ErrorKind::StorageFull);
        assert!(apology(Err(&full), &text).contains("the queue is gone"));
    }
}
