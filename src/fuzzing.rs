//! What the fuzz targets call: the rooms that read what others wrote, with bytes
//! from anywhere. No part of what the library promises.

use std::sync::{Arc, OnceLock};
use std::time::SystemTime;

use clap::ValueEnum;

use crate::config::Catalogue;
use crate::http::{Answer, Reply};
use crate::input::{Format, Options, from_stream};
use crate::lead::{Columns, Headers, Preparation, from_stored, prepare};
use crate::outcome::Judge;

/// Reads an input to its end, and puts each row through the form in which the
/// ledger keeps it. `format`: as `--input-format` has it; `None` finds it out.
pub fn read(bytes: &[u8], format: Option<&str>) {
    let options = Options {
        format: format.and_then(|word| Format::from_str(word, true).ok()),
        ..Options::default()
    };
    let Ok(reader) = from_stream(bytes, "fuzz", &options) else {
        return;
    };
    let mut headers = Headers::new();
    let mut last = 0;
    let Ok(mut second) = reader.again() else {
        panic!("what was opened once is opened twice");
    };
    for record in reader.map_while(Result::ok) {
        let other = second.next().and_then(Result::ok);
        assert_eq!(other.as_ref(), Some(&record), "twice the same rows");
        assert!(record.line >= last, "lines go up");
        last = record.line;
        let columns = Arc::new(Columns::unknown(&record.header));
        let lead = prepare(record, &columns, &Preparation::default());
        let stored = from_stored(&lead.as_read(), "fuzz", last, &mut headers);
        let fault = stored.map(|stored| stored.record.fault);
        assert_eq!(
            fault.ok(),
            Some(lead.record.fault),
            "what is stored is read"
        );
    }
}

/// Reads a user's `partners.toml` over the catalogue.
pub fn configure(text: &str) {
    if let Err(mistakes) = Catalogue::load(Some(("partners.toml", text))) {
        assert!(!mistakes.is_empty(), "a refusal says why");
    }
}

/// Judges an answer by the rules of every destination of the catalogue. The
/// first two bytes make its status.
pub fn judge(bytes: &[u8]) {
    static CATALOGUE: OnceLock<Option<Catalogue>> = OnceLock::new();
    let catalogue = CATALOGUE.get_or_init(|| Catalogue::load(None).ok());
    let (Some(catalogue), [first, second, body @ ..]) = (catalogue, bytes) else {
        return;
    };
    let status = 100 + u16::from_le_bytes([*first, *second]) % 500;
    let reply = Reply::Replied(Answer {
        status,
        headers: Vec::new(),
        body: body.to_vec(),
        ..Answer::default()
    });
    for destination in &catalogue.destinations {
        let judge = Judge::new(destination, &destination.send);
        let verdict = judge.verdict(&reply, SystemTime::UNIX_EPOCH);
        assert_eq!(verdict.status, Some(status), "an answer keeps its status");
    }
}
