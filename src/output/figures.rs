//! The columns of a report's figures for whoever looks at it, page or workbook. What is
//! nothing everywhere is left out, as long as each line still sums.

use crate::lead::{Figures, Money};
use crate::words::{grouped, say};

/// What stands in a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Figure {
    Count(u64),
    Amount(Money),
}

impl Figure {
    /// On a page and in a picture.
    pub fn on_page(self) -> String {
        match self {
            Self::Count(count) => grouped(count),
            Self::Amount(amount) => money(amount),
        }
    }

    /// On a terminal.
    pub fn in_line(self) -> String {
        let amount = match self {
            Self::Count(count) => return say!("figure-in-line", count),
            Self::Amount(amount) => amount.cents(),
        };
        let sign = if amount < 0 { "-" } else { "" };
        let (whole, cents) = (amount.unsigned_abs() / 100, amount.unsigned_abs() % 100);
        let cents = format!("{cents:02}");
        say!("figure-of-money-in-line", sign, whole, cents)
    }
}

/// An amount on a page.
pub fn money(amount: Money) -> String {
    say!("figure-of-money", amount = grouped(amount))
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Column {
    Read,
    NotSent,
    Sent,
    Accepted,
    Pending,
    InDoubt,
    Rejected,
    Returned,
    Duplicate,
    Expired,
    Billable,
    Amount,
    Cost,
    Margin,
}

impl Column {
    const ALL: [Self; 14] = [
        Self::Read,
        Self::NotSent,
        Self::Sent,
        Self::Accepted,
        Self::Pending,
        Self::InDoubt,
        Self::Rejected,
        Self::Returned,
        Self::Duplicate,
        Self::Expired,
        Self::Billable,
        Self::Amount,
        Self::Cost,
        Self::Margin,
    ];

    /// What it is called.
    pub fn name(self) -> String {
        match self {
            Self::Read => say!("figure-read"),
            Self::NotSent => say!("figure-not-sent"),
            Self::Sent => say!("figure-sent"),
            Self::Accepted => say!("figure-accepted"),
            Self::Pending => say!("figure-pending"),
            Self::InDoubt => say!("figure-in-doubt"),
            Self::Rejected => say!("figure-rejected"),
            Self::Returned => say!("figure-returned"),
            Self::Duplicate => say!("figure-duplicate"),
            Self::Expired => say!("figure-expired"),
            Self::Billable => say!("figure-billable"),
            Self::Amount => say!("figure-amount"),
            Self::Cost => say!("figure-cost"),
            Self::Margin => say!("figure-margin"),
        }
    }

    /// What stands in it.
    pub fn of(self, figures: &Figures) -> Option<Figure> {
        let count = match self {
            Self::Read => figures.read?,
            Self::NotSent => unsent(figures)?,
            Self::Sent => figures.sent,
            Self::Accepted => figures.accepted,
            Self::Pending => figures.pending,
            Self::InDoubt => figures.in_doubt,
            Self::Rejected => figures.rejected,
            Self::Returned => figures.returned,
            Self::Duplicate => figures.duplicate,
            Self::Expired => figures.expired,
            Self::Billable => figures.billable,
            Self::Amount => return Some(Figure::Amount(figures.amount)),
            Self::Cost => return figures.cost.map(Figure::Amount),
            Self::Margin => return figures.margin.map(Figure::Amount),
        };
        Some(Figure::Count(count))
    }
}

/// Read, and received by nobody.
pub fn unsent(figures: &Figures) -> Option<u64> {
    Some(figures.read?.saturating_sub(figures.sent))
}

/// Those of a table that sums up to this.
pub fn columns(total: &Figures) -> Vec<Column> {
    use Column::{Accepted, Margin, Read, Sent};
    let has_cost = total.cost.is_some_and(|cost| cost != Money::default());
    let is_told = |column: &Column| match (column, column.of(total)) {
        // Where nothing costs anything, the margin is the amount.
        (Margin, _) => has_cost,
        (Read | Sent | Accepted, figure) => figure.is_some(),
        (_, Some(Figure::Count(count))) => count > 0,
        (_, Some(Figure::Amount(amount))) => amount != Money::default(),
        (_, None) => false,
    };
    Column::ALL.into_iter().filter(is_told).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(total: &Figures) -> Vec<String> {
        columns(total).iter().map(|column| column.name()).collect()
    }

    #[test]
    fn what_is_nothing_everywhere_is_left_out() {
        let mut total = Figures {
            read: Some(3),
            sent: 2,
            rejected: 2,
            cost: Some(Money::default()),
            margin: Some(Money::default()),
            ..Figures::default()
        };
        let seen = ["read", "not sent", "sent", "accepted", "rejected"];
        assert_eq!(names(&total), seen);
        total.cost = Some(Money::of_cents(100));
        assert_eq!(names(&total)[5..], ["cost", "margin"]);
        total.read = None;
        assert_eq!(names(&total)[..2], ["sent", "accepted"]);
    }
}
