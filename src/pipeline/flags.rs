//! How an input is read, as the flags of a command to type.

use clap::ValueEnum as _;

use crate::cli::{Reading, Repair};
use crate::output::quoted;

/// The flags, each behind a space.
pub fn of(reading: &Reading) -> String {
    let mut flags = String::new();
    let mut push =
        |name: &str, value: &str| flags.push_str(&format!(" --{name} {}", quoted(value)));
    if let Some(format) = reading
        .input_format
        .and_then(|format| format.to_possible_value())
    {
        push("input-format", format.get_name());
    }
    if let Some(sheet) = &reading.sheet {
        push("sheet", sheet);
    }
    match reading.delimiter {
        Some(b'\t') => push("delimiter", "tab"),
        Some(byte) => push("delimiter", char::from(byte).encode_utf8(&mut [0; 4])),
        None => {}
    }
    if let Some(encoding) = reading.encoding {
        push("encoding", encoding.name());
    }
    for (field, value) in &reading.defaults {
        push("default", &format!("{field}={value}"));
    }
    if let Some(source) = &reading.source {
        push("source", source);
    }
    match reading.repair {
        Repair::Safe => {}
        Repair::None => flags.push_str(" --repair none"),
        Repair::All => flags.push_str(" --repair all"),
    }
    flags
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_flag_is_told_and_quoted() {
        let reading = Reading {
            sheet: Some("Feuille 2".into()),
            delimiter: Some(b';'),
            encoding: Some(encoding_rs::WINDOWS_1252),
            defaults: vec![
                ("program".into(), "12".into()),
                ("city".into(), "Le Mans".into()),
            ],
            source: Some("salon".into()),
            repair: Repair::None,
            ..Reading::default()
        };
        assert_eq!(
            of(&reading),
            " --sheet 'Feuille 2' --delimiter ';' --encoding windows-1252 --default program=12 \
             --default 'city=Le Mans' --source salon --repair none"
        );
        assert_eq!(of(&Reading::default()), "");
    }
}
