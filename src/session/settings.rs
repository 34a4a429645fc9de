//! Where the configuration and the ledger are, and what the configuration says.
//! Knows no command line: it is given the paths that were named there.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use crate::config::{self, Catalogue, Destination, MergedLine, Mistake, Route, shelf};
use crate::error::Failure;
use crate::io_words::io_words;
use crate::lead::text::in_quotes;
use crate::output::{Command, quoted};
use crate::words::say;

/// What a run starts from.
#[derive(Debug)]
pub struct Settings {
    pub catalogue: Catalogue,
    /// The user's file, where there is one.
    pub config: Option<PathBuf>,
    /// What it says.
    text: Option<String>,
    /// It was found, and not named.
    pub is_found: bool,
    pub ledger: PathBuf,
    /// Lists of people who are not to be sent.
    pub block_files: Vec<PathBuf>,
}

impl Settings {
    /// `config`, `ledger`: the files that the user named, if any.
    pub fn load(config: Option<&Path>, ledger: Option<&Path>) -> Result<Self, Failure> {
        let is_found = named_config(config).is_none();
        let config = chosen_config(config)?;
        let text = config.as_deref().map(read).transpose()?;
        let shown = config.as_deref().map(|path| path.display().to_string());
        let user = shown.as_deref().zip(text.as_deref());
        let catalogue = Catalogue::load(user).map_err(|mistakes| told(&mistakes))?;
        let named = ledger.map(Path::to_owned);
        let ledger = match named.or_else(|| path_in_env("LEADCTL_LEDGER")) {
            Some(path) => path,
            None => find_ledger(&catalogue, config.as_deref())?,
        };
        let mut settings = Self {
            catalogue,
            config,
            text,
            is_found,
            ledger,
            block_files: Vec::new(),
        };
        let lists = settings.catalogue.block_files.iter();
        // They are the same lists wherever the run was started.
        let whole = |path: PathBuf| std::path::absolute(&path).unwrap_or(path);
        let lists = lists.map(|list| whole(placed(list, settings.folder())));
        settings.block_files = lists.collect();
        let folder = settings.folder().to_owned();
        for destination in &mut settings.catalogue.destinations {
            let own = destination.auth.certificates();
            for file in own.chain(&mut destination.ca) {
                *file = folder.join(&file);
            }
        }
        Ok(settings)
    }

    /// A file that was named and says nothing would send to whom it should have led
    /// away from: one that a sandbox was to write, and has not.
    ///
    /// # Errors
    /// It is such a file.
    pub fn refuse_empty(&self) -> Result<(), Failure> {
        let Some((path, text)) = self.config.as_deref().zip(self.text.as_deref()) else {
            return Ok(());
        };
        let is_empty = text.parse::<toml::Table>().is_ok_and(|all| all.is_empty());
        // Who names this one means that nothing differs.
        let is_meant = self.is_found || path == Path::new("/dev/null");
        match is_empty && !is_meant {
            true => Err(Failure::usage(say!("configuration-empty", path))
                .hint(say!("configuration-empty-hint"))),
            false => Ok(()),
        }
    }

    /// The destinations of a route, in its order.
    pub fn along(&self, route: &Route) -> Vec<&Destination> {
        let names = route.destinations().into_iter();
        names.filter_map(|name| self.catalogue.get(name)).collect()
    }

    /// The table of a destination once the user's file is laid over what ships.
    pub fn merged(&self, name: &str) -> Result<Vec<MergedLine>, Failure> {
        let shown = self.shown_config();
        let user = self.text.as_deref().map(|text| (shown.as_str(), text));
        config::merged(user, name).map_err(|mistakes| told(&mistakes))
    }

    /// The destination of that name, or a failure that proposes the near one.
    pub fn destination(&self, name: &str) -> Result<&Destination, Failure> {
        destination(&self.catalogue, name)
    }

    /// The folder to which the configuration's relative paths refer.
    pub fn folder(&self) -> &Path {
        let parent = self.config.as_deref().and_then(Path::parent);
        match parent {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        }
    }

    /// A destination of the catalogue, or one that extends it, which the user's file
    /// moves to another host: that host, and the catalogue's.
    pub fn moved(&self, destination: &Destination) -> Option<(String, String)> {
        let built_in = Catalogue::load(None).ok()?;
        let mut origin = destination;
        let theirs = loop {
            match built_in.get(&origin.name) {
                Some(theirs) => break host(theirs.base.as_deref()?)?,
                None => origin = self.catalogue.get(origin.extends.as_deref()?)?,
            }
        };
        let ours = host(destination.base.as_deref()?)?;
        (ours != theirs).then_some((ours, theirs))
    }

    /// The configuration's path for messages.
    pub fn shown_config(&self) -> String {
        match &self.config {
            Some(path) => path.display().to_string(),
            None => say!("configuration-built-in"),
        }
    }
}

fn host(base: &str) -> Option<String> {
    let (_, place) = base.split_once("://")?;
    let host = place.split('/').next()?;
    Some(host.to_lowercase())
}

/// The destination of that name, or a failure that proposes the near one.
pub fn destination<'c>(catalogue: &'c Catalogue, name: &str) -> Result<&'c Destination, Failure> {
    catalogue.get(name).ok_or_else(|| {
        if let Some(route) = catalogue.route(name) {
            let names = route.destinations().join(", ");
            return Failure::usage(say!("destination-is-route", name = in_quotes(name)))
                .hint(say!("destination-is-route-hint", names));
        }
        let failure = Failure::usage(say!("destination-unknown", name = in_quotes(name)));
        let names = catalogue.destinations.iter().map(|d| d.name.as_str());
        failure.hint(match catalogue.near(name) {
            _ if shelf::table(name).is_some() => {
                let command = Command::new(["init", name]).to_string();
                say!("destination-on-shelf", command)
            }
            Some(near) => say!("did-you-mean", near),
            None => say!(
                "destination-list",
                names = names.collect::<Vec<_>>().join(", "),
                command = Command::new(["partners"]).to_string()
            ),
        })
    })
}

/// The file that a run reads: the one that the user names, else one that is there.
///
/// # Errors
/// Somebody else could have written the one that was found.
pub fn chosen_config(named: Option<&Path>) -> Result<Option<PathBuf>, Failure> {
    match named_config(named) {
        Some(named) => Ok(Some(named)),
        None => found_config().map(trusted).transpose(),
    }
}

/// The file that the user names, by the command line or the environment.
fn named_config(named: Option<&Path>) -> Option<PathBuf> {
    let named = named.filter(|path| !path.as_os_str().is_empty());
    let named = named.map(Path::to_owned);
    named.or_else(|| path_in_env("LEADCTL_CONFIG"))
}

/// The file that is there without being named.
fn found_config() -> Option<PathBuf> {
    let here = PathBuf::from("partners.toml");
    let users = || Some(dirs::config_dir()?.join("leadctl").join("partners.toml"));
    match here.is_file() {
        true => Some(here),
        false => users().filter(|path| path.is_file()),
    }
}

/// A file that was found is obeyed only where nobody else could have written it:
/// it says where leads and secrets go, and which commands are run.
fn trusted(path: PathBuf) -> Result<PathBuf, Failure> {
    let Some(why) = whose(&path) else {
        return Ok(path);
    };
    let flag = format!("--config {}", quoted(&path.display().to_string()));
    Err(
        Failure::usage(say!("configuration-untrusted", path = &*path, why))
            .hint(say!("configuration-untrusted-hint", flag)),
    )
}

/// Who else could have written a file, in words.
fn whose(path: &Path) -> Option<String> {
    match belongs_to_another(path) {
        true => Some(say!("configuration-of-another-user")),
        false => {
            let others = others_with(path, WRITE)?;
            Some(say!("configuration-written-by-others", others))
        }
    }
}

/// Rights to a file, as [`others_with`] asks for them.
pub(super) const READ: u32 = 0o4;
const WRITE: u32 = 0o2;

#[cfg(unix)]
fn belongs_to_another(path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let owner = std::fs::metadata(path).map(|about| about.uid());
    owner.is_ok_and(|owner| owner != rustix::process::geteuid().as_raw())
}

/// Who else has this right to a file, in words: not the user's own group, which
/// often is the user alone.
#[cfg(unix)]
pub(super) fn others_with(path: &Path, right: u32) -> Option<String> {
    use std::os::unix::fs::MetadataExt;
    let about = std::fs::metadata(path).ok()?;
    let has = |right: u32| about.mode() & right != 0 && has_modes(path);
    match () {
        () if has(right) => Some(say!("others-all")),
        () if has(right << 3) && about.gid() != rustix::process::getegid().as_raw() => {
            Some(say!("others-group"))
        }
        () => None,
    }
}

/// Who has which right to a file can't be asked here; the folder's rights decide.
#[cfg(not(unix))]
fn belongs_to_another(_: &Path) -> bool {
    false
}

#[cfg(not(unix))]
pub(super) fn others_with(_: &Path, _: u32) -> Option<String> {
    None
}

/// Disks of other systems show the same rights on every file.
#[cfg(target_os = "linux")]
fn has_modes(path: &Path) -> bool {
    // FAT, exFAT, NTFS, FUSE, 9P (Windows' disks in WSL), CIFS, SMB: linux/magic.h.
    const WITHOUT: [u32; 7] = [
        0x4d44,
        0x2011_bab0,
        0x5346_544e,
        0x6573_5546,
        0x0102_1997,
        0xff53_4d42,
        0xfe53_4d42,
    ];
    let kind = rustix::fs::statfs(path).map(|about| about.f_type as u32);
    kind.is_ok_and(|kind| !WITHOUT.contains(&kind))
}

#[cfg(all(unix, not(target_os = "linux")))]
fn has_modes(_: &Path) -> bool {
    true
}

fn path_in_env(name: &str) -> Option<PathBuf> {
    let value = std::env::var_os(name).filter(|value| !value.is_empty());
    value.map(PathBuf::from)
}

/// A configuration is written by people; what is longer than this is none, and
/// may have no end.
const LONGEST: u64 = 8 * 1024 * 1024;

fn read_bounded(path: &Path) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?
        .take(LONGEST + 1)
        .read_to_end(&mut bytes)?;
    match bytes.len() as u64 > LONGEST {
        true => Err(std::io::ErrorKind::FileTooLarge.into()),
        false => Ok(bytes),
    }
}

pub(super) fn read(path: &Path) -> Result<String, Failure> {
    let bytes = read_bounded(path).map_err(|error| {
        let unread = say!("configuration-unread", path, why = io_words(&error));
        Failure::usage(unread).hint(match error.kind() {
            std::io::ErrorKind::NotFound => {
                let path = quoted(&path.display().to_string());
                let command = format!("leadctl --config {path} init");
                say!("configuration-not-there", command)
            }
            _ => say!("configuration-unread-hint"),
        })
    })?;
    let text = String::from_utf8(bytes).map_err(|_| {
        Failure::usage(say!("configuration-not-utf8", path))
            .hint(say!("configuration-not-utf8-hint"))
    })?;
    let bare = text.strip_prefix('\u{feff}').map(str::to_owned);
    Ok(bare.unwrap_or(text))
}

/// All mistakes at once; the first one leads.
fn told(mistakes: &[Mistake]) -> Failure {
    let lines: Vec<String> = mistakes.iter().map(ToString::to_string).collect();
    let what = say!("configuration-mistakes", count = mistakes.len());
    Failure::usage(what).at(lines.join("\n"))
}

/// A path of the configuration, which lies in that folder.
fn placed(path: &str, folder: &Path) -> PathBuf {
    // `~/` is the user's home, as in a shell.
    let home = path.strip_prefix("~/").zip(std::env::home_dir());
    match home {
        Some((rest, home)) => home.join(rest),
        None => folder.join(path),
    }
}

/// Where the configuration says, else in the user's folder of data.
fn find_ledger(catalogue: &Catalogue, config: Option<&Path>) -> Result<PathBuf, Failure> {
    if let Some(ledger) = &catalogue.ledger {
        let folder = config.and_then(Path::parent).unwrap_or(Path::new(""));
        return Ok(placed(ledger, folder));
    }
    let data = dirs::data_local_dir()
        .ok_or_else(|| Failure::usage(say!("ledger-nowhere")).hint(say!("ledger-nowhere-hint")))?;
    Ok(data.join("leadctl").join("ledger.db"))
}
