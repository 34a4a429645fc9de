//! What a row says of its person's consent, as the ledger keeps it.

use sha2::{Digest, Sha256};

use crate::lead::Record;
use crate::ledger::{Consent, Proof};
use crate::mapping::{Agreed, Word};

/// A row's word, with what proves it; `None`: it is not clear.
pub fn consent(word: &Word, record: &Record) -> Option<Consent> {
    let Agreed {
        given,
        at,
        wording,
        place,
        names,
    } = match word {
        Word::Yes(agreed) => agreed,
        Word::No(at) => return Some(Consent::Withdrawn(*at)),
        Word::Unclear(_) => return None,
    };
    Some(Consent::Given {
        proof: Proof {
            given: given.clone(),
            at: *at,
            place: place.clone(),
            names: names.clone(),
            wording: wording.as_ref().map(|text| sha256(text.as_bytes())),
            row: sha256(&as_csv(record)),
            file: record.file.to_string(),
            line: record.line,
        },
        wording: wording.clone(),
    })
}

/// The row's cells as a line of CSV: commas between them, quotes where they are needed.
fn as_csv(record: &Record) -> Vec<u8> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    // Into memory, which takes it.
    let _ = writer.write_record(&record.cells);
    let mut line = writer.into_inner().unwrap_or_default();
    line.pop_if(|byte| *byte == b'\n');
    line
}

fn sha256(bytes: &[u8]) -> String {
    let hash = Sha256::digest(bytes);
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lead::Cells;

    #[test]
    fn a_row_hashes_as_its_line_does() {
        let record = |cells: &[&str]| Record {
            cells: Cells::from_iter(cells),
            ..Record::default()
        };
        let line = |cells: &[&str]| String::from_utf8(as_csv(&record(cells))).unwrap();
        assert_eq!(
            line(&["Léa", "a,b", "x \"y\"", ""]),
            "Léa,\"a,b\",\"x \"\"y\"\"\","
        );
        // printf 'abc' | sha256sum
        let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(sha256(&as_csv(&record(&["abc"]))), abc);
    }
}
