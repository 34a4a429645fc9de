//! What a month is billed by: leads counted by what became of them, and the money
//! that they bring and cost. Every figure is a sum over single leads.

use std::fmt;

use serde::Serialize;

use super::{Money, State};

/// By which day a lead belongs to a period.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Dated {
    /// The day it was sent; one that was never sent, the day it was read.
    #[default]
    Sent,
    /// The day on which the partner decided. What it has not decided is not in it.
    Decided,
}

impl fmt::Display for Dated {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Sent => "sent",
            Self::Decided => "decided",
        })
    }
}

/// The sums of some leads. `sent` is the sum of the columns after it up to `in_doubt`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Figures {
    /// Leads, whether they were sent or not; none where they are dated by the
    /// decision, and so for what they cost.
    pub read: Option<u64>,
    pub sent: u64,
    /// Delivered and approved.
    pub accepted: u64,
    pub pending: u64,
    pub duplicate: u64,
    pub rejected: u64,
    pub expired: u64,
    pub returned: u64,
    pub in_doubt: u64,
    /// Of the accepted, those that are paid for.
    pub billable: u64,
    /// What these bring.
    pub amount: Money,
    /// What the leads that were read cost.
    pub cost: Option<Money>,
    /// The amount less the cost.
    pub margin: Option<Money>,
}

/// One lead as the figures see it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counted {
    /// `None`: it was never sent, or certainly not received.
    pub state: Option<State>,
    /// What it brings, where it is paid for.
    pub amount: Option<Money>,
    pub cost: Option<Money>,
}

impl Figures {
    /// No lead yet.
    pub fn none(dated: Dated) -> Self {
        let of_reading = dated == Dated::Sent;
        Self {
            read: of_reading.then_some(0),
            cost: of_reading.then(Money::default),
            margin: of_reading.then(Money::default),
            ..Self::default()
        }
    }

    /// One lead more.
    pub fn add(&mut self, lead: Counted) {
        if let Some(read) = &mut self.read {
            *read += 1;
        }
        let column = lead.state.and_then(|state| self.column(state));
        if let Some(column) = column {
            *column += 1;
            self.sent += 1;
        }
        if let Some(amount) = lead.amount {
            self.billable += 1;
            self.amount += amount;
        }
        if let (Some(cost), Some(margin)) = (&mut self.cost, &mut self.margin) {
            *cost += lead.cost.unwrap_or_default();
            *margin = self.amount - *cost;
        }
    }

    /// Where leads in this state are counted; `None`: no partner has them.
    fn column(&mut self, state: State) -> Option<&mut u64> {
        match state {
            State::Delivered | State::Approved => Some(&mut self.accepted),
            State::Pending => Some(&mut self.pending),
            State::Duplicate => Some(&mut self.duplicate),
            State::Rejected => Some(&mut self.rejected),
            State::Expired => Some(&mut self.expired),
            State::Returned => Some(&mut self.returned),
            State::InDoubt => Some(&mut self.in_doubt),
            State::Invalid
            | State::Filtered
            | State::Held
            | State::Failed
            | State::Unsent
            | State::Skipped => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_lead_is_in_one_column_and_the_sum_of_them_is_what_was_sent() {
        let mut sum = Figures::none(Dated::Sent);
        for state in State::ALL {
            sum.add(Counted {
                state: Some(state),
                amount: (state == State::Approved).then_some(Money::of_cents(3_500)),
                cost: Some(Money::of_cents(1_200)),
            });
        }
        let columns = [
            sum.accepted,
            sum.pending,
            sum.duplicate,
            sum.rejected,
            sum.expired,
            sum.returned,
            sum.in_doubt,
        ];
        assert_eq!(columns, [2, 1, 1, 1, 1, 1, 1]);
        assert_eq!((sum.sent, sum.read), (8, Some(State::ALL.len() as u64)));
        let sent = State::ALL.iter().filter(|state| state.was_sent());
        assert_eq!(sum.sent, sent.count() as u64, "the states that were sent");
        assert_eq!((sum.billable, sum.amount), (1, Money::of_cents(3_500)));
        assert_eq!(sum.cost, Some(Money::of_cents(1_200 * 14)));
        assert_eq!(sum.margin, Some(Money::of_cents(3_500 - 1_200 * 14)));
        assert_eq!(Figures::none(Dated::Decided).margin, None);
    }
}
