//! What `release/provider.sh` makes, installed by `terraform init` instead of a development override.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::{Root, module, terraform};

#[test]
fn a_release_is_installed_and_used() {
    let Some(terraform) = terraform() else { return };
    let root = Root::new("release", &terraform);
    let mirror = root.folder.0.join("mirror");
    let out = mirror.join(terraform.registry()).join("poolform/poolform");
    let made = Command::new("bash")
        .arg(module("terraform").join("../release/provider.sh"))
        .args(["0.1.0", "linux_amd64", env!("CARGO_BIN_EXE_terraform-provider-poolform")])
        .env("OUT", &out)
        .output()
        .unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let names = |folder: &Path| {
        let mut names: Vec<String> =
            fs::read_dir(folder).unwrap().flatten().map(|entry| entry.file_name().into_string().unwrap()).collect();
        names.sort();
        names
    };
    // As the registry's documentation of publishing providers names them.
    let of = |end: &str| format!("terraform-provider-poolform_0.1.0_{end}");
    assert_eq!(names(&out), [of("SHA256SUMS"), of("linux_amd64.zip"), of("manifest.json")]);
    let checked = Command::new("sha256sum").args(["--check", &of("SHA256SUMS")]).current_dir(&out).output().unwrap();
    assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stdout));
    root.folder.write(
        "cli.rc",
        &format!(
            "provider_installation {{\n  filesystem_mirror {{\n    path = {:?}\n  }}\n}}\n",
            mirror.to_string_lossy()
        ),
    );
    root.call("", "");
    root.run(&["init"]).exits(0);
    let locked = fs::read_to_string(root.folder.0.join(".terraform.lock.hcl")).unwrap();
    assert!(locked.contains("version = \"0.1.0\""), "{locked}");
    root.apply().exits(0);
    root.plan_is_empty().unwrap();
}
