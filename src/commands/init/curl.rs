//! A curl command, as the pages of most APIs show one. Pure: reads the words, runs
//! nothing.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use thiserror::Error;

use super::example::Sample;
use crate::words::say;

/// Why nothing can be made of a command.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum CurlError {
    #[error("{}", say!("curl-open-quote"))]
    OpenQuote,
    #[error("{}", say!("curl-no-curl"))]
    NoCurl,
    #[error("{}", say!("curl-no-address"))]
    NoAddress,
    #[error("{}", say!("curl-upload", option = .0))]
    Upload(String),
    #[error("{}", say!("curl-body-in-file", file = .0))]
    BodyInFile(String),
}

/// curl's options that take a value and say nothing of the request.
const VALUED: [&str; 12] = [
    "-o",
    "--output",
    "-A",
    "--user-agent",
    "-e",
    "--referer",
    "-m",
    "--max-time",
    "--connect-timeout",
    "-x",
    "--proxy",
    "--retry",
];

/// The request that a command makes.
///
/// # Errors
/// It is no curl command, or one that sends what leadctl can't.
pub fn parse(command: &str) -> Result<Sample, CurlError> {
    // Lines go on as in a shell, in cmd.exe or in PowerShell.
    let lines = command.replace("\r\n", "\n");
    let joined = ["\\\n", "^\n", "`\n"]
        .iter()
        .fold(lines, |text, end| text.replace(end, " "));
    let prompt = joined.trim_start().trim_start_matches(['$', '>']);
    let words = shlex::split(prompt).ok_or(CurlError::OpenQuote)?;
    let mut words = words.into_iter();
    let first = words.next().unwrap_or_default();
    if !first.trim_end_matches(".exe").ends_with("curl") {
        return Err(CurlError::NoCurl);
    }
    let mut read = Reading::default();
    while let Some(word) = words.next() {
        let (option, value) = split(&word);
        if takes_value(&option) {
            let value = value.or_else(|| words.next()).unwrap_or_default();
            read.option(&option, value)?;
        } else if option == "-G" || option == "--get" {
            read.in_query = true;
        } else if !option.starts_with('-') {
            read.sample.url = word;
        }
    }
    read.finish()
}

/// An option and the value that is written with it: `-XPOST`, `--request=POST`.
fn split(word: &str) -> (String, Option<String>) {
    if let Some((name, value)) = word.split_once('=').filter(|_| word.starts_with("--")) {
        return (name.to_owned(), Some(value.to_owned()));
    }
    let is_short = word.starts_with('-') && !word.starts_with("--") && word.is_ascii();
    // Letters without a value may stand before one with it: `-sX POST`.
    let at = word
        .char_indices()
        .skip(1)
        .find(|(_, c)| "XHduFoAemxb".contains(*c));
    match at.filter(|_| is_short) {
        Some((at, letter)) => {
            let value = &word[at + 1..];
            let value = (!value.is_empty()).then(|| value.to_owned());
            (format!("-{letter}"), value)
        }
        None => (word.to_owned(), None),
    }
}

fn takes_value(option: &str) -> bool {
    let known = [
        "-X",
        "--request",
        "-H",
        "--header",
        "-u",
        "--user",
        "-F",
        "--form",
        "--url",
        "-b",
        "--cookie",
        "-T",
        "--upload-file",
        "--oauth2-bearer",
        "--json",
        "-d",
    ];
    known.contains(&option) || option.starts_with("--data") || VALUED.contains(&option)
}

#[derive(Default)]
struct Reading {
    sample: Sample,
    data: Vec<String>,
    /// `-G`: what would be the body is the query.
    in_query: bool,
}

impl Reading {
    fn option(&mut self, option: &str, value: String) -> Result<(), CurlError> {
        match option {
            "-X" | "--request" => self.sample.method = Some(value.to_ascii_uppercase()),
            "--url" => self.sample.url = value,
            "-u" | "--user" => {
                let basic = format!("Basic {}", STANDARD.encode(value));
                self.header("Authorization", &basic);
            }
            "--oauth2-bearer" => self.header("Authorization", &format!("Bearer {value}")),
            "-b" | "--cookie" => self.header("Cookie", &value),
            "-F" | "--form" | "-T" | "--upload-file" => {
                return Err(CurlError::Upload(option.to_owned()));
            }
            "-H" | "--header" => {
                if let Some((name, value)) = value.split_once(':') {
                    self.header(name.trim(), value.trim());
                }
            }
            "-d" | "--json" => self.body(option, value)?,
            option if option.starts_with("--data") => self.body(option, value)?,
            _ => {}
        }
        Ok(())
    }

    fn header(&mut self, name: &str, value: &str) {
        self.sample
            .headers
            .push((name.to_owned(), value.to_owned()));
    }

    fn body(&mut self, option: &str, value: String) -> Result<(), CurlError> {
        let raw = option == "--data-raw";
        if value.starts_with('@') && !raw {
            return Err(CurlError::BodyInFile(value));
        }
        self.data.push(value);
        Ok(())
    }

    fn finish(mut self) -> Result<Sample, CurlError> {
        if self.sample.url.is_empty() {
            return Err(CurlError::NoAddress);
        }
        let data = self.data.join("&");
        if self.in_query && !data.is_empty() {
            let mark = if self.sample.url.contains('?') {
                '&'
            } else {
                '?'
            };
            self.sample.url = format!("{}{mark}{data}", self.sample.url);
        } else if !data.is_empty() {
            self.sample.body = Some(data);
        }
        Ok(self.sample)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_read_as_pages_write_it() {
        let sample = parse(
            "$ curl -sX POST 'https://api.example.fr/v1/leads?src=web' \\\n  -H 'X-Api-Key: abc' \\\n  \
             --header \"Content-Type: application/json\" --data-raw '{\"email\":\"lea@example.fr\"}' --compressed",
        )
        .unwrap();
        assert_eq!(sample.method.as_deref(), Some("POST"));
        assert_eq!(sample.url, "https://api.example.fr/v1/leads?src=web");
        assert_eq!(sample.headers[0], ("X-Api-Key".into(), "abc".into()));
        assert_eq!(
            sample.body.as_deref(),
            Some("{\"email\":\"lea@example.fr\"}")
        );
        let windows =
            parse("curl.exe --request=PUT ^\r\n --url https://x.fr ^\r\n -u me:pw -d a=1 -d b=2")
                .unwrap();
        assert_eq!(windows.body.as_deref(), Some("a=1&b=2"));
        assert_eq!(windows.headers[0].1, "Basic bWU6cHc=");
        let get = parse("curl -G https://x.fr/l -d a=1").unwrap();
        assert_eq!((get.url.as_str(), get.body), ("https://x.fr/l?a=1", None));
    }

    #[test]
    fn what_is_no_such_command_is_told() {
        for (text, error) in [
            ("wget https://x.fr", CurlError::NoCurl),
            ("curl -d 'a", CurlError::OpenQuote),
            ("curl -X POST", CurlError::NoAddress),
            ("curl x -F a=@b", CurlError::Upload("-F".into())),
            ("curl x -d @b.json", CurlError::BodyInFile("@b.json".into())),
        ] {
            assert_eq!(parse(text).unwrap_err(), error, "{text}");
        }
    }
}
