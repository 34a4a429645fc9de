//! What stdout receives, byte for byte.

use std::sync::{Arc, Mutex};

use jiff::tz::{self, TimeZone};

use super::super::Message;
use super::*;

/// A stdout that keeps what it receives until it is told to fail.
#[derive(Clone, Default)]
struct Screen {
    shown: Arc<Mutex<Vec<u8>>>,
    fault: Option<io::ErrorKind>,
}

impl Screen {
    fn text(&self) -> String {
        String::from_utf8(self.shown.lock().unwrap().clone()).unwrap()
    }
}

impl Write for Screen {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if let Some(fault) = self.fault {
            return Err(fault.into());
        }
        self.shown.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn output(screen: &Screen, format: Format, layout: Layout) -> Output {
    Output {
        sink: Box::new(screen.clone()),
        buffer: Vec::new(),
        format,
        layout,
        table: Table::new(Some(80), false),
        zone: TimeZone::fixed(tz::offset(1)),
        quiet: false,
        live: false,
        started: false,
        fault: None,
    }
}

fn row(line: u64, lead: &str, state: State) -> Row {
    Row {
        file: "leads.csv".into(),
        line: Some(line),
        id: Some(line as i64 + 100),
        lead: lead.into(),
        destination: "shop".into(),
        ..Row::new(state)
    }
}

fn rows() -> Vec<Row> {
    vec![
        Row {
            reference: Some("88412".into()),
            status: Some(201),
            attempts: 1,
            ..row(2, "Élodie N'Guyen", State::Pending)
        },
        Row {
            message: "phone \"06 39\": too short; a French number has 10 digits, \
                      such as 06 39 98 00 01"
                .into(),
            ..row(3, "株式会社テスト・インターナショナル", State::Invalid)
        },
        Row {
            reference: Some("3f2b8c1e-0000-4000-8000-123456789abc".into()),
            message: "sent on 3 November:\u{1b}\u{202e}already pending\n".into(),
            earlier: Some(State::Pending),
            ..row(120_345, "Jean", State::Skipped)
        },
    ]
}

#[test]
fn the_table_fits_80_columns_in_two_lines_a_row() {
    let screen = Screen::default();
    let mut output = output(&screen, Format::Table, Layout::Lines);
    rows().iter().for_each(|row| output.row(row));
    output.finish().unwrap();
    let expected = "
  line  lead                state      reference · message
     2  Élodie N'Guyen      pending    88412
     3  株式会社テスト・…   invalid    phone \"06 39\": too short; a French number
                                       has 10 digits, such as 06 39 98 00 01
120345  Jean                skipped    sent on 3 November: already pending · 3f…
";
    assert_eq!(format!("\n{}", screen.text()), expected);
    assert!(screen.text().lines().all(|line| text::width(line) <= 80));
}

#[test]
fn elsewhere_than_on_a_terminal_every_cell_is_whole() {
    let screen = Screen::default();
    let mut piped = output(&screen, Format::Table, Layout::Lines);
    piped.table = Table::new(None, false);
    rows().iter().for_each(|row| piped.row(row));
    piped.finish().unwrap();
    let expected = "
line\tlead\tstate\treference\tmessage
2\tÉlodie N'Guyen\tpending\t88412\t
3\t株式会社テスト・インターナショナル\tinvalid\t\tphone \"06 39\": too short; a French number has 10 digits, such as 06 39 98 00 01
120345\tJean\tskipped\t3f2b8c1e-0000-4000-8000-123456789abc\tsent on 3 November: already pending
";
    assert_eq!(format!("\n{}", screen.text()), expected);
}

#[test]
fn the_same_message_is_told_once() {
    let screen = Screen::default();
    let mut table = output(&screen, Format::Table, Layout::Lines);
    for line in [4, 5, 6] {
        let message = match line {
            5 => Message::from("full"),
            _ => "this programme is full".into(),
        };
        let row = row(line, "Jean", State::Rejected);
        table.row(&Row { message, ..row });
    }
    table.finish().unwrap();
    let expected = "
  line  lead                state      reference · message
     4  Jean                rejected   this programme is full
     5  Jean                rejected   full
     6  Jean                rejected   as line 4
";
    assert_eq!(format!("\n{}", screen.text()), expected);
}

#[test]
fn several_files_are_told_apart_and_stored_leads_show_their_id() {
    let screen = Screen::default();
    let mut files = output(&screen, Format::Table, Layout::Files);
    files.row(&row(7, "Jean", State::Unsent));
    files.row(&Row {
        file: "exports/november-2026.csv".into(),
        ..row(12, "Jean", State::Delivered)
    });
    files.finish().unwrap();
    let mut ids = output(&screen, Format::Table, Layout::Ids);
    ids.row(&row(7, "Jean", State::Approved));
    ids.finish().unwrap();
    let expected = "
file:line        lead             state      reference · message
leads.csv:7      Jean             unsent
…er-2026.csv:12  Jean             delivered
    id  lead                state      reference · message
   107  Jean                approved
";
    assert_eq!(format!("\n{}", screen.text()), expected);
}

#[test]
fn colour_paints_the_state_and_moves_nothing() {
    let screen = Screen::default();
    let mut output = output(&screen, Format::Table, Layout::Lines);
    output.table = Table::new(Some(80), true);
    output.row(&rows()[1]);
    output.finish().unwrap();
    let painted = screen.text();
    assert!(
        painted.contains("\u{1b}[31minvalid\u{1b}[0m  "),
        "{painted:?}"
    );
    let plain = anstream::adapter::strip_str(&painted).to_string();
    assert!(plain.contains("株式会社テスト・…   invalid    phone"));
}

#[test]
fn json_has_the_fields_of_the_contract_in_their_order() {
    let screen = Screen::default();
    let mut sent = output(&screen, Format::Json, Layout::Lines);
    sent.row(&Row {
        message: "say \"oui\"\n\u{1b}".into(),
        ..rows().remove(0)
    });
    sent.json("{\"state\":\"ready\"}");
    sent.finish().unwrap();
    assert_eq!(
        screen.text(),
        "{\"file\":\"leads.csv\",\"line\":2,\"id\":102,\"lead\":\"Élodie N'Guyen\",\
         \"destination\":\"shop\",\"source\":null,\"state\":\"pending\",\"reason\":null,\"route\":null,\"reference\":\"88412\",\
         \"message\":\"say \\\"oui\\\"\\n\\u001b\",\"status\":201,\"attempts\":1}\n\
         {\"state\":\"ready\"}\n"
    );
}

#[test]
fn history_adds_its_instants() {
    let past = Row {
        times: Some(Times {
            sent_at: Some(1_793_689_925_000),
            decided_at: None,
            expires_at: Some(1_793_689_925_120),
        }),
        message: "the partner's decision comes later".into(),
        ..rows().remove(0)
    };
    let screen = Screen::default();
    let mut json = output(&screen, Format::Json, Layout::History);
    json.row(&past);
    json.finish().unwrap();
    assert!(screen.text().ends_with(
        ",\"attempts\":1,\"sent_at\":\"2026-11-03T07:12:05.000Z\",\"decided_at\":null,\
         \"expires_at\":\"2026-11-03T07:12:05.120Z\"}\n"
    ));
    let screen = Screen::default();
    let mut table = output(&screen, Format::Table, Layout::History);
    // Of a year that is over, whenever the test runs.
    let times = Some(Times {
        sent_at: Some(1_762_153_925_000),
        decided_at: None,
        expires_at: None,
    });
    let past = Row { times, ..past };
    table.row(&past);
    table.row(&Row {
        message: "this programme takes no more leads".into(),
        state: State::Rejected,
        ..past
    });
    table.finish().unwrap();
    let expected = "
    id  sent               destination   lead             state      reference · message
   102  3 Nov 2025         shop          Élodie N'Guyen   pending    88412
   102  3 Nov 2025         shop          Élodie N'Guyen   rejected
        88412 · this programme takes no more leads
";
    assert_eq!(format!("\n{}", screen.text()), expected);
}

#[test]
fn csv_has_one_header_and_harmless_cells() {
    let screen = Screen::default();
    let mut csv = output(&screen, Format::Csv, Layout::Lines);
    csv.row(&Row {
        message: "=1+1, \"quoted\"\nsecond".into(),
        ..rows().remove(0)
    });
    csv.row(&row(3, "+33639980001", State::Unsent));
    csv.finish().unwrap();
    assert_eq!(
        screen.text(),
        "file,line,id,lead,destination,source,state,reason,route,reference,message,status,attempts\n\
         leads.csv,2,102,Élodie N'Guyen,shop,,pending,,,88412,\"'=1+1, \"\"quoted\"\" second\",201,1\n\
         leads.csv,3,103,+33639980001,shop,,unsent,,,,,,0\n"
    );
    let screen = Screen::default();
    output(&screen, Format::Csv, Layout::Status)
        .finish()
        .unwrap();
    assert_eq!(
        screen.text(),
        "destination,sent_today,sent_this_month,states,oldest_open,last_success,last_run,next\n"
    );
}

#[test]
fn quiet_keeps_only_what_needs_a_person() {
    let screen = Screen::default();
    let mut quiet = output(&screen, Format::Table, Layout::Lines);
    quiet.quiet = true;
    quiet.row(&rows()[0]);
    quiet.row(&rows()[2]);
    quiet.flush();
    assert_eq!(screen.text(), "");
    quiet.row(&rows()[1]);
    quiet.finish().unwrap();
    assert!(screen.text().contains("invalid"));
}

#[test]
fn rows_wait_for_a_flush_unless_somebody_watches() {
    let screen = Screen::default();
    let mut piped = output(&screen, Format::Json, Layout::Lines);
    piped.row(&rows()[0]);
    assert_eq!(screen.text(), "");
    piped.flush();
    assert_eq!(screen.text().lines().count(), 1);
    piped.live = true;
    piped.row(&rows()[0]);
    assert_eq!(screen.text().lines().count(), 2);
}

#[test]
fn a_reader_that_went_away_is_quiet_and_a_full_disk_is_told() {
    for (fault, told) in [
        (io::ErrorKind::BrokenPipe, false),
        (io::ErrorKind::StorageFull, true),
    ] {
        let screen = Screen {
            fault: Some(fault),
            ..Screen::default()
        };
        let mut lost = output(&screen, Format::Json, Layout::Lines);
        assert!(!lost.closed());
        lost.row(&rows()[0]);
        lost.flush();
        assert!(lost.closed());
        lost.row(&rows()[1]);
        lost.text("page");
        assert!(lost.buffer.is_empty());
        assert_eq!(lost.finish().is_err(), told, "{fault}");
    }
}
