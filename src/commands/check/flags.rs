//! How an input is read, as the flags of a command to type.

use clap::ValueEnum as _;

use crate::cli::Reading;
use crate::lead::Repair;

/// The flags, word by word.
pub fn flags(reading: &Reading) -> Vec<String> {
    let format = reading.input_format.and_then(|it| it.to_possible_value());
    let delimiter = reading.delimiter.map(|delimiter| match delimiter {
        b'\t' => "tab".to_owned(),
        byte => char::from(byte).to_string(),
    });
    let one = [
        (
            "input-format",
            format.map(|format| format.get_name().to_owned()),
        ),
        ("sheet", reading.sheet.clone()),
        ("delimiter", delimiter),
        ("encoding", reading.encoding.map(|it| it.name().to_owned())),
    ];
    let defaults = reading.defaults.iter();
    let defaults = defaults.map(|(field, value)| ("default", Some(format!("{field}={value}"))));
    let repair = match reading.repair {
        Repair::Safe => None,
        Repair::None => Some("none".to_owned()),
        Repair::All => Some("all".to_owned()),
    };
    let last = [("source", reading.source.clone()), ("repair", repair)];
    let values = one.into_iter().chain(defaults).chain(last);
    let flags = values.filter_map(|(name, value)| Some([format!("--{name}"), value?]));
    flags.flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_flag_is_told() {
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
            crate::output::Command::new(flags(&reading)).to_string(),
            "leadctl --sheet 'Feuille 2' --delimiter ';' --encoding windows-1252 --default program=12 \
             --default 'city=Le Mans' --source salon --repair none"
        );
        assert!(flags(&Reading::default()).is_empty());
    }
}
