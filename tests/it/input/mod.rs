//! What users hand over: every kind of file, its damage, and the values in it.

mod damage;
mod exports;
mod files;
mod headers;
mod nobody;
mod sources;
mod values;
mod whole_file;
mod workbooks;
