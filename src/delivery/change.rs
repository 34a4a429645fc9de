//! The change of one contact, and the calls that make it. Pure.

use crate::config::Call;
use crate::config::Destination;
use crate::config::{Amend, REF};
use crate::http::request::{self, Request};
use crate::mapping::change::Changes;

/// A change of one contact.
#[derive(Debug, Clone)]
pub struct Change {
    /// The partner's number of the contact; empty until an answer tells it.
    pub reference: String,
    /// The values of the path's other placeholders.
    pub values: Vec<(String, String)>,
    pub part: Changes,
}

impl Change {
    /// The call of `operation` about this contact.
    pub fn request(
        &self,
        destination: &Destination,
        amend: &Amend,
        operation: &Call,
        body: Option<String>,
    ) -> Request {
        let others = self.values.iter().filter(|(name, _)| name != REF);
        let mut values: Vec<(&str, String)> = others
            .map(|(name, value)| (name.as_str(), value.clone()))
            .collect();
        values.push((REF, self.reference.clone()));
        let mut request = request::build(destination, operation, &values, body);
        if self.reference.contains('@') {
            for (name, value) in &amend.by_email {
                request::push_query(&mut request.url, name, value);
            }
        }
        request
    }
}
