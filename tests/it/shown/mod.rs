//! Every page as a person sees it, in every language, on a terminal of 80 columns. The
//! pages stand in `pages/`, to be read (`cargo insta test --review`, or `INSTA_UPDATE=always
//! cargo test --test it shown::`).

mod help;
mod story;

use std::fs;
use std::path::Path;

use insta::{Settings, assert_snapshot};
use regex::Regex;

use crate::common::{Home, Outcome};
use crate::sandbox::Sandbox;

const COLUMNS: usize = 80;

/// What differs from run to run, and what stands for it.
const MOVING: [(&str, &str); 10] = [
    (r"(?s)<style>.*?</style>", ""),
    (r"/tmp/[\w./-]*\.tmp\w+", "HOME"),
    (r"127\.0\.0\.1:\d+", "HOST:PORT"),
    (r"\d+[.,]\d[ \u{a0}]s\b", "N s"),
    // As wide as what they stand for.
    (r"\b[0-3]\d/[01]\d/20(2[6-9]|[3-9]\d)\b", "dd/mm/yyyy"),
    (r"\b20\d\d-\d\d-\d\d(T\d\d:\d\d:\d\d(\.\d+)?Z)?\b", "DATE"),
    (
        r"\b\d{1,2}(er)? (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec|January|February|March|April|June|July|August|September|October|November|December|janvier|février|mars|avril|mai|juin|juillet|août|septembre|octobre|novembre|décembre)\b( 20\d\d\b)?",
        "DAY",
    ),
    (r"\b\d\d:\d\d(:\d\d)?\b", "TIME"),
    (r"\b[0-9a-f]{64}\b", "HASH"),
    (r"><", ">\n<"),
];

/// A page without what differs from run to run; where that stood in columns, they stand
/// by no width of theirs.
fn still(page: &str) -> String {
    let mut still = page.to_owned();
    for (moving, in_its_place) in MOVING {
        let moving = Regex::new(moving).unwrap();
        still = moving.replace_all(&still, in_its_place).into_owned();
    }
    let columns = Regex::new(r"(\S)   *").unwrap();
    match still.contains("DAY") {
        true => columns.replace_all(&still, "$1  ").into_owned(),
        false => still,
    }
}

/// A newcomer who speaks a language, what they type, and what they see.
struct Teller {
    language: String,
    home: Home,
    page: String,
    /// The simulated partners, as long as they are needed.
    _partners: Sandbox,
}

/// Each language that there is a catalogue of.
fn languages() -> Vec<String> {
    let folders = fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/i18n")).unwrap();
    let names = folders.map(|it| it.unwrap().file_name().into_string().unwrap());
    names.collect()
}

/// A home whose owner speaks it.
fn home(language: &str) -> Home {
    let mut home = Home::new();
    home.set("LC_ALL", &format!("{language}_FR.UTF-8"));
    home
}

impl Teller {
    fn new(language: &str) -> Self {
        let mut home = home(language);
        for secret in ["ADLEAD_API_KEY", "COMPANEO_TOKEN", "HUBSPOT_TOKEN"] {
            home.set(secret, "a-newcomers-key");
        }
        let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
        for name in ["leads.csv", "companeo.csv"] {
            home.write(name, fs::read(examples.join(name)).unwrap());
        }
        let partners = Sandbox::start(&home, &["--lang", "en", "sandbox"]);
        Self {
            language: language.to_owned(),
            home,
            page: String::new(),
            _partners: partners,
        }
    }

    /// Types a command, and keeps what is seen of it.
    fn types(&mut self, command: &str) -> &mut Self {
        let words = shlex::split(command).expect("a command");
        let seen = self.home.run_on_terminal(COLUMNS, &words);
        self.sees(command, &seen)
    }

    /// The same into a pipe, where no line is broken: for lines that tell today's date.
    fn pipes(&mut self, command: &str) -> &mut Self {
        let words = shlex::split(command).expect("a command");
        let seen = self.home.run(&words);
        self.sees(command, &seen)
    }

    fn sees(&mut self, command: &str, seen: &Outcome) -> &mut Self {
        let code = seen.code.expect("its end");
        let told = still(&format!("{}{}", seen.stdout, seen.stderr));
        self.page += &format!("$ leadctl {command}\n{told}[{code}]\n\n");
        self
    }

    /// Looks into a file.
    fn opens(&mut self, name: &str) -> &mut Self {
        let text = fs::read_to_string(self.home.path().join(name));
        let text = text.unwrap_or_else(|_| panic!("no {name}:\n{}", self.page));
        self.page += &format!("{name}:\n{}\n", still(&text));
        self
    }

    /// The page is as it was when somebody looked at it last.
    fn told(&mut self, chapter: &str) {
        let page = std::mem::take(&mut self.page);
        is_as_ever(&format!("{}-{chapter}", self.language), &page);
    }
}

fn is_as_ever(name: &str, page: &str) {
    let mut settings = Settings::new();
    settings.set_snapshot_path("pages");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| assert_snapshot!(name, page));
}
