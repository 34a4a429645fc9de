//! The columns of a report's figures for whoever looks at it, page or workbook. What is
//! nothing everywhere is left out, as long as each line still sums.

use Figure::{Amount, Count};

use crate::lead::{Figures, Money};

/// What stands in a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Figure {
    Count(u64),
    Amount(Money),
}

pub struct Column {
    pub name: &'static str,
    pub of: fn(&Figures) -> Option<Figure>,
}

const fn column(name: &'static str, of: fn(&Figures) -> Option<Figure>) -> Column {
    Column { name, of }
}

const COST: &str = "cost";
const MARGIN: &str = "margin";
const COLUMNS: [Column; 14] = [
    column("read", |it| it.read.map(Count)),
    column("not sent", |it| unsent(it).map(Count)),
    column("sent", |it| Some(Count(it.sent))),
    column("accepted", |it| Some(Count(it.accepted))),
    column("pending", |it| Some(Count(it.pending))),
    column("in doubt", |it| Some(Count(it.in_doubt))),
    column("rejected", |it| Some(Count(it.rejected))),
    column("returned", |it| Some(Count(it.returned))),
    column("duplicate", |it| Some(Count(it.duplicate))),
    column("expired", |it| Some(Count(it.expired))),
    column("billable", |it| Some(Count(it.billable))),
    column("amount", |it| Some(Amount(it.amount))),
    column(COST, |it| it.cost.map(Amount)),
    column(MARGIN, |it| it.margin.map(Amount)),
];

/// Read, and received by nobody.
pub fn unsent(figures: &Figures) -> Option<u64> {
    Some(figures.read?.saturating_sub(figures.sent))
}

/// Those of a table that sums up to this.
pub fn columns(total: &Figures) -> Vec<&'static Column> {
    let always = ["read", "sent", "accepted"];
    let is_something = |column: &Column| match (column.of)(total) {
        Some(Count(count)) => count > 0 || always.contains(&column.name),
        Some(Amount(amount)) => amount != Money::default(),
        None => false,
    };
    let has_cost = total.cost.is_some_and(|cost| cost != Money::default());
    // Where nothing costs anything, the margin is the amount.
    let is_told = |column: &&Column| match column.name {
        MARGIN => has_cost,
        _ => is_something(column),
    };
    COLUMNS.iter().filter(is_told).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(total: &Figures) -> Vec<&'static str> {
        columns(total).iter().map(|column| column.name).collect()
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
        assert_eq!(names(&total)[5..], [COST, MARGIN]);
        total.read = None;
        assert_eq!(names(&total)[..2], ["sent", "accepted"]);
    }
}
