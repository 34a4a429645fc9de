//! Every lead handed over is stored, whatever stops the run: kills, full disks,
//! signals, a pipe whose reader dies.

mod disk;
mod held_back;
mod inbox;
mod kills;
mod ledger_files;
mod signals;
mod stdin;
