//! `[routes.NAME]`: several destinations under one name, and which of them a lead is
//! offered to.

use schemars::JsonSchema;
use serde::Deserialize;

use super::document::{Node, Table, under};
use super::mistake::{Mistakes, meant};
use crate::lead::State;
use crate::words::say;

/// Destinations that a lead is offered to, one after the other or each for itself.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename = "a route", default)]
pub struct Route {
    #[serde(skip)]
    pub name: String,
    /// The first of these that takes it.
    pub(super) first: Vec<String>,
    /// Each of these.
    pub(super) all: Vec<String>,
    /// Shares of what they take; what one doesn't take, the others are offered.
    pub(super) split: Vec<(String, u32)>,
    /// What lets a lead go on to the next one, besides a refusal.
    pub(super) next_on: Vec<NextOn>,
}

/// A state that lets a lead go on where a route says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum NextOn {
    Failed,
    Duplicate,
    Returned,
}

/// How a route chooses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choice<'r> {
    First,
    All,
    /// The shares, in the order of the destinations.
    Split(&'r [(String, u32)]),
}

impl Route {
    pub fn choice(&self) -> Choice<'_> {
        match (&self.all[..], &self.split[..]) {
            ([], []) => Choice::First,
            ([], shares) => Choice::Split(shares),
            _ => Choice::All,
        }
    }

    /// The names of its destinations, in their order.
    pub fn destinations(&self) -> Vec<&str> {
        let named = self.first.iter().chain(&self.all);
        let shared = self.split.iter().map(|(name, _)| name);
        named.chain(shared).map(String::as_str).collect()
    }

    /// The destinations that a lead is offered to, which was offered to this one first.
    pub fn order_from(&self, first: &str) -> Vec<&str> {
        let mut order = self.destinations();
        if let Choice::Split(_) = self.choice()
            && let Some(at) = order.iter().position(|name| *name == first)
        {
            order[..=at].rotate_right(1);
        }
        order
    }

    /// The destination that a lead is offered to after `last`, if it goes on at all.
    pub fn next(&self, first: &str, last: &str) -> Option<&str> {
        if self.choice() == Choice::All {
            return None;
        }
        let mut order = self.order_from(first).into_iter();
        order.find(|name| *name == last)?;
        order.next()
    }

    /// The destinations from which a lead may go on to another one.
    pub fn goes_on_from(&self) -> Vec<&str> {
        let mut names = self.destinations();
        match self.choice() {
            Choice::All => names.clear(),
            Choice::First => drop(names.pop()),
            Choice::Split(_) => {}
        }
        names
    }

    /// The states in which a destination surely has none of a lead, so that it goes on.
    pub fn goes_on(&self) -> Vec<State> {
        let own = self.next_on.iter().map(|on| match on {
            NextOn::Failed => State::Failed,
            NextOn::Duplicate => State::Duplicate,
            NextOn::Returned => State::Returned,
        });
        let always = [
            State::Rejected,
            State::Invalid,
            State::Filtered,
            State::Held,
        ];
        always.into_iter().chain(own).collect()
    }

    /// A lead goes on from a destination that can't be reached.
    pub fn goes_on_from_failed(&self) -> bool {
        self.next_on.contains(&NextOn::Failed)
    }
}

/// Each route names destinations, in one way and each once.
///
/// `known`: the names of the destinations.
pub fn check(top: &Table<'_>, known: &[&str], mistakes: &mut Mistakes<'_>) {
    let routes: Vec<&str> = under(top, "routes").map(|(name, _)| name).collect();
    for (name, node) in under(top, "routes") {
        let Some(table) = node.get_ref().as_table() else {
            continue;
        };
        if known.contains(&name) {
            let message = say!("mistake-route-name", name);
            mistakes.hint(node, message, say!("mistake-route-name-hint"));
        }
        let ways = ["first", "all", "split"].map(|way| table.get(way).map(|node| (way, node)));
        let ways: Vec<(&str, &Node<'_>)> = ways.into_iter().flatten().collect();
        match ways[..] {
            [] => {
                let message = say!("mistake-route-empty", name);
                mistakes.hint(node, message, say!("mistake-route-empty-hint"));
            }
            [(way, list)] => {
                let entries = entries(list);
                if entries.is_empty() {
                    let message = say!("mistake-route-none", way);
                    mistakes.hint(list, message, say!("mistake-route-none-hint"));
                }
                check_named(&entries, (&routes, known), mistakes);
                if let ("all", Some(next_on)) = (way, table.get("next_on")) {
                    let message = say!("mistake-route-next-on");
                    mistakes.hint(next_on, message, say!("mistake-route-next-on-hint"));
                }
            }
            [.., (way, last)] => {
                let message = say!("mistake-route-ways", way);
                mistakes.hint(last, message, say!("mistake-route-ways-hint"));
            }
        }
    }
}

/// The names in a list, or of a table's shares.
fn entries<'n, 't>(node: &'n Node<'t>) -> Vec<(&'n str, &'n Node<'t>)> {
    if let Some(table) = node.get_ref().as_table() {
        let entries = table.iter();
        return entries
            .map(|(name, share)| (&**name.get_ref(), share))
            .collect();
    }
    if let Some(name) = node.get_ref().as_str() {
        return vec![(name, node)];
    }
    let items = node.get_ref().as_array().map(|items| items.iter());
    let items = items.into_iter().flatten();
    let items = items.filter_map(|item| Some((item.get_ref().as_str()?, item)));
    items.collect()
}

fn check_named(
    entries: &[(&str, &Node<'_>)],
    (routes, known): (&[&str], &[&str]),
    mistakes: &mut Mistakes<'_>,
) {
    for (at, (name, node)) in entries.iter().enumerate() {
        if entries[..at].iter().any(|(earlier, _)| earlier == name) {
            let message = say!("mistake-route-twice", name = *name);
            mistakes.hint(node, message, say!("mistake-route-twice-hint"));
        } else if routes.contains(name) && !known.contains(name) {
            let message = say!("mistake-route-in-route", name = *name);
            mistakes.hint(node, message, say!("mistake-route-in-route-hint"));
        } else if !known.contains(name) {
            let otherwise = say!("mistake-route-unknown-hint");
            let hint = meant(name, known.iter().copied(), '"', otherwise);
            mistakes.hint(node, say!("mistake-route-unknown", name = *name), hint);
        }
        if node
            .get_ref()
            .as_integer()
            .is_some_and(|share| share.as_str() == "0")
        {
            let message = say!("mistake-share-zero", name = *name);
            mistakes.hint(node, message, say!("mistake-share-zero-hint"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Catalogue;

    const TABLES: &str = "[a]\nbase = \"https://a.example.fr\"\nkey = [\"email\"]\n\
        fields.email = \"email\"\nsend.path = \"/leads\"\n\
        [b]\nextends = \"a\"\n[d]\nextends = \"a\"\n";

    fn loaded(routes: &str) -> Result<Vec<Route>, Vec<String>> {
        let text = format!("{TABLES}{routes}");
        let told = |it: &crate::config::Mistake| it.message.clone();
        match Catalogue::load(Some(("partners.toml", &text))) {
            Ok(catalogue) => Ok(catalogue.routes),
            Err(mistakes) => Err(mistakes.iter().map(told).collect()),
        }
    }

    fn mistake(routes: &str) -> String {
        loaded(routes).expect_err("a mistake").join("\n")
    }

    #[test]
    fn a_lead_goes_on_along_its_route() {
        assert!(loaded("[routes.r]\nfirst = \"a\"").is_ok(), "one alone");
        let routes = "[routes.r]\nfirst = [\"a\", \"b\", \"d\"]\nnext_on = \"failed\"\n";
        let routes = loaded(routes).expect("a route");
        let [route] = &routes[..] else {
            panic!("{routes:?}")
        };
        assert_eq!(route.name, "r");
        assert_eq!(route.choice(), Choice::First);
        assert_eq!(route.next("a", "a"), Some("b"));
        assert_eq!(route.next("a", "d"), None);
        assert_eq!(route.next("a", "elsewhere"), None);
        assert!(route.goes_on().contains(&State::Failed));
        assert!(!route.goes_on().contains(&State::Duplicate));
        assert!(!route.goes_on().contains(&State::InDoubt));
    }

    #[test]
    fn of_shares_whoever_was_chosen_comes_first_and_the_others_in_their_order() {
        let routes = "[routes.r]\nsplit = { a = 3, b = 1, d = 2 }\n";
        let routes = loaded(routes).expect("a route");
        assert_eq!(routes[0].order_from("d"), ["d", "a", "b"]);
        assert_eq!(routes[0].order_from("b"), ["b", "a", "d"]);
        assert_eq!(routes[0].next("b", "a"), Some("d"));
    }

    #[test]
    fn a_slip_in_a_route_is_told() {
        let cases = [
            ("[routes.r]\nfirst = [\"a\", \"c\"]", "no destination \"c\""),
            ("[routes.r]\nfirst = [\"a\", \"a\"]", "twice"),
            ("[routes.r]\nfirst = [\"a\"]\nall = [\"b\"]", "keep one of"),
            (
                "[routes.r]\nnext_on = [\"failed\"]",
                "names no destinations",
            ),
            ("[routes.r]\nsplit = { a = 0, b = 1 }", "is 0"),
            ("[routes.a]\nfirst = [\"b\"]", "named like a destination"),
            (
                "[routes.r]\nfirst = [\"s\"]\n[routes.s]\nfirst = [\"r\"]",
                "is a route",
            ),
            (
                "[routes.r]\nall = [\"a\", \"b\"]\nnext_on = \"failed\"",
                "gets the lead anyway",
            ),
            ("[routes.r]\nfrist = [\"a\"]", "did you mean `first`?"),
            (
                "[routes.r]\nfirst = [\"a\"]\nnext_on = \"in_doubt\"",
                "next_on",
            ),
        ];
        for (routes, expected) in cases {
            let told = mistake(routes);
            assert!(told.contains(expected), "{routes}: {told}");
        }
    }
}
