//! What happened to every lead, on disk. Knows no TOML and no HTTP.
