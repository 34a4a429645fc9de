//! The promise as a model: three leads, two workers, two runs that may be killed at
//! any step and begun again, a ledger that may be put back to what it was. Every
//! interleaving is explored, with the protocol's own transition function in it; the
//! ledger's part (claim, settle, recover, age) is said here in a few lines each.

use std::collections::HashSet;

use super::protocol::{Action, Ending, Event, Tries};
use super::tests::{heard, shop};
use crate::config::{Destination, Then};
use crate::lead::State;
use crate::outcome::Meaning;

const LEADS: usize = 3;
const WORKERS: usize = 2;

/// A lead as the ledger has it, and what the partner has of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Lead {
    stored: State,
    in_flight: Option<usize>,
    /// The run that took it in last, whose content is the ledger's.
    taken_in_by: usize,
    /// Times that it arrived.
    arrived: u8,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Worker {
    Idle,
    Begins(usize, Tries),
    Calls(usize, Tries, State),
    /// The state that is to be recorded, and whether it is tried again; what it was
    /// before the attempt.
    Records(usize, Tries, State, bool, State),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Run {
    alive: bool,
    /// Leads that it is to send, in order.
    queue: [bool; LEADS],
    workers: [Worker; WORKERS],
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct World {
    leads: [Lead; LEADS],
    runs: [Run; 2],
    /// The run that has the destination.
    holder: Option<usize>,
    /// Attempts that the ledger knows, and that the mark beside it tells.
    known: u8,
    mark: u8,
    copy: Option<([State; LEADS], u8)>,
    /// How often a run may still be killed, or begun, or the ledger be copied.
    kills: u8,
    starts: u8,
    copies: u8,
}

impl World {
    fn new(kills: u8, starts: u8, copies: u8) -> Self {
        let lead = Lead {
            stored: State::Unsent,
            in_flight: None,
            taken_in_by: 0,
            arrived: 0,
        };
        let run = Run {
            alive: false,
            queue: [false; LEADS],
            workers: [Worker::Idle; WORKERS],
        };
        Self {
            leads: [lead; LEADS],
            runs: [run; 2],
            holder: None,
            known: 0,
            mark: 0,
            copy: None,
            kills,
            starts,
            copies,
        }
    }

    /// Every world that may come next.
    fn next(&self, shop: &Destination) -> Vec<Self> {
        let mut worlds = Vec::new();
        for run in 0..2 {
            match self.runs[run].alive {
                false => worlds.extend(self.started(run)),
                true => {
                    worlds.extend(self.killed(run));
                    worlds.extend(self.ended(run));
                    let steps = (0..WORKERS).flat_map(|worker| self.worked(run, worker, shop));
                    worlds.extend(steps);
                }
            }
        }
        worlds.extend(self.copied());
        worlds.extend(self.put_back());
        worlds
    }

    /// A start declares what was cut short, and takes in what may be sent; nothing
    /// from a ledger that is older than its mark.
    fn started(&self, run: usize) -> Option<Self> {
        if self.starts == 0 || self.known < self.mark {
            return None;
        }
        let mut world = *self;
        world.starts -= 1;
        for lead in &mut world.leads {
            let alive = |run: usize| self.runs[run].alive;
            if lead.in_flight.is_some_and(|run| !alive(run)) {
                (lead.stored, lead.in_flight) = (State::InDoubt, None);
            }
            let open = matches!(lead.stored, State::Unsent | State::Failed);
            // What a run that is at work took in is its own.
            let by = lead.taken_in_by;
            let held = by != run && alive(by) && self.holder == Some(by);
            if open && lead.in_flight.is_none() && !held {
                (lead.stored, lead.taken_in_by) = (State::Unsent, run);
            }
        }
        if world.holder.is_none() {
            world.holder = Some(run);
            world.runs[run].alive = true;
            world.runs[run].queue = world
                .leads
                .map(|lead| lead.stored == State::Unsent && lead.taken_in_by == run);
        }
        Some(world)
    }

    fn killed(&self, run: usize) -> Option<Self> {
        let mut world = self.gone(run);
        world.kills = self.kills.checked_sub(1)?;
        Some(world)
    }

    fn ended(&self, run: usize) -> Option<Self> {
        let Run { queue, workers, .. } = self.runs[run];
        let done = queue == [false; LEADS] && workers == [Worker::Idle; WORKERS];
        done.then(|| self.gone(run))
    }

    fn gone(&self, run: usize) -> Self {
        let mut world = *self;
        world.runs[run] = Self::new(0, 0, 0).runs[run];
        world.holder = world.holder.filter(|holder| *holder != run);
        world
    }

    fn copied(&self) -> Option<Self> {
        let copy = Some((self.leads.map(|lead| lead.stored), self.known));
        let copies = self.copies.checked_sub(1)?;
        Some(Self {
            copy,
            copies,
            ..*self
        })
    }

    /// The copy takes the ledger's place; the mark stays.
    fn put_back(&self) -> Option<Self> {
        let (states, known) = self.copy.filter(|_| self.holder.is_none())?;
        let mut world = Self {
            known,
            copy: None,
            ..*self
        };
        for (lead, stored) in world.leads.iter_mut().zip(states) {
            (lead.stored, lead.in_flight) = (stored, None);
        }
        Some(world)
    }

    /// What one worker may do next.
    fn worked(&self, run: usize, worker: usize, shop: &Destination) -> Vec<Self> {
        let with = |world: Self, next: Worker| {
            let mut world = world;
            world.runs[run].workers[worker] = next;
            world
        };
        match self.runs[run].workers[worker] {
            Worker::Idle => {
                let Some(lead) = self.runs[run].queue.iter().position(|waits| *waits) else {
                    return Vec::new();
                };
                let mut world = *self;
                world.runs[run].queue[lead] = false;
                vec![with(world, Worker::Begins(lead, Tries::default()))]
            }
            Worker::Begins(lead, tries) => {
                let (world, event) = self.claimed(run, lead, tries);
                vec![with(
                    world,
                    after(event, lead, tries, self.leads[lead].stored, shop),
                )]
            }
            Worker::Calls(lead, tries, was) => ANSWERS
                .iter()
                .map(|(meaning, arrives)| {
                    let mut world = *self;
                    world.leads[lead].arrived += u8::from(*arrives);
                    let event = Event::Answered(1, Box::new(heard(*meaning)));
                    with(world, after(event, lead, tries, was, shop))
                })
                .collect(),
            Worker::Records(lead, tries, state, again, was) => {
                let mut world = *self;
                let stays = was == State::InDoubt && state == State::Failed;
                let state = if stays { State::InDoubt } else { state };
                (world.leads[lead].stored, world.leads[lead].in_flight) = (state, None);
                vec![match again {
                    true => with(world, Worker::Begins(lead, tries)),
                    false => with(world, Worker::Idle),
                }]
            }
        }
    }

    /// The claim: on disk, and the mark raised, before a byte may leave.
    fn claimed(&self, run: usize, at: usize, tries: Tries) -> (Self, Event) {
        let lead = self.leads[at];
        let expected = match tries.made {
            0 => State::Unsent,
            _ => State::Failed,
        };
        let is_ours = lead.in_flight.is_none() && lead.taken_in_by == run;
        if !is_ours || lead.stored != expected {
            return (*self, Event::Taken(lead.stored));
        }
        let mut world = *self;
        world.leads[at].stored = State::InDoubt;
        world.leads[at].in_flight = Some(run);
        world.known += 1;
        world.mark = world.mark.max(world.known);
        (world, Event::Granted(1))
    }

    /// The promise, in every world.
    fn keeps_it(&self) {
        let older = self.known < self.mark;
        for lead in &self.leads {
            assert!(lead.arrived <= 1, "sent twice: {self:?}");
            let declared = lead.in_flight.is_some() || older;
            let unknown = matches!(lead.stored, State::Unsent | State::Failed);
            assert!(
                lead.arrived == 0 || declared || !unknown,
                "undeclared: {self:?}"
            );
        }
    }
}

/// What may come of a call, and whether the lead arrived.
const ANSWERS: [(Meaning, bool); 5] = [
    (Meaning::Then(Then::Delivered), true),
    (Meaning::Then(Then::Rejected), false),
    (Meaning::Then(Then::InDoubt), true),
    (Meaning::Then(Then::InDoubt), false),
    (Meaning::Unreachable, false),
];

/// What the protocol says that a worker does next.
fn after(event: Event, lead: usize, tries: Tries, was: State, shop: &Destination) -> Worker {
    let mut tries = tries;
    match tries.next(event, shop) {
        Action::Call(_) => Worker::Calls(lead, tries, was),
        Action::Record(_, _, ruling) => {
            let state = ruling.state.expect("a lead that is sent gets a state");
            Worker::Records(lead, tries, state, ruling.again.is_some(), was)
        }
        Action::End(Ending::Taken(_)) => Worker::Idle,
        other => panic!("not in this model: {other:?}"),
    }
}

/// Every world that can be reached; how many there are.
fn explored(start: World, tries: u32) -> usize {
    let mut shop = shop();
    shop.tries = tries;
    let mut seen = HashSet::from([start]);
    let mut waiting = vec![start];
    while let Some(world) = waiting.pop() {
        world.keeps_it();
        for mut next in world.next(&shop) {
            // Which of two workers it is makes no difference.
            next.runs.iter_mut().for_each(|run| run.workers.sort());
            if seen.insert(next) {
                waiting.push(next);
            }
        }
    }
    let all_sent = |world: &World| world.leads.iter().all(|lead| lead.arrived == 1);
    assert!(seen.iter().any(all_sent));
    seen.len()
}

#[test]
fn in_every_interleaving_nothing_is_lost_sent_twice_or_undeclared() {
    let killed = explored(World::new(1, 2, 0), 2);
    let put_back = explored(World::new(0, 2, 1), 1);
    assert!(killed.min(put_back) > 5_000, "{killed} {put_back}");
}
