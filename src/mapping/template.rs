//! Texts that a lead fills: what is blank leaves no gap, and of several parts one
//! with a blank placeholder is left out.

use std::borrow::Cow;

use super::noticed::Noticed;
use crate::config::{Destination, Given, Piece, Template};
use crate::lead::{Columns, Lead};

/// A template made ready for the columns of one input.
#[derive(Debug)]
pub struct TemplatePlan<'d> {
    parts: Vec<Vec<PiecePlan<'d>>>,
    join: &'d str,
    /// Nothing may be blank.
    whole: bool,
}

#[derive(Debug)]
enum PiecePlan<'d> {
    Text(&'d str),
    Cell {
        column: Option<usize>,
        default: Option<(&'d str, &'d str)>,
    },
    Given(Given),
}

impl<'d> TemplatePlan<'d> {
    pub fn new(
        template: &'d Template,
        join: Option<&'d str>,
        destination: &'d Destination,
        columns: &Columns,
    ) -> Self {
        let piece = |piece: &'d Piece| match piece {
            Piece::Text(text) => PiecePlan::Text(text),
            Piece::Given(given) => PiecePlan::Given(*given),
            Piece::Field(name) => PiecePlan::Cell {
                column: columns.index_of(name),
                default: destination.default_of(name).map(|it| (name.as_str(), it)),
            },
        };
        let part = |part: &'d Vec<Piece>| part.iter().map(piece).collect();
        Self {
            parts: template.parts.iter().map(part).collect(),
            join: join.unwrap_or_default(),
            whole: false,
        }
    }

    fn pieces(&self) -> impl Iterator<Item = &PiecePlan<'d>> {
        self.parts.iter().flatten()
    }

    /// Whether no lead of these columns fills anything of it.
    pub fn is_idle(&self) -> bool {
        let mut placeholders = 0;
        let mut cells = self
            .pieces()
            .filter(|piece| !matches!(piece, PiecePlan::Text(_)));
        let idle = cells.all(|piece| {
            placeholders += 1;
            matches!(
                piece,
                PiecePlan::Cell {
                    column: None,
                    default: None
                }
            )
        });
        idle && placeholders > 0
    }

    /// For a change of what is there: a blank cell must not take a part of it away.
    /// `None` where no lead says anything of it.
    pub fn amending(mut self, reference: Option<usize>) -> Option<Self> {
        let mut cells = 0;
        for piece in self.parts.iter_mut().flatten() {
            if let PiecePlan::Cell { column, default } = piece {
                *default = None;
                cells += usize::from(column.is_some() && *column != reference);
            }
        }
        self.whole = true;
        (cells > 0).then_some(self)
    }

    /// The text for this lead; `None` where it is blank.
    pub fn fill<'v>(&'v self, lead: &'v Lead, noticed: &mut Noticed<'v>) -> Option<String> {
        let mut fill = |part: &'v Vec<PiecePlan<'d>>| -> Vec<Filled<'v>> {
            part.iter().map(|piece| piece.fill(lead, noticed)).collect()
        };
        if let ([part], false) = (self.parts.as_slice(), self.whole) {
            return without_gaps(&fill(part));
        }
        let parts = self.parts.iter().map(|part| whole(&fill(part)));
        let filled: Vec<String> = match self.whole {
            true => parts.collect::<Option<_>>()?,
            false => parts.flatten().collect(),
        };
        (!filled.is_empty()).then(|| filled.join(self.join))
    }
}

/// A piece of a text, as a lead fills it.
enum Filled<'v> {
    Text(&'v str),
    Value(Cow<'v, str>),
    Blank,
}

impl<'d> PiecePlan<'d> {
    fn fill<'v>(&'v self, lead: &'v Lead, noticed: &mut Noticed<'v>) -> Filled<'v> {
        let cell = |column: Option<usize>| lead.filled(column?).map(str::trim);
        if let Self::Cell { column, .. } = self {
            noticed.used += usize::from(cell(*column).is_some());
        }
        let sending = &noticed.sending;
        let value: Option<Cow<'v, str>> = match self {
            Self::Text(text) => return Filled::Text(text),
            Self::Cell { column, default } => cell(*column).map(Cow::from).or_else(|| {
                let (field, value) = (*default)?;
                noticed.defaults.push((field, value));
                Some(value.into())
            }),
            Self::Given(Given::LeadUuid) => Some(sending.lead_uuid.to_owned().into()),
            Self::Given(Given::Now) => Some(sending.now.written().into()),
            Self::Given(Given::File) => Some(sending.file.to_owned().into()),
            Self::Given(Given::Line) => Some(sending.line.to_string().into()),
            Self::Given(Given::Source) => cell(lead.columns.index_of_field("source"))
                .or(sending.source)
                .map(|source| source.to_owned().into()),
        };
        value.map_or(Filled::Blank, Filled::Value)
    }
}

/// The text, unless something in it is blank.
fn whole(pieces: &[Filled<'_>]) -> Option<String> {
    let texts = pieces.iter().map(|piece| match piece {
        Filled::Text(text) => Some(*text),
        Filled::Value(value) => Some(value.as_ref()),
        Filled::Blank => None,
    });
    texts.collect()
}

/// The text, of which signs that part two values stand only between two that are
/// filled. `None` where nothing is.
fn without_gaps(pieces: &[Filled<'_>]) -> Option<String> {
    let is_sign = |text: &str| !text.contains(char::is_alphanumeric);
    let (mut text, mut signs) = (String::new(), "");
    let (mut filled, mut blank, mut last_is_blank) = (false, false, false);
    for piece in pieces {
        match piece {
            // Of the signs around a blank, those that tell more.
            Filled::Text(some) if is_sign(some) => {
                signs = if some.len() > signs.len() {
                    some
                } else {
                    signs
                };
            }
            Filled::Text(some) => {
                text += &(signs.to_owned() + some);
                signs = "";
            }
            Filled::Value(value) => {
                // After a blank, what opens a bracket is the value's own.
                let own = match text.is_empty() && blank {
                    true => signs.trim_start_matches(|c| !"([{<«“".contains(c)),
                    false => signs,
                };
                text += &(own.to_owned() + value);
                (signs, filled, last_is_blank) = ("", true, false);
            }
            Filled::Blank => (blank, last_is_blank) = (true, true),
        }
    }
    if !last_is_blank {
        text += signs;
    }
    let has_placeholder = filled || blank;
    (filled || !has_placeholder).then(|| text.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `_` is blank, a capital a value, the rest text.
    fn gaps(pattern: &[&'static str]) -> Option<String> {
        let pieces = pattern.iter().map(|piece| match *piece {
            "_" => Filled::Blank,
            value if value.starts_with(char::is_uppercase) => Filled::Value(value.into()),
            text => Filled::Text(text),
        });
        without_gaps(&pieces.collect::<Vec<_>>())
    }

    #[test]
    fn what_is_blank_leaves_no_gap() {
        for (pattern, expected) in [
            (vec!["Léa", " ", "Martin"], Some("Léa Martin")),
            (vec!["_", " ", "Martin"], Some("Martin")),
            (vec!["Léa", " ", "_"], Some("Léa")),
            (vec!["_", " ", "_"], None),
            (vec!["Martin", ", ", "_"], Some("Martin")),
            (vec!["_", ", ", "Léa"], Some("Léa")),
            (vec!["Rue", ", ", "_", " ", "Lyon"], Some("Rue, Lyon")),
            (vec!["Rue", " ", "_", ", ", "Lyon"], Some("Rue, Lyon")),
            (vec!["_", " ", "_", ", ", "Lyon"], Some("Lyon")),
            (vec!["Lyon", " (", "_", ")"], Some("Lyon")),
            (vec!["_", " (", "Rhône", ")"], Some("(Rhône)")),
            (vec!["+", "R33"], Some("+R33")),
            (vec!["formation : ", "_"], None),
            (vec!["formation : ", "A", " / ", "_"], Some("formation : A")),
            (vec!["A", " €"], Some("A €")),
            (vec!["{x}"], Some("{x}")),
        ] {
            assert_eq!(gaps(&pattern).as_deref(), expected, "{pattern:?}");
        }
    }

    #[test]
    fn a_part_with_a_blank_is_none() {
        let part = |value: Filled<'static>| whole(&[Filled::Text("Rappel : "), value]);
        assert_eq!(part(Filled::Blank), None);
        assert_eq!(
            part(Filled::Value("le soir".into())).as_deref(),
            Some("Rappel : le soir")
        );
    }
}
