//! Proves a destination: its address, its secret, its key, and every example
//! read by the very judge that reads the real answers; with `--online` by one
//! harmless read, which may tell too what a contact must have there. Sends
//! nothing, and never tells a secret.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::SystemTime;

use crate::commands::asking::{self, Asker};
use crate::commands::identity;
use crate::commands::partner_settings::mandatory;
use crate::config::{Call, Destination, Example, Place, Secret, Target, Then};
use crate::error::Failure;
use crate::http::{self, Answer, Reply};
use crate::lead::text::all_of;
use crate::ledger::{Ledger, Mode};
use crate::mapping::{self, change};
use crate::outcome::{Judge, Meaning, Verdict, moment};
use crate::output::{Command, Exit, variable};
use crate::pipeline::{Prepared, ending};
use crate::session::{Session, credentials, opening, secrets};
use crate::words::say;

/// Lines told of one missing field at most.
const LINES: usize = 5;

/// What examples should show, and the status that it often has.
const SHOWN: [(Then, u16); 3] = [
    (Then::Delivered, 200),
    (Then::Duplicate, 409),
    (Then::Rejected, 422),
];

/// What was found out about a destination.
#[derive(Debug)]
pub struct Proof<'d> {
    pub destination: &'d Destination,
    /// Examples that were read as they must be.
    pub proven: usize,
    /// What would stop every lead until somebody gives it: an address, a secret.
    pub missing: Vec<Failure>,
    /// What is wrong.
    pub wrong: Vec<Failure>,
    /// Worth knowing.
    pub notes: Vec<String>,
    /// Worth knowing of what was sent before.
    pub past: Vec<String>,
    /// What asking the partner came to.
    pub heard: Vec<String>,
    /// Why the partner, asked, proved nothing: it would stop every lead.
    pub refused: Option<Failure>,
    /// Targets that a contact must have at this partner.
    mandatory: Vec<String>,
}

/// Proves each, with what the ledger says of it that `send` would refuse or
/// warn of. Looks only: a check settles no lead.
pub fn prove_all<'d>(
    session: &Session,
    destinations: &[&'d Destination],
) -> Result<Vec<Proof<'d>>, Failure> {
    if destinations.is_empty() {
        return Ok(Vec::new());
    }
    let settings = &session.settings;
    let ledger = Ledger::open(&settings.ledger, Mode::Existing);
    if let Err(error) = ledger.as_ref()
        && !error.is_missing()
    {
        session.warnings.warn(&error.to_string());
    }
    let mut proofs = Vec::new();
    for destination in destinations {
        let mut proof = Proof::of(destination, settings.folder());
        if let Ok(ledger) = &ledger {
            let changed = identity::changed_key(ledger, destination)?;
            proof.wrong.extend(changed);
            proof.past = identity::unknown_names(ledger, destination, &settings.catalogue)?;
        }
        proofs.push(proof);
    }
    Ok(proofs)
}

/// Something to put right, on one line.
pub fn in_words(found: &Failure) -> String {
    let place = found.place.as_ref().map(|place| format!("{place}: "));
    let hint = found.hint.as_ref().map(|hint| format!(" ({hint})"));
    let (place, hint) = (place.unwrap_or_default(), hint.unwrap_or_default());
    format!("{place}{}{hint}", found.what)
}

impl<'d> Proof<'d> {
    /// `beside`: the configuration's folder, where relative secret files lie.
    fn of(destination: &'d Destination, beside: &Path) -> Self {
        let mut proof = Self {
            destination,
            proven: 0,
            missing: Vec::from_iter(opening::require_base(destination).err()),
            wrong: Vec::from_iter(opening::require_key(destination).err()),
            notes: Vec::new(),
            past: Vec::new(),
            heard: Vec::new(),
            refused: None,
            mandatory: Vec::new(),
        };
        if destination.paused {
            proof.notes.push(ending::paused(destination));
        }
        proof.look_for_secret(beside);
        proof.look_for_certificates();
        proof.look_for_success();
        for example in &destination.examples {
            proof.try_example(example);
        }
        proof.look_for_examples();
        proof
    }

    /// Where it stands, in a word.
    pub fn state(&self) -> &'static str {
        match self.refused.as_ref().map(|failure| failure.exit) {
            _ if !self.wrong.is_empty() => "wrong",
            _ if !self.missing.is_empty() => "incomplete",
            None => "ok",
            Some(Exit::Usage | Exit::Refused) => "refused",
            Some(_) => "unproven",
        }
    }

    /// The same for people.
    pub fn state_in_words(&self) -> String {
        match self.state() {
            "wrong" => say!("check-state-wrong"),
            "incomplete" => say!("check-state-incomplete"),
            "refused" => say!("check-state-refused"),
            "unproven" => say!("check-state-unproven"),
            _ => say!("check-state-ok"),
        }
    }

    /// `strict`: what is only missing so far is a failure too.
    pub fn fails(&self, strict: bool) -> bool {
        !self.wrong.is_empty() || strict && !self.missing.is_empty()
    }

    fn look_for_secret(&mut self, beside: &Path) {
        let mut are_there = true;
        for (_, secret) in self.destination.auth.secrets() {
            let place = secrets::place(secret);
            match secrets::is_there(secret, beside) {
                Some(true) => {}
                Some(false) => {
                    are_there = false;
                    let what = say!("check-secret-missing", place);
                    self.missing.push(Failure::usage(what).hint(match secret {
                        Secret::Env(name) => variable(name, "…"),
                        _ => say!("check-secret-write"),
                    }));
                }
                None => {
                    are_there = false;
                    self.notes.push(say!("check-secret-command", place));
                }
            }
        }
        if are_there {
            let found = credentials::look(self.destination, beside);
            self.wrong.extend(found.err());
        }
        let exposed = credentials::exposed(self.destination, beside);
        self.notes.extend(exposed);
    }

    fn look_for_certificates(&mut self) {
        let (ca, own) = (&self.destination.ca, &self.destination.auth.certificate);
        let theirs = http::check_certificates(ca.as_deref(), None).err();
        let ours = http::check_certificates(None, own.as_ref()).err();
        for (wrong, hint) in [
            (theirs, say!("check-certificate-theirs")),
            (ours, say!("check-certificate-ours")),
        ] {
            self.wrong.extend(wrong.map(|why| {
                let name = &self.destination.name;
                Failure::usage(say!("check-of", what = name, told = why.to_string())).hint(hint)
            }));
        }
    }

    fn look_for_success(&mut self) {
        let destination = self.destination;
        if !destination.send.proves_success() {
            let name = &destination.name;
            self.notes.push(say!("check-no-success", name));
        }
        let mut from_rows: Vec<&str> = destination.send.placeholders().collect();
        from_rows.retain(|name| destination.needs(name));
        if !from_rows.is_empty() {
            let fields = all_of(&from_rows);
            self.notes.push(say!("check-from-rows", fields));
        }
    }

    /// What no example shows, and what would become of it. The catalogue's own show what
    /// the partner's documents tell.
    fn look_for_examples(&mut self) {
        let destination = self.destination;
        let mut places = destination.examples.iter().map(|example| &example.place);
        if destination.place.is_built_in() || places.any(Place::is_built_in) {
            return;
        }
        for (means, status) in SHOWN {
            let is_it = |then: Then| match means {
                Then::Delivered => then.is_success(),
                means => then == means,
            };
            let rules = || {
                destination
                    .send
                    .rules
                    .iter()
                    .filter(|rule| is_it(rule.then))
            };
            let mut examples = destination.examples.iter();
            let is_shown = examples.any(|it| it.call == "send" && is_it(it.means));
            // That no rule tells a success was told.
            if is_shown || means == Then::Delivered && rules().next().is_none() {
                continue;
            }
            let status = rules().find_map(|rule| rule.status()).unwrap_or(status);
            let would_be = match self.read(&destination.send, status, &[], "").meaning {
                Meaning::Then(then) => format!("{} ({})", then.as_str(), then.in_words()),
                Meaning::Unreachable => continue,
            };
            let name = &destination.name;
            self.notes.push(match means {
                Then::Delivered => say!("check-no-example-success", status, would_be, name),
                Then::Duplicate => say!("check-no-example-duplicate", status, would_be, name),
                _ => say!("check-no-example-refusal", status, would_be, name),
            });
        }
    }

    /// What an answer would be read as.
    fn read(&self, call: &Call, status: u16, headers: &[(String, String)], body: &str) -> Verdict {
        let headers = headers.iter();
        let headers = headers.map(|(name, value)| (name.to_ascii_lowercase(), value.clone()));
        let answer = Answer {
            status,
            headers: headers.collect(),
            body: body.as_bytes().to_vec(),
            ..Answer::default()
        };
        let judge = Judge::new(self.destination, call);
        judge.verdict(&Reply::Replied(answer), SystemTime::now())
    }

    fn try_example(&mut self, example: &Example) {
        let (destination, place) = (self.destination, &example.place);
        let Some(call) = destination.call(&example.call) else {
            return;
        };
        let verdict = self.read(call, example.status, &example.headers, &example.body);
        let told = differences(&verdict, example).join("; ");
        if told.is_empty() {
            self.proven += 1;
            return;
        }
        let called = match &example.about {
            Some(about) => say!("check-example", about = &**about),
            None => say!("check-example-status", status = example.status),
        };
        let name = &destination.name;
        let failure = Failure::usage(say!("check-of", what = called, told));
        let failure = failure.at(place.to_string());
        self.wrong
            .push(failure.hint(match place.file == destination.place.file {
                true => say!("check-example-correct", name, call = &example.call),
                false => say!("check-example-inherited", name),
            }));
    }

    /// `--online`: asks the partner. `named`: by the user; else it may be one of
    /// many and not in use yet, and what can't be asked is no failure. `defaults`:
    /// what fills the address's placeholders where the table has none.
    pub fn ask(&mut self, session: &Session, defaults: &[(String, String)], named: bool) {
        let asked = match self.missing.first().filter(|_| !named) {
            Some(missing) => Err(missing.clone()),
            None => self.asked(session, defaults),
        };
        match asked {
            Ok(refused) => self.refused = refused,
            Err(why) if named => self.refused = Some(why),
            Err(why) => self.hear(&say!("check-not-asked", why = in_words(&why))),
        }
    }

    fn hear(&mut self, what: &str) {
        let name = &self.destination.name;
        self.heard.push(say!("check-of", what = name, told = what));
    }

    /// Why the partner refuses, if it does.
    ///
    /// # Errors
    /// It can't be asked.
    fn asked(
        &mut self,
        session: &Session,
        defaults: &[(String, String)],
    ) -> Result<Option<Failure>, Failure> {
        let destination = self.destination;
        let settings = destination.settings.as_ref();
        if destination.online.is_none() && settings.is_none() {
            self.hear(&say!("check-nothing-to-ask"));
            return Ok(None);
        }
        let command = Command::new(["check", "--to", &destination.name, "--online"]);
        let asker = Asker::new(session, destination, defaults, command)?;
        if let Some(call) = &destination.online {
            let verdict = asker.ask(call, None)?.verdict;
            let base = destination.base.as_deref().unwrap_or_default();
            match verdict.meaning {
                Meaning::Then(then) if then.is_success() => {
                    self.hear(&say!("check-answered", base));
                }
                Meaning::Then(Then::Rejected) => self.hear(&verdict.message),
                _ => return Ok(Some(asking::failure(destination, &verdict))),
            }
        }
        if let Some(settings) = settings.filter(|it| it.mandatory.is_some()) {
            let heard = asker.ask(&settings.read, None)?;
            match (heard.json, heard.verdict.status) {
                (Some(there), _) => {
                    self.mandatory = mandatory(settings, &there);
                    self.hear_mandatory();
                }
                // To send is another right than to read.
                (None, Some(403)) => self.hear(&say!("check-mandatory-unread")),
                (None, _) => return Ok(Some(asking::failure(destination, &heard.verdict))),
            }
        }
        Ok(None)
    }

    /// The fields that a contact must have there, by the partner's settings.
    fn hear_mandatory(&mut self) {
        let (all, name) = (self.mandatory.join(", "), &self.destination.name);
        let mut unsent: Vec<&str> = self.mandatory.iter().map(String::as_str).collect();
        unsent.retain(|target| {
            self.destination
                .fields
                .iter()
                .all(|it| it.target.as_str() != *target)
        });
        let unsent = unsent.join(", ");
        let add = (!unsent.is_empty()).then(|| say!("check-mandatory-unsent", unsent, name));
        if !all.is_empty() {
            self.hear(&say!("check-mandatory", all));
        }
        add.iter().for_each(|add| self.hear(add));
    }

    /// What a lead lacks of the mandatory fields; nothing is asked of one that
    /// is invalid anyhow.
    pub fn lacking(&self, prepared: &Prepared<'_>) -> Vec<&str> {
        let mut targets: Vec<&str> = self.mandatory.iter().map(String::as_str).collect();
        match &prepared.ready {
            Ok(sendable) if !targets.is_empty() => {
                let body = sendable.request.body.as_deref().unwrap_or_default();
                let body = mapping::sent(body).unwrap_or_default();
                targets.retain(|target| {
                    let target = Target::from((*target).to_owned());
                    change::sent_at(&body, &target).is_none()
                });
            }
            _ => targets.clear(),
        }
        targets
    }

    /// Tells which leads of a file lack what; whether any does.
    pub fn tell_lacking(&self, session: &Session, file: &str, lacking: &Lacking<'_>) -> Exit {
        for (target, lines) in lacking {
            let first: Vec<String> = lines.iter().take(LINES).map(u64::to_string).collect();
            let more = if lines.len() > LINES { "…" } else { "" };
            let (target, count) = (*target, lines.len());
            let mut fields = self.destination.fields.iter();
            let field = fields.find(|field| field.target.as_str() == target);
            let column = field.and_then(|field| field.rule.from.first());
            let (name, lines) = (&self.destination.name, first.join(", ") + more);
            session.warnings.warn(&match column {
                None => say!("check-lacking", file, count, target, name, lines),
                Some(column) => {
                    say!(
                        "check-lacking-column",
                        file,
                        count,
                        target,
                        column,
                        name,
                        lines
                    )
                }
            });
        }
        match lacking.is_empty() {
            true => Exit::Done,
            false => Exit::Refused,
        }
    }
}

/// The lines of leads that lack something mandatory, by its target.
pub type Lacking<'a> = BTreeMap<&'a str, Vec<u64>>;

/// What the answer was read as, where that is not what the example says.
fn differences(verdict: &Verdict, example: &Example) -> Vec<String> {
    let mut told = Vec::new();
    if verdict.meaning != Meaning::Then(example.means) {
        let read = match verdict.meaning {
            Meaning::Then(then) => then.as_str().to_owned(),
            Meaning::Unreachable => say!("check-unreachable"),
        };
        let means = example.means.as_str();
        told.push(say!("check-example-means", means, read));
    }
    if let Some(reference) = &example.reference
        && verdict.reference.as_ref() != Some(reference)
    {
        told.push(match &verdict.reference {
            Some(read) => say!("check-example-reference", reference, read),
            None => say!("check-example-no-reference", reference),
        });
    }
    if let Some(message) = &example.message
        && !verdict.message.contains(&**message)
    {
        let (message, read) = (&**message, &verdict.message);
        told.push(say!("check-example-message", message, read));
    }
    for (word, at) in [("expires", &verdict.expires), ("decided", &verdict.decided)] {
        let at = at.as_deref().unwrap_or_default();
        if !at.trim().is_empty() && !moment::is_readable(at) {
            told.push(say!("check-example-no-date", word, at));
        }
    }
    told
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Catalogue;

    fn shop(text: &str) -> Catalogue {
        let text = format!(
            "[shop]\nbase = \"https://shop.example.fr\"\nkey = [\"email\"]\nfields = {{ mail = \"email\" }}\n{text}"
        );
        Catalogue::load(Some(("p.toml", &text))).unwrap()
    }

    fn wrong(text: &str) -> Vec<String> {
        let catalogue = shop(text);
        let proof = Proof::of(catalogue.get("shop").unwrap(), Path::new("."));
        let words = |found: Failure| format!("{} {}", found.place.unwrap_or_default(), found.what);
        proof.wrong.into_iter().map(words).collect()
    }

    #[test]
    fn an_example_is_proven_by_the_rules() {
        let rules = "send.rules = [{ when = { status = 201 }, then = \"delivered\", reference = \"/id\" }]\n";
        let good = "[[shop.examples]]\nstatus = 201\nbody = '{\"id\":7}'\nmeans = \"delivered\"\nreference = \"7\"\n";
        assert!(wrong(&format!("{rules}{good}")).is_empty());
        let bad = good.replace("\"7\"\n", "\"8\"\nmessage = \"thanks\"\n");
        let told = wrong(&format!("{rules}{bad}"));
        assert_eq!(told.len(), 1);
        for words in [
            "p.toml:6 ",
            "must be \"8\", but \"7\"",
            "contain \"thanks\"",
        ] {
            assert!(told[0].contains(words), "{told:?}");
        }
        let other = good.replace("status = 201", "status = 500");
        let told = wrong(&format!("{rules}{other}"));
        assert!(
            told[0].contains("read as delivered, but is read as in_doubt"),
            "{told:?}"
        );
    }

    #[test]
    fn an_example_whose_date_cannot_be_read_is_wrong() {
        let rules = "send.rules = [{ when = { status = 200 }, then = \"approved\", expires = \"/until\", decided = \"/on\" }]\n";
        let example = |body: &str| {
            wrong(&format!(
                "{rules}[[shop.examples]]\nbody = '{body}'\nmeans = \"approved\"\n"
            ))
        };
        for good in [
            r#"{"until":"31/01/2027","on":"2027-01-02"}"#,
            r#"{"until":null}"#,
        ] {
            assert!(example(good).is_empty(), "{good}");
        }
        let told = example(r#"{"until":"soon","on":1798675200}"#);
        assert!(told[0].contains("`expires` finds \"soon\""), "{told:?}");
        assert!(
            told[0].contains("`decided` finds \"1798675200\""),
            "{told:?}"
        );
    }

    #[test]
    fn what_no_example_shows_is_told_with_what_would_become_of_it() {
        let rules = "send.rules = [{ when = { status = 201, \"/id\" = \"present\" }, then = \"delivered\" }, { when = { status = \"4xx\" }, then = \"stop\" }]\n";
        let example = |call: &str, status: u16, means: &str| {
            format!(
                "[[shop.examples]]\nof = \"{call}\"\nstatus = {status}\nbody = '{{\"id\":7}}'\nmeans = \"{means}\"\n"
            )
        };
        let notes = |text: &str| {
            let catalogue = shop(text);
            let proof = Proof::of(catalogue.get("shop").unwrap(), Path::new("."));
            let notes = proof.notes.into_iter();
            notes
                .map(|note| note.split(" (").next().unwrap().to_owned())
                .collect::<Vec<_>>()
        };
        let told = [
            "no example shows a success: an answer 201 without a word would be read as in_doubt",
            "no example shows a duplicate: an answer 409 without a word would be read as stop",
            "no example shows a refusal: an answer 422 without a word would be read as stop",
        ];
        assert_eq!(notes(rules), told);
        // The answer of another call shows nothing of a lead.
        let follow = format!(
            "{rules}follow = {{ path = \"/{{reference}}\", rules = [{{ when = {{ status = 404 }}, then = \"rejected\" }}] }}\n"
        );
        let asked = follow + &example("follow", 404, "rejected");
        assert_eq!(notes(&asked), told);
        let all = rules.replace(
            "\"stop\" }",
            "\"rejected\" }, { when = { status = 409 }, then = \"duplicate\" }",
        );
        let shown = all + &example("send", 201, "delivered");
        let told = notes(&shown);
        assert_eq!(told.len(), 2);
        assert!(
            told[0].ends_with("duplicate: an answer 409 without a word would be read as rejected")
        );
        assert!(
            told[1].ends_with("refusal: an answer 400 without a word would be read as rejected")
        );
        let shown = shown + &example("send", 409, "duplicate") + &example("send", 400, "rejected");
        assert!(notes(&shown).is_empty());
        // What the catalogue's own examples don't show, its partner doesn't say.
        let catalogue = Catalogue::load(None).unwrap();
        for destination in &catalogue.destinations {
            let proof = Proof::of(destination, Path::new("."));
            assert!(proof.notes.iter().all(|note| !note.contains("no example")));
        }
    }

    #[test]
    fn without_a_success_rule_that_is_said() {
        let catalogue = shop("");
        let proof = Proof::of(catalogue.get("shop").unwrap(), Path::new("."));
        assert_eq!(proof.state(), "ok");
        assert!(proof.notes[0].contains("in doubt"), "{:?}", proof.notes);
    }
}
