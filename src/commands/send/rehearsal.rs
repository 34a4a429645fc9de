//! A rehearsal: one destination simulated on this machine, with a ledger that
//! is gone afterwards.

use tempfile::TempDir;

use crate::config::Destination;
use crate::error::Failure;
use crate::http::Credential;
use crate::io_words::io_words;
use crate::ledger::{Ledger, Mode};
use crate::sandbox::Sandbox;
use crate::session::secrets;

pub struct Rehearsal {
    destination: Destination,
    folder: TempDir,
    _sandbox: Sandbox,
}

impl Rehearsal {
    /// # Errors
    /// No simulated partner or temporary folder can be had.
    pub fn start(real: &Destination) -> Result<Self, Failure> {
        let failed = |error: std::io::Error| {
            Failure::unfinished(format!("the sandbox can't start: {}", io_words(&error)))
        };
        let sandbox = Sandbox::start(std::slice::from_ref(real), None).map_err(failed)?;
        Ok(Self {
            destination: Destination {
                base: Some(sandbox.base_of(&real.name)),
                pace: Vec::new(),
                ..real.clone()
            },
            folder: tempfile::Builder::new()
                .prefix("leadctl-sandbox-")
                .tempdir()
                .map_err(failed)?,
            _sandbox: sandbox,
        })
    }

    /// The real destination, with the simulated address and no pace.
    pub fn destination(&self) -> &Destination {
        &self.destination
    }

    /// A fresh ledger, which goes with the rehearsal.
    ///
    /// # Errors
    /// The temporary folder can't take it.
    pub fn ledger(&self) -> Result<Ledger, Failure> {
        let path = self.folder.path().join("ledger.db");
        Ledger::open(&path, Mode::Create).map_err(Failure::from)
    }

    /// What stands in for the secret: the simulated partner takes any.
    pub fn credential(&self) -> Option<Credential> {
        let auth = self.destination.auth.as_ref()?;
        Some(secrets::carrying(auth, "sandbox"))
    }
}
