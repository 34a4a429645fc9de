//! The page to show when somebody asks: what a person agreed to, when, where and in which
//! words, and which partners have their data.

use jiff::ZonedDateTime;
use maud::{Markup, html};

use super::table::table;
use super::{Frame, heads, section};
use crate::lead::State;
use crate::output::text::{clean, second};
use crate::words::say;

/// What is shown of one person. Instants are milliseconds UTC.
pub struct Evidence {
    /// Their name, as far as it is still known.
    pub name: String,
    /// How they are reached, each in its line.
    pub contacts: Vec<String>,
    /// The latest first.
    pub agreed: Vec<Agreement>,
    pub recipients: Vec<HeldBy>,
    /// When they said no, and when leadctl read it.
    pub withdrawn: Option<(i64, i64)>,
    /// The same of every no before, the latest first.
    pub noes_before: Vec<(i64, i64)>,
    pub blocked_since: Option<i64>,
    /// How many of the leads are known by their proof alone, of how many others nothing
    /// is kept any more, and how long it is after the last sending.
    pub purged: u64,
    pub over: u64,
    pub kept_for: String,
    pub made: ZonedDateTime,
}

/// What one row proves.
pub struct Agreement {
    pub at: i64,
    /// The person's word.
    pub given: String,
    pub place: Option<String>,
    /// The partners that were named to them.
    pub names: Option<String>,
    pub wording: Option<String>,
    /// Hashes (SHA-256) of the wording and of the row as it came.
    pub wording_hash: Option<String>,
    pub row_hash: String,
    /// File and line of the row.
    pub row: String,
    pub leads: Vec<i64>,
}

/// A partner that was sent the person, or may have been.
pub struct HeldBy {
    pub lead: i64,
    pub destination: String,
    pub about: Option<String>,
    /// Whom to ask there.
    pub ask: Option<String>,
    pub sent_at: Option<i64>,
    pub decided_at: Option<i64>,
    pub reference: Option<String>,
    pub state: State,
}

/// The page.
pub fn evidence(evidence: &Evidence) -> String {
    let sections = html! {
        (withdrawal(evidence))
        (noes_before(evidence))
        (recipients(evidence))
        @if evidence.agreed.is_empty() {
            (section("", &say!("evidence-agreed"), &html! { p.soft { (say!("evidence-no-proof")) } }))
        }
        @for agreement in &evidence.agreed { (agreed(agreement, evidence)) }
    };
    let name = match clean(&evidence.name) {
        name if name.is_empty() => say!("evidence-erased-person").into(),
        name => name,
    };
    let contacts: Vec<_> = evidence.contacts.iter().map(|it| clean(it)).collect();
    let frame = Frame {
        kind: &say!("evidence-kind"),
        title: &name,
        about: &contacts.join(" · "),
        notes: &notes(evidence),
        made: &evidence.made,
    };
    frame.page(&sections)
}

fn notes(evidence: &Evidence) -> Vec<String> {
    let zone = evidence.made.time_zone().iana_name();
    let mut notes = vec![match zone {
        Some(zone) => say!("evidence-zone", zone),
        None => say!("evidence-own-zone"),
    }];
    let time = &evidence.kept_for;
    let count = evidence.purged;
    if count > 0 {
        notes.push(match evidence.agreed.is_empty() {
            true => say!("evidence-erased-recipients", count, time),
            false => say!("evidence-erased-all", count, time),
        });
    }
    if evidence.over > 0 {
        notes.push(say!("evidence-over", count = evidence.over, time));
    }
    notes
}

impl Evidence {
    fn told(&self, at: Option<i64>) -> String {
        at.map_or_else(String::new, |at| second(at, self.made.time_zone()))
    }

    fn no(&self, (at, read_at): (i64, i64)) -> String {
        let (at, read_at) = (self.told(Some(at)), self.told(Some(read_at)));
        say!("evidence-withdrawn", at, read_at)
    }
}

fn withdrawal(evidence: &Evidence) -> Markup {
    let told = |at: i64| evidence.told(Some(at));
    let withdrawn = evidence.withdrawn.map(|no| evidence.no(no));
    let blocked = evidence.blocked_since;
    let blocked = blocked.map(|at| say!("evidence-blocked", at = told(at)));
    let no: Vec<String> = withdrawn.into_iter().chain(blocked).collect();
    html! {
        @if !no.is_empty() {
            (section("alarm", &say!("evidence-no-longer"), &html! {
                @for no in &no { p { b { (no) } } }
                p { (say!("evidence-tell-partners")) }
            }))
        }
    }
}

fn noes_before(evidence: &Evidence) -> Markup {
    html! {
        @if !evidence.noes_before.is_empty() {
            (section("", &say!("evidence-noes-before"), &html! {
                @for no in &evidence.noes_before { p { (evidence.no(*no)) } }
            }))
        }
    }
}

fn recipients(evidence: &Evidence) -> Markup {
    let heading = say!("evidence-recipients");
    let head = heads(
        &[
            say!("evidence-head-partner"),
            say!("evidence-head-reference"),
            say!("evidence-head-state"),
            say!("evidence-head-ask"),
        ],
        &[
            say!("evidence-head-sent"),
            say!("evidence-head-decided"),
            say!("evidence-head-lead"),
        ],
    );
    let or_none = |text: &Option<String>| {
        text.as_deref()
            .map(|text| clean(text).into_owned())
            .unwrap_or_default()
    };
    let body = html! {
        tbody {
            @for one in &evidence.recipients {
                tr {
                    th.text scope="row" { (clean(&one.destination)) " " span.soft { (or_none(&one.about)) } }
                    td.text { (or_none(&one.reference)) }
                    td.text { (one.state.in_words()) }
                    td.text { (or_none(&one.ask)) }
                    td { (evidence.told(one.sent_at)) }
                    td { (evidence.told(one.decided_at)) }
                    td { (one.lead) }
                }
            }
        }
    };
    section(
        "",
        &heading,
        &html! {
            @if evidence.recipients.is_empty() { p.soft { (say!("evidence-no-partner")) } } @else { (table(&heading, &head, &body)) }
        },
    )
}

fn agreed(agreement: &Agreement, evidence: &Evidence) -> Markup {
    let leads: Vec<String> = agreement.leads.iter().map(i64::to_string).collect();
    let facts = [
        (say!("evidence-word"), Some(agreement.given.as_str())),
        (say!("evidence-where"), agreement.place.as_deref()),
        (say!("evidence-partners-named"), agreement.names.as_deref()),
        (say!("evidence-row"), Some(&agreement.row)),
        (say!("evidence-lead"), Some(&leads.join(", "))),
        (say!("evidence-row-hash"), Some(&agreement.row_hash)),
        (
            say!("evidence-wording-hash"),
            agreement.wording_hash.as_deref(),
        ),
    ];
    let facts = facts
        .into_iter()
        .filter_map(|(label, text)| Some((label, text?)));
    let heading = say!("evidence-agreed-on", at = evidence.told(Some(agreement.at)));
    section(
        "",
        &heading,
        &html! {
            @if let Some(wording) = &agreement.wording {
                blockquote { @for line in wording.lines() { p { (clean(line)) } } }
            }
            dl { @for (label, text) in facts { dt { (label) } dd { (clean(text)) } } }
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(change: impl FnOnce(&mut Evidence)) -> String {
        let mut it = Evidence {
            name: "Léa <b>Martin</b>".into(),
            contacts: vec!["lea@example.fr".into()],
            agreed: vec![Agreement {
                at: 1_793_689_925_000,
                given: "oui".into(),
                place: Some("https://example.fr/form".into()),
                names: None,
                wording: Some("J'accepte d'être rappelée.\n<script>x</script>\u{202e}".into()),
                wording_hash: Some("ab".into()),
                row_hash: "cd".into(),
                row: "a.csv, line 2".into(),
                leads: vec![1, 2],
            }],
            recipients: vec![HeldBy {
                lead: 2,
                destination: "acme".into(),
                about: None,
                ask: Some("Mme Roy".into()),
                sent_at: Some(1_793_689_925_000),
                decided_at: None,
                reference: Some("R-7".into()),
                state: State::InDoubt,
            }],
            withdrawn: None,
            noes_before: Vec::new(),
            blocked_since: None,
            purged: 0,
            over: 0,
            kept_for: "5 years".into(),
            made: "2026-12-01T08:12[Europe/Paris]".parse().unwrap(),
        };
        change(&mut it);
        evidence(&it)
    }

    #[test]
    fn it_says_what_was_agreed_to_and_who_has_it() {
        let page = page(|_| ());
        for told in [
            "<h1>Léa &lt;b&gt;Martin&lt;/b&gt;</h1>",
            "Agreed on 3 Nov 2026 08:12:05",
            "<p>J'accepte d'être rappelée.</p><p>&lt;script&gt;x&lt;/script&gt;</p>",
            "<dt>lead</dt><dd>1, 2</dd>",
            "R-7",
            "in doubt",
            "Times are those of Europe/Paris.",
        ] {
            assert!(page.contains(told), "{told}\n{page}");
        }
        assert!(
            !page.contains("No longer agreed") && !page.contains("erased"),
            "{page}"
        );
    }

    #[test]
    fn after_a_no_it_says_what_to_tell_whom_and_after_a_purge_what_is_left() {
        let page = page(|it| {
            it.withdrawn = Some((1_793_689_925_000, 1_793_746_800_000));
            it.name.clear();
            it.contacts.clear();
            it.purged = 2;
            it.over = 1;
            it.noes_before = vec![(1_793_600_000_000, 1_793_746_800_000)];
        });
        for told in [
            "withdrawn on 3 Nov 2026 08:12:05; leadctl read",
            "by its reference",
            "A person whose data was erased",
            "The data of 2 leads was erased.",
            "kept for 5 years after the last sending",
            "The data of 1 lead was erased, and the last sending is more than 5 years ago",
            "When they said no before",
            "withdrawn on 2 Nov 2026 07:13:20; leadctl read",
        ] {
            assert!(page.contains(told), "{told}\n{page}");
        }
    }
}
