//! The text of a `partners.toml` to start from: just what a user must fill in
//! for each destination, found from the destination's own definition. Pure.

use crate::config::Destination;
use crate::config::{Auth, Secret};

/// Lead fields that say whose a lead is rather than who the person is: the
/// same for every row of most exports, so their place is in `defaults`.
const ACCOUNT: [&str; 6] = [
    "tenant",
    "program",
    "owner",
    "client",
    "id_client",
    "category",
];

const OPENING: &str = "\
# What differs from the built-in catalogue of leadctl, and nothing else.
# Take away the # of a line and write your own value between the quotes; remove
# the tables of partners that you don't work with. Then: leadctl check
";

/// The whole file.
pub fn text(destinations: &[&Destination], columns: &[(String, Vec<String>)]) -> String {
    let mut text = OPENING.to_owned();
    for destination in destinations {
        text.push('\n');
        table(&mut text, destination, columns);
    }
    text
}

fn table(text: &mut String, destination: &Destination, columns: &[(String, Vec<String>)]) {
    let name = &destination.name;
    if let Some(about) = &destination.about {
        text.push_str(&format!("# {}\n", one_line(about)));
    }
    text.push_str(&format!("[{name}]\n"));
    if destination.base.is_none() {
        text.push_str("# base = \"https://…\"    # the address that leads are sent to\n");
    }
    if let Some(auth) = &destination.auth {
        secret(text, auth);
    }
    let fields = account_fields(destination);
    if fields.is_empty() {
        return;
    }
    text.push_str(&format!(
        "\n[{name}.defaults]    # for every lead whose row says nothing else\n"
    ));
    for field in fields {
        let value = destination.default_of(field).unwrap_or_default();
        let why = match (destination.default_of(field), is_needed(destination, field)) {
            (Some(_), _) => "built in; ".to_owned(),
            (None, true) => "needed; ".to_owned(),
            (None, false) => String::new(),
        };
        let column = column_of(field, columns);
        text.push_str(&format!(
            "# {field} = \"{value}\"    # {why}or a column \"{column}\"\n"
        ));
    }
}

/// A secret is only named here: the file says where it is kept.
fn secret(text: &mut String, auth: &Auth) {
    if let Auth::Basic {
        user,
        secret: Secret::Env(name),
    } = auth
    {
        text.push_str(&format!(
            "# auth.basic = {{ user = \"{user}\", secret = \"{name}\" }}    # the user is yours to name\n"
        ));
    }
    match auth.secret() {
        Secret::Env(name) => text.push_str(&format!(
            "# The secret stays out of this file:  export {name}=…\n"
        )),
        Secret::File(file) => text.push_str(&format!(
            "# The secret is the first line of the file {}\n",
            one_line(file)
        )),
        Secret::Command(_) => text.push_str("# The secret is asked of a command\n"),
    }
}

/// The fields to fill in once for all leads: what the address needs, what a
/// refusal for all leads may blame, and what names the account.
fn account_fields(destination: &Destination) -> Vec<&str> {
    let constant = |name: &&str| {
        let rule = destination.path_rules.get(*name);
        rule.is_none_or(|rule| rule.value.is_none())
    };
    let in_path = destination.send.placeholders().filter(constant);
    let rules = destination.send.rules.iter();
    let blamed = rules.flat_map(|rule| rule.blames.iter().flatten().map(String::as_str));
    let named = ACCOUNT.into_iter().filter(|field| destination.takes(field));
    let mut fields: Vec<&str> = Vec::new();
    for field in in_path.chain(blamed).chain(named) {
        if !fields.contains(&field) {
            fields.push(field);
        }
    }
    fields
}

fn is_needed(destination: &Destination, field: &str) -> bool {
    destination.needs().contains(&field)
}

/// The header that a person would give such a column.
fn column_of<'c>(field: &'c str, columns: &'c [(String, Vec<String>)]) -> &'c str {
    let known = columns.iter().find(|(name, _)| name == field);
    known
        .and_then(|(_, headers)| headers.first())
        .map_or(field, String::as_str)
}

fn one_line(text: &str) -> String {
    text.replace(char::is_control, " ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Catalogue;

    #[test]
    fn what_it_writes_loads_as_it_is_and_filled_in() {
        let shipped = Catalogue::load(None).unwrap();
        let all: Vec<&Destination> = shipped.destinations.iter().collect();
        let text = text(&all, &shipped.columns);
        let loaded = Catalogue::load(Some(("partners.toml", &text))).unwrap();
        assert_eq!(loaded.users.len(), all.len());
        let filled: String = text
            .lines()
            .map(|line| match line.strip_prefix("# ") {
                Some(rest) if rest.contains(" = ") => {
                    let value = rest.replace('…', "x.fr").replace("\"\"", "\"42\"");
                    format!("{value}\n")
                }
                _ => format!("{line}\n"),
            })
            .collect();
        let loaded = Catalogue::load(Some(("partners.toml", &filled))).unwrap();
        assert!(loaded.destinations.iter().all(|d| d.base.is_some()));
    }
}
