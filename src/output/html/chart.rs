//! Pictures as SVG: bars over time, one bar of shares, bars beside figures. They stretch
//! with the page; letters must not, so what is written beside them is HTML.

use jiff::ToSpan;
use jiff::civil::Date;
use maud::{Markup, html};

use crate::outcome::moment::{brief_day, brief_month, date, month_of_year};
use crate::output::report::head;
use crate::words::{grouped, say};

/// Series of bars at most; the last is for all others.
pub const SERIES: usize = 7;

/// How much time a bar stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Day,
    Month,
}

/// The bars of a period, one after the other: days without a lead have their place.
pub struct Bins {
    step: Step,
    starts: Vec<Date>,
}

impl Bins {
    /// Both ends included; few enough to be told apart.
    pub fn between(first: Date, last: Date) -> Self {
        let step = match (last - first).get_days() {
            ..=92 => Step::Day,
            _ => Step::Month,
        };
        let mut starts = vec![step.start(first)];
        while let Some(next) = starts.last().and_then(|start| step.next(*start))
            && next <= last
        {
            starts.push(next);
        }
        Self { step, starts }
    }

    /// Which one a day belongs to.
    pub fn of(&self, day: Date) -> Option<usize> {
        self.starts.binary_search(&self.step.start(day)).ok()
    }

    pub fn len(&self) -> usize {
        self.starts.len()
    }

    /// What one of them is.
    pub fn word(&self) -> String {
        match self.step {
            Step::Day => head("day"),
            Step::Month => head("month"),
        }
    }

    /// What a picture of them shows.
    pub fn heading(&self) -> String {
        match self.step {
            Step::Day => say!("page-accepted-by-day"),
            Step::Month => say!("page-accepted-by-month"),
        }
    }

    pub fn labels(&self) -> impl Iterator<Item = String> {
        let label = match self.step {
            Step::Day => date,
            Step::Month => month_of_year,
        };
        self.starts.iter().map(move |start| label(*start))
    }

    /// What stands under each; under most, nothing.
    fn ticks(&self) -> impl Iterator<Item = String> {
        let mut before = None;
        self.starts.iter().enumerate().map(move |(at, day)| {
            let new_month = before.replace(day.month()) != Some(day.month());
            match self.step {
                Step::Day if new_month => brief_day(*day),
                // Not beside the first, nor before the next month's.
                Step::Day if day.day() % 5 == 0 && day.day() < 30 && at > 2 => {
                    day.day().to_string()
                }
                Step::Month if day.month() == 1 => day.year().to_string(),
                Step::Month if self.len() <= 14 => brief_month(*day),
                _ => String::new(),
            }
        })
    }
}

impl Step {
    fn start(self, day: Date) -> Date {
        match self {
            Self::Day => day,
            Self::Month => day.first_of_month(),
        }
    }

    fn next(self, start: Date) -> Option<Date> {
        let span = match self {
            Self::Day => 1.days(),
            Self::Month => 1.months(),
        };
        start.checked_add(span).ok()
    }
}

/// A name, and its figure in each bin.
pub struct Series {
    pub name: String,
    pub parts: Vec<u64>,
}

impl Series {
    pub fn sum(&self) -> u64 {
        self.parts.iter().sum()
    }
}

/// A colour's class in the style, and a swatch of it.
fn class(colour: usize) -> String {
    format!("s{colour}")
}

pub fn key(colour: usize) -> Markup {
    html! {
        svg.key viewBox="0 0 12 12" aria-hidden="true" {
            rect class=(class(colour)) width="12" height="12" rx="2" {}
        }
    }
}

/// How high the picture is in its own measure, and how wide a bar's place is.
const HEIGHT: f64 = 180.0;
const PLACE: f64 = 10.0;

/// Bars over time, each in the parts of its series.
pub fn bars(title: &str, bins: &Bins, series: &[Series]) -> Markup {
    let labels: Vec<String> = bins.labels().collect();
    let all = |bin: usize| series.iter().map(|one| one.parts[bin]).sum::<u64>();
    let highest = (0..bins.len()).map(all).max().unwrap_or(0);
    let step = step(highest);
    let lines: Vec<u64> = (0..=highest.div_ceil(step).max(1))
        .map(|line| line * step)
        .collect();
    let top = lines.last().copied().unwrap_or(1) as f64;
    let high = |value: u64| value as f64 * HEIGHT / top;
    let wide = bins.len() as f64 * PLACE;
    html! {
        div.chart {
            div.ys aria-hidden="true" { @for line in &lines { span { (grouped(line)) } } }
            svg role="img" aria-label=(title) viewBox={ "0 0 " (wide) " " (HEIGHT) } preserveAspectRatio="none" {
                @for line in &lines {
                    @let y = rounded(HEIGHT - high(*line));
                    line x1="0" x2=(wide) y1=(y) y2=(y) {}
                }
                @for (bin, label) in labels.iter().enumerate() {
                    @let x = bin as f64 * PLACE;
                    @let mut below = 0;
                    @for (colour, part) in series.iter().map(|one| one.parts[bin]).enumerate().filter(|(_, part)| *part > 0) {
                        @let y = { below += part; rounded(HEIGHT - high(below)) };
                        // A gap tells two parts apart where colours don't.
                        rect class=(class(colour)) x=(rounded(x + 1.2)) width=(PLACE - 2.4) y=(y) height=(rounded((high(part) - 0.8).max(0.6))) {}
                    }
                    rect.touch x=(x) y="0" width=(PLACE) height=(HEIGHT) {
                        title { (told(label, all(bin), bin, series)) }
                    }
                }
            }
            div.xs aria-hidden="true" { @for tick in bins.ticks() { span { (tick) } } }
        }
    }
}

/// What a bar says when it is pointed at.
fn told(label: &str, all: u64, bin: usize, series: &[Series]) -> String {
    let there = series.iter().filter(|one| one.parts[bin] > 0);
    let parts = there.map(|one| (one.name.as_str(), one.parts[bin]));
    let lines = std::iter::once((label, all)).chain(parts);
    let lines = lines.map(|(name, count)| say!("page-part", name, count = grouped(count)));
    lines.collect::<Vec<_>>().join("\n")
}

/// One bar, in the parts of a whole, each with its colour.
pub fn shares(title: &str, parts: &[(usize, u64)]) -> Markup {
    let whole: u64 = parts.iter().map(|(_, count)| count).sum();
    let x = |count: u64| rounded(count as f64 * 1000.0 / whole.max(1) as f64);
    let mut before = 0;
    html! {
        svg.share role="img" aria-label=(title) viewBox="0 0 1000 28" preserveAspectRatio="none" {
            @for (colour, count) in parts.iter().filter(|(_, count)| *count > 0) {
                @let from = { before += count; before - count };
                rect class=(class(*colour)) x=(x(from)) width=(x(*count)) height="28" {}
            }
        }
    }
}

/// A bar beside a figure, as long as its share of the largest.
pub fn bar(value: u64, largest: u64) -> Markup {
    let wide = rounded(value as f64 * 100.0 / largest.max(1) as f64);
    html! {
        svg viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true" {
            rect.s0 width=(wide) height="10" {}
        }
    }
}

/// Between two lines: 1, 2 or 5 and noughts, so that there are five lines at most.
fn step(highest: u64) -> u64 {
    let powers = (0..18).map(|power| 10_u64.pow(power));
    let mut steps = powers.flat_map(|power| [1, 2, 5].map(|times| times * power));
    steps.find(|step| step * 4 >= highest).unwrap_or(u64::MAX)
}

fn rounded(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn a_period_is_told_in_as_many_bars_as_can_be_told_apart() {
        for (last, word, count, ticks) in [
            (date(2026, 11, 1), "day", 1, "1 Nov"),
            (date(2026, 11, 30), "day", 30, "1 Nov 5 10 15 20 25"),
            (
                date(2027, 1, 1),
                "day",
                62,
                "1 Nov 5 10 15 20 25 1 Dec 5 10 15 20 25 1 Jan",
            ),
            (
                date(2027, 10, 31),
                "month",
                12,
                "Nov Dec 2027 Feb Mar Apr May Jun Jul Aug Sep Oct",
            ),
            (date(2028, 10, 31), "month", 24, "2027 2028"),
        ] {
            let bins = Bins::between(date(2026, 11, 1), last);
            assert_eq!((bins.word().as_str(), bins.len()), (word, count), "{last}");
            let under: Vec<String> = bins.ticks().filter(|tick| !tick.is_empty()).collect();
            assert_eq!(under.join(" "), ticks);
            assert_eq!(bins.of(date(2026, 11, 1)), Some(0));
            assert_eq!(bins.of(last), Some(count - 1));
            assert_eq!(bins.labels().count(), count);
        }
    }

    #[test]
    fn lines_are_round_and_few() {
        for (highest, between) in [
            (0, 1),
            (1, 1),
            (4, 1),
            (5, 2),
            (9, 5),
            (20, 5),
            (21, 10),
            (1_234, 500),
        ] {
            assert_eq!(step(highest), between, "{highest}");
        }
    }

    #[test]
    fn what_is_drawn_sums_to_what_is_told() {
        let bins = Bins::between(date(2026, 11, 1), date(2026, 11, 2));
        let series = |name: &str, parts: [u64; 2]| Series {
            name: name.into(),
            parts: parts.into(),
        };
        let drawn = bars("x", &bins, &[series("a", [1, 0]), series("<b>", [2, 0])]).into_string();
        assert!(
            drawn.contains("1 Nov 2026: 3\na: 1\n&lt;b&gt;: 2"),
            "{drawn}"
        );
        assert!(drawn.contains("2 Nov 2026: 0<"), "{drawn}");
        let heights = drawn.matches("class=\"s").count();
        assert_eq!(heights, 2, "{drawn}");
        let shares = shares("x", &[(0, 1), (5, 0), (6, 3)]).into_string();
        assert!(shares.contains("x=\"250\" width=\"750\""), "{shares}");
    }
}
