//! The power goes at a random moment, and the disk keeps only what the last
//! completed fsync or fdatasync covered, folders' too. No lead may be lost, and
//! none sent twice.
//!
//! `LEADCTL_CUTS` is how often (50), `LEADCTL_SEED` repeats a run's dice. The line
//! that it ends with is printed with `--nocapture`.

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, OnceLock};

use crate::common::desk::{Desk, persons, taken};
use crate::common::{Home, Partner};
use crate::random_kills::dice::Dice;
use crate::random_kills::judge::Judge;
use crate::random_kills::partner::{DESTINATIONS, Five};
use crate::random_kills::{EXPORT, clock, export, home, number, settle_all, was_killed};

#[test]
fn the_power_is_cut_at_random_moments() {
    let seed = number("LEADCTL_SEED").unwrap_or_else(clock);
    let cuts: usize = number("LEADCTL_CUTS").unwrap_or(50);
    println!("seed {seed} cuts {cuts}");
    let mut dice = Dice::new(seed);
    let five = Five::start(seed);
    // The ledger's folder is made by the first run.
    let mut home = home(&five, "disk/new/ledger.db");
    let Some(disk) = Disk::at(home.path()) else {
        eprintln!("not tested: there is no C compiler here");
        return;
    };
    disk.serve(&mut home);
    let mut judge = Judge::new(home.path().join("disk/new/ledger.db"));
    let mut synced = 0;
    for round in 0..cuts {
        let to = DESTINATIONS[round % DESTINATIONS.len()];
        let first = round / DESTINATIONS.len() * EXPORT / 2;
        let before = five.commits(to);
        let piped = dice.one_in(2);
        disk.power_on();
        home.write("leads.csv", export(first, EXPORT));
        let (input, text) = match piped {
            true => ("-", export(first, EXPORT)),
            false => ("leads.csv", String::new()),
        };
        let mut run = home.start(&["send", "--to", to, "--jobs", "4", input], &text);
        was_killed(&mut run, &five, to, before, &mut dice);
        run.kill();
        disk.cut();
        let sent = five.commits(to) > before;
        assert!(
            !sent || disk.syncs() > 0,
            "sent, and nothing was synchronised"
        );
        synced += disk.syncs();
        judge.handed(to, first, EXPORT, piped && sent);
        judge.nothing_undeclared(&five, to, first, EXPORT);
    }
    home.set("LD_PRELOAD", "");
    let found = settle_all(&home, &five, judge);
    println!(
        "seed {seed} leads {} cuts {cuts} syncs {synced} lost {} twice {} undeclared {} in doubt {}",
        found.leads,
        found.lost.len(),
        found.twice.len(),
        found.undeclared.len(),
        found.in_doubt,
    );
    assert!(synced > 0, "nothing was ever synchronised");
    assert_eq!(
        (found.lost, found.twice, found.undeclared),
        (Vec::new(), Vec::new(), Vec::new()),
        "seed {seed}"
    );
}

/// A sync fails once, and the next one would succeed: the system may have dropped
/// what could not be written, so nothing counts any more.
#[test]
fn nothing_is_sent_after_a_sync_that_failed() {
    let place = Arc::new(OnceLock::<PathBuf>::new());
    let fail = Arc::clone(&place);
    let partner = Partner::start(move |arrived| {
        if arrived.number == 3 {
            fs::write(fail.get().expect("a place"), "").expect("a file");
        }
        taken(arrived)
    });
    let mut desk = Desk::at(&partner.base());
    let Some(disk) = Disk::at(desk.home.path()) else {
        eprintln!("not tested: there is no C compiler here");
        return;
    };
    disk.power_on();
    place.set(disk.shadow.join("fail")).expect("set once");
    disk.serve(&mut desk.home);
    let file = desk.export("leads.csv", 1, 50);
    let run = desk.send(&["--ledger", "disk/ledger.db", &file]);
    run.expect_code(1);
    assert_eq!(partner.count(), 4, "and nothing after it");

    desk.home.set("LD_PRELOAD", "");
    desk.send(&["--ledger", "disk/ledger.db", &file]);
    let mut once = persons(&partner);
    once.sort();
    once.dedup();
    assert_eq!(once.len(), partner.count(), "nobody twice");
    assert_eq!(once.len(), 50, "and nobody lost");
}

/// A folder on a disk that forgets.
struct Disk {
    root: PathBuf,
    /// What would survive, by inodes; `disk.c` writes it too.
    shadow: PathBuf,
    library: PathBuf,
}

impl Disk {
    /// `None`: nothing compiles C here.
    fn at(home: &Path) -> Option<Self> {
        let home = dunce::canonicalize(home).expect("a folder");
        let disk = Self {
            root: home.join("disk"),
            shadow: home.join("shadow"),
            library: home.join("disk.so"),
        };
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/power_cuts/disk.c");
        let mut compiler = Command::new("cc");
        compiler.args(["-shared", "-fPIC", "-O1", "-o"]);
        let compiled = compiler.arg(&disk.library).arg(source).arg("-ldl").status();
        let compiled = compiled.ok()?;
        assert!(compiled.success(), "disk.c does not compile");
        fs::create_dir(&disk.root).expect("a folder");
        Some(disk)
    }

    /// What is run in this home gets this disk.
    fn serve(&self, home: &mut Home) {
        home.set("LD_PRELOAD", &self.library.display().to_string());
        home.set("CUT_ROOT", &self.root.display().to_string());
        home.set("CUT_SHADOW", &self.shadow.display().to_string());
    }

    /// What is there now is on disk.
    fn power_on(&self) {
        let _ = fs::remove_dir_all(&self.shadow);
        fs::create_dir(&self.shadow).expect("a folder");
        self.record(&self.root);
    }

    fn record(&self, folder: &Path) {
        let mut names = String::new();
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            let found = fs::symlink_metadata(&path).expect("a file");
            let kind = if found.is_dir() { 'd' } else { 'f' };
            let name = path.file_name().expect("a name").to_string_lossy();
            names.push_str(&format!("{kind} {} {name}\n", found.ino()));
            match found.is_dir() {
                true => self.record(&path),
                false => {
                    let kept = self.shadow.join(format!("f{}", found.ino()));
                    fs::copy(&path, kept).map(drop).expect("a copy");
                }
            }
        }
        let inode = fs::metadata(folder).expect("a folder").ino();
        fs::write(self.shadow.join(format!("d{inode}")), names).expect("a list");
    }

    /// The folder as it is found once the power is back.
    fn cut(&self) {
        let after = self.root.with_extension("after");
        let inode = fs::metadata(&self.root).expect("a folder").ino();
        self.restore(inode, &after);
        fs::remove_dir_all(&self.root).expect("a folder");
        fs::rename(&after, &self.root).expect("a folder");
    }

    fn restore(&self, inode: u64, to: &Path) {
        fs::create_dir(to).expect("a folder");
        fs::set_permissions(to, Permissions::from_mode(0o700)).expect("rights");
        // A folder that was never synchronised lost all its names.
        let names = fs::read_to_string(self.shadow.join(format!("d{inode}")));
        for line in names.unwrap_or_default().lines() {
            let mut words = line.splitn(3, ' ');
            let mut word = || words.next().expect("three words");
            let (kind, inode, path) = (word(), word(), to.join(word()));
            if kind == "d" {
                self.restore(inode.parse().expect("an inode"), &path);
                continue;
            }
            // And a file that never was lost its content.
            let content = fs::read(self.shadow.join(format!("f{inode}")));
            fs::write(&path, content.unwrap_or_default()).expect("a file");
            fs::set_permissions(&path, Permissions::from_mode(0o600)).expect("rights");
        }
    }

    /// How often the last run synchronised something.
    fn syncs(&self) -> u64 {
        fs::metadata(self.shadow.join("syncs")).map_or(0, |found| found.len())
    }
}
