//! `leadctl report`: how many leads each partner took in a month, and what that is worth.

mod tally;

use jiff::ZonedDateTime;
use jiff::civil::Date;

use self::tally::{Question, Tally};
use super::rows;
use super::saved::save;
use crate::calendar;
use crate::cli::{self, When};
use crate::error::Failure;
use crate::ledger::FileKind;
use crate::output::{Exit, Format, Layout, Report, ReportRow, report_file, report_page};
use crate::pipeline::ending;
use crate::session::Session;
use crate::words::say;

pub fn run(session: &Session, args: &cli::Report) -> anyhow::Result<Exit> {
    let Some(ledger) = rows::ledger(session)? else {
        return Ok(Exit::Done);
    };
    let now = calendar::now();
    let (since, until) = period(args, &now)?;
    let as_of = args.as_of.as_ref();
    let as_of = as_of.map(|when| last_day(when, &now)).transpose()?;
    if let Some(day) = as_of.filter(|day| *day >= now.date()) {
        let day = day.to_string();
        session.warnings.warn(&say!("report-day-not-over", day));
    }
    let today = as_of.map_or(now.date(), |day| day.min(now.date()));
    let moment = match as_of {
        Some(day) => after(day, &now)?,
        None => now.timestamp().as_millisecond() + 1,
    };
    let destinations = session.settings.catalogue.destinations.iter();
    let priced = destinations.filter(|it| !it.price.is_empty());
    let mut tally = Tally::new(Question {
        dated: args.dated.into(),
        by: args.by.clone(),
        since,
        until,
        zone: calendar::zone(),
        priced: priced.map(|it| it.name.clone()).collect(),
    });
    ledger.report(moment, |lead| tally.add(lead))?;
    let (report, recorded) = tally.finish(today);
    let report = Report {
        as_of,
        made_at: now.timestamp().as_millisecond(),
        zone: zone_name(&now),
        ..report
    };
    tell(session, &report, recorded);
    match &args.output {
        Some(path) => {
            let file = report_file(path, &report).map_err(|error| {
                let (path, why) = (path.as_path(), error.to_string());
                Failure::usage(say!("report-file-refused", path, why))
            })?;
            save(session, (&ledger, FileKind::Figures), path, &file)?;
        }
        None => print(session, &report)?,
    }
    Ok(Exit::Done)
}

fn print(session: &Session, report: &Report) -> Result<(), Failure> {
    let mut output = session.output(Layout::Pages);
    match session.format() {
        Format::Table => output.text(&report_page(report)),
        _ => report
            .groups
            .iter()
            .for_each(|group| output.fields(&ReportRow { report, group })),
    }
    ending::finish(output)?;
    Ok(())
}

/// What the figures alone don't say.
fn tell(session: &Session, report: &Report, recorded: u64) {
    let warnings = &session.warnings;
    if report.groups.is_empty() {
        warnings.note(&say!("report-no-lead"));
    }
    if report.unpriced > 0 {
        warnings.warn(&say!("report-unpriced", count = report.unpriced));
    }
    if recorded > 0 {
        warnings.note(&say!("report-recorded", count = recorded));
    }
}

/// The first and last day that were asked for.
fn period(
    args: &cli::Report,
    now: &ZonedDateTime,
) -> Result<(Option<Date>, Option<Date>), Failure> {
    let (since, until) = match &args.month {
        Some(month) => (Some(first_day(month, now)?), Some(last_day(month, now)?)),
        None => {
            let since = args.since.as_ref().map(|when| first_day(when, now));
            let until = args.until.as_ref().map(|when| last_day(when, now));
            (since.transpose()?, until.transpose()?)
        }
    };
    if let (Some(since), Some(until)) = (since, until)
        && since > until
    {
        let (since, until) = (since.to_string(), until.to_string());
        let what = say!("report-period-reversed", since, until);
        return Err(Failure::usage(what).hint(say!("report-period-reversed-hint")));
    }
    Ok((since, until))
}

fn first_day(when: &When, now: &ZonedDateTime) -> Result<Date, Failure> {
    Ok(when.on(now)?.start.date())
}

/// A moment means its day.
fn last_day(when: &When, now: &ZonedDateTime) -> Result<Date, Failure> {
    let period = when.on(now)?;
    let last = match period.start == period.end {
        true => period.end.date(),
        false => period.end.date().yesterday().unwrap_or(Date::MIN),
    };
    Ok(last)
}

/// The first moment after a day, milliseconds UTC.
fn after(day: Date, now: &ZonedDateTime) -> Result<i64, Failure> {
    let next = day.tomorrow();
    let next = next.and_then(|next| next.to_zoned_datetime(now.time_zone().clone()));
    let beyond = || Failure::usage(say!("report-beyond-calendar", day = day.to_string()));
    let next = next.map_err(|_| beyond())?;
    Ok(next.timestamp().as_millisecond())
}

/// `Europe/Paris`, else its hours.
fn zone_name(now: &ZonedDateTime) -> String {
    match now.time_zone().iana_name() {
        Some(name) => name.to_owned(),
        None => now.offset().to_string(),
    }
}
