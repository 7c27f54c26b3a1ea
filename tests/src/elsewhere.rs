//! A web server that belongs to neither the service nor its client.

use std::collections::HashMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};

/// A request that came.
#[derive(Clone, Debug)]
pub struct Heard {
    /// Its path.
    pub path: String,
    /// Its header fields, by lower-case name.
    pub headers: HashMap<String, String>,
    /// Its body.
    pub body: Vec<u8>,
}

/// How it answers: status line, header lines, body.
pub type Answering = dyn Fn(&Heard) -> (&'static str, String, Vec<u8>) + Send + Sync;

/// The server; it answers until the test's process ends.
#[derive(Clone)]
pub struct RemoteExecutor {
    /// Its address, such as `http://127.0.0.1:4000`.
    pub address: String,
    heard: Arc<Mutex<Vec<Heard>>>,
}

impl RemoteExecutor {
    /// Starts it.
    pub fn new(answering: Box<Answering>) -> RemoteExecutor {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap_or_else(|error| panic!("{error}"));
        let address = listener.local_addr().unwrap_or_else(|error| panic!("{error}"));
        let heard = Arc::default();
        let elsewhere = RemoteExecutor {
            address: format!("http://{address}"),
            heard: Arc::clone(&heard),
        };
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                // A client that goes away is its own business.
                let _ = answer(stream, &heard, &answering);
            }
        });
        elsewhere
    }

    /// What it was asked so far.
    pub fn heard(&self) -> Vec<Heard> {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

fn answer(stream: TcpStream, heard: &Mutex<Vec<Heard>>, answering: &Answering) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream);
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        if line.trim().is_empty() {
            break;
        }
        lines.push(line.trim().to_owned());
    }
    let headers: HashMap<String, String> = lines
        .iter()
        .skip(1)
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
        .collect();
    let length = headers
        .get("content-length")
        .and_then(|length| length.parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    reader.read_exact(&mut body)?;
    let path = lines.first().and_then(|line| line.split(' ').nth(1));
    let request = Heard {
        path: path.unwrap_or_default().to_owned(),
        headers,
        body,
    };
    let (status, headers, body) = answering(&request);
    heard.lock().unwrap_or_else(PoisonError::into_inner).push(request);
    let mut stream = reader.into_inner();
    let length = body.len();
    write!(
        stream,
        "HTTP/1.1 {status}\r\n{headers}content-length: {length}\r\nconnection: close\r\n\r\n"
    )?;
    stream.write_all(&body)
}
