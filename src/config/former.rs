//! Names that tables had before: the word `formerly`.

use super::reader::Mistakes;
use super::tree::{Entry, Value};

/// A table that took another's place: the other one is gone. While it is
/// there, each of the two would send what the other sent.
pub fn check(destinations: &[&Entry], mistakes: &mut Mistakes) {
    let mut claimed: Vec<(String, &str)> = Vec::new();
    for entry in destinations {
        let Value::Table(own) = &entry.node.value else {
            continue;
        };
        let Some(node) = own.get("formerly") else {
            continue;
        };
        for former in mistakes.as_texts(node, "formerly").unwrap_or_default() {
            let name = &entry.key;
            let other = claimed.iter().find(|(claimed, _)| *claimed == former);
            if let Some((_, other)) = other.filter(|(_, other)| other != name) {
                mistakes.hint(
                    &node.place,
                    format!(
                        "`formerly` of [{name}] names \"{former}\", and so does that of [{other}]: \
                         what was sent under it can belong to one of them"
                    ),
                    "leave it at the table that took its place",
                );
            }
            claimed.push((former.clone(), name));
            let Some(there) = destinations.iter().find(|other| other.key == former) else {
                continue;
            };
            if former == *name {
                mistakes.hint(
                    &node.place,
                    format!("`formerly` of [{name}] names [{name}] itself"),
                    "write the name that the table had before, or remove the line",
                );
                continue;
            }
            let (file, line) = (&there.place.file, there.place.line);
            mistakes.hint(
                &node.place,
                format!(
                    "`formerly` of [{name}] names [{former}], which is still there ({file}:{line}): \
                     its leads would be sent again by it"
                ),
                match there.place.is_built_in() {
                    true => format!(
                        "a table of the catalogue keeps its past: go on sending with [{former}], or take \"{former}\" out of `formerly`"
                    ),
                    false => format!(
                        "remove the table [{former}] if [{name}] takes its place, else take \"{former}\" out of `formerly`"
                    ),
                },
            );
        }
    }
}
