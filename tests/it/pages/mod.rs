//! Pages to look at: what stands on them, and in a real browser how they look.

mod browser;
mod evidence;
mod report;

use browser::Browser;
