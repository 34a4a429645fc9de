//! Where the rows wait until all columns are known: a file that has no name
//! any more, one JSON line a row.

use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Seek, Write};
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::scratch;

#[derive(Debug, Serialize, Deserialize)]
pub struct Row {
    pub id: Option<i64>,
    pub state: String,
    pub message: String,
    /// Column and text.
    pub cells: Vec<(usize, String)>,
    pub surplus: Vec<String>,
}

pub struct Spool(BufWriter<File>);

impl Spool {
    /// In the folder of `beside`: if that can't be written, it shows at once.
    pub fn create(beside: &Path) -> io::Result<Self> {
        let folder = match beside.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        let file = scratch::file_in(folder)?;
        Ok(Self(BufWriter::new(file)))
    }

    pub fn push(&mut self, row: &Row) -> io::Result<()> {
        serde_json::to_writer(&mut self.0, row)?;
        self.0.write_all(b"\n")
    }

    /// The rows in their order.
    pub fn rows(self) -> io::Result<impl Iterator<Item = io::Result<Row>>> {
        let mut file = self.0.into_inner().map_err(|error| error.into_error())?;
        file.rewind()?;
        let lines = BufReader::new(file).lines();
        Ok(lines.map(|line| Ok(serde_json::from_str(&line?)?)))
    }
}
