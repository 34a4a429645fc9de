//! Opens a file or standard input and gives its rows, one at a time.
//! Knows bytes, encodings and file formats; knows no lead field, no partner and no network.
