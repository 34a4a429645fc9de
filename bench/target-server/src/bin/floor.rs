//! The floor: raw sockets that send bodies already built and read the answers.
//! `floor PORT JOBS BODIES [LOG]`, a body a line. With LOG a body is on disk
//! before its first byte leaves, as the ledger's attempts are: what waits at the
//! same time shares a write and a sync. Nobody who keeps that order is faster.

use std::fs::File;
use std::io::{self, Write};
use std::net::TcpStream;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Condvar, Mutex, PoisonError};
use std::thread;

fn main() -> io::Result<()> {
    let mut args = std::env::args().skip(1);
    let mut next = || {
        args.next()
            .ok_or_else(|| io::Error::other("floor PORT JOBS BODIES [LOG]"))
    };
    let (port, jobs, bodies) = (next()?, next()?, next()?);
    let log = args.next().map(File::create).transpose()?.map(Log::of);
    let bodies = std::fs::read_to_string(bodies)?;
    let bodies: Vec<&str> = bodies.lines().collect();
    let jobs = jobs.parse().map_err(io::Error::other)?;
    let taken = AtomicUsize::new(0);
    thread::scope(|scope| {
        let workers: Vec<_> = (0..jobs)
            .map(|_| scope.spawn(|| work(&port, &bodies, &taken, log.as_ref())))
            .collect();
        workers.into_iter().try_for_each(|worker| {
            worker
                .join()
                .unwrap_or_else(|_| Err(io::Error::other("a worker died")))
        })
    })
}

fn work(port: &str, bodies: &[&str], taken: &AtomicUsize, log: Option<&Log>) -> io::Result<()> {
    let mut stream = TcpStream::connect(format!("127.0.0.1:{port}"))?;
    stream.set_nodelay(true)?;
    let (mut request, mut answer) = (Vec::new(), Vec::new());
    while let Some(body) = bodies.get(taken.fetch_add(1, Relaxed)) {
        log.map_or(Ok(()), |log| log.keep(body))?;
        request.clear();
        write!(
            request,
            "POST /v1/demo/programs/12/registrations HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nX-API-Key: bench\r\nAccept: application/json\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        )?;
        stream.write_all(&request)?;
        let Some((_, whole)) = target_server::message(&mut stream, &mut answer)? else {
            return Err(io::ErrorKind::UnexpectedEof.into());
        };
        answer.drain(..whole);
    }
    Ok(())
}

/// A file whose writers share their syncs.
struct Log {
    file: File,
    waiting: Mutex<Waiting>,
    synced: Condvar,
}

/// What is to be written, and how many records were asked for and synced.
#[derive(Default)]
struct Waiting {
    bytes: Vec<u8>,
    asked: u64,
    synced: u64,
    writing: bool,
}

impl Log {
    fn of(file: File) -> Self {
        Self {
            file,
            waiting: Mutex::default(),
            synced: Condvar::new(),
        }
    }

    /// Returns once the record is on disk. Who comes while nobody writes writes
    /// for all who wait.
    fn keep(&self, record: &str) -> io::Result<()> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.bytes.extend_from_slice(record.as_bytes());
        waiting.asked += 1;
        let mine = waiting.asked;
        while waiting.synced < mine {
            if waiting.writing {
                let woken = self.synced.wait(waiting);
                waiting = woken.unwrap_or_else(PoisonError::into_inner);
                continue;
            }
            waiting.writing = true;
            let (bytes, upto) = (std::mem::take(&mut waiting.bytes), waiting.asked);
            drop(waiting);
            (&self.file).write_all(&bytes)?;
            self.file.sync_data()?;
            waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
            (waiting.writing, waiting.synced) = (false, upto);
            self.synced.notify_all();
        }
        Ok(())
    }
}
