//! Whether a text has a lead on each of its lines, and where one goes on behind its
//! line.

use memchr::{memchr, memrchr};
use serde::de::IgnoredAny;

use super::kind::{ObjectKind, kind};

/// Whether a text that should have a lead on each line is read as any other: by its
/// first line it holds lists, pages, or objects over several lines.
pub fn are_elements(text: &[u8]) -> bool {
    let start = text.len() - text.trim_ascii_start().len();
    let end = memchr(b'\n', &text[start..]).map_or(text.len(), |end| start + end);
    let written = text[..end].trim_ascii_end().len().max(start);
    let first = &text[start..written];
    let mut values = serde_json::Deserializer::from_slice(first).into_iter::<IgnoredAny>();
    let (one, more) = (values.next(), values.next());
    if first.starts_with(b"{") && !matches!(one, Some(Ok(_))) {
        return continues(text, written) == Some(true);
    }
    // Several on one line are none that each have their own.
    if first.starts_with(b"{") && matches!(more, Some(Ok(_))) {
        return true;
    }
    let lines = text.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii);
    let kinds = lines.filter(|line| line.starts_with(b"{")).map(kind);
    let mut kinds = kinds.skip_while(|kind| *kind == ObjectKind::EmptyPage);
    first.starts_with(b"[") || kinds.next().is_some_and(|kind| kind.wraps())
}

/// Whether an object that begins on the last line of `written` bytes goes on behind
/// them: the next line begins no other one.
pub fn continues(text: &[u8], written: usize) -> Option<bool> {
    let line = &text[..written];
    let line = &line[memrchr(b'\n', line).map_or(0, |at| at + 1)..];
    let own = line.len() - line.trim_ascii_start().len();
    let rest = &text[written..];
    let next = rest.trim_ascii_start();
    let gap = &rest[..rest.len() - next.len()];
    let column = gap.iter().rev().take_while(|byte| **byte != b'\n').count();
    let begins_another = b"{[".contains(next.first()?) && column <= own;
    Some(line[own..].starts_with(b"{") && !begins_another)
}
