//! One header for all the rows that have the same columns, so that what is
//! found out about a header is found out once.

use std::collections::HashMap;
use std::sync::Arc;

use super::record::{Cells, Header};

/// Headers kept at most: an input where each row has keys of its own must not
/// fill the memory. A forgotten header is only made again.
const KEPT: usize = 256;

/// The headers that were seen so far.
#[derive(Debug, Default)]
pub struct Shapes {
    known: HashMap<Cells, Shape>,
    last: Option<(Cells, Shape)>,
}

/// A header, and the name that stands in it twice, if any.
#[derive(Debug, Clone)]
pub struct Shape {
    pub header: Arc<Header>,
    pub twice: Option<usize>,
}

impl Shapes {
    pub fn new() -> Self {
        Self::default()
    }

    /// The header of these names in this order.
    pub fn shape(&mut self, names: &Cells) -> Shape {
        if let Some((last, shape)) = &self.last
            && last == names
        {
            return shape.clone();
        }
        let shape = match self.known.get(names) {
            Some(shape) => shape.clone(),
            None => self.learn(names),
        };
        self.last = Some((names.clone(), shape.clone()));
        shape
    }

    fn learn(&mut self, names: &Cells) -> Shape {
        if self.known.len() == KEPT {
            self.known.clear();
        }
        let header = Header {
            names: names.iter().map(str::to_owned).collect(),
        };
        let shape = Shape {
            twice: header.twice().map(|(_, second)| second),
            header: Arc::new(header),
        };
        self.known.insert(names.clone(), shape.clone());
        shape
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_names_share_a_header() {
        let mut shapes = Shapes::new();
        let ab = Cells::from_iter(["a", "b"]);
        let joined = Cells::from_iter(["ab", ""]);
        let first = shapes.shape(&ab);
        let other = shapes.shape(&joined);
        assert!(Arc::ptr_eq(&first.header, &shapes.shape(&ab).header));
        assert!(!Arc::ptr_eq(&first.header, &other.header));
        assert_eq!(other.header.names, ["ab", ""]);
    }

    #[test]
    fn a_name_twice_is_seen() {
        let mut shapes = Shapes::new();
        assert_eq!(
            shapes.shape(&Cells::from_iter(["a", "b", "a"])).twice,
            Some(2)
        );
    }

    #[test]
    fn many_shapes_are_forgotten() {
        let mut shapes = Shapes::new();
        for number in 0..3 * KEPT {
            shapes.shape(&Cells::from_iter([number.to_string()]));
        }
        assert!(shapes.known.len() <= KEPT);
    }
}
