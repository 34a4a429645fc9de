use super::super::{Options, from_stream, open};
use super::{briefs, sound};

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

#[test]
fn an_input_is_read_as_often_as_is_needed_and_a_stream_too() {
    let text = "Nom;Ville\nMartin;Lyon\nPetit;Nice\n";
    let mut first = from_stream(text.as_bytes(), "-", &Options::default()).expect("opened");
    assert!(first.next().is_some());
    let again = first.again().expect("opened again");
    let rows: Result<Vec<_>, _> = again.collect();
    assert_eq!(
        briefs(&rows.expect("rows")),
        [sound(2, "Martin|Lyon"), sound(3, "Petit|Nice")]
    );
    assert_eq!(first.count(), 1, "the other goes on where it was");
}

#[test]
fn a_pipe_that_breaks_is_no_fault_of_the_disk() {
    struct Broken;
    impl std::io::Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
            Err(std::io::ErrorKind::BrokenPipe.into())
        }
    }
    let Err(fatal) = from_stream(Broken, "-", &Options::default()) else {
        panic!("opened");
    };
    let told = fatal.to_string();
    assert!(told.starts_with("-: this file can't be read: "), "{told}");
}
