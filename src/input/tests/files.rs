use super::super::{Options, open};

#[test]
fn a_file_that_is_not_there_is_told_in_words() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let Err(fatal) = open(&folder.path().join("x.csv"), "x.csv", &Options::default()) else {
        panic!("opened");
    };
    assert!(!fatal.is_usage());
    assert_eq!(
        fatal.to_string(),
        "x.csv: this file can't be read: there is no such file"
    );
}

#[test]
fn a_folder_is_told_in_words() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let Err(fatal) = open(folder.path(), "leads", &Options::default()) else {
        panic!("opened");
    };
    assert_eq!(
        fatal.to_string(),
        "leads: this file can't be read: it is a folder, not a file"
    );
}
