//! Pages to look at: one file each, with its style and its pictures in it. Nothing in
//! them runs, nothing is fetched, and what others wrote is text, whatever it holds.

mod chart;
mod evidence;
mod report;
mod table;

use jiff::ZonedDateTime;
use maud::{DOCTYPE, Markup, PreEscaped, html};

use crate::outcome::moment::timed;
use crate::words::{grouped, language, say};

pub use evidence::{Agreement, Evidence, HeldBy, evidence};
pub use report::report;

const STYLE: &str = include_str!("style.css");
/// All that a browser may do for such a page is apply its style. The icon keeps it from
/// asking a server for one.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; \
                      base-uri 'none'; form-action 'none'";
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// What a page begins and ends with.
struct Frame<'p> {
    /// What it is, above its title.
    kind: &'p str,
    title: &'p str,
    /// How it is to be read.
    about: &'p str,
    notes: &'p [String],
    made: &'p ZonedDateTime,
}

impl Frame<'_> {
    fn page(&self, sections: &Markup) -> String {
        let made = timed(self.made, "%H:%M");
        let maker = format!("leadctl {VERSION}");
        let page = html! {
            (DOCTYPE)
            html lang=(language()) {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta http-equiv="Content-Security-Policy" content=(POLICY);
                    meta name="robots" content="noindex";
                    meta name="generator" content=(maker);
                    link rel="icon" href="data:,";
                    title { (self.kind) " · " (self.title) }
                    style { (PreEscaped(STYLE)) }
                }
                body {
                    header {
                        p.over { (self.kind) }
                        h1 { (self.title) }
                        p { (self.about) }
                    }
                    main { (sections) }
                    footer {
                        @for note in self.notes { p { (note) } }
                        p { (maker) " · " (made) }
                    }
                }
            }
        };
        page.into_string()
    }
}

/// A part of the page under its heading.
fn section(class: &str, heading: &str, content: &Markup) -> Markup {
    html! {
        section class=[Some(class).filter(|class| !class.is_empty())] {
            h2 { (heading) }
            (content)
        }
    }
}

/// The names of columns: of texts, then of figures.
fn heads<T: AsRef<str>>(texts: &[T], figures: &[T]) -> Markup {
    html! {
        @for name in texts { th.text scope="col" { (name.as_ref()) } }
        @for name in figures { th scope="col" { (name.as_ref()) } }
    }
}

/// `79.7 %`; `None`: of nothing.
fn share(part: u64, whole: u64) -> Option<String> {
    let percent = part as f64 * 100.0 / whole as f64;
    (whole > 0).then(|| say!("number-percent", percent = grouped(format!("{percent:.1}"))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_of_nothing_is_none() {
        assert_eq!(share(0, 0), None);
        assert_eq!(share(2, 3).as_deref(), Some("66.7\u{a0}%"));
    }

    #[test]
    fn what_others_wrote_is_text() {
        let evil = "</style><script>alert(1)</script>\"'><img src=x onerror=y>";
        let frame = Frame {
            kind: "Leads",
            title: evil,
            about: evil,
            notes: &[evil.to_owned()],
            made: &"2026-12-01T08:12[UTC]".parse().unwrap(),
        };
        let content = table::table(
            evil,
            &heads(&[evil], &[evil]),
            &html! { tr { td { (evil) } } },
        );
        let page = frame.page(&section(evil, evil, &content));
        assert!(
            !page.contains("<script") && !page.contains("<img"),
            "{page}"
        );
        assert_eq!(page.matches("</style>").count(), 1);
    }
}
