//! A real browser without a window, where this machine has one. `.ci/run` names it; a
//! machine without one says so, and what is looked at without a browser is still tested.

use std::env;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value as Json;

use crate::common::Home;

/// How wide a desk's and a phone's window are.
const WIDTHS: [u32; 2] = [1280, 390];

/// The page says in its frame what it is like there, once it is drawn.
const LOOK: &str = r#"
addEventListener("load", async () => {
  const whole = document.documentElement;
  const wide = whole.scrollWidth - whole.clientWidth;
  const dark = matchMedia("(prefers-color-scheme: dark)").matches;
  document.querySelectorAll("details").forEach(one => one.open = true);
  const found = window.axe ? (await axe.run(document)).violations : [];
  const faults = found.map(one => one.id + ": " + one.nodes[0].html);
  parent.postMessage({ at: innerWidth, wide, dark, faults }, "*");
});
"#;

/// Gathers what the frames say.
const GATHER: &str = r#"
const told = [];
addEventListener("message", message => {
  told.push(message.data);
  document.getElementById("told").textContent = JSON.stringify(told);
});
"#;

pub struct Browser {
    program: PathBuf,
    /// axe-core, which judges whether everybody can read a page.
    axe: Option<PathBuf>,
    home: Home,
}

impl Browser {
    /// `None`: there is none, which is said whether or not the test passes.
    pub fn found(test: &str) -> Option<Self> {
        let named = env::var_os("LEADCTL_BROWSER").map(PathBuf::from);
        let Some(program) = named.or_else(installed) else {
            say(&format!("{test}: not looked at, no Chromium is here"));
            return None;
        };
        let axe = env::var_os("LEADCTL_AXE").map(PathBuf::from);
        if axe.is_none() {
            say(&format!(
                "{test}: looked at, but not judged by axe-core, which is not here"
            ));
        }
        Some(Self {
            program,
            axe,
            home: Home::new(),
        })
    }

    fn run(&self, more: &[&str], page: &Path) -> Output {
        let profile = self.home.path().join("profile");
        let output = Command::new(&self.program)
            .args([
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
            ])
            .args(["--no-first-run", "--disable-background-networking"])
            .args(["--disable-component-update", "--disable-sync"])
            .args(["--enable-logging=stderr", "--v=0"])
            .arg(format!("--user-data-dir={}", profile.display()))
            .args(more)
            .arg(format!("file://{}", page.display()))
            .output()
            .expect("the browser");
        assert!(output.status.success(), "{output:?}");
        output
    }

    /// Fails unless the page is whole at a desk and on a phone, by day and by night, on
    /// one sheet of paper, without a word on the console, and for everybody to read.
    pub fn judge(&self, page: &Path) {
        let faults = self.faults(page);
        assert_eq!(faults, [""; 0], "{}", page.display());
        assert_eq!(self.sheets(page), 1, "sheets of paper");
    }

    /// On paper.
    pub fn sheets(&self, page: &Path) -> usize {
        let paper = self.home.path().join("page.pdf");
        let print = format!("--print-to-pdf={}", paper.display());
        self.run(&["--no-pdf-header-footer", &print], page);
        let printed = fs::read(&paper).expect("a PDF");
        let sheet = b"/Type /Page\n";
        let sheets = printed.windows(sheet.len()).filter(|at| at == sheet);
        sheets.count()
    }

    /// On a screen.
    pub fn faults(&self, page: &Path) -> Vec<String> {
        let shown = self.run(&["--dump-dom"], page);
        let log = String::from_utf8_lossy(&shown.stderr);
        let said = log.lines().filter(|line| line.contains("CONSOLE"));
        let mut faults: Vec<String> = said.map(str::to_owned).collect();
        let frames = self.frames(page);
        for dark in [false, true] {
            for seen in self.seen(&frames, dark) {
                let at = &seen["at"];
                if seen["wide"] != 0 {
                    faults.push(format!("at {at} it is too wide"));
                }
                if seen["dark"] != dark {
                    faults.push(format!("at {at} it is not as dark as asked"));
                }
                let found = seen["faults"].as_array().expect("a list");
                faults.extend(found.iter().map(|fault| format!("at {at}: {fault}")));
            }
        }
        faults
    }

    /// The page in a frame for each width. Its policy lets nothing run, so these have none.
    fn frames(&self, page: &Path) -> PathBuf {
        let text = fs::read_to_string(page).expect("a page");
        let policy = text.find("<meta http-equiv").expect("a policy");
        let after = policy + text[policy..].find('>').expect("its end") + 1;
        let axe = match &self.axe {
            Some(axe) => fs::read_to_string(axe).expect("axe-core"),
            None => String::new(),
        };
        self.home.write("axe.js", axe);
        let look = format!("<script src=\"axe.js\"></script><script>{LOOK}</script></body>");
        let looking = [&text[..policy], &text[after..]].concat();
        self.home
            .write("page.html", looking.replace("</body>", &look));
        let frame = |wide: u32| {
            format!("<iframe src=\"page.html\" width=\"{wide}\" height=\"800\"></iframe>")
        };
        let frames: String = WIDTHS.into_iter().map(frame).collect();
        let gather = format!("<pre id=\"told\"></pre><script>{GATHER}</script>");
        self.home.write("frames.html", gather + &frames)
    }

    fn seen(&self, frames: &Path, dark: bool) -> Vec<Json> {
        let mut flags = vec!["--dump-dom", "--virtual-time-budget=30000"];
        flags.extend(dark.then_some("--force-dark-mode"));
        let shown = self.run(&flags, frames);
        let shown = String::from_utf8_lossy(&shown.stdout);
        let told = shown.split("<pre id=\"told\">").nth(1).expect("a place");
        let told = told.split("</pre>").next().expect("its end");
        let told = told
            .replace("&lt;", "<")
            .replace("&gt;", ">")
            .replace("&amp;", "&");
        let told: Vec<Json> = serde_json::from_str(&told).expect("what was seen");
        assert_eq!(told.len(), WIDTHS.len(), "{told:?}");
        told
    }
}

/// A Chromium by its usual names.
fn installed() -> Option<PathBuf> {
    let names = ["chromium", "chromium-browser", "google-chrome"];
    let folders = env::var_os("PATH")?;
    let folders: Vec<PathBuf> = env::split_paths(&folders).collect();
    let named = names
        .iter()
        .flat_map(|name| folders.iter().map(move |folder| folder.join(name)));
    let mut named = named.filter(|program| program.is_file());
    named.next()
}

/// Past what keeps the words of a test that passes.
fn say(words: &str) {
    let _ = writeln!(std::io::stderr(), "{words}");
}

#[test]
fn what_is_wrong_with_a_page_is_seen() {
    let Some(browser) = Browser::found("a page with faults") else {
        return;
    };
    let page = "<!doctype html><html lang=\"en\"><head><title>x</title>\
        <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'\"></head>\
        <body><main><h1>x</h1><p style=\"width:600px\">x</p><img src=\"x.png\"></main></body></html>";
    let page = browser.home.write("bad.html", page);
    let faults = browser.faults(&page).join("\n");
    assert!(faults.contains("CONSOLE"), "{faults}");
    assert!(faults.contains("at 390 it is too wide"), "{faults}");
    assert!(!faults.contains("at 1280 it is too wide"), "{faults}");
    assert_eq!(
        browser.axe.is_some(),
        faults.contains("image-alt"),
        "{faults}"
    );
}
