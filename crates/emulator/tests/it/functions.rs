//! Functions that a pool's triggers call: a plain HTTP server on this machine, and the events that came to it.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use poolform_emulator::Options;
use serde_json::{Value as Json, json};

/// What a function answers to an event.
type Answer = dyn Fn(&Json) -> Json + Send + Sync;

/// One function for all triggers of a test.
pub struct Functions {
    port: u16,
    events: Arc<Mutex<Vec<Json>>>,
    answer: Arc<Mutex<Box<Answer>>>,
}

impl Functions {
    /// A function that hands events back as they came.
    pub fn start() -> Functions {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let answer: Box<Answer> = Box::new(Json::clone);
        let functions = Functions { port, events: Arc::default(), answer: Arc::new(Mutex::new(answer)) };
        let (events, answer) = (Arc::clone(&functions.events), Arc::clone(&functions.answer));
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let Ok(stream) = stream else { return };
                serve(stream, &events, &answer);
            }
        });
        functions
    }

    /// Says where triggers are.
    pub fn called_by(&self, options: &mut Options, names: &[&str]) {
        for name in names {
            options.triggers.add(&format!("{name}=http://127.0.0.1:{}/{name}", self.port)).unwrap();
        }
    }

    /// From now on answers so.
    pub fn answer(&self, answer: impl Fn(&Json) -> Json + Send + Sync + 'static) {
        *self.answer.lock().unwrap() = Box::new(answer);
    }

    /// From now on fills these members of the response in.
    pub fn respond(&self, response: Json) {
        self.answer(move |event| filled(event, &response));
    }

    /// The events since the last look.
    pub fn events(&self) -> Vec<Json> {
        std::mem::take(&mut *self.events.lock().unwrap())
    }

    /// Their sources.
    pub fn sources(&self) -> Vec<String> {
        self.events().iter().map(|event| event["triggerSource"].as_str().unwrap().to_owned()).collect()
    }
}

/// An event with members of its response filled in.
pub fn filled(event: &Json, response: &Json) -> Json {
    let mut event = event.clone();
    for (name, value) in response.as_object().unwrap() {
        event["response"][name] = value.clone();
    }
    event
}

fn serve(mut stream: TcpStream, events: &Mutex<Vec<Json>>, answer: &Mutex<Box<Answer>>) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut length = 0;
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).unwrap_or(0) <= 2 {
            break;
        }
        if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
    }
    let mut body = vec![0; length];
    if reader.read_exact(&mut body).is_err() {
        return;
    }
    let event: Json = serde_json::from_slice(&body).unwrap_or_else(|_| json!({}));
    let text = answer.lock().unwrap()(&event).to_string();
    events.lock().unwrap().push(event);
    let _ = write!(
        stream,
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{text}",
        text.len()
    );
}
