//! A rehearsal: one destination simulated on this machine, with a ledger that
//! is gone afterwards.

use std::path::PathBuf;

use crate::config::Destination;
use crate::error::Failure;
use crate::http::Credential;
use crate::io_words::io_words;
use crate::ledger::{Ledger, Mode};
use crate::sandbox::Sandbox;
use crate::scratch;
use crate::session::opening;
use crate::session::secrets;

pub struct Rehearsal {
    destination: Destination,
    folder: PathBuf,
    _sandbox: Sandbox,
}

impl Rehearsal {
    pub fn start(real: &Destination) -> Result<Self, Failure> {
        let failed = |error: std::io::Error| {
            Failure::unfinished(format!("the sandbox can't start: {}", io_words(&error)))
        };
        let sandbox = Sandbox::start(std::slice::from_ref(real), None).map_err(failed)?;
        let name = getrandom::u64().map_err(|_| failed(std::io::Error::other("no randomness")))?;
        let folder = scratch::folder().join(format!("leadctl-sandbox-{name:016x}"));
        let destination = Destination {
            base: Some(sandbox.base_of(&real.name)),
            pace: Vec::new(),
            ..real.clone()
        };
        Ok(Self {
            destination,
            folder,
            _sandbox: sandbox,
        })
    }

    /// The real destination, with the simulated address and no pace.
    pub fn destination(&self) -> &Destination {
        &self.destination
    }

    /// A fresh ledger, which goes with the rehearsal.
    pub fn ledger(&self) -> Result<Ledger, Failure> {
        Ledger::open(&self.folder.join("ledger.db"), Mode::Create).map_err(opening::failure)
    }

    /// What stands in for the secret: the simulated partner takes any.
    pub fn credential(&self) -> Option<Credential> {
        let auth = self.destination.auth.as_ref()?;
        Some(secrets::carrying(auth, "sandbox"))
    }
}

impl Drop for Rehearsal {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}
