//! Which page of a list is read next. Partners don't say how their lists are
//! ordered: the pages themselves tell, and where they don't, all are read. Pure.

use std::collections::BTreeSet;

use super::page::ListPage;
use crate::words::say;

/// A list in more pages than this is not read to its end.
const MOST: u64 = 10_000;

/// A way through the pages of a list.
#[derive(Debug, Clone, Default)]
pub struct Walk {
    /// Milliseconds UTC: nothing older is looked for. `None`: all is read.
    since: Option<i64>,
    order: Order,
    /// Each page is only known by the one before.
    onwards: bool,
    /// The last page, as the answers told it.
    last: u64,
    /// Answers tell no last page: read on until one is empty.
    open_end: bool,
    read: BTreeSet<u64>,
    /// All pages up to this one are read.
    up_to: u64,
    /// The dates of page 1, until the order is known.
    first: Option<Span>,
    /// The oldest date of the page read before.
    floor: Option<i64>,
    done: bool,
    /// The page that brought nothing new, though others were to follow.
    repeated: Option<u64>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Order {
    #[default]
    /// Page 1 was not compared with the last one yet.
    Unknown,
    OldestFirst,
    NewestFirst,
    None,
}

/// The oldest and the newest date of a page.
#[derive(Debug, Clone, Copy)]
struct Span {
    oldest: i64,
    newest: i64,
}

impl Walk {
    /// Reads every page, in their order.
    pub fn all() -> Self {
        Self {
            order: Order::None,
            ..Self::default()
        }
    }

    /// Reads the pages that may hold what was created at `since` or later.
    pub fn since(since: i64) -> Self {
        Self {
            since: Some(since),
            ..Self::default()
        }
    }

    /// Of a list whose pages are only known by the ones before them.
    pub fn onwards(&mut self) {
        self.onwards = true;
    }

    /// The number of the next page, from 1; `None`: enough was read.
    pub fn next(&self) -> Option<u64> {
        if self.done {
            return None;
        }
        let pages = self.up_to + 1..=self.last.clamp(1, MOST);
        let mut unread = pages.filter(|page| !self.read.contains(page));
        match self.order {
            // Page 1 tells how many there are; the last one tells the order.
            Order::Unknown if self.read.contains(&1) => unread.next_back(),
            Order::OldestFirst => unread.next_back(),
            _ => unread.next(),
        }
    }

    /// How many pages were read, and how many there are.
    pub fn pages(&self) -> (u64, u64) {
        let read = self.read.len() as u64;
        (read, self.last.max(read))
    }

    /// Why a list was not read to its end, in words.
    pub fn cut_short(&self) -> Option<String> {
        let all = self.last;
        match self.repeated {
            Some(page) => Some(say!("walk-nothing-new", page, all)),
            None if self.next().is_none() && !self.done && all > MOST => {
                Some(say!("walk-too-long", page = MOST))
            }
            None => None,
        }
    }

    /// Takes notice of a page. `fresh`: it held an entry that was not seen before.
    pub fn took(&mut self, number: u64, page: &ListPage, fresh: bool) {
        self.read.insert(number);
        while self.read.contains(&(self.up_to + 1)) {
            self.up_to += 1;
        }
        match page.last {
            // New entries may have pushed others to a new page meanwhile.
            Some(last) if self.order != Order::OldestFirst => self.last = self.last.max(last),
            Some(_) => {}
            None => {
                self.open_end = true;
                self.order = Order::None;
            }
        }
        if page.entries.is_empty() {
            // A list read in its order has ended here, whatever it claims.
            self.done = self.open_end || self.since.is_none();
            return;
        }
        if self.open_end {
            self.done = !fresh;
            self.last = self.last.max(number + 1);
            return;
        }
        // Whoever gives the same page again and again has no others.
        if !fresh && self.read.len() as u64 != self.last {
            self.done = true;
            self.repeated = Some(number);
            return;
        }
        if let Some(since) = self.since {
            self.judge(number, Span::of(page), since);
        }
    }

    /// Learns the order, and stops after a whole page that is too old.
    fn judge(&mut self, number: u64, span: Option<Span>, since: i64) {
        let Some(mut span) = span else {
            self.order = Order::None;
            return;
        };
        match (self.order, self.first) {
            (Order::Unknown, None) => {
                self.first = Some(span).filter(|_| number == 1);
                return;
            }
            (Order::Unknown, Some(first)) => {
                let rises = first.newest <= span.oldest && first.oldest < span.newest;
                let falls = span.newest <= first.oldest && span.oldest < first.newest;
                (self.order, span) = match (rises, falls) {
                    // Its new end can only be reached through all the others.
                    (true, _) if self.onwards => (Order::None, span),
                    (true, _) => (Order::OldestFirst, span),
                    (_, true) => (Order::NewestFirst, first),
                    _ => (Order::None, span),
                }
            }
            _ => {}
        }
        if self.order == Order::None {
            return;
        }
        // A page that breaks the order: none can be relied on.
        if self.floor.is_some_and(|floor| span.newest > floor) {
            self.order = Order::None;
            return;
        }
        self.floor = Some(span.oldest);
        self.done = span.newest < since;
    }
}

impl Span {
    /// `None` where an entry has no date that can be read.
    fn of(page: &ListPage) -> Option<Self> {
        let dates: Option<Vec<i64>> = page.entries.iter().map(|entry| entry.created).collect();
        let dates = dates?;
        Some(Self {
            oldest: *dates.iter().min()?,
            newest: *dates.iter().max()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value as Json;

    use super::super::page::Entry;
    use super::*;

    fn page(dates: &[i64], last: Option<u64>) -> ListPage {
        let entry = |date: &i64| Entry {
            id: Some(date.to_string()),
            state: None,
            created: (*date >= 0).then_some(*date),
            raw: Json::Null,
        };
        ListPage {
            entries: dates.iter().map(entry).collect(),
            last,
            next: None,
        }
    }

    /// The pages that are read of a list of these pages.
    fn walked(mut walk: Walk, pages: &[&[i64]]) -> Vec<u64> {
        let mut read = Vec::new();
        while let Some(number) = walk.next() {
            read.push(number);
            let at = usize::try_from(number - 1).unwrap();
            walk.took(number, &page(pages[at], Some(pages.len() as u64)), true);
            assert!(read.len() <= pages.len());
        }
        read
    }

    #[test]
    fn an_ordered_list_is_read_from_its_new_end() {
        let rising: [&[i64]; 5] = [&[1, 2], &[3, 4], &[5, 6], &[7, 8], &[9]];
        assert_eq!(walked(Walk::since(7), &rising), [1, 5, 4, 3]);
        assert_eq!(walked(Walk::since(100), &rising), [1, 5]);
        let falling: [&[i64]; 5] = [&[9], &[8, 7], &[6, 5], &[4, 3], &[2, 1]];
        assert_eq!(walked(Walk::since(7), &falling), [1, 5, 2, 3]);
        assert_eq!(walked(Walk::since(100), &falling), [1, 5]);
    }

    #[test]
    fn pages_that_are_known_by_the_ones_before_are_read_in_their_order() {
        let walked = |pages: &[&[i64]]| {
            let mut walk = Walk::since(7);
            walk.onwards();
            while let Some(number) = walk.next() {
                let last = (number + 1).min(pages.len() as u64);
                let at = usize::try_from(number - 1).unwrap();
                walk.took(number, &page(pages[at], Some(last)), true);
            }
            walk.pages()
        };
        let rising: [&[i64]; 4] = [&[1, 2], &[3, 4], &[5, 6], &[7, 8]];
        assert_eq!(walked(&rising), (4, 4));
        let falling: [&[i64]; 4] = [&[9, 8], &[7, 6], &[5, 4], &[3, 2]];
        assert_eq!(walked(&falling), (3, 4));
    }

    #[test]
    fn where_the_pages_tell_no_order_all_are_read() {
        let mixed: [&[i64]; 3] = [&[1, 9], &[5, 2], &[3, 8]];
        assert_eq!(walked(Walk::since(7), &mixed), [1, 3, 2]);
        let late: [&[i64]; 4] = [&[1, 2], &[90, 3], &[4, 5], &[6, 7]];
        // The order breaks at page 2, which is reached only if it is needed.
        assert_eq!(walked(Walk::since(3), &late), [1, 4, 3, 2]);
        let undated: [&[i64]; 3] = [&[1, 2], &[3, 4], &[-1]];
        assert_eq!(walked(Walk::since(9), &undated), [1, 3, 2]);
        let same: [&[i64]; 3] = [&[1], &[1], &[1]];
        assert_eq!(walked(Walk::since(9), &same), [1, 3, 2]);
        assert_eq!(walked(Walk::all(), &mixed), [1, 2, 3]);
    }

    #[test]
    fn a_list_that_grows_is_read_to_its_new_end() {
        let mut walk = Walk::all();
        walk.took(1, &page(&[1], Some(2)), true);
        walk.took(2, &page(&[2], Some(3)), true);
        assert_eq!(walk.next(), Some(3));
        walk.took(3, &page(&[], Some(3)), false);
        assert_eq!(walk.next(), None);
    }

    #[test]
    fn a_page_that_brings_nothing_new_ends_the_reading() {
        for mut walk in [Walk::all(), Walk::since(7)] {
            walk.took(1, &page(&[1], Some(90_000)), true);
            let second = walk.next().unwrap();
            walk.took(second, &page(&[1], Some(90_000)), false);
            assert_eq!(walk.next(), None);
            assert!(walk.cut_short().unwrap().contains("90000 were announced"));
        }
        // The last page may hold what was pushed there meanwhile.
        let mut walk = Walk::all();
        walk.took(1, &page(&[1], Some(2)), true);
        walk.took(2, &page(&[1], Some(2)), false);
        assert_eq!((walk.next(), walk.cut_short()), (None, None));
    }

    #[test]
    fn a_list_without_end_is_read_up_to_a_limit_that_is_named() {
        for last in [None, Some(123_456)] {
            let mut walk = Walk::all();
            while let Some(number) = walk.next() {
                assert!(number <= MOST);
                walk.took(number, &page(&[1], last), true);
            }
            assert_eq!(walk.pages().0, MOST);
            assert!(walk.cut_short().unwrap().contains("10000"));
        }
    }

    #[test]
    fn without_a_last_page_reading_ends_at_an_empty_or_a_known_one() {
        let mut walk = Walk::all();
        walk.took(1, &page(&[1], None), true);
        assert_eq!(walk.next(), Some(2));
        let mut empty = walk.clone();
        empty.took(2, &page(&[], None), false);
        assert_eq!(empty.next(), None);
        walk.took(2, &page(&[1], None), false);
        assert_eq!(walk.next(), None);
    }
}
