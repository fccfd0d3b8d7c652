//! The provider and the module, run by the real Terraform: on the embedded Cognito and on moto.

mod golden;
mod life;
mod migration;
mod old_provider;
mod parts;

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
    terraform: PathBuf,
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

/// Terraform, where it is installed.
pub fn terraform() -> Option<PathBuf> {
    external("terraform", "POOLFORM_TERRAFORM")
}

const REQUIRED: &str =
    "terraform {\n  required_providers {\n    poolform = {\n      source = \"poolform/poolform\"\n    }\n  }\n}\n";

impl Root {
    pub fn new(name: &str, terraform: &Path) -> Self {
        let folder = Folder::new(&format!("terraform-{name}"));
        let provider = Path::new(env!("CARGO_BIN_EXE_terraform-provider-poolform")).parent().unwrap().to_owned();
        let root = Root { folder, terraform: terraform.to_owned(), environment: Vec::new() };
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
        let module = fs::canonicalize(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../terraform")).unwrap();
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
                        format!("  source = {:?}\n{more}", module.to_string_lossy())
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

    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.folder.command(&[]);
        let mut terraform = Command::new(&self.terraform);
        for (name, value) in command.get_envs() {
            match value {
                Some(value) => terraform.env(name, value),
                None => terraform.env_remove(name),
            };
        }
        command.arg("");
        terraform
            .current_dir(&self.folder.0)
            .args(arguments)
            .env("TF_CLI_CONFIG_FILE", self.folder.0.join("cli.rc"))
            .env("TF_IN_AUTOMATION", "1")
            .env("CHECKPOINT_DISABLE", "1")
            .envs(self.environment.iter().map(|(name, value)| (name.as_str(), value.as_str())));
        terraform
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
