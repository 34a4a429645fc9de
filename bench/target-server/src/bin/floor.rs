//! The floor: raw sockets that send bodies already built and read the answers.
//! `floor PORT JOBS BODIES`, a body a line.

use std::io::{self, Write};
use std::net::TcpStream;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::thread;

fn main() -> io::Result<()> {
    let mut args = std::env::args().skip(1);
    let mut next = || {
        args.next()
            .ok_or_else(|| io::Error::other("floor PORT JOBS BODIES"))
    };
    let (port, jobs, bodies) = (next()?, next()?, next()?);
    let bodies = std::fs::read_to_string(bodies)?;
    let bodies: Vec<&str> = bodies.lines().collect();
    let jobs = jobs.parse().map_err(io::Error::other)?;
    let taken = AtomicUsize::new(0);
    thread::scope(|scope| {
        let workers: Vec<_> = (0..jobs)
            .map(|_| scope.spawn(|| work(&port, &bodies, &taken)))
            .collect();
        workers.into_iter().try_for_each(|worker| {
            worker
                .join()
                .unwrap_or_else(|_| Err(io::Error::other("a worker died")))
        })
    })
}

fn work(port: &str, bodies: &[&str], taken: &AtomicUsize) -> io::Result<()> {
    let mut stream = TcpStream::connect(format!("127.0.0.1:{port}"))?;
    stream.set_nodelay(true)?;
    let (mut request, mut answer) = (Vec::new(), Vec::new());
    while let Some(body) = bodies.get(taken.fetch_add(1, Relaxed)) {
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
