//! The forms that a value can be asked in: phones, titles, countries, e-mail…
//! What a form is called stands in `partner/rule.rs`; `formed.rs` chooses it.
//! Each takes text as people typed it. A complaint follows the value in a
//! sentence (“is too short…”) and never repeats it: whoever tells it knows the
//! line, the column and what stood there.

pub mod country;
pub mod email;
pub mod phone;
pub mod postcode;
pub mod title;
