//! A real process, a server, and between them somebody who does harm: at a seeded choice of the requests of every
//! recorded case, at its creation, its changes and its end. Afterwards the ordinary command finishes, and there is
//! nothing twice and nothing lost.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader, Write};

use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::Stdio;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use poolform_emulator::server::{Running, Server, ServerOptions};
use poolform_emulator::{Emulator, Options};
use serde_json::Value;

use crate::canonical::holds;
use crate::command::{Folder, Ran, fixtures, folders};
use crate::golden::{read, replaced_clients};

/// What happens to one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Fault {
    /// A fault of the service; nothing was done.
    FailedBefore,
    /// A fault of the service; the work was done all the same.
    FailedAfter,
    /// The connection breaks before the request is there.
    LostBefore,
    /// The connection breaks before the answer is there.
    LostAfter,
    /// Slow.
    Slow,
    /// Too many requests, this once.
    Throttled,
    /// An answer that is not Cognito's, and nothing was done.
    Wrong,
    /// The process dies before the request is carried out.
    KilledBefore,
    /// The process dies after the request was carried out, before it hears of it.
    KilledAfter,
}

const FAULTS: [Fault; 9] = [
    Fault::FailedBefore,
    Fault::FailedAfter,
    Fault::LostBefore,
    Fault::LostAfter,
    Fault::Slow,
    Fault::Throttled,
    Fault::Wrong,
    Fault::KilledBefore,
    Fault::KilledAfter,
];

/// One boundary in this many is walked: more than the fifth that would do.
const ONE_IN: u64 = 4;

/// Stands between the process and the server.
struct Between {
    port: u16,
    /// Requests seen since the last reset.
    seen: Arc<AtomicUsize>,
    /// Which request, counted from 0, meets which fault.
    plan: Arc<Mutex<Option<(usize, Fault)>>>,
    /// The process to kill.
    process: Arc<AtomicU64>,
}

struct Message {
    head: String,
    body: Vec<u8>,
}

fn message(stream: &mut impl BufRead) -> Option<Message> {
    let mut head = String::new();
    loop {
        let start = head.len();
        if stream.read_line(&mut head).ok()? == 0 {
            return None;
        }
        if head[start..].trim().is_empty() {
            break;
        }
    }
    let length =
        head.lines().find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length:")?.trim().parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    std::io::Read::read_exact(stream, &mut body).ok()?;
    Some(Message { head, body })
}

/// What the server answers to a message, head and body.
fn forward(server: u16, message: &Message) -> Vec<u8> {
    let mut stream = TcpStream::connect(("127.0.0.1", server)).unwrap();
    stream.write_all(message.head.as_bytes()).unwrap();
    stream.write_all(&message.body).unwrap();
    let answer = self::message(&mut BufReader::new(stream)).unwrap();
    [answer.head.into_bytes(), answer.body].concat()
}

fn answer(status: &str, body: &str) -> Vec<u8> {
    format!(
        "HTTP/1.1 {status}\r\nContent-Type: application/x-amz-json-1.1\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

impl Between {
    fn start(server: u16) -> Between {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let between = Between {
            port: listener.local_addr().unwrap().port(),
            seen: Arc::default(),
            plan: Arc::default(),
            process: Arc::default(),
        };
        let (seen, plan, process) =
            (Arc::clone(&between.seen), Arc::clone(&between.plan), Arc::clone(&between.process));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (seen, plan, process) = (Arc::clone(&seen), Arc::clone(&plan), Arc::clone(&process));
                std::thread::spawn(move || converse(stream, server, &seen, &plan, &process));
            }
        });
        between
    }
}

fn converse(
    stream: TcpStream,
    server: u16,
    seen: &AtomicUsize,
    plan: &Mutex<Option<(usize, Fault)>>,
    process: &AtomicU64,
) {
    let mut out = stream.try_clone().unwrap();
    let mut stream = BufReader::new(stream);
    while let Some(request) = message(&mut stream) {
        let position = seen.fetch_add(1, Ordering::SeqCst);
        let fault = plan.lock().unwrap().filter(|(at, _)| *at == position).map(|(_, fault)| fault);
        let kill = || {
            let process = process.load(Ordering::SeqCst).to_string();
            let _ = std::process::Command::new("kill").args(["-9", &process]).status();
        };
        let reply = match fault {
            None => forward(server, &request),
            Some(Fault::Slow) => {
                std::thread::sleep(Duration::from_millis(150));
                forward(server, &request)
            }
            Some(Fault::FailedBefore) => {
                answer("500 Fault", "{\"__type\":\"InternalErrorException\",\"message\":\"no\"}")
            }
            Some(Fault::FailedAfter) => {
                forward(server, &request);
                answer("500 Fault", "{\"__type\":\"InternalErrorException\",\"message\":\"no\"}")
            }
            Some(Fault::Throttled) => {
                answer("400 Bad", "{\"__type\":\"TooManyRequestsException\",\"message\":\"slow\"}")
            }
            Some(Fault::Wrong) => answer("200 OK", "<html>A proxy speaks</html>"),
            Some(Fault::LostBefore) => return,
            Some(Fault::LostAfter) => {
                forward(server, &request);
                return;
            }
            Some(Fault::KilledBefore) => return kill(),
            Some(Fault::KilledAfter) => {
                forward(server, &request);
                return kill();
            }
        };
        if out.write_all(&reply).is_err() {
            return;
        }
    }
}

/// A case that is being walked: a Cognito of its own, and somebody before it.
struct Walk {
    folder: Folder,
    emulator: Arc<Emulator>,
    between: Between,
    _server: Running,
}

impl Walk {
    fn new(name: &str) -> Walk {
        let emulator = Arc::new(Emulator::in_memory(Options::default()));
        let server = Server::bind(Arc::clone(&emulator), &ServerOptions { port: 0, tls: None }).unwrap();
        let between = Between::start(server.port());
        Walk { folder: Folder::new(name), emulator, between, _server: server.start().unwrap() }
    }

    fn environment(&self) -> Vec<(&'static str, String)> {
        vec![
            ("AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER", format!("http://127.0.0.1:{}", self.between.port)),
            ("AWS_REGION", "us-east-1".to_owned()),
            ("AWS_ACCESS_KEY_ID", "test".to_owned()),
            ("AWS_SECRET_ACCESS_KEY", "test".to_owned()),
        ]
    }

    fn run(&self, arguments: &[&str]) -> Ran {
        let environment = self.environment();
        let environment: Vec<(&str, &str)> = environment.iter().map(|(name, value)| (*name, value.as_str())).collect();
        self.folder.run_with(arguments, &environment)
    }

    /// Runs a command that meets a fault at one of its requests; how many it sent.
    fn harmed(&self, arguments: &[&str], at: usize, fault: Fault) {
        *self.between.plan.lock().unwrap() = Some((at, fault));
        self.between.seen.store(0, Ordering::SeqCst);
        let mut child = self
            .folder
            .command(arguments)
            .envs(self.environment())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        self.between.process.store(u64::from(child.id()), Ordering::SeqCst);
        child.wait().unwrap();
        *self.between.plan.lock().unwrap() = None;
    }

    /// The ordinary command until it succeeds, as a person would: at most three times.
    fn finish(&self, arguments: &[&str], at: &str) {
        for attempt in 1.. {
            let ran = self.run(arguments);
            if ran.code() == 0 {
                return;
            }
            assert!(attempt < 3, "{at}: {}{}", ran.stdout(), ran.stderr());
        }
    }

    /// How many of everything there are, by pool and kind.
    fn counts(&self) -> BTreeMap<String, usize> {
        let held = holds(&*self.emulator);
        let mut counts = BTreeMap::from([("pools".to_owned(), held.as_array().unwrap().len())]);
        for pool in held.as_array().unwrap() {
            for (part, items) in pool.as_object().unwrap() {
                if let Value::Array(items) = items {
                    *counts.entry(part.clone()).or_default() += items.len();
                }
            }
        }
        counts
    }
}

/// What the steps of a case ask for: the folder with its files, and the options that its apply needs.
fn steps(case: &Path) -> Vec<(std::path::PathBuf, Vec<String>)> {
    folders(case)
        .into_iter()
        .filter_map(|step| {
            let expected = read(&step.join("expected.json"));
            if expected.get("refused_at").is_some() {
                return None;
            }
            let mut arguments = vec!["apply".to_owned(), "-auto-approve".to_owned()];
            arguments.extend(replaced_clients(&expected));
            arguments.extend(expected["permission"].as_str().map(str::to_owned));
            Some((step, arguments))
        })
        .collect()
}

/// What a walk found.
#[derive(Debug, Default)]
struct Walked {
    boundaries: usize,
    walked: usize,
    met: BTreeSet<Fault>,
    /// Something is there more often than it ought to be.
    doubles: Vec<String>,
    /// Something is missing, or the next plan is not empty.
    losses: Vec<String>,
}

/// Walks one case.
fn walk(case: &Path, random: &mut fastrand::Rng, found: &mut Walked) {
    let name = case.file_name().unwrap().to_string_lossy().into_owned();
    let steps = steps(case);
    let mut turns: Vec<(Option<&Path>, Vec<&str>)> = steps
        .iter()
        .map(|(step, arguments)| (Some(step.as_path()), arguments.iter().map(String::as_str).collect()))
        .collect();
    turns.push((None, vec!["destroy", "-auto-approve"]));
    // Once without harm: how many requests each turn sends, and what is there afterwards.
    let calm = Walk::new(&name);
    let mut expected = Vec::new();
    for (step, arguments) in &turns {
        step.iter().for_each(|step| calm.folder.fill(step));
        calm.between.seen.store(0, Ordering::SeqCst);
        calm.run(arguments).exits(0);
        expected.push((calm.between.seen.load(Ordering::SeqCst), calm.counts()));
    }
    for (harmed, (requests, _)) in expected.iter().enumerate() {
        found.boundaries += requests;
        for at in (0..*requests).filter(|_| random.u64(0..ONE_IN) == 0).collect::<Vec<_>>() {
            let fault = FAULTS[random.usize(0..FAULTS.len())];
            found.walked += 1;
            found.met.insert(fault);
            let walk = Walk::new(&name);
            for (turn, (step, arguments)) in turns.iter().enumerate().take(harmed + 1) {
                step.iter().for_each(|step| walk.folder.fill(step));
                if turn == harmed {
                    walk.harmed(arguments, at, fault);
                }
                let place = format!("{name}, turn {turn}, request {at}, {fault:?}");
                walk.finish(arguments, &place);
                let (there, wanted) = (walk.counts(), &expected[turn].1);
                for part in there.keys().chain(wanted.keys()).collect::<BTreeSet<_>>() {
                    let of = |counts: &BTreeMap<String, usize>| counts.get(part).copied().unwrap_or_default();
                    match of(&there).cmp(&of(wanted)) {
                        std::cmp::Ordering::Greater => found.doubles.push(format!("{place}: {part}")),
                        std::cmp::Ordering::Less => found.losses.push(format!("{place}: {part}")),
                        std::cmp::Ordering::Equal => {}
                    }
                }
            }
            if turns[harmed].0.is_some() && walk.run(&["plan", "-detailed-exitcode"]).code() != 0 {
                found
                    .losses
                    .push(format!("{name}, turn {harmed}, request {at}, {fault:?}: the next plan is not empty"));
            }
        }
    }
}

#[test]
fn whatever_happens_at_any_request_nothing_is_twice_and_nothing_lost() {
    let cases = folders(&fixtures().join("golden"));
    let next = AtomicUsize::new(0);
    let found = Mutex::new(Walked::default());
    std::thread::scope(|scope| {
        // Much of the time is waiting between tries.
        for _ in 0..4 {
            scope.spawn(|| {
                while let Some((number, case)) = cases.iter().enumerate().nth(next.fetch_add(1, Ordering::SeqCst)) {
                    let mut of_case = Walked::default();
                    walk(case, &mut fastrand::Rng::with_seed(number as u64), &mut of_case);
                    let mut found = found.lock().unwrap();
                    found.boundaries += of_case.boundaries;
                    found.walked += of_case.walked;
                    found.met.extend(of_case.met);
                    found.doubles.extend(of_case.doubles);
                    found.losses.extend(of_case.losses);
                }
            });
        }
    });
    let Walked { boundaries, walked, met, doubles, losses } = found.into_inner().unwrap();
    println!(
        "{boundaries} request boundaries, {walked} walked with {} kinds of fault: {} doubles, {} losses",
        met.len(),
        doubles.len(),
        losses.len()
    );
    assert!(doubles.is_empty() && losses.is_empty(), "{doubles:#?} {losses:#?}");
    assert_eq!(met.len(), FAULTS.len());
    assert!(walked * 5 >= boundaries, "{walked} of {boundaries} are less than a fifth");
}
