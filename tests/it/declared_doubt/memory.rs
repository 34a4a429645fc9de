//! Answers that want all the memory there is.

use std::fs;

use crate::common::desk::{Desk, taken};
use crate::common::{Act, Gate, Partner};

/// Bytes of memory that the process ever had at once.
fn peak(pid: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).expect("a live child");
    let line = status.lines().find(|line| line.starts_with("VmHWM:"));
    let digits: String = line
        .expect("VmHWM")
        .chars()
        .filter(char::is_ascii_digit)
        .collect();
    digits.parse::<u64>().expect("kilobytes") * 1024
}

/// The first lead meets `act`; while the second is held, the memory is read.
#[track_caller]
fn stays_small(act: Act) {
    let gate = Gate::new();
    let held = gate.clone();
    let partner = Partner::start(move |arrived| match arrived.number {
        0 => act.clone(),
        _ => taken(arrived).held(&held),
    });
    let desk = Desk::at(&partner.base());
    let file = desk.export("leads.csv", 1, 2);
    let run = desk.start(&[&file]);
    gate.await_held(1);
    let peak = peak(run.id());
    gate.release();
    let run = run.finish().expect_code(4);
    assert_eq!(
        run.column("state"),
        ["in_doubt", "delivered"],
        "{}",
        run.stderr
    );
    assert!(peak < 96 << 20, "{} MB", peak >> 20);
    // Not sent again.
    desk.send(&[&file]).expect_code(4);
    assert_eq!(partner.count(), 2);
}

#[test]
fn a_compressed_bomb() {
    stays_small(Act::GzipBomb { bytes: 1 << 30 });
}

#[test]
fn a_gigabyte_of_body() {
    stays_small(Act::GiantBody { bytes: 1 << 30 });
    stays_small(Act::GiantChunks { bytes: 1 << 30 });
}

#[test]
fn two_hundred_kilobytes_of_headers() {
    stays_small(Act::GiantHeaders { bytes: 200_000 });
}
