//! What a destination pays for a lead, by what is known of it. Pure.

use super::fit::all_hold;
use crate::config::{Destination, countries};
use crate::lead::{LeadFacts, Money};

/// The amount of the last price that holds; `None`: it has none for this lead.
pub fn price(destination: &Destination, facts: &LeadFacts) -> Option<Money> {
    let home = destination.country.as_str();
    let countries = [countries::code(facts.get("country")).unwrap_or(home), home];
    let mut prices = destination.price.iter().rev();
    let price = prices.find(|price| all_hold(&price.when, countries, |field| facts.get(field)));
    price.map(|price| price.amount)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Catalogue;

    #[test]
    fn the_last_price_that_holds_is_paid() {
        let text = "[own]\nbase = \"https://api.example.fr\"\nkey = [\"email\"]\n\
            price = [{ amount = \"35.00\" }, \
            { amount = \"45\", when = { segment = [\"CREA\", \"TPE\"] } }, \
            { amount = \"50,50\", when = { segment = \"crea\", zip = { match = '^01' } } }]\n\
            [own.fields]\nemail = \"email\"\n[own.send]\npath = \"/leads\"\n";
        let catalogue = Catalogue::load(Some(("test.toml", text))).unwrap();
        let own = catalogue.get("own").unwrap();
        let paid = |segment: &'static str, zip: &'static str| {
            let facts = LeadFacts::of(["segment", "zip"], |field| match field {
                "zip" => zip,
                _ => segment,
            });
            price(own, &facts).map(|amount| amount.to_string())
        };
        assert_eq!(paid("", "").as_deref(), Some("35.00"));
        assert_eq!(paid("Créa", "69001").as_deref(), Some("45.00"));
        assert_eq!(paid("CREA", "1000").as_deref(), Some("50.50"));
        assert_eq!(paid("TPE", "01000").as_deref(), Some("45.00"));
    }
}
