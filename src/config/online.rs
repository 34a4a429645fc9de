//! A read that changes nothing and needs the key, to prove both before the
//! first lead: the words of `[NAME.online]`.

use super::operation::{self, Call, Method};
use super::place::Place;
use super::reader::Mistakes;
use super::tree::Table;

/// Reads the call of `[NAME.online]`.
pub fn read(table: &Table, place: &Place, name: &str, mistakes: &mut Mistakes) -> Call {
    mistakes.check_keys(table, operation::WORDS, &format!("[{name}.online]"));
    let operation = Call::read(table, place, "online", Method::Get, mistakes);
    if operation.method != Method::Get {
        mistakes.hint(
            place,
            "`online.method` must be GET",
            "what proves the key must change nothing",
        );
    }
    operation.asking()
}
