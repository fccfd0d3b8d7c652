//! The provider and the module, run by the real Terraform: on the embedded Cognito and on moto.

mod golden;
mod life;
mod lists;
mod looks;
mod migration;
mod old_provider;
mod parts;
mod release;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use poolform_emulator::{Emulator, Options};
use poolform_model::{Cognito, Object, Request};
use serde_json::Value;

use crate::command::{Folder, external};

/// A root module that Terraform applies with the provider that was just built.
pub struct Root {
    pub folder: Folder,
    /// The module that recorded cases call.
    pub module: PathBuf,
    terraform: Terraform,
    environment: Vec<(String, String)>,
}

/// What Terraform printed.
pub struct Said {
    pub code: i32,
    pub text: String,
}

impl Said {
    /// Fails the test unless the exit code is `code`.
    #[track_caller]
    pub fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{}", self.text);
        self
    }

    /// Whether it says this, wherever lines end.
    pub fn says(&self, words: &str) -> bool {
        let plain: String =
            self.text.split(['\n', '│', ' ']).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
        plain.contains(words)
    }
}

/// Terraform, or OpenTofu in its place.
#[derive(Clone, Debug)]
pub struct Terraform {
    program: PathBuf,
    pub opentofu: bool,
    /// The minor version of its version 1.
    minor: u32,
}

/// What not every version can: its name, and the first minor versions of Terraform's and OpenTofu's version 1 that can.
pub type Feature = (&'static str, u32, u32);

/// `terraform_data`
pub const DATA: Feature = ("terraform_data", 4, 6);
/// `import` blocks
pub const IMPORTS: Feature = ("import blocks", 5, 6);
/// `removed` blocks
pub const REMOVED: Feature = ("removed blocks", 7, 7);
/// `terraform test`
pub const TESTS: Feature = ("tests of modules", 6, 6);
/// `moved` blocks from one type to another
pub const MOVES: Feature = ("moves to another type", 8, 10);
/// `ephemeral` resources
pub const EPHEMERAL: Feature = ("ephemeral resources", 10, 11);

impl Terraform {
    /// Whether it has a feature; a test that needs one it lacks says so and ends.
    pub fn has(&self, (what, terraform, opentofu): Feature) -> bool {
        let has = self.minor >= if self.opentofu { opentofu } else { terraform };
        if !has {
            println!("[skipped] {} has no {what}", self.program.display());
        }
        has
    }

    /// The folder of the module that is for it.
    pub fn module(&self) -> PathBuf {
        module(if self.has(MOVES) { "terraform" } else { "terraform/without-moves" })
    }

    /// The host of the registry that it takes providers from when a source names none.
    pub fn registry(&self) -> &'static str {
        if self.opentofu { "registry.opentofu.org" } else { "registry.terraform.io" }
    }
}

/// A folder of the repository that holds the module.
pub fn module(folder: &str) -> PathBuf {
    fs::canonicalize(Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(folder)).unwrap()
}

/// Terraform, where it is installed. `POOLFORM_TERRAFORM` names another version, or OpenTofu.
pub fn terraform() -> Option<Terraform> {
    let program = external("terraform", "POOLFORM_TERRAFORM")?;
    let output = Command::new(&program).arg("version").env("CHECKPOINT_DISABLE", "1").output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let minor = text.lines().find_map(|line| line.split_once(" v1.")?.1.split('.').next()?.parse().ok());
    let minor = minor.unwrap_or_else(|| panic!("{} is of another version than 1: {text}", program.display()));
    Some(Terraform { opentofu: text.starts_with("OpenTofu"), program, minor })
}

const REQUIRED: &str =
    "terraform {\n  required_providers {\n    poolform = {\n      source = \"poolform/poolform\"\n    }\n  }\n}\n";

impl Root {
    pub fn new(name: &str, terraform: &Terraform) -> Self {
        let folder = Folder::new(&format!("terraform-{name}"));
        let provider = Path::new(env!("CARGO_BIN_EXE_terraform-provider-poolform")).parent().unwrap().to_owned();
        let (module, terraform) = (terraform.module(), terraform.clone());
        let root = Root { folder, module, terraform, environment: Vec::new() };
        root.overrides(&[("poolform/poolform", &provider)]);
        root.folder.write("required.tf", REQUIRED);
        root
    }

    /// Which folders hold which providers, so that Terraform asks no registry.
    pub fn overrides(&self, providers: &[(&str, &Path)]) {
        let lines: String =
            providers.iter().map(|(address, folder)| format!("    {address:?} = {folder:?}\n")).collect();
        self.folder.write("cli.rc", &format!("provider_installation {{\n  dev_overrides {{\n{lines}  }}\n}}\n"));
    }

    pub fn set(&mut self, name: &str, value: &str) {
        self.environment.push((name.to_owned(), value.to_owned()));
    }

    /// The files of a recorded case, with the module's source and the provider's name changed; `more` are arguments for
    /// the module, `provider` settings of the provider.
    pub fn fill(&self, from: &Path, provider: &str, more: &str) {
        self.folder.fill(from);
        for entry in fs::read_dir(&self.folder.0).unwrap().flatten() {
            if entry.path().extension().is_none_or(|extension| extension != "tf") {
                continue;
            }
            let text = fs::read_to_string(entry.path()).unwrap();
            let lines: Vec<String> = text
                .lines()
                .filter(|line| !line.trim_start().starts_with("version "))
                .map(|line| match line.trim_start() {
                    line if line.starts_with("source ") && text.contains("mineiros-io") => {
                        format!("  source = {:?}\n{more}", self.module.to_string_lossy())
                    }
                    "provider \"aws\" {" => format!("provider \"poolform\" {{\n{provider}"),
                    _ => line
                        .replace("provider \"aws\"", "provider \"poolform\"")
                        .replace("aws = aws", "poolform = poolform"),
                })
                .collect();
            fs::write(entry.path(), lines.join("\n") + "\n").unwrap();
        }
        self.folder.write("required.tf", REQUIRED);
        self.run(&["get"]).exits(0);
    }

    /// A root that calls the module with these arguments, and has `rest` beside it.
    pub fn call(&self, arguments: &str, rest: &str) {
        let source = self.module.to_string_lossy();
        self.folder.write(
            "main.tf",
            &format!(
                "provider \"poolform\" {{\n  region = \"us-east-1\"\n  local  = true\n}}\nmodule \"pool\" {{\n  source = {source:?}\n  \
                 name   = \"orders\"\n{arguments}\n}}\n{rest}\n"
            ),
        );
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        self.program(&self.terraform.program, arguments)
    }

    /// A script of a shell, in which Terraform goes by its own name.
    pub fn script(&self, text: &str) -> Output {
        let programs = self.folder.0.join("programs");
        fs::create_dir_all(&programs).unwrap();
        let name = programs.join(if self.terraform.opentofu { "tofu" } else { "terraform" });
        if !name.exists() {
            std::os::unix::fs::symlink(&self.terraform.program, &name).unwrap();
        }
        let path = std::env::var("PATH").unwrap();
        let path = format!("{}:{path}", programs.display());
        self.program(Path::new("/bin/sh"), &["-c", text]).env("PATH", path).output().unwrap()
    }

    fn program(&self, program: &Path, arguments: &[&str]) -> Command {
        let like = self.folder.command(&[]);
        let mut program = Command::new(program);
        for (name, value) in like.get_envs() {
            match value {
                Some(value) => program.env(name, value),
                None => program.env_remove(name),
            };
        }
        program
            .current_dir(&self.folder.0)
            .args(arguments)
            .env("TF_CLI_CONFIG_FILE", self.folder.0.join("cli.rc"))
            .env("TF_IN_AUTOMATION", "1")
            .env("CHECKPOINT_DISABLE", "1")
            .envs(self.environment.iter().map(|(name, value)| (name.as_str(), value.as_str())));
        program
    }

    pub fn run(&self, arguments: &[&str]) -> Said {
        let mut all = arguments.to_vec();
        if !["get", "output", "version"].contains(&arguments[0]) {
            all.push("-no-color");
        }
        let Output { status, stdout, stderr } = self.command(&all).output().unwrap();
        let text = format!("{}{}", String::from_utf8_lossy(&stdout), String::from_utf8_lossy(&stderr));
        Said { code: status.code().unwrap_or(-1), text }
    }

    pub fn apply(&self) -> Said {
        self.run(&["apply", "-auto-approve"])
    }

    /// The next plan, which must be empty.
    pub fn plan_is_empty(&self) -> Result<(), String> {
        let said = self.run(&["plan", "-detailed-exitcode"]);
        if said.code == 0 && said.says("No changes.") { Ok(()) } else { Err(said.text) }
    }

    pub fn outputs(&self) -> Value {
        let output = self.command(&["output", "-json"]).output().unwrap();
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// What an operation answers, of the root's embedded Cognito.
    pub fn ask(&self, operation: &str, body: Value) -> Object {
        let emulator = Emulator::open(&self.store(), Options::default()).unwrap();
        emulator.call(&Request::new(operation, body.as_object().cloned().unwrap())).unwrap()
    }

    pub fn store(&self) -> PathBuf {
        self.folder.0.join(".poolform/cognito.redb")
    }
}
