//! What `[leadctl.notify]` asks for once a run is over and told: a post, or a command,
//! with what is new; a heartbeat; a file for Prometheus. None of it holds up a lead or
//! changes how the run ends, and none of it is about a person. What was posted is
//! marked afterwards: what a kill or a dead receiver kept back, the next run tells.

mod receiver;
mod text;

use std::fs::{self, File};
use std::io::{self, IsTerminal as _, Write as _};
use std::path::Path;

use self::receiver::{Unheard, call, hand_over};
use crate::config::{Heartbeat, Notify, Post, Secret};
use crate::error::Failure;
use crate::io_words::io_words;
use crate::ledger::{Ledger, Mode, News, RunStop};
use crate::output::Exit;
use crate::session::Session;
use crate::session::secrets::{self, PATIENCE};
use crate::words::say;

/// Runs a verb, prints why it failed, if it did, and tells those who are to be notified.
/// `to`: the destination that it is about; without one, all.
///
/// # Errors
/// Those of a verb after which nobody is notified.
pub fn after(
    session: &Session,
    to: Option<&str>,
    run: impl FnOnce() -> anyhow::Result<Exit>,
) -> anyhow::Result<Exit> {
    let run = || {
        let exit = run()?;
        // A run that had nothing to send tells the doubts that it found all the same.
        let ledger = Ledger::open(&session.settings.ledger, Mode::Look);
        Ok(exit.min(ledger.map_or(Exit::Done, |ledger| session.found(&ledger))))
    };
    // Along a route, what is new at any of its destinations is.
    let to = to.filter(|to| session.settings.catalogue.route(to).is_none());
    let notify = &session.settings.catalogue.notify;
    if *notify == Notify::default() {
        return run();
    }
    // Receivers may take their time: who waits for the run is told first.
    let ended = run().map_err(|error| {
        let failure = Failure::of(error);
        failure.print();
        failure.exit
    });
    let notifier = Notifier {
        session,
        notify,
        to,
    };
    notifier.tell(ended);
    Ok(ended.unwrap_or_else(|exit| exit))
}

/// Says which address is not where `[leadctl.notify]` says: with the first news it would
/// be too late.
pub fn tell_missing(session: &Session) {
    let Notify {
        post, heartbeat, ..
    } = &session.settings.catalogue.notify;
    let post = post.as_ref().map(|post| ("post", &post.url));
    let heartbeat = heartbeat.as_ref().map(|it| ("heartbeat", &it.url));
    for (word, url) in post.into_iter().chain(heartbeat) {
        if secrets::is_there(url, session.settings.folder()) == Some(false) {
            let place = secrets::place(url);
            session
                .warnings
                .warn(&say!("notify-address-missing", word, place));
        }
    }
}

struct Notifier<'n> {
    session: &'n Session,
    notify: &'n Notify,
    to: Option<&'n str>,
}

impl Notifier<'_> {
    fn tell(&self, ended: Result<Exit, Exit>) {
        let looked = self.look(ended.is_err());
        let (ledger, news) = match looked {
            Ok(found) => found,
            Err(failure) => {
                // Where the run failed, it said why.
                if ended.is_ok() {
                    self.warn(&say!("notify-what-is-new"), &failure.what);
                }
                (None, News::default())
            }
        };
        if let (Some(path), Some(ledger)) = (&self.notify.metrics, &ledger) {
            let path = self.session.settings.folder().join(path);
            if let Err(failure) = write_metrics(&path, ledger) {
                self.warn("metrics", &failure.what);
            }
        }
        let is_told = self.post(&news);
        if let Some(heartbeat) = &self.notify.heartbeat {
            let (Ok(exit) | Err(exit)) = ended;
            let is_broken = matches!(exit, Exit::Unfinished | Exit::Usage | Exit::Interrupted);
            self.beat(heartbeat, is_broken || !news.is_empty());
        }
        // What could not be posted is news at the next run still.
        let marked = ledger.filter(|_| is_told).map(|it| it.mark_posted(&news));
        if let Some(Err(error)) = marked {
            self.warn(&say!("notify-posted-again"), &error.to_string());
        }
    }

    /// The ledger, if there is one, and what is new in it. `failed`: the run could not
    /// begin, which somebody at a terminal sees.
    fn look(&self, failed: bool) -> Result<(Option<Ledger>, News), Failure> {
        let path = &self.session.settings.ledger;
        if !Ledger::is_there(path) {
            return Ok((None, News::default()));
        }
        let ledger = Ledger::open(path, Mode::Existing)?;
        let known = |to: &&str| self.session.settings.catalogue.get(to).is_some();
        if let Some(to) = self.to.filter(known)
            && failed
            && !io::stderr().is_terminal()
        {
            ledger.set_stop(to, Some(RunStop::NotBegun))?;
        }
        let news = ledger.news(self.to)?;
        Ok((Some(ledger), news))
    }

    /// Posts what is new and wanted; whether nobody is left to be told.
    fn post(&self, news: &News) -> bool {
        let Some(text) = text::of(news, self.notify.on.as_deref()) else {
            return true;
        };
        let posted = self.notify.post.as_ref().map(|Post { url, form }| {
            self.called("post", url, |url| call(url, Some(text::body(&text, *form))))
        });
        let command = &self.notify.command;
        let handed = (!command.is_empty()).then(|| {
            let handed = hand_over(command, &text, PATIENCE);
            self.is_heard("command", handed)
        });
        posted.unwrap_or(true) && handed.unwrap_or(true)
    }

    fn beat(&self, heartbeat: &Heartbeat, fails: bool) {
        self.called("heartbeat", &heartbeat.url, |url| match fails {
            true => call(receiver::failing(&url), None),
            false => call(url, None),
        });
    }

    /// Calls an address that is a secret; whether it was heard.
    fn called(
        &self,
        word: &str,
        url: &Secret,
        call: impl FnOnce(String) -> Result<(), Unheard>,
    ) -> bool {
        let beside = self.session.settings.folder();
        match secrets::read(url, "url", "[leadctl.notify]", beside, PATIENCE) {
            Ok(url) => self.is_heard(word, call(url)),
            Err(failure) => {
                self.warn(word, &failure.what);
                false
            }
        }
    }

    fn is_heard(&self, word: &str, heard: Result<(), Unheard>) -> bool {
        if let Err(why) = &heard {
            self.warn(word, &why.to_string());
        }
        heard.is_ok()
    }

    fn warn(&self, word: &str, why: &str) {
        self.session
            .warnings
            .warn(&say!("notify-failed", word, why));
    }
}

/// Writes the file anew beside itself, and puts it in the other's place: who reads it
/// sees it whole. Others may read it, for there is nobody in it.
fn write_metrics(path: &Path, ledger: &Ledger) -> Result<(), Failure> {
    let metrics = text::metrics(&ledger.status()?);
    let write = || -> io::Result<()> {
        let mut name = path.as_os_str().to_owned();
        name.push(format!(".{}.new", std::process::id()));
        let beside = Path::new(&name);
        let written = File::create(beside)
            .and_then(|mut file| file.write_all(metrics.as_bytes()))
            .and_then(|()| fs::rename(beside, path));
        written.inspect_err(|_| _ = fs::remove_file(beside))
    };
    write().map_err(|error| {
        Failure::unfinished(say!(
            "notify-metrics-not-written",
            path,
            why = io_words(&error)
        ))
    })
}
