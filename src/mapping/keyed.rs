//! Where a body holds the values of a key.

/// Values of a key that may be found in a body: the first ones.
const KEYED: usize = 4;

/// Where in a body the values of a key stand as they are sent, by their number.
#[derive(Debug, Clone, Copy, Default)]
pub struct Keyed([Option<(usize, usize)>; KEYED]);

impl Keyed {
    /// JSON text from `start` to `end` is a value of the key between quotes.
    pub fn stands(&mut self, part: usize, start: usize, end: usize) {
        if let Some(place) = self.0.get_mut(part) {
            *place = Some((start + 1, end - 1));
        }
    }

    /// What stands there.
    pub fn value(self, body: &str, part: usize) -> Option<&str> {
        let (start, end) = (*self.0.get(part)?)?;
        body.get(start..end)
    }
}
