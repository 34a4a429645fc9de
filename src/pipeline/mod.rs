//! From the rows of a run's inputs to the rows that it tells: [leads] makes of
//! rows what can be sent, [mod@run] delivers it, [results] shows what came of it.

pub mod leads;
pub mod results;
pub mod run;
