//! Where JSON values end. Each byte is looked at once, whatever stands in it: what
//! was seen of a value that never ends also tells of those that begin inside.

use std::collections::VecDeque;

/// Where a value ends that is not understood yet.
#[derive(Debug, PartialEq, Eq)]
pub enum ValueEnd {
    /// Counted from its beginning.
    At(usize),
    /// It goes on after the bytes that are held.
    Beyond,
    /// Its brackets don't match, or a line ends inside a text.
    Unbalanced,
}

/// Looks that met no end yet. Two are enough: where one takes a quote for the
/// beginning of a text, the other takes it for the end.
#[derive(Default)]
pub struct Ends(VecDeque<Look>);

/// One look at the text from some value on.
struct Look {
    /// The next byte, from the start of all text.
    at: u64,
    /// The brackets that are open: what closes each, and where it stands.
    open: VecDeque<(u8, u64)>,
    quoted: bool,
    escaped: bool,
    unbalanced: bool,
}

impl Ends {
    /// Where the value ends that `held` begins with: a text, a list or an object.
    /// `offset`: where that stands in all text. Nobody asks of what stands before
    /// something that was asked of.
    pub fn of(&mut self, held: &[u8], offset: u64) -> ValueEnd {
        self.0.retain_mut(|look| look.reaches(offset));
        let stands = |look: &Look| look.open.front().is_some_and(|(_, at)| *at == offset);
        let known = self.0.iter().position(stands);
        let known = known.and_then(|index| self.0.remove(index));
        let mut look = known.unwrap_or_else(|| Look::from(offset));
        let end = look.go_on(held, offset);
        if !matches!(end, ValueEnd::At(_)) {
            self.0.truncate(1);
            self.0.push_front(look);
        }
        end
    }
}

impl Look {
    fn from(offset: u64) -> Self {
        Self {
            at: offset,
            open: VecDeque::new(),
            quoted: false,
            escaped: false,
            unbalanced: false,
        }
    }

    /// Forgets what stands before the offset. Whether it can tell of what follows.
    fn reaches(&mut self, offset: u64) -> bool {
        while self.open.front().is_some_and(|(_, at)| *at < offset) {
            self.open.pop_front();
        }
        !self.open.is_empty()
    }

    fn go_on(&mut self, held: &[u8], offset: u64) -> ValueEnd {
        let seen = usize::try_from(self.at - offset).unwrap_or(usize::MAX);
        for (at, &byte) in held.iter().enumerate().skip(seen) {
            if self.unbalanced {
                break;
            }
            let place = self.at;
            self.at += 1;
            match byte {
                _ if self.escaped => self.escaped = false,
                b'\\' if self.quoted => self.escaped = true,
                b'\n' if self.quoted => self.unbalanced = true,
                b'"' => self.quoted = !self.quoted,
                _ if self.quoted => {}
                b'{' => self.open.push_back((b'}', place)),
                b'[' => self.open.push_back((b']', place)),
                b'}' | b']' if self.open.back().is_none_or(|(close, _)| *close != byte) => {
                    self.unbalanced = true;
                }
                b'}' | b']' => _ = self.open.pop_back(),
                _ => {}
            }
            let closed = !self.quoted && matches!(byte, b'"' | b'}' | b']');
            if closed && self.open.is_empty() && !self.unbalanced {
                return ValueEnd::At(at + 1);
            }
        }
        match self.unbalanced {
            true => ValueEnd::Unbalanced,
            false => ValueEnd::Beyond,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn end(text: &[u8]) -> ValueEnd {
        Ends::default().of(text, 0)
    }

    #[test]
    fn a_value_ends_where_its_brackets_match() {
        assert_eq!(end(br#"{"a":"}\"","b":[{}]} ,"#), ValueEnd::At(20));
        assert_eq!(end(br#"{"a":"x\"#), ValueEnd::Beyond);
        assert_eq!(end(br#"{"a":[1}"#), ValueEnd::Unbalanced);
        assert_eq!(end(b"{\"a\":\"x\n"), ValueEnd::Unbalanced);
        assert_eq!(end(br#""a": 12}"#), ValueEnd::At(3));
    }

    /// Asked again, of more text or of what begins inside, it tells what a fresh
    /// look tells.
    #[test]
    fn what_was_seen_tells_what_a_fresh_look_tells() {
        let pieces = ["{", "}", "[", "]", "\"", "\\", ",", "\n", "x", "{\"a\":"];
        let mut seed = 7_u32;
        let mut next = |below: usize| {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (seed >> 8) as usize % below
        };
        for _ in 0..3_000 {
            let text: String = (0..40).map(|_| pieces[next(pieces.len())]).collect();
            let text = text.as_bytes();
            let mut ends = Ends::default();
            let mut held = 1;
            for from in (0..text.len()).filter(|at| b"{\"".contains(&text[*at])) {
                held = (held + next(4)).clamp(from + 1, text.len());
                let known = ends.of(&text[from..held], from as u64);
                assert_eq!(known, end(&text[from..held]), "{text:?} from {from}");
            }
        }
    }

    #[test]
    fn a_million_open_brackets_are_looked_at_once() {
        let text = br#"{"x":0,"#.repeat(150_000);
        let mut ends = Ends::default();
        for from in (0..text.len()).step_by(7) {
            assert_eq!(ends.of(&text[from..], from as u64), ValueEnd::Beyond);
        }
    }
}
