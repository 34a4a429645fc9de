//! Who a lead is, without saying it: keyed hashes of its key fields, of the
//! request and of the person. They outlive a purge; without the key file they
//! can be neither reversed nor recomputed. Knows no field names.

use std::fs;
use std::path::Path;

use sha2::{Digest as _, Sha256};

use super::error::{Act, Doing, KeyFault};
use super::{LedgerError, file};

/// 128 bits of a keyed hash: enough for any number of leads.
pub type Hash16 = [u8; 16];

/// Makes a ledger's hashes. Two ledgers give different ones.
#[derive(Clone)]
pub struct Hasher {
    key: [u8; 32],
}

impl Hasher {
    /// A lead's identity at a destination: the values of its key fields,
    /// already normalised, in their order.
    pub fn key<'a>(&self, parts: impl IntoIterator<Item = &'a str>) -> Hash16 {
        self.hash("key", parts.into_iter().map(str::as_bytes))
    }

    /// What would be sent, credentials apart: its parts in their order.
    pub fn request<'a>(&self, parts: impl IntoIterator<Item = &'a str>) -> Hash16 {
        self.hash("request", parts.into_iter().map(str::as_bytes))
    }

    /// A person, by a normalised address or number, whatever the destination.
    pub fn person(&self, value: &str) -> Hash16 {
        self.person_of(&Sha256::digest(value).into())
    }

    /// The same by the SHA-256 of it, which is all that some lists give.
    pub fn person_of(&self, digest: &[u8; 32]) -> Hash16 {
        self.hash("person", std::iter::once(digest.as_slice()))
    }

    /// A number of a lead's own in the form of a UUID (version 4), the same whenever
    /// it is asked for. `series`: how often its sending began anew. With the key in
    /// it, no other lead gets it where an older ledger gives an `id` again.
    pub fn lead_uuid(&self, key: &Hash16, id: i64, series: u32) -> String {
        let (id, series) = (id.to_le_bytes(), series.to_le_bytes());
        let mut bytes = self.hash("lead uuid", [key.as_slice(), &id, &series].into_iter());
        bytes[6] = bytes[6] & 0x0f | 0x40;
        bytes[8] = bytes[8] & 0x3f | 0x80;
        let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        let [a, b, c, d, e] = [
            &hex[..8],
            &hex[8..12],
            &hex[12..16],
            &hex[16..20],
            &hex[20..],
        ];
        format!("{a}-{b}-{c}-{d}-{e}")
    }

    /// Proves that a key belongs to a ledger.
    pub(super) fn fingerprint(&self) -> Hash16 {
        self.hash("fingerprint", std::iter::empty())
    }

    fn hash<'a>(&self, purpose: &'a str, parts: impl Iterator<Item = &'a [u8]>) -> Hash16 {
        // One text hashed at once costs a third of one that is fed in pieces.
        let mut text = Vec::with_capacity(256);
        // Lengths keep ["ab", "c"] and ["a", "bc"] apart.
        for part in std::iter::once(purpose.as_bytes()).chain(parts) {
            text.extend_from_slice(&(part.len() as u64).to_le_bytes());
            text.extend_from_slice(part);
        }
        let hash = blake3::keyed_hash(&self.key, &text);
        let mut short = [0; 16];
        short.copy_from_slice(&hash.as_bytes()[..16]);
        short
    }

    /// Reads the key file of a ledger.
    pub(super) fn load(path: &Path) -> Result<Self, LedgerError> {
        let no_key = |how| LedgerError::NoKey {
            key: path.to_owned(),
            how,
        };
        if !file::check(path)? {
            return Err(no_key(KeyFault::Missing));
        }
        let text = fs::read(path).doing(Act::Read, path)?;
        let key = blake3::Hash::from_hex(text.trim_ascii());
        let key = key.map_err(|_| no_key(KeyFault::NoKey))?;
        Ok(Self { key: key.into() })
    }

    /// Keeps the key in a file.
    pub(super) fn write(&self, path: &Path) -> Result<(), LedgerError> {
        let text = blake3::Hash::from_bytes(self.key).to_hex();
        file::write_whole(path, format!("{text}\n").as_bytes())
    }

    /// Hashes of a key that nothing keeps: they tell the leads of one run apart.
    pub fn random() -> Result<Self, LedgerError> {
        let mut key = [0; 32];
        getrandom::fill(&mut key).map_err(|_| LedgerError::NoRandomBytes)?;
        Ok(Self { key })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_keep_parts_and_purposes_apart() {
        let hasher = Hasher { key: [7; 32] };
        assert_ne!(hasher.key(["ab", "c"]), hasher.key(["a", "bc"]));
        assert_ne!(hasher.key(["a@example.fr"]), hasher.person("a@example.fr"));
        assert_ne!(
            hasher.key(["x"]),
            Hasher { key: [8; 32] }.key(["x"]),
            "another ledger, another hash"
        );
    }

    #[test]
    fn a_uuid_is_a_leads_own() {
        let hasher = Hasher { key: [7; 32] };
        let uuid = |key: &str, id, series| hasher.lead_uuid(&hasher.key([key]), id, series);
        let own = uuid("a", 1, 0);
        assert_eq!(own, uuid("a", 1, 0));
        for other in [uuid("b", 1, 0), uuid("a", 2, 0), uuid("a", 1, 1)] {
            assert_ne!(own, other);
        }
        let groups: Vec<usize> = own.split('-').map(str::len).collect();
        assert_eq!(groups, [8, 4, 4, 4, 12]);
        assert!(own[14..].starts_with('4') && own[19..].starts_with(['8', '9', 'a', 'b']));
    }

    fn fault(loaded: Result<Hasher, LedgerError>) -> Option<KeyFault> {
        match loaded {
            Err(LedgerError::NoKey { how, .. }) => Some(how),
            _ => None,
        }
    }

    #[test]
    fn a_key_file_comes_back_and_junk_does_not() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ledger.db.key");
        assert_eq!(fault(Hasher::load(&path)), Some(KeyFault::Missing));
        let made = Hasher::random().unwrap();
        made.write(&path).unwrap();
        let read = Hasher::load(&path).unwrap();
        assert_eq!(made.key(["x"]), read.key(["x"]));
        fs::write(&path, [0xff, 0xfe]).unwrap();
        assert_eq!(fault(Hasher::load(&path)), Some(KeyFault::NoKey));
    }
}
