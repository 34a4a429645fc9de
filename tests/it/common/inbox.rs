//! A folder whose files are sent, in a desk's home.

use std::fs::{self, File};
use std::path::PathBuf;
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use super::desk::{Desk, export};
use super::{Outcome, PATIENCE, Running};

pub struct Inbox<'d> {
    pub desk: &'d Desk,
}

impl<'d> Inbox<'d> {
    pub fn of(desk: &'d Desk) -> Self {
        fs::create_dir_all(desk.home.path().join("inbox")).expect("a folder");
        Self { desk }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.desk.home.path().join("inbox").join(name)
    }

    /// Puts an export there that nobody has written to for so many minutes.
    pub fn put(&self, name: &str, minutes: u64, content: &str) {
        let path = self.desk.home.write(&format!("inbox/{name}"), content);
        age(&path, minutes);
    }

    /// The same of leads numbered from `first`.
    pub fn export(&self, name: &str, minutes: u64, first: usize, count: usize) {
        self.put(name, minutes, &export(first, count));
    }

    pub fn start(&self, more: &[&str]) -> Running {
        self.desk.start(&[&["--inbox", "inbox"], more].concat())
    }

    pub fn send(&self, more: &[&str]) -> Outcome {
        self.start(more).finish()
    }

    /// All files in it and in its folders, by their paths in it.
    pub fn files(&self) -> Vec<String> {
        let mut files = Vec::new();
        let mut folders = vec![String::new()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(self.path(&folder)).expect("a folder") {
                let entry = entry.expect("a file");
                let name = format!("{folder}{}", entry.file_name().to_string_lossy());
                match entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                    true => folders.push(name + "/"),
                    false => files.push(name),
                }
            }
        }
        files.sort();
        files
    }

    /// Returns once this file is there.
    pub fn await_file(&self, name: &str) {
        let late = Instant::now() + PATIENCE;
        while !self.path(name).exists() {
            assert!(
                Instant::now() < late,
                "{name} never came: {:?}",
                self.files()
            );
            // Nobody tells of a file: it has to be asked again.
            thread::sleep(Duration::from_millis(1));
        }
    }
}

/// Nobody has written to the file for so many minutes.
pub fn age(path: &std::path::Path, minutes: u64) {
    let file = File::options().append(true).open(path).expect("a file");
    let then = SystemTime::now() - Duration::from_secs(60 * minutes);
    file.set_modified(then).expect("a time");
}
