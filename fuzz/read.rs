//! What every target does with its bytes: reads them to the end, and puts each
//! row through the form in which the ledger keeps it.

use std::collections::HashMap;
use std::io::Cursor;
use std::sync::Arc;

use crate::input::{Format, Options, from_stream};
use crate::lead::{Columns, Preparation, Shapes, from_stored, prepare};

/// Reads `bytes` in this format; `None`: found out from them.
pub fn all(bytes: &[u8], format: Option<Format>) {
    let options = Options {
        format,
        ..Options::default()
    };
    let Ok(reader) = from_stream(Box::new(Cursor::new(bytes.to_vec())), "x", &options) else {
        return;
    };
    let mut known = HashMap::new();
    let mut shapes = Shapes::new();
    let mut last = 0;
    for record in reader.map_while(Result::ok) {
        assert!(record.line >= last, "lines go up");
        last = record.line;
        let columns = known
            .entry(Arc::as_ptr(&record.header))
            .or_insert_with(|| Arc::new(Columns::unknown(&record.header)));
        let lead = prepare(record, columns, &Preparation::default());
        let line = lead.record.line;
        let stored = from_stored(&lead.as_read(), &"x".into(), line, &mut shapes);
        let stored = stored.expect("what is stored can be read");
        assert_eq!(stored.record.fault, lead.record.fault);
    }
}
