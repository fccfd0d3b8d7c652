//! Running the built binary in a folder of its own.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use poolform_client::{Aws, Settings, connect};

/// The workspace's `fixtures/`.
pub fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures")
}

/// The folders in a folder, in order.
pub fn folders(of: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> =
        fs::read_dir(of).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()).collect();
    found.sort();
    assert!(!found.is_empty(), "no cases in {}", of.display());
    found
}

/// A temporary root module, removed in the end.
pub struct Folder(pub PathBuf);

impl Folder {
    pub fn new(name: &str) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("poolform-it-{}-{count}-{name}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Folder(path)
    }

    /// Replaces the files of the root, and keeps what poolform made.
    pub fn fill(&self, from: &Path) {
        for entry in fs::read_dir(&self.0).unwrap().flatten() {
            if entry.path().is_file()
                && entry.path().extension().is_some_and(|extension| extension == "tf" || extension == "tfvars")
            {
                fs::remove_file(entry.path()).unwrap();
            }
        }
        for entry in fs::read_dir(from).unwrap().flatten() {
            if entry.path().is_file() {
                fs::copy(entry.path(), self.0.join(entry.file_name())).unwrap();
            } else {
                self.fill_folder(&entry.path(), &self.0.join(entry.file_name()));
            }
        }
    }

    /// Copies a module beside the root.
    fn fill_folder(&self, from: &Path, to: &Path) {
        fs::create_dir_all(to).unwrap();
        for entry in fs::read_dir(from).unwrap().flatten() {
            let to = to.join(entry.file_name());
            if entry.path().is_file() {
                fs::copy(entry.path(), to).unwrap();
            } else {
                self.fill_folder(&entry.path(), &to);
            }
        }
    }

    pub fn write(&self, name: &str, text: &str) {
        fs::write(self.0.join(name), text).unwrap();
    }

    /// The command, ready to run here, with an environment of its own.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_poolform"));
        for (name, _) in std::env::vars_os() {
            let name = name.to_string_lossy().into_owned();
            if ["AWS_", "TF_"].iter().any(|prefix| name.starts_with(prefix)) {
                command.env_remove(name);
            }
        }
        command
            .current_dir(&self.0)
            .args(arguments)
            .env("HOME", &self.0)
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .env("POOLFORM_LOG", self.0.join("requests.jsonl"));
        command
    }

    /// Runs poolform here.
    pub fn run(&self, arguments: &[&str]) -> Ran {
        self.run_with(arguments, &[])
    }

    /// Runs poolform here with more in its environment.
    pub fn run_with(&self, arguments: &[&str], environment: &[(&str, &str)]) -> Ran {
        let output = self.command(arguments).envs(environment.iter().copied()).output().unwrap();
        Ran { what: arguments.join(" "), output }
    }

    /// How many requests there were so far.
    pub fn count_requests(&self) -> usize {
        fs::read_to_string(self.0.join("requests.jsonl")).map_or(0, |text| text.lines().count())
    }

    /// The requests so far, and forgets them.
    pub fn requests(&self) -> Vec<serde_json::Value> {
        let path = self.0.join("requests.jsonl");
        let text = fs::read_to_string(&path).unwrap_or_default();
        let _ = fs::remove_file(path);
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// The program `name`, or the one that the environment variable `variable` names. Where it is absent the test says so
/// and is skipped, except where `CI` is set: there everything must be.
pub fn external(name: &str, variable: &str) -> Option<PathBuf> {
    let found = std::env::var_os(variable).map(PathBuf::from).or_else(|| {
        let path = std::env::var_os("PATH")?;
        std::env::split_paths(&path).map(|directory| directory.join(name)).find(|program| program.is_file())
    });
    if found.is_none() {
        assert!(std::env::var_os("CI").is_none(), "{name} must be there in CI");
        println!("[skipped] {name} is not on PATH");
    }
    found
}

/// A server in the background, ended with the test.
pub struct Server(Child);

impl Server {
    pub fn start(command: &mut Command) -> Self {
        Server(command.stdout(Stdio::null()).stderr(Stdio::null()).stdin(Stdio::null()).spawn().unwrap())
    }

    /// `poolform serve` with these options in a folder, once it listens, and its port.
    pub fn serve(folder: &Folder, options: &[&str]) -> (u16, Self) {
        let port = free_port();
        let mut command = folder.command(&["serve", "-port", &port.to_string()]);
        let server = Server::start(command.args(options));
        wait_for(port);
        (port, server)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A port that was free a moment ago.
pub fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// A client of the local Cognito at a port, as one of a region.
pub fn client_of(port: u16, region: &str) -> Aws {
    connect(&Settings {
        region: Some(region.to_owned()),
        endpoint: Some(format!("http://127.0.0.1:{port}")),
        keys: Some(("local".to_owned(), "local".to_owned(), None)),
        ..Settings::default()
    })
    .unwrap()
}

/// Waits until somebody listens.
pub fn wait_for(port: u16) {
    for _ in 0..300 {
        if std::net::TcpStream::connect(("127.0.0.1", port)).is_ok() {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    panic!("nobody listens on port {port}");
}

/// What a run printed.
pub struct Ran {
    what: String,
    output: Output,
}

impl Ran {
    pub fn code(&self) -> i32 {
        self.output.status.code().unwrap_or(-1)
    }

    pub fn stdout(&self) -> String {
        String::from_utf8_lossy(&self.output.stdout).into_owned()
    }

    pub fn stderr(&self) -> String {
        String::from_utf8_lossy(&self.output.stderr).into_owned()
    }

    /// Fails the test, with everything printed, unless the exit code is `code`.
    #[track_caller]
    pub fn exits(self, code: i32) -> Self {
        assert_eq!(self.code(), code, "poolform {}\n{}\n{}", self.what, self.stdout(), self.stderr());
        self
    }
}
