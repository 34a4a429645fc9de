//! Host names turned into addresses, remembered for a minute: ureq asks before
//! every request, also for one on an open connection. Failures are not kept.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, ToSocketAddrs};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use ureq::Error;
use ureq::config::Config;
use ureq::http::Uri;
use ureq::http::uri::{Authority, Scheme};
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::NextTimeout;

const KEPT_FOR: Duration = Duration::from_secs(60);
/// What ureq's list of addresses holds.
const MAX_ADDRESSES: usize = 16;

/// A name and where it leads.
#[derive(Debug)]
struct Known {
    scheme: Scheme,
    authority: Authority,
    since: Instant,
    found: Vec<SocketAddr>,
}

/// Names looked up by one transport, a few at most; its clones share them.
#[derive(Debug, Clone, Default)]
pub struct Names {
    known: Arc<Mutex<Vec<Known>>>,
}

impl Names {
    /// Looks every name up again next time: an address may have changed.
    pub fn forget(&self) {
        self.known().clear();
    }

    fn known(&self) -> MutexGuard<'_, Vec<Known>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Hands `take` every address of a place.
    fn look_up(
        &self,
        scheme: &Scheme,
        authority: &Authority,
        take: impl FnMut(SocketAddr),
    ) -> Result<(), Error> {
        let mut known = self.known();
        let is_it = |name: &Known| name.scheme == *scheme && name.authority == *authority;
        known.retain(|name| name.since.elapsed() < KEPT_FOR);
        if let Some(name) = known.iter().find(|name| is_it(name)) {
            name.found.iter().copied().for_each(take);
            return Ok(());
        }
        let place = DefaultResolver::host_and_port(scheme, authority).ok_or(Error::HostNotFound)?;
        let found = addresses(&place)?;
        found.iter().copied().for_each(take);
        known.push(Known {
            scheme: scheme.clone(),
            authority: authority.clone(),
            since: Instant::now(),
            found,
        });
        Ok(())
    }
}

fn addresses(place: &str) -> Result<Vec<SocketAddr>, Error> {
    if let Some(found) = literal(place) {
        return Ok(found);
    }
    let found = place.to_socket_addrs().map_err(|_| Error::HostNotFound)?;
    let found: Vec<SocketAddr> = found.take(MAX_ADDRESSES).collect();
    match found.is_empty() {
        true => Err(Error::HostNotFound),
        false => Ok(found),
    }
}

/// Addresses that need no looking up; `localhost` is never anything but this
/// machine, since plain http is allowed there.
fn literal(place: &str) -> Option<Vec<SocketAddr>> {
    if let Ok(address) = place.parse() {
        return Some(vec![address]);
    }
    let (host, port) = place.rsplit_once(':')?;
    let port: u16 = port.parse().ok()?;
    host.eq_ignore_ascii_case("localhost").then(|| {
        vec![
            SocketAddr::from((Ipv4Addr::LOCALHOST, port)),
            SocketAddr::from((Ipv6Addr::LOCALHOST, port)),
        ]
    })
}

impl Resolver for Names {
    /// Without ureq's time limit, which would cost a thread: the system's own
    /// resolver gives up by itself.
    fn resolve(&self, uri: &Uri, _: &Config, _: NextTimeout) -> Result<ResolvedSocketAddrs, Error> {
        let (Some(scheme), Some(authority)) = (uri.scheme(), uri.authority()) else {
            return Err(Error::HostNotFound);
        };
        let mut addresses = self.empty();
        self.look_up(scheme, authority, |address| addresses.push(address))?;
        Ok(addresses)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn localhost_is_this_machine_without_asking() {
        let found = literal("LOCALHOST:81").unwrap();
        assert!(found.iter().all(|a| a.ip().is_loopback() && a.port() == 81));
        assert_eq!(literal("[::1]:82").unwrap()[0].port(), 82);
        assert!(literal("api.example.fr:443").is_none());
    }

    #[test]
    fn a_name_is_remembered_until_it_is_forgotten() {
        let names = Names::default();
        let authority = Authority::from_static("nowhere.invalid");
        let there = SocketAddr::from((Ipv4Addr::LOCALHOST, 443));
        let look_up = |names: &Names| {
            let mut found = Vec::new();
            let looked_up = names.look_up(&Scheme::HTTPS, &authority, |at| found.push(at));
            looked_up.map(|()| found)
        };
        assert!(look_up(&names).is_err(), "nothing kept");
        names.known().push(Known {
            scheme: Scheme::HTTPS,
            authority: authority.clone(),
            since: Instant::now(),
            found: vec![there],
        });
        assert_eq!(look_up(&names.clone()).unwrap(), [there]);
        names.forget();
        assert!(look_up(&names).is_err());
    }
}
