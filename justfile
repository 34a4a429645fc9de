# What a developer does here, by name: `just`, `just test`, `just cuts` …

# The list of recipes.
default:
    @just --list

# Everything that CI runs.
ci:
    .ci/run

# README's test command.
test *filter:
    cargo test --locked {{filter}}

# Format and lints.
lint:
    cargo fmt --check
    cargo clippy --locked --all-targets -- -D warnings

# Licences, bans and sources of the dependencies; `just advisories` asks the network.
deny:
    cargo deny --locked check licenses bans sources

advisories:
    cargo deny --locked check advisories

# kill -9 at random moments: `just kills 2000`.
kills count="2000":
    LEADCTL_KILLS={{count}} cargo test --release --test it random_kills:: -- --nocapture

# The power is cut at random moments: `just cuts 500`.
cuts count="500":
    LEADCTL_CUTS={{count}} cargo test --release --test it power_cuts:: -- --nocapture

# One fuzz target for so many seconds: `just fuzz csv 600` (needs nightly and cargo-fuzz).
fuzz target seconds="600":
    cargo +nightly fuzz run {{target}} -- -max_total_time={{seconds}}

# Ratios against what a user would use instead; ten minutes and more.
bench *works:
    bench/run {{works}}

# Does it compile for Windows? (rustup target add x86_64-pc-windows-gnu, gcc-mingw-w64)
windows:
    cargo check --locked --target x86_64-pc-windows-gnu
