//! A third-party HTTP server: neither the service nor its client.

use std::collections::HashMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};

/// A request that the server received.
#[derive(Clone, Debug)]
pub struct RecordedRequest {
    /// The request target.
    pub path: String,
    /// The header fields, by lower-case name.
    pub headers: HashMap<String, String>,
    /// The body.
    pub body: Vec<u8>,
}

/// Produces the response to a request: status line, header lines, body.
pub type Handler = dyn Fn(&RecordedRequest) -> (&'static str, String, Vec<u8>) + Send + Sync;

/// The server; it runs until the test process ends.
#[derive(Clone)]
pub struct HttpServer {
    /// The base URL, such as `http://127.0.0.1:4000`.
    pub address: String,
    requests: Arc<Mutex<Vec<RecordedRequest>>>,
}

impl HttpServer {
    /// Starts a server on a free port.
    pub fn new(handler: Box<Handler>) -> HttpServer {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap_or_else(|error| panic!("{error}"));
        let address = listener.local_addr().unwrap_or_else(|error| panic!("{error}"));
        let requests = Arc::default();
        let server = HttpServer {
            address: format!("http://{address}"),
            requests: Arc::clone(&requests),
        };
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                // A client may disconnect early.
                let _ = answer(stream, &requests, &handler);
            }
        });
        server
    }

    /// The requests received so far.
    pub fn requests(&self) -> Vec<RecordedRequest> {
        self.requests
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

fn answer(
    stream: TcpStream,
    requests: &Mutex<Vec<RecordedRequest>>,
    handler: &Handler,
) -> std::io::Result<()> {
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
    let request = RecordedRequest {
        path: path.unwrap_or_default().to_owned(),
        headers,
        body,
    };
    let (status, headers, body) = handler(&request);
    requests
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .push(request);
    let mut stream = reader.into_inner();
    let length = body.len();
    write!(
        stream,
        "HTTP/1.1 {status}\r\n{headers}content-length: {length}\r\nconnection: close\r\n\r\n"
    )?;
    stream.write_all(&body)
}
