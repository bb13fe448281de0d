//! An HTTP receiver on the loopback that answers as a test says, and remembers what it was sent.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// A request as it arrived.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    /// Which request it is, from 0.
    pub(crate) number: usize,
    pub(crate) method: String,
    pub(crate) path: String,
    /// Names in lower case.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Request {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

/// What a receiver does with a request.
pub(crate) enum Reply {
    /// Answers: status, further headers, body.
    Answer(u16, Vec<(&'static str, String)>, String),
    /// Reads the request and closes without a word: nobody knows whether it took it.
    Hangup,
    /// Closes in the middle of its answer.
    Cut,
    /// Reads no more than so many bytes of the body, then closes.
    CutBody(usize),
    /// Does not answer before the client is gone.
    Silent,
}

impl Reply {
    pub(crate) fn ok(body: &str) -> Reply {
        Reply::Answer(200, vec![], body.to_owned())
    }

    pub(crate) fn status(status: u16) -> Reply {
        Reply::Answer(status, vec![], String::new())
    }
}

/// The receiver. It ends with the test's process.
pub(crate) struct Receiver {
    pub(crate) address: SocketAddr,
    requests: Arc<Mutex<Vec<Request>>>,
}

/// Says what to do by the head of a request; its body is empty then, and read afterwards.
type Answering = dyn Fn(&Request) -> Reply + Send + Sync;

impl Receiver {
    /// Starts one. `answer` is called with the whole request, unless `head` has said something by its head alone.
    pub(crate) fn start(answer: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> Receiver {
        Receiver::with_head(|_| None, answer)
    }

    pub(crate) fn with_head(
        head: impl Fn(&Request) -> Option<Reply> + Send + Sync + 'static,
        answer: impl Fn(&Request) -> Reply + Send + Sync + 'static,
    ) -> Receiver {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let (seen, head, answer) =
            (Arc::clone(&requests), Arc::new(head), Arc::<Answering>::from(Box::new(answer) as Box<Answering>));
        let count = Arc::new(std::sync::atomic::AtomicUsize::new(0));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (seen, head, answer, count) =
                    (Arc::clone(&seen), Arc::clone(&head), Arc::clone(&answer), Arc::clone(&count));
                std::thread::spawn(move || {
                    let mut reader = BufReader::new(stream.try_clone().unwrap());
                    while let Some(mut request) = read_head(&mut reader, &count) {
                        match head(&request) {
                            Some(Reply::CutBody(bytes)) => {
                                let _ = reader.read_exact(&mut vec![0; bytes]);
                                return;
                            }
                            Some(reply) => {
                                if !say(&stream, reply) {
                                    return;
                                }
                                continue;
                            }
                            None => {}
                        }
                        let length = request.header("content-length").and_then(|v| v.parse().ok()).unwrap_or(0);
                        let mut body = vec![0; length];
                        if reader.read_exact(&mut body).is_err() {
                            return;
                        }
                        request.body = match request.header("content-encoding") {
                            Some("gzip") => std::io::read_to_string(flate2::read::GzDecoder::new(&body[..])).unwrap(),
                            _ => String::from_utf8(body).unwrap(),
                        };
                        let reply = answer(&request);
                        seen.lock().unwrap().push(request);
                        if !say(&stream, reply) {
                            return;
                        }
                    }
                });
            }
        });
        Receiver { address, requests }
    }

    /// What it was sent so far.
    pub(crate) fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap().clone()
    }
}

fn read_head(reader: &mut impl BufRead, count: &std::sync::atomic::AtomicUsize) -> Option<Request> {
    let mut line = String::new();
    reader.read_line(&mut line).ok().filter(|read| *read > 0)?;
    let mut words = line.split_whitespace().map(str::to_owned);
    let (method, path) = (words.next()?, words.next()?);
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok().filter(|read| *read > 0)?;
        let Some((key, value)) = line.trim_end().split_once(':') else { break };
        headers.push((key.to_ascii_lowercase(), value.trim().to_owned()));
    }
    let number = count.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
    Some(Request { number, method, path, headers, body: String::new() })
}

/// Whether the connection may be used again.
fn say(mut stream: &TcpStream, reply: Reply) -> bool {
    match reply {
        Reply::Answer(status, headers, body) => {
            let mut text = format!("HTTP/1.1 {status} X\r\ncontent-length: {}\r\n", body.len());
            headers.iter().for_each(|(key, value)| text.push_str(&format!("{key}: {value}\r\n")));
            stream.write_all(format!("{text}\r\n{body}").as_bytes()).is_ok()
        }
        Reply::Cut => {
            let _ = stream.write_all(b"HTTP/1.1 200 X\r\ncontent-length: 100\r\n\r\n{");
            let _ = stream.shutdown(std::net::Shutdown::Both);
            false
        }
        Reply::Silent => {
            let _ = stream.read(&mut [0]);
            false
        }
        Reply::Hangup | Reply::CutBody(_) => {
            let _ = stream.shutdown(std::net::Shutdown::Both);
            false
        }
    }
}
