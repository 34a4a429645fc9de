//! How many leads are in each state.

use super::text::counted;
use crate::lead::State;

/// Leads by state, as this run shows them, and the states that skipped leads keep.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counts {
    shown: [u64; State::ALL.len()],
    kept: [u64; State::ALL.len()],
}

impl Counts {
    pub fn new() -> Self {
        Self::default()
    }

    /// Counts a lead; `earlier` is the state that a skipped one keeps.
    pub fn add(&mut self, state: State, earlier: Option<State>) {
        self.add_many(state, 1);
        if let (State::Skipped, Some(earlier)) = (state, earlier) {
            self.kept[slot(earlier)] += 1;
        }
    }

    /// Counts leads that are told together, such as the rest of a stopped run.
    pub fn add_many(&mut self, state: State, leads: u64) {
        self.shown[slot(state)] += leads;
    }

    /// Leads that this run shows in `state`.
    pub fn of(&self, state: State) -> u64 {
        self.shown[slot(state)]
    }

    /// Leads in `state`, those skipped in this run included.
    pub fn standing(&self, state: State) -> u64 {
        self.shown[slot(state)] + self.kept[slot(state)]
    }

    pub fn total(&self) -> u64 {
        self.shown.iter().sum()
    }

    /// `12 leads: 8 pending, 1 in doubt`, or `no leads`.
    pub fn in_words(&self) -> String {
        if self.total() == 0 {
            return "no leads".into();
        }
        let states = State::ALL.into_iter().filter(|&state| self.of(state) > 0);
        let parts: Vec<_> = states
            .map(|state| format!("{} {}", self.of(state), state.as_str().replace('_', " ")))
            .collect();
        let leads = counted(self.total(), "lead", "leads");
        format!("{leads}: {}", parts.join(", "))
    }
}

/// `State::ALL` lists the states in the order of their declaration.
fn slot(state: State) -> usize {
    state as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_has_its_own_place() {
        for (index, state) in State::ALL.into_iter().enumerate() {
            assert_eq!(slot(state), index);
        }
    }

    #[test]
    fn a_skipped_lead_still_stands_where_it_stood() {
        let mut counts = Counts::new();
        counts.add(State::Skipped, Some(State::InDoubt));
        counts.add(State::InDoubt, None);
        counts.add_many(State::Unsent, 3);
        assert_eq!(counts.of(State::InDoubt), 1);
        assert_eq!(counts.standing(State::InDoubt), 2);
        assert_eq!(
            counts.in_words(),
            "5 leads: 3 unsent, 1 in doubt, 1 skipped"
        );
        assert_eq!(Counts::new().in_words(), "no leads");
    }
}
