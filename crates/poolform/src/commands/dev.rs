//! `poolform dev`

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime};

use poolform_emulator::server::Running;
use poolform_lambda::Functions;

use super::serve;
use crate::cli::DevArgs;
use crate::functions;
use crate::root::Root;
use crate::stop::{Exit, Stop};

/// How often the files are looked at. Looked at, and not watched by the system: some folders (shared with a virtual machine,
/// on a network) tell nobody of changes, and a root has few files.
const PACE: Duration = Duration::from_millis(300);

/// Serves the embedded Cognito, applies the root to it, and applies it again whenever its files change.
pub fn run(directory: &str, args: &DevArgs) -> Result<Exit, Stop> {
    let over = Arc::new(AtomicBool::new(false));
    let told = Arc::clone(&over);
    // An apply is under way as a process of its own, which is told too, and ends as it does by itself.
    ctrlc::set_handler(move || told.store(true, Ordering::SeqCst))
        .map_err(|error| Stop::message("Not started", format!("Ctrl-C cannot be waited for: {error}.")))?;
    let mut args = args.clone();
    args.root.local = true;
    let args = &args;
    let functions = functions::start()?;
    let server = serve::prepare(directory, &args.serve, serve::Unsaid::LeftOut, Some(&functions))?;
    serve::introduce(&server, &args.serve)?;
    let running: Running =
        server.server.start().map_err(|error| Stop::message("Cognito not served", format!("serving: {error}.")))?;
    let mut watched = Watched::of(directory, args, &functions);
    loop {
        apply(args)?;
        if !over.load(Ordering::SeqCst) {
            let count = watched.files.len();
            say!("Watching {count} {}. Ctrl-C ends it.", if count == 1 { "file" } else { "files" });
        }
        while !over.load(Ordering::SeqCst) && watched.is_as_it_was() {
            std::thread::sleep(PACE);
        }
        if over.load(Ordering::SeqCst) {
            drop(running);
            return Ok(Exit::Fine);
        }
        say!("");
        watched = Watched::of(directory, args, &functions);
    }
}

/// One apply, in a process of its own: what it says is what `poolform apply -local` says, and a mistake in the files ends
/// it and not the server.
fn apply(args: &DevArgs) -> Result<(), Stop> {
    let failed =
        |reason: std::io::Error| Stop::message("Not applied", format!("poolform cannot be started: {reason}."));
    let program = std::env::current_exe().map_err(failed)?;
    Command::new(program)
        .args(["apply", "-local", "-auto-approve", "-input=false"])
        .args(args.root.arguments())
        .status()
        .map_err(failed)?;
    Ok(())
}

/// The files of a root, and what stands beside them, with when they changed and how long they are.
struct Watched {
    folders: Vec<PathBuf>,
    files: BTreeMap<PathBuf, Option<(SystemTime, u64)>>,
}

impl Watched {
    /// Those that were read: modules and templates among them. Where the files hold a mistake, those of the root's folder.
    /// Functions that the files declare are run from then on.
    fn of(directory: &str, args: &DevArgs, functions: &Functions) -> Watched {
        let mut folders = vec![PathBuf::from(directory)];
        // What is wrong is said by the apply.
        if let Ok(root) = Root::read(directory, &args.root) {
            let found = root.functions();
            for (address, reason) in &found.left_out {
                say!("{address} is not run here: {reason}.");
            }
            functions.set(found.functions);
            for file in root.configuration().sources().files() {
                let folder = Path::new(directory).join(&*file).parent().map(Path::to_path_buf);
                folders.extend(folder.filter(|folder| folder.is_dir()));
            }
        }
        folders.sort();
        folders.dedup();
        let files = Watched::look(&folders);
        Watched { folders, files }
    }

    fn look(folders: &[PathBuf]) -> BTreeMap<PathBuf, Option<(SystemTime, u64)>> {
        let mut files = BTreeMap::new();
        let own = written_here();
        for folder in folders {
            for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
                let hidden = entry.file_name().to_string_lossy().starts_with('.');
                let about = entry.metadata().ok().filter(std::fs::Metadata::is_file);
                if let (false, Some(about)) = (hidden, about.filter(|about| !own.contains(&identity(about)))) {
                    files.insert(entry.path(), about.modified().ok().map(|when| (when, about.len())));
                }
            }
        }
        files
    }

    fn is_as_it_was(&self) -> bool {
        Watched::look(&self.folders) == self.files
    }
}

/// The files that this command itself writes, since they change with every apply: what it prints into
/// (`poolform dev > dev.log`), and the log of requests that `POOLFORM_LOG` names.
#[cfg(unix)]
fn written_here() -> Vec<Option<(u64, u64)>> {
    use std::os::fd::AsFd;
    let printed = [std::io::stdout().as_fd().try_clone_to_owned(), std::io::stderr().as_fd().try_clone_to_owned()];
    let printed = printed.into_iter().flatten().filter_map(|output| std::fs::File::from(output).metadata().ok());
    let log = std::env::var_os("POOLFORM_LOG").and_then(|log| std::fs::metadata(log).ok());
    printed.chain(log).map(|file| identity(&file)).collect()
}

/// What tells a file from every other: its device and its number there.
#[cfg(unix)]
fn identity(file: &std::fs::Metadata) -> Option<(u64, u64)> {
    use std::os::unix::fs::MetadataExt;
    Some((file.dev(), file.ino()))
}

#[cfg(not(unix))]
fn written_here() -> Vec<Option<(u64, u64)>> {
    Vec::new()
}

#[cfg(not(unix))]
fn identity(_: &std::fs::Metadata) -> Option<(u64, u64)> {
    None
}
