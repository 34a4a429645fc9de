//! Where a lead stands along its route, before anything is stored: which destination
//! knows it, and which one it is offered to now.

use std::collections::{BTreeMap, HashMap};

use crate::config::{Choice, Route};
use crate::error::Failure;
use crate::lead::State;
use crate::ledger::{DedupOutcome, Hash16, Hasher, Ledger, Offer, StoredLead};
use crate::output::{Reason, Row};
use crate::pipeline::answered::answered;
use crate::pipeline::withdrawals::Withdrawals;
use crate::pipeline::{Prepared, Rules};

/// Looks along a route.
pub struct Foresight<'r> {
    route: &'r Route,
    /// In the order of the route.
    names: Vec<&'r str>,
    ledger: Option<Ledger>,
    hasher: Hasher,
    goes_on: Vec<State>,
    /// Who says no further down; none where that is on disk already.
    withdrawals: Withdrawals,
    shares: Shares,
    /// Where leads of this input were offered first, by destination and half of their key:
    /// one that comes twice is offered there too.
    seen: HashMap<(usize, u64), usize>,
}

/// What one destination would make of a lead now.
pub struct Foreseen {
    /// As it would be told, if nothing is sent of it.
    pub row: Row,
    person: [Option<Hash16>; 2],
    /// What it knows of the lead; `None`: it is new there.
    known: Option<DedupOutcome>,
    /// It could be sent.
    is_ready: bool,
}

impl Foreseen {
    /// There is nothing to do here, since the lead stands there already.
    fn stands(&self) -> Option<&StoredLead> {
        match &self.known {
            Some(DedupOutcome::Skip { earlier, .. }) => Some(earlier),
            _ => None,
        }
    }

    /// The lead is for nobody: no other destination is asked.
    pub fn ends(&self) -> bool {
        match self.row.reason {
            Some(Reason::Filtered(reason)) => reason.is_for_all(),
            _ => false,
        }
    }

    /// The lead would be sent.
    pub fn is_sent(&self) -> bool {
        self.is_ready && self.row.state == State::Unsent
    }
}

/// The row of a lead that a destination has which left the route.
pub fn left_row(lead: &Prepared<'_>, left: StoredLead) -> Row {
    let stands = DedupOutcome::Skip {
        earlier: Box::new(left),
        same_run: false,
        held: None,
    };
    answered(lead.row(), stands, "").0
}

/// Where a lead is offered, and as what.
pub struct Place {
    /// The destination's place in the route.
    pub at: usize,
    pub offer: Offer,
    /// It is offered to nobody: a destination that left the route has it.
    pub left: Option<Box<StoredLead>>,
}

impl<'r> Foresight<'r> {
    /// `ledger`: `None` where there is none yet.
    ///
    /// # Errors
    /// The ledger can't be read.
    pub fn new(route: &'r Route, ledger: Option<&Ledger>) -> Result<Self, Failure> {
        let names = route.destinations();
        let taken = ledger.map(|ledger| ledger.taken_by_route(&route.name));
        let taken = taken.transpose()?.unwrap_or_default();
        Ok(Self {
            route,
            shares: Shares::new(route, &taken),
            names,
            hasher: match ledger {
                Some(ledger) => ledger.hasher(),
                None => Hasher::random()?,
            },
            ledger: ledger.map(Ledger::again),
            goes_on: route.goes_on(),
            withdrawals: Withdrawals::default(),
            seen: HashMap::new(),
        })
    }

    /// Nothing of these inputs is put on disk.
    ///
    /// # Errors
    /// The ledger can't be read.
    pub fn of_dry_run(mut self, rules: &[Rules<'_>]) -> Result<Self, Failure> {
        self.withdrawals = Withdrawals::read(rules, &self.hasher)?;
        Ok(self)
    }

    /// What each destination would make of a lead, in the order of the route.
    ///
    /// # Errors
    /// The ledger can't be read.
    pub fn look(&self, judged: &[Prepared<'_>]) -> Result<Vec<Foreseen>, Failure> {
        judged.iter().map(|lead| self.look_at(lead)).collect()
    }

    fn look_at(&self, lead: &Prepared<'_>) -> Result<Foreseen, Failure> {
        let destination = lead.destination();
        let names = std::iter::once(&destination.name).chain(&destination.formerly);
        let intake = lead.intake(&self.hasher, None);
        let known = match &self.ledger {
            Some(ledger) => ledger.intake_preview(
                names,
                destination.again_after,
                &destination.rivals,
                &intake,
            )?,
            None => None,
        };
        let no = lead.ready.as_ref().ok();
        let no = no.and_then(|_| self.withdrawals.objection(&intake));
        let known = match no {
            Some(objection) => Some(DedupOutcome::Objected {
                id: None,
                objection,
            }),
            None => known,
        };
        let row = match known.clone() {
            Some(outcome) => answered(lead.row(), outcome, "").0,
            None => lead.row(),
        };
        Ok(Foreseen {
            person: [intake.email, intake.phone],
            is_ready: lead.ready.is_ok(),
            row,
            known,
        })
    }

    /// The destination that the lead is offered to now. One that has it, or may have it,
    /// keeps it, whatever changed in its row.
    ///
    /// # Errors
    /// The ledger can't be read.
    pub fn place(
        &mut self,
        judged: &[Prepared<'_>],
        foreseen: &[Foreseen],
    ) -> Result<Place, Failure> {
        let offer = |at: usize| Place {
            at,
            offer: Offer {
                route: self.route.name.clone(),
                origin: None,
                from: None,
                is_paid: false,
            },
            left: None,
        };
        let holds = |it: &Foreseen| match &it.known {
            Some(DedupOutcome::Skip { earlier, held, .. }) => held.is_some() || earlier.holds(),
            _ => false,
        };
        if let Some(at) = foreseen.iter().position(holds) {
            return Ok(offer(at));
        }
        if let (Some(ledger), Some(first)) = (&self.ledger, foreseen.first()) {
            let left = ledger.left_behind(&self.route.name, &self.names, first.person)?;
            if let Some(left) = left {
                let left = Some(Box::new(left));
                return Ok(Place { left, ..offer(0) });
            }
        }
        let keys: Vec<u64> = match self.route.choice() {
            Choice::Split(_) => judged.iter().map(|it| half(it.key(&self.hasher))).collect(),
            _ => Vec::new(),
        };
        let mut twice = keys.iter().enumerate();
        if let Some(at) = twice.find_map(|key| self.seen.get(&(key.0, *key.1))) {
            return Ok(offer(*at));
        }
        let first = self.first(foreseen)?;
        for (at, key) in keys.into_iter().enumerate() {
            self.seen.insert((at, key), first);
        }
        let mut from: Option<&StoredLead> = None;
        let mut last = first;
        for name in self.route.order_from(self.names[first]) {
            let Some(at) = self.names.iter().position(|known| *known == name) else {
                continue;
            };
            match foreseen[at].stands() {
                Some(earlier) if self.goes_on.contains(&earlier.state) => {
                    from = Some(earlier);
                    last = at;
                }
                _ => {
                    return Ok(Place {
                        left: None,
                        at,
                        offer: Offer {
                            origin: from.map(StoredLead::first_offer),
                            from: from.map(|from| (from.id, from.state)),
                            ..offer(at).offer
                        },
                    });
                }
            }
        }
        Ok(offer(last))
    }

    /// The destination that the lead was or is offered to first.
    fn first(&mut self, foreseen: &[Foreseen]) -> Result<usize, Failure> {
        let Choice::Split(_) = self.route.choice() else {
            return Ok(0);
        };
        let known = foreseen.iter().find_map(|it| match &it.known {
            Some(DedupOutcome::Skip { earlier, .. }) => Some(earlier.first_offer()),
            known => known.as_ref().and_then(DedupOutcome::id),
        });
        if let (Some(id), Some(ledger)) = (known, &self.ledger)
            && let Some(lead) = ledger.lead(id)?
            && let Some(first) = ledger.lead(lead.first_offer())?
            && let Some(at) = self.names.iter().position(|it| *it == first.destination)
        {
            return Ok(at);
        }
        Ok(self.shares.next(|at| foreseen[at].is_sent()))
    }
}

/// Half a key: enough to tell the leads of one input apart.
pub fn half(key: Hash16) -> u64 {
    let bytes = key.iter().take(8);
    bytes.fold(0, |half, byte| half << 8 | u64::from(*byte))
}

/// Who is to take the next lead, so that each has its share of what was taken.
struct Shares {
    /// The share of each destination, and how many it took.
    taken: Vec<(u64, u64)>,
}

impl Shares {
    fn new(route: &Route, taken: &BTreeMap<String, u64>) -> Self {
        let Choice::Split(shares) = route.choice() else {
            return Self { taken: Vec::new() };
        };
        let count = |name: &String| taken.get(name).copied().unwrap_or_default();
        let taken = shares
            .iter()
            .map(|(name, share)| (u64::from(*share), count(name)));
        Self {
            taken: taken.collect(),
        }
    }

    /// Whoever is furthest behind its share, of those that can be sent the lead; else of
    /// all.
    fn next(&mut self, can: impl Fn(usize) -> bool) -> usize {
        let all: i128 = self.taken.iter().map(|(share, _)| i128::from(*share)).sum();
        let total: i128 = self.taken.iter().map(|(_, taken)| i128::from(*taken)).sum();
        let behind = |at: &usize| {
            let (share, taken) = self.taken[*at];
            i128::from(share) * (total + 1) - i128::from(taken) * all
        };
        let able: Vec<usize> = (0..self.taken.len()).filter(|at| can(*at)).collect();
        let is_sent = !able.is_empty();
        let of = match is_sent {
            true => able,
            false => (0..self.taken.len()).collect(),
        };
        // The first of those that are alike.
        let next = of.into_iter().rev().max_by_key(behind).unwrap_or_default();
        if let Some((_, taken)) = self.taken.get_mut(next).filter(|_| is_sent) {
            *taken += 1;
        }
        next
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_has_its_share_of_ten_thousand_within_one() {
        let shares = [3, 1, 2];
        let mut split = Shares {
            taken: shares.map(|share| (share, 0)).to_vec(),
        };
        for count in 1..=10_000_u64 {
            split.next(|_| true);
            for (share, taken) in &split.taken {
                let ideal = (*share * count) as f64 / 6.0;
                assert!((*taken as f64 - ideal).abs() <= 1.0, "{taken} of {count}");
            }
        }
    }

    #[test]
    fn what_one_cannot_take_the_others_do_and_it_is_made_good() {
        let mut split = Shares {
            taken: vec![(1, 0), (1, 0)],
        };
        for _ in 0..10 {
            assert_eq!(split.next(|at| at == 1), 1);
        }
        for _ in 0..10 {
            assert_eq!(split.next(|_| true), 0);
        }
        assert_eq!(split.next(|_| false), 0, "nobody: as if all could");
        assert_eq!(split.taken, [(1, 10), (1, 10)]);
    }
}
