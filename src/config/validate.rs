//! What must hold of a destination beyond the form of its words: addresses,
//! lead fields that exist, calls that can work together. Only tells mistakes.

use super::address::{self, Wrong};
use super::auth::Auth;
use super::call::{Call, REF, REFERENCE};
use super::countries;
use super::destination::{Destination, SafeToRepeat};
use super::field_rule::{Field, FieldRule};
use super::layers::{OF_A_LEAD, destinations};
use super::mistake::{Mistakes, Place, nearest};
use super::response_rule::Then;
use super::tree::{Node, Table};

/// Lead fields, with the headers that each accepts.
type Columns = [(String, Vec<String>)];

/// What calls can be named, whether a destination has them or not.
const CALLS: [&str; 6] = ["send", "follow", "list", "amend", "settings", "online"];

/// An unquoted dotted target (`properties.formation = "course"`) arrives here
/// as a table of unknown words: tells how to write it, and takes it out.
pub fn before(destination: &mut Node, mistakes: &mut Mistakes) {
    let is_word = |key: &str| OF_A_LEAD.contains(&key) || ["value", "type", "label"].contains(&key);
    for part in ["fields", "path"] {
        let rules = destination
            .table_mut()
            .and_then(|table| table.get_mut(part));
        let Some(rules) = rules.and_then(Node::table_mut) else {
            continue;
        };
        rules.entries.retain(|(name, rule)| {
            let table = rule.table();
            let Some((key, node)) = table.and_then(|table| table.entries.first()) else {
                return true;
            };
            if table.is_some_and(|table| table.keys().any(|key| is_word(key) || key == "headers")) {
                return true;
            }
            let quoted = format!("write a nested target between quotes: \"{name}.{key}\" = …");
            let words = OF_A_LEAD.into_iter().chain(["value", "type", "label"]);
            match nearest(key, words) {
                // `formation` is near `format` without being meant for it.
                Some(near) => mistakes.hint(
                    &node.place,
                    format!("`{key}` is not a word of the field `{name}`"),
                    format!("did you mean `{near}`? Else {quoted}"),
                ),
                None => {
                    let message = format!("`{name}.{key}` has no quotes");
                    mistakes.hint(&node.place, message, quoted);
                }
            }
            false
        });
    }
}

/// Tells what can't work. `table`: where the destination was read from.
pub fn check(destination: &Destination, table: &Table, columns: &Columns, mistakes: &mut Mistakes) {
    let mut check = Check {
        destination,
        table,
        columns,
        mistakes,
    };
    check.settings();
    check.headers();
    check.fields();
    check.calls();
    check.rules();
    check.lead_fields();
    check.follow();
    check.list();
    check.find();
    check.duplicates();
}

struct Check<'c> {
    destination: &'c Destination,
    table: &'c Table,
    columns: &'c Columns,
    mistakes: &'c mut Mistakes,
}

impl<'c> Check<'c> {
    /// Where the value under these keys was written.
    fn place(&self, keys: &[&str]) -> &'c Place {
        let node = (1..=keys.len())
            .rev()
            .find_map(|to| self.table.at(&keys[..to]));
        node.map_or(&self.destination.place, |node| &node.place)
    }

    /// Nothing was taken out of the table under these keys.
    fn is_whole(&self, keys: &[&str]) -> bool {
        let table = self.table.at(keys).and_then(Node::table);
        table.is_none_or(|table| !table.damaged)
    }

    fn add(&mut self, keys: &[&str], message: impl Into<String>) {
        self.mistakes.add(self.place(keys), message);
    }

    fn hint(&mut self, keys: &[&str], message: impl Into<String>, hint: &str) {
        self.mistakes.hint(self.place(keys), message.into(), hint);
    }

    fn expect(&mut self, keys: &[&str], checked: Result<(), Wrong>) {
        if let Err((message, hint)) = checked {
            self.hint(keys, message, &hint);
        }
    }

    /// Words of the destination itself.
    fn settings(&mut self) {
        let destination = self.destination;
        if let Some(base) = &destination.base {
            self.expect(&["base"], address::check_base(base));
            let calls = destination.calls().into_iter();
            let mut with_path = calls.filter(|(_, call)| !call.path.is_empty());
            if let (true, Some((call, _))) = (base.contains('?'), with_path.next()) {
                let name = &destination.name;
                self.hint(
                    &["base"],
                    format!("`base` has a query, and the path of [{name}.{call}] would follow it"),
                    "end `base` before the ?, and write it in each call: query = { key = \"value\" }",
                );
            }
        }
        if destination
            .jobs
            .is_some_and(|jobs| !(1..=256).contains(&jobs))
        {
            self.add(&["jobs"], "`jobs` must be from 1 to 256");
        }
        if let Err(meant) = countries::two_letters(&destination.country) {
            let text = self.table.get("country").and_then(Node::text);
            let hint = match meant {
                Some(meant) => format!("did you mean \"{}\"?", meant.alpha2),
                None => "as in \"FR\", \"BE\", \"CH\"".to_owned(),
            };
            let text = text.unwrap_or_default();
            let message = format!("`country` must be the two letters of a country, not \"{text}\"");
            self.hint(&["country"], message, &hint);
        }
        for (field, value) in &destination.defaults {
            if value.trim().is_empty() {
                self.hint(
                    &["defaults", field],
                    format!("the default of `{field}` is empty"),
                    "write its value between the quotes, or remove the line",
                );
            }
        }
    }

    fn headers(&mut self) {
        let destination = self.destination;
        let credential = destination.auth.as_ref().map(Auth::header);
        for (name, value) in &destination.headers {
            let checked = address::check_constant_header(name, value, credential);
            self.expect(&["headers", name], checked);
        }
        match &destination.auth {
            Some(Auth::Header { name, .. }) => {
                self.expect(&["auth", "header", "name"], address::check_header(name));
            }
            Some(Auth::Basic { user, .. }) if user.contains(':') => self.hint(
                &["auth", "basic", "user"],
                "`user` holds a colon, which ends the user's name when it is sent",
                "write the name alone: the password is what `secret` names",
            ),
            _ => {}
        }
    }

    fn fields(&mut self) {
        let destination = self.destination;
        for Field { target, rule } in &destination.fields {
            self.source_of(&["fields", target], rule);
            let inside = format!("{target}.");
            let mut inner = destination.fields.iter().map(|field| &field.target);
            if let Some(inner) = inner.find(|inner| inner.starts_with(&inside)) {
                self.add(
                    &["fields", inner],
                    format!("`{inner}` can't stand inside `{target}`, which is a value of its own"),
                );
            }
        }
        for (name, rule) in &destination.path_rules {
            self.source_of(&["path", name], rule);
        }
    }

    /// The value comes from a lead or is a constant, not both.
    fn source_of(&mut self, keys: &[&str; 2], rule: &FieldRule) {
        let [part, name] = *keys;
        let Some(table) = self.table.at(keys).and_then(Node::table) else {
            return;
        };
        if rule.value.is_some() {
            if let Some(word) = table.keys().find(|word| OF_A_LEAD.contains(word)) {
                self.hint(
                    &[part, name, word],
                    format!("`{name}` has a constant `value`, and `{word}` as well"),
                    "keep one of them: a constant is sent as it is",
                );
            }
        } else if table.get("from").is_none() && !table.damaged {
            self.hint(
                keys,
                format!("`{name}` says neither `from` nor `value`"),
                "name the lead field that it takes: from = \"…\"",
            );
        } else if table.get("from").is_some_and(|node| !node.is_false())
            && (rule.from.is_empty() || rule.from.iter().any(|field| field.trim().is_empty()))
        {
            self.hint(
                &[part, name, "from"],
                format!("`{name}` names no lead field"),
                "write its name between the quotes, or remove the whole line",
            );
        }
    }

    /// Paths, queries, and the words that one call or another doesn't take.
    fn calls(&mut self) {
        let destination = self.destination;
        for (name, call) in destination.calls() {
            let checked = address::check_path(&format!("{name}.path"), &call.path);
            self.expect(&[name, "path"], checked);
            for (key, value) in &call.query {
                if value.contains('{') {
                    self.hint(
                        &[name, "query", key],
                        format!("`query.{key}` holds a placeholder, which is not filled there"),
                        "write it into `path`: path = \"/leads?id={id}\"",
                    );
                }
            }
        }
        for (call, word) in [
            ("follow", "method"),
            ("follow", "wrap"),
            ("list", "method"),
            ("list", "wrap"),
        ] {
            if self.table.at(&[call, word]).is_some() {
                let message = format!("`{word}` is not a word of [{}.{call}]", destination.name);
                self.hint(&[call, word], message, "a question is always a GET");
            }
        }
        let method = self.table.at(&["online", "method"]).and_then(Node::text);
        if method.is_some_and(|method| method != "GET") {
            self.hint(
                &["online", "method"],
                "`online.method` must be GET",
                "what proves the key must change nothing",
            );
        }
        let Some(amend) = &destination.amend else {
            return;
        };
        if !amend.call.placeholders().any(|name| name == REF) {
            self.hint(
                &["amend", "path"],
                "`amend.path` doesn't say which contact is changed",
                "write {ref} where the partner's number for the contact stands",
            );
        }
        if amend
            .read
            .as_ref()
            .is_some_and(|read| !read.path.starts_with('/'))
        {
            self.add(&["amend", "read"], "`amend.read` must begin with /");
        }
    }

    /// A rule that calls everything a success would take a failure for one.
    fn rules(&mut self) {
        for (call, _) in self.destination.calls() {
            let rules = self.table.at(&[call, "rules"]);
            for (at, node) in rules.map_or(&[][..], Node::items).iter().enumerate() {
                let Some(table) = node.table() else { continue };
                let rule = self
                    .destination
                    .call(call)
                    .and_then(|call| call.rules.get(at));
                let when = table.get("when").and_then(Node::table);
                let is_damaged = when.is_some_and(|when| when.damaged);
                let says_success = rule.filter(|rule| rule.then.is_success());
                if let Some(rule) = says_success.filter(|rule| rule.when.is_empty() && !is_damaged)
                {
                    let then = rule.then.as_str();
                    self.mistakes.hint(
                        &node.place,
                        format!("without `when`, every answer would be \"{then}\", a failure too"),
                        "say which answers: when = { status = 201 }",
                    );
                }
                for field in rule.iter().flat_map(|rule| rule.blames.iter().flatten()) {
                    let place = table.get("blames").map_or(&node.place, |node| &node.place);
                    self.lead_field(field, place);
                }
            }
        }
    }

    /// Each lead field that the destination's words name must be one.
    fn lead_fields(&mut self) {
        let destination = self.destination;
        for field in &destination.key {
            self.lead_field(field, self.place(&["key"]));
        }
        for field in destination.need_one.iter().flatten() {
            self.lead_field(field, self.place(&["need_one"]));
        }
        for (field, _) in &destination.defaults {
            self.lead_field(field, self.place(&["defaults", field]));
        }
        if let SafeToRepeat::With(fields) = &destination.safe_to_repeat {
            for field in fields {
                self.lead_field(field, self.place(&["safe_to_repeat"]));
            }
        }
        let matches = destination.find.iter().flat_map(|find| &find.matches);
        for field in matches.flat_map(|entry| &entry.fields) {
            self.lead_field(field, self.place(&["find", "match"]));
        }
        for (name, call) in destination.calls() {
            self.placeholders(name, call, "path");
        }
        let read = destination
            .amend
            .as_ref()
            .and_then(|amend| amend.read.as_ref());
        if let Some(read) = read {
            self.placeholders("amend", read, "read");
        }
    }

    fn placeholders(&mut self, name: &str, call: &Call, word: &str) {
        for placeholder in call.placeholders() {
            let given = matches!((name, placeholder), ("amend", REF) | ("follow", REFERENCE));
            if !given && !self.destination.path_rules.contains_key(placeholder) {
                self.lead_field(placeholder, self.place(&[name, word]));
            }
        }
    }

    fn lead_field(&mut self, field: &str, place: &Place) {
        let mut rules = self.destination.rules();
        let used = rules.any(|rule| rule.from.iter().any(|from| from == field));
        if used || self.columns.iter().any(|(name, _)| name == field) {
            return;
        }
        let name = &self.destination.name;
        let known = self.columns.iter().map(|(name, _)| name.as_str());
        let hint = match nearest(field, known) {
            _ if field == "ledger" => {
                "`ledger` stands in a table of its own, at the top of the file: [leadctl]"
                    .to_owned()
            }
            Some(near) => format!("did you mean \"{near}\"?"),
            None => "add it to [columns]".to_owned(),
        };
        let message = format!("[{name}] names \"{field}\", which is no lead field");
        self.mistakes.hint(place, message, hint);
    }

    /// Only what was recorded at sending can fill the path later.
    fn follow(&mut self) {
        let destination = self.destination;
        let (Some(follow), name) = (&destination.follow, &destination.name) else {
            return;
        };
        if !follow.placeholders().any(|known| known == REFERENCE) {
            self.hint(
                &["follow"],
                format!("[{name}.follow] does not say which lead it asks about"),
                "put {reference} in its path: the partner's number for the lead",
            );
        }
        for unknown in follow.placeholders() {
            if unknown != REFERENCE && !is_sent(destination, unknown) {
                self.hint(
                    &["follow"],
                    format!("the path of [{name}.follow] has {{{unknown}}}, which [{name}.send] does not have"),
                    "a lead is asked about where it was sent: use the placeholders of `send`, and {reference}",
                );
            }
        }
        if follow.rules.is_empty() && self.is_whole(&["follow"]) {
            self.hint(
                &["follow"],
                format!("[{name}.follow] has no rules: no answer would settle a lead"),
                "say what an answer means: rules = [{ when = { \"/status\" = \"approved\" }, then = \"approved\" }, …]",
            );
        }
    }

    fn list(&mut self) {
        let destination = self.destination;
        let proves = |call: &Call| call.proves_success();
        let list = destination.list.as_ref();
        if list.is_some_and(|list| !proves(&list.call)) && self.is_whole(&["list"]) {
            let name = &destination.name;
            self.hint(
                &["list"],
                format!("no rule of [{name}.list] says how a page is recognised"),
                "rules = [{ when = { status = 200 }, then = \"delivered\" }]",
            );
        }
    }

    /// A search needs a list with dates, and a way to ask about what it found.
    fn find(&mut self) {
        let destination = self.destination;
        let (Some(find), name) = (&destination.find, &destination.name) else {
            return;
        };
        for at in &find.may_be_empty {
            if find.matches.iter().all(|entry| entry.at.to_string() != *at) {
                self.add(
                    &["find", "may_be_empty"],
                    format!(
                        "`may_be_empty` of [{name}.find] names {at}, which `match` does not have"
                    ),
                );
            }
        }
        let must_agree = |find: &super::list::Find| find.matches.iter().any(|m| !m.may_be_empty);
        if !must_agree(find) && self.is_whole(&["find"]) && self.is_whole(&["find", "match"]) {
            self.hint(
                &["find"],
                format!("[{name}.find] does not say what must agree"),
                "match = { \"/phone\" = \"phone\", \"/name\" = [\"first_name\", \"last_name\"] }",
            );
        }
        let list = destination.list.as_ref();
        if list.is_none_or(|list| list.created.is_none()) {
            self.add(
                &["find"],
                format!("[{name}.find] needs [….list] with `created`"),
            );
        }
        if destination.follow.is_none() {
            self.add(&["find"], format!("[{name}.find] needs [….follow]"));
        }
        let mut asked = list.iter().flat_map(|list| list.call.placeholders());
        if let Some(unknown) = asked.find(|name| !is_sent(destination, name)) {
            self.add(
                &["find"],
                format!("[{name}.find] can't fill {{{unknown}}} of [{name}.list]: [{name}.send] does not have it"),
            );
        }
        self.compared_as_sent();
    }

    /// What is compared as it was sent must be sent. Under the catalogue's own
    /// `sent`, a field that is not there was taken out: nothing is compared.
    fn compared_as_sent(&mut self) {
        let destination = self.destination;
        let targets = || destination.fields.iter().map(|field| field.target.as_str());
        for sent in destination.find.iter().flat_map(|find| &find.sent) {
            let target = sent.target.as_str();
            let at = sent.at.to_string();
            let keys = ["find", "sent", &at];
            if self.place(&keys).is_built_in() || targets().any(|known| known == target) {
                continue;
            }
            let message = format!(
                "`sent` of [{}.find] names {target}, which is not sent",
                destination.name
            );
            match nearest(target, targets()) {
                Some(near) => self.hint(&keys, message, &format!("did you mean {near}?")),
                None => self.add(&keys, message),
            }
        }
    }

    /// Only a contact whose number the answer tells can be changed.
    fn duplicates(&mut self) {
        let destination = self.destination;
        let mut rules = destination.send.rules.iter();
        let told = rules.any(|rule| rule.then == Then::Duplicate && rule.reference.is_some());
        if destination.amend_duplicates && (destination.amend.is_none() || !told) {
            self.hint(
                &["on_duplicate"],
                "`on_duplicate = \"amend\"` can't be done here",
                "it needs [….amend], and a rule for duplicates with a `reference`",
            );
        }
    }
}

fn is_sent(destination: &Destination, placeholder: &str) -> bool {
    let mut sent = destination.send.placeholders();
    sent.any(|known| known == placeholder)
}

/// An example of a call that isn't there would prove nothing. Only for the
/// table that wrote them: an heir may have left the call out.
pub fn examples(destination: &Destination, mistakes: &mut Mistakes) {
    let name = &destination.name;
    let calls: Vec<&str> = destination.calls().iter().map(|(call, _)| *call).collect();
    for example in &destination.examples {
        let of = example.call.as_str();
        // Those of the catalogue are proven, whatever a user left out.
        if example.place.is_built_in() || calls.contains(&of) {
            continue;
        }
        let message =
            format!("`of = \"{of}\"` names no call of [{name}]: the example would prove nothing");
        let hint = match nearest(of, CALLS) {
            Some(near) if calls.contains(&near) => format!("did you mean \"{near}\"?"),
            Some(near) => format!("\"{near}\" needs a table of its own, [{name}.{near}]"),
            None => format!("its calls are: {}", calls.join(", ")),
        };
        mistakes.hint(&example.place, message, hint);
    }
}

/// A table that took another's place: the other one is gone. While it is
/// there, each of the two would send what the other sent.
pub fn former_names(top: &Table, mistakes: &mut Mistakes) {
    let mut claimed: Vec<(&str, &str)> = Vec::new();
    for (name, own) in destinations(top) {
        let Some(node) = own.table().and_then(|table| table.get("formerly")) else {
            continue;
        };
        let one = node.text().into_iter();
        let former_names = one.chain(node.items().iter().filter_map(Node::text));
        for former in former_names {
            let of = format!("`formerly` of [{name}] names");
            let mut others = claimed.iter().filter(|(_, other)| *other != name);
            if let Some((_, other)) = others.find(|(claimed, _)| *claimed == former) {
                mistakes.hint(
                    &node.place,
                    format!(
                        "{of} \"{former}\", and so does that of [{other}]: \
                         what was sent under it can belong to one of them"
                    ),
                    "leave it at the table that took its place",
                );
            }
            claimed.push((former, name));
            if former == name {
                mistakes.hint(
                    &node.place,
                    format!("{of} [{name}] itself"),
                    "write the name that the table had before, or remove the line",
                );
            } else if let Some((_, there)) = destinations(top).find(|(other, _)| *other == former) {
                let hint = match there.place.is_built_in() {
                    true => format!(
                        "a table of the catalogue keeps its past: go on sending with [{former}], or take \"{former}\" out of `formerly`"
                    ),
                    false => format!(
                        "remove the table [{former}] if [{name}] takes its place, else take \"{former}\" out of `formerly`"
                    ),
                };
                let message = format!(
                    "{of} [{former}], which is still there ({}): its leads would be sent again by it",
                    there.place
                );
                mistakes.hint(&node.place, message, hint);
            }
        }
    }
}

/// What a header of a source means is a lead field, or a word of its own that
/// keeps it from being one; a slip of the pen would lose the cell.
pub fn sources(top: &Table, columns: &Columns, mistakes: &mut Mistakes) {
    let known = || columns.iter().map(|(name, _)| name.as_str());
    let sources = top
        .under("sources")
        .iter()
        .filter_map(|(_, source)| source.table());
    for (header, node) in sources.flat_map(|source| source.under("columns")) {
        let field = node
            .text()
            .filter(|field| !known().any(|name| name == *field));
        let Some(field) = field else { continue };
        if let Some(near) = nearest(field, known()) {
            let message = format!("`{header}` means \"{field}\", which is no lead field");
            mistakes.hint(&node.place, message, format!("did you mean \"{near}\"?"));
        }
    }
}
