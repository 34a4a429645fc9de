//! What is worked out once of a destination: how rows become what is sent
//! there, leads or changes of contacts that are there, and how each header is
//! read. Looks at no cell.

use std::rc::Rc;
use std::sync::Arc;

use serde_json::Value as Json;

use super::inputs::{Inputs, unknown_field};
use crate::calendar;
use crate::config::{Amend, Destination, Field, FieldRule, Method, Moment, REF, Target};
use crate::delivery::Change;
use crate::error::Failure;
use crate::http::request::Request;
use crate::lead::{Cells, Columns, Evidence, Header, Hold, Lead, Ours, Record, Repair, is_ours};
use crate::ledger::{Hash16, Hasher};
use crate::mapping::change::{Changes, completed};
use crate::mapping::{ConsentPlan, Mapped, Plan, Word, placeholders};
use crate::output::Command;
use crate::session::Session;
use crate::words::say;

/// A destination's rules and the inputs that are read by them; both outlive
/// every plan made of them.
pub struct Rules<'d> {
    pub destination: &'d Destination,
    pub inputs: Inputs,
    placeholders: Vec<(String, FieldRule)>,
    /// The destination's own headers, each with its lead field, in order of weight.
    pub accepted: Vec<Vec<(String, String)>>,
    /// What is said anew of contacts that are there.
    pub amending: Option<Amending<'d>>,
    /// What is sent of a lead is another at each sending: it is made once more when
    /// the lead is taken in.
    pub varies: bool,
    /// Why leads are not sent now.
    pub hold: Option<Hold>,
}

/// How rows become changes. A change says what a row fills; what it leaves
/// blank stays.
pub struct Amending<'d> {
    amend: &'d Amend,
    placeholders: Vec<(String, FieldRule)>,
    /// `amend --ref`: the column with the partner's numbers; `None` where rows
    /// are leads, and an answer tells the number of one that is there.
    pub column: Option<String>,
    /// Targets to empty.
    clear: Vec<Target>,
}

impl<'d> Rules<'d> {
    /// The rules of leads that are sent.
    pub fn new(destination: &'d Destination, inputs: Inputs) -> Self {
        let amend = destination.amend.as_ref();
        let amend = amend.filter(|_| destination.on_duplicate.is_some());
        Self {
            varies: destination.rules().any(FieldRule::varies),
            hold: destination.hold(&calendar::now()),
            destination,
            inputs,
            placeholders: placeholders(destination, &destination.send),
            accepted: destination.accepted_headers(),
            amending: amend.map(|amend| {
                let mut placeholders = placeholders(destination, &amend.call);
                placeholders.retain(|(name, _)| name != REF);
                Amending {
                    amend,
                    placeholders,
                    column: None,
                    clear: Vec::new(),
                }
            }),
        }
    }

    /// Of leads that are stored already: there is no file to read.
    pub fn stored(session: &Session, destination: &'d Destination) -> Self {
        let inputs = Inputs::of(session, destination, Vec::new(), &Default::default());
        Self::new(destination, inputs)
    }

    /// `leadctl amend --ref COLUMN --clear FIELD,…`: every row is a change, none
    /// a lead.
    ///
    /// # Errors
    /// The destination changes no contacts, or a field can't be emptied.
    pub fn changes(
        destination: &'d Destination,
        inputs: Inputs,
        column: &str,
        clear: &[String],
    ) -> Result<Self, Failure> {
        let no_amend = || say!("amend-not-declared", to = &destination.name);
        let amend = destination.amend.as_ref();
        let amend = amend.ok_or_else(|| Failure::usage(no_amend()))?;
        let mut placeholders = placeholders(destination, &amend.call);
        for (_, rule) in placeholders.iter_mut().filter(|(name, _)| name == REF) {
            *rule = FieldRule {
                from: vec![column.to_owned()],
                ..amend.reference.clone()
            };
        }
        let mut targets = Vec::new();
        for name in clear {
            targets.extend(to_clear(destination, name.trim())?);
        }
        Ok(Self {
            placeholders: Vec::new(),
            varies: false,
            amending: Some(Amending {
                amend,
                placeholders,
                column: Some(column.to_owned()),
                clear: targets,
            }),
            ..Self::new(destination, inputs)
        })
    }

    /// Rows may say what their persons agreed to.
    pub fn asks_consent(&self) -> bool {
        self.destination.consent.is_some() || !self.inputs.consents.is_empty()
    }

    /// What `amend` does with each row; `None` where rows are leads.
    pub fn command(&self) -> Option<&Amending<'d>> {
        let amending = self.amending.as_ref();
        amending.filter(|amending| amending.column.is_some())
    }

    /// Which lead field each column is.
    ///
    /// # Errors
    /// What is needed here is not clear.
    pub(super) fn columns(&self, header: &Arc<Header>, file: &str) -> Result<Columns, Failure> {
        let columns = self.inputs.columns(header, &self.accepted);
        let reference = self
            .command()
            .and_then(|amending| amending.column.as_deref());
        let is_needed =
            |name: &str| self.destination.takes(name) || reference == Some(name) || is_ours(name);
        let Some(conflict) = columns.conflict(is_needed) else {
            return Ok(columns);
        };
        let command = Command::new(["check", file]).to_string();
        Err(Failure::usage(conflict.to_string())
            .at(file.to_owned())
            .hint(say!("columns-conflict-hint", command)))
    }

    /// How the rows of a header are read. `set`: what fills their blanks.
    pub(super) fn of_header(&self, record: &Record, set: &[(String, String)]) -> HeaderPlan<'_> {
        let (destination, inputs) = (self.destination, &self.inputs);
        let resolved = self.columns(&record.header, &record.file);
        let (columns, fault) = match resolved {
            Ok(columns) => (columns, None),
            Err(failure) => (Columns::unknown(&record.header), Some(failure)),
        };
        let evidence = record.evidence.as_deref();
        let columns = columns.with_evidence(evidence, &inputs.habits);
        let columns = columns.with_set(set);
        let change = self.amending.as_ref();
        let change = change.map(|amending| amending.plan(destination, &columns));
        let leads = || Plan::new(destination, &destination.send, &self.placeholders, &columns);
        let (plan, change) = match change {
            Some(plan) if self.command().is_some() => (plan, None),
            change => (leads(), change),
        };
        let noes = inputs.consents.iter();
        let noes = noes.map(|rule| ConsentPlan::new(rule, std::iter::empty(), &columns));
        let noes = noes.filter(|plan| self.command().is_none() && plan.may_say_no());
        HeaderPlan {
            noes: noes.collect(),
            source: inputs.source_of(&record.header).1,
            replaces: columns.index_of_ours(Ours::Id),
            change,
            plan: plan.refusing_repairs(inputs.preparation.repair == Repair::None),
            columns: Arc::new(columns),
            set: set.to_vec(),
            evidence: record.evidence.clone(),
            fault,
        }
    }
}

/// A header's columns and the plans for them.
pub struct HeaderPlan<'r> {
    pub columns: Arc<Columns>,
    /// How rows are mapped: to leads, with `amend` to changes.
    pub plan: Plan<'r>,
    /// What a lead says anew of a contact that is there.
    pub change: Option<Plan<'r>>,
    /// Where its columns may say a no, by whichever of the user's tables.
    noes: Vec<ConsentPlan<'r>>,
    /// The column that names the stored lead which a row corrects.
    replaces: Option<usize>,
    pub source: Option<String>,
    set: Vec<(String, String)>,
    evidence: Option<Arc<Evidence>>,
    /// Why no row of this header can be used.
    pub fault: Option<Failure>,
}

/// Headers kept at most: objects that share no keys must not fill the memory.
const KEPT: usize = 256;

impl<'r> HeaderPlan<'r> {
    /// The plan of a row's header, made once. `known`: those met so far; the next
    /// row's header is nearly always the last one's.
    pub(super) fn of(
        known: &mut Vec<Rc<Self>>,
        rules: &'r Rules<'r>,
        record: &Record,
        set: &[(String, String)],
    ) -> Rc<Self> {
        let suits = |plan: &&Rc<Self>| {
            let same = plan.set == set && plan.evidence == record.evidence;
            plan.columns.are_of(&record.header) && same
        };
        if let Some(plan) = known.iter().rev().find(suits) {
            return Rc::clone(plan);
        }
        if known.len() == KEPT {
            known.clear();
        }
        let plan = Rc::new(rules.of_header(record, set));
        known.push(Rc::clone(&plan));
        plan
    }

    /// What its person said. Whoever proves the consent that the destination asks for
    /// agreed; else a no holds, whichever table knows it.
    pub fn word(&self, lead: &Lead, now: &Moment) -> Option<Word> {
        let own = self.plan.consent(lead, now);
        if let Some(Word::Yes(_) | Word::No(_)) = own {
            return own;
        }
        let sound = self.noes.iter().filter(|_| lead.record.fault.is_none());
        let words = sound.clone().filter_map(|plan| plan.judge(lead, now).0);
        let mut noes: Vec<Word> = words.filter(|word| !matches!(word, Word::Yes(_))).collect();
        let clear = noes.iter().position(|word| matches!(word, Word::No(_)));
        if let Some(at) = clear {
            return Some(noes.swap_remove(at));
        }
        // A word that one table does not know may be another one's yes.
        let yes = sound.clone().any(|plan| plan.says_yes(lead));
        own.or_else(|| noes.into_iter().next().filter(|_| !yes))
    }

    /// The id of the stored lead that this one corrects, as its row says.
    pub fn corrected(&self, lead: &Lead) -> Option<i64> {
        lead.get(self.replaces?).trim().parse().ok()
    }
}

impl Amending<'_> {
    /// The plan of the changes for one input's columns.
    fn plan<'p>(&'p self, destination: &'p Destination, columns: &Columns) -> Plan<'p> {
        let column = self.column.as_ref();
        let column = column.and_then(|column| columns.index_of(column));
        let call = &self.amend.call;
        Plan::amending(destination, call, &self.placeholders, columns, column)
    }

    /// What a mapped row changes.
    pub fn change(&self, mapped: &Mapped<'_>) -> Change {
        let path = mapped.path.iter();
        let values: Vec<(String, String)> = path
            .map(|(name, value)| ((*name).to_owned(), value.to_string()))
            .collect();
        let reference = values.iter().find(|(name, _)| name == REF);
        Change {
            reference: reference.map_or_else(String::new, |(_, value)| value.clone()),
            values,
            part: Changes {
                set: (mapped.body.as_deref())
                    .and_then(|body| serde_json::from_str(body).ok())
                    .unwrap_or_default(),
                clear: self.clear.clone(),
            },
        }
    }

    /// A change that `amend` makes, without asking what is there.
    pub fn request(&self, destination: &Destination, change: &Change) -> Request {
        let set = Json::Object(change.part.set.clone());
        let set = completed(self.amend, &set, &change.reference);
        let body = Some(with_cleared(&set, &change.part));
        change.request(destination, self.amend, &self.amend.call, body)
    }

    /// The same change twice makes no second contact.
    pub fn is_safe_to_repeat(&self) -> bool {
        self.amend.call.method != Method::Post
    }
}

/// What makes two changes the same one: whom, and what. Never a lead's key.
pub fn key_of_change(hasher: &Hasher, change: Option<&Change>, cells: &Cells) -> Hash16 {
    match change {
        Some(change) => hasher.key(["amend", &change.reference, &body_of(&change.part)]),
        None => hasher.key(["amend", "row"].into_iter().chain(cells.iter())),
    }
}

/// What a part says, as text: for hashes only.
fn body_of(part: &Changes) -> String {
    with_cleared(&Json::Object(part.set.clone()), part)
}

fn with_cleared(set: &Json, part: &Changes) -> String {
    match part.clear.is_empty() {
        true => set.to_string(),
        false => part
            .clear
            .iter()
            .fold(set.to_string(), |text, target| format!("{text} -{target}")),
    }
}

/// The targets that `--clear NAME` empties: of a lead field, or itself.
fn to_clear(destination: &Destination, name: &str) -> Result<Vec<Target>, Failure> {
    let to = &destination.name;
    let fields = destination.fields.iter();
    let fields = fields.filter(|field| field.rule.value.is_none() && !field.target.is_listed());
    let mut found = fields.clone().collect::<Vec<_>>();
    found.retain(|field| {
        field.target.as_str() == name || field.rule.from.iter().any(|from| from == name)
    });
    if let Some(needed) = found.iter().find(|field| field.rule.required) {
        let target = needed.target.to_string();
        let what = say!("amend-clear-needed", name, to, target);
        return Err(Failure::usage(what));
    }
    if found.is_empty() {
        let from = |field: &'_ Field| field.rule.from.clone();
        let names = |field| from(field).into_iter().chain([field.target.to_string()]);
        let known: Vec<String> = fields.flat_map(names).collect();
        let what = say!("amend-clear-unknown", name, to);
        return Err(unknown_field(
            what,
            name,
            known.iter().map(String::as_str),
            to,
        ));
    }
    Ok(found.iter().map(|field| field.target.clone()).collect())
}
