//! `poolform check`: each rule of the audit by a root that breaks it and one that does not, in `fixtures/audit/`; suppressions,
//! severities, formats and sources.

use std::collections::BTreeSet;

use poolform_core::check::advice::rules;
use serde_json::Value;

use crate::command::{Folder, Ran, fixtures};

fn json(ran: &Ran) -> Value {
    serde_json::from_str(&ran.stdout()).unwrap_or_else(|error| panic!("{error}: {}{}", ran.stdout(), ran.stderr()))
}

/// The rules that a run found broken, each with whether it is suppressed.
fn broken(ran: &Ran) -> BTreeSet<(String, bool)> {
    let document = json(ran);
    let findings = document["findings"].as_array().unwrap_or_else(|| panic!("{document}"));
    let text = |finding: &Value| finding["rule"].as_str().unwrap().to_owned();
    findings.iter().map(|finding| (text(finding), !finding["suppressed"].is_null())).collect()
}

const ALL: &[&str] = &["check", "-format", "json", "-severity", "info"];

#[test]
fn every_rule_is_broken_by_one_root_and_held_by_another() {
    let folder = fixtures().join("audit");
    let known: BTreeSet<&str> = rules().map(|(_, rule)| rule.id).collect();
    let there: BTreeSet<String> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    assert_eq!(
        there.iter().map(String::as_str).collect::<BTreeSet<_>>(),
        known,
        "a folder for each rule, and no other"
    );
    assert_eq!(known.len(), rules().count(), "two rules have one id");
    let mut wrong = Vec::new();
    for rule in known {
        let root = Folder::new("audit");
        for (file, breaks) in [("breaks.tf", true), ("holds.tf", false)] {
            root.write("main.tf", &std::fs::read_to_string(folder.join(rule).join(file)).unwrap());
            let ran = root.run(ALL);
            if ran.code() != 0 {
                wrong.push(format!("{rule}/{file}: {}{}", ran.stdout(), ran.stderr()));
            } else if broken(&ran).contains(&(rule.to_owned(), false)) != breaks {
                wrong.push(format!("{rule}/{file}: {:?}", broken(&ran)));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

const POOL: &str = "resource \"aws_cognito_user_pool\" \"main\" {\n  name = \"audit\"\n}\n";

fn found(folder: &Folder, text: &str) -> (BTreeSet<(String, bool)>, Vec<String>) {
    folder.write("main.tf", text);
    let ran = folder.run(&["check", "-json"]).exits(0);
    let summaries = json(&ran)["diagnostics"].as_array().unwrap().clone();
    let summaries = summaries.iter().map(|each| each["summary"].as_str().unwrap().to_owned()).collect();
    (broken(&ran), summaries)
}

#[test]
fn a_comment_with_a_reason_suppresses_a_rule() {
    let folder = Folder::new("audit-suppressed");
    let pair = |rule: &str, suppressed: bool| (rule.to_owned(), suppressed);
    // Right above the block, at the line of the argument, and above that.
    for text in [
        format!("# poolform:ignore no-second-factor,pool-unprotected a pool for tests\n{POOL}"),
        POOL.replace("{\n", "{ // poolform:ignore no-second-factor,pool-unprotected a pool for tests\n"),
        POOL.replace(
            "  name",
            "  # poolform:ignore no-second-factor a pool for tests\n  mfa_configuration = \"OFF\"\n  deletion_protection = \
             \"INACTIVE\" # poolform:ignore pool-unprotected a pool for tests\n  name",
        ),
    ] {
        let (rules, said) = found(&folder, &text);
        assert!(said.is_empty(), "{text}\n{said:?}");
        for rule in ["no-second-factor", "pool-unprotected"] {
            assert!(rules.contains(&pair(rule, true)), "{text}\n{rules:?}");
        }
        assert!(rules.contains(&pair("short-passwords", false)), "{text}\n{rules:?}");
    }
    // What is wrong with a comment is said, and it suppresses nothing.
    for (comment, summary) in [
        ("poolform:ignore no-second-factor", "Suppression without a reason"),
        ("poolform:ignore no-second-facter a pool for tests", "Suppression of an unknown rule"),
        ("poolform:ignore implicit-flow a pool for tests", "Suppression that is not needed"),
        ("poolform:ignore", "Suppression of nothing"),
    ] {
        let (rules, said) = found(&folder, &format!("# {comment}\n{POOL}"));
        assert_eq!(said, [summary], "{comment}");
        assert!(rules.contains(&pair("no-second-factor", false)), "{comment}");
    }
    // A text is no comment.
    let (rules, said) = found(
        &folder,
        &POOL.replace(
            "  name",
            "  sms_authentication_message = \"{####} poolform:ignore no-second-factor because\"\n  name",
        ),
    );
    assert!(said.is_empty() && rules.contains(&pair("no-second-factor", false)));
}

#[test]
fn severities_and_exit_codes() {
    let folder = Folder::new("audit-severity");
    folder.write("main.tf", POOL);
    let of = |severity: &str| folder.run(&["check", "-detailed-exitcode", "-severity", severity]);
    assert!(of("high").exits(0).stdout().contains("0 warnings"));
    let medium = of("medium").exits(2);
    assert!(medium.stderr().contains("no-second-factor (medium)"), "{}", medium.stderr());
    assert!(!medium.stderr().contains("anybody-signs-up"));
    assert!(of("info").exits(2).stderr().contains("anybody-signs-up (info)"));
    folder.run(&["check", "-severity", "urgent"]).exits(1);
}

#[test]
fn plans_and_pools_that_are_there_are_looked_at_too() {
    let folder = Folder::new("audit-sources");
    let root = format!(
        "{POOL}\nresource \"aws_cognito_user_pool_client\" \"web\" {{\n  name         = \"web\"\n  user_pool_id = \
         aws_cognito_user_pool.main.id\n}}\n"
    );
    folder.write("main.tf", &root);
    folder.run(&["plan", "-local", "-out", "saved.plan"]).exits(0);
    let of_plan = broken(&folder.run(&["check", "-json", "saved.plan"]).exits(0));
    for rule in ["pool-unprotected", "short-passwords", "enumerable-users"] {
        assert!(of_plan.contains(&(rule.to_owned(), false)), "{rule}: {of_plan:?}");
    }
    folder.run(&["apply", "-local", "saved.plan"]).exits(0);
    let state = std::fs::read_to_string(folder.0.join(".poolform/poolform.state.json")).unwrap();
    let id = state.split('"').find(|word| word.starts_with("us-east-1_")).unwrap().to_owned();
    let live = folder.run(&["check", "-local", "-json", "-pool", &id]).exits(0);
    for rule in ["pool-unprotected", "no-second-factor", "short-passwords", "enumerable-users"] {
        assert!(broken(&live).contains(&(rule.to_owned(), false)), "{rule}: {:?}", broken(&live));
    }
    let addresses: BTreeSet<String> = json(&live)["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|each| each["address"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(addresses, BTreeSet::from([id.clone(), format!("{id}.client[\"web\"]")]));
    assert!(folder.run(&["check", "-local", "-pool", &id, "saved.plan"]).exits(1).stderr().contains("Two sources"));
    assert!(
        folder.run(&["check", "-local", "-pool", "us-east-1_nobody000"]).exits(1).stderr().contains("No such pool")
    );
}

#[test]
fn sarif_names_each_place_and_rule() {
    let folder = Folder::new("audit-sarif");
    folder.write("main.tf", &format!("# poolform:ignore no-second-factor a pool for tests\n{POOL}"));
    let log = json(&folder.run(&["check", "-format", "sarif"]).exits(0));
    let run = &log["runs"][0];
    let described = run["tool"]["driver"]["rules"].as_array().unwrap();
    assert_eq!(described.len(), rules().count());
    for result in run["results"].as_array().unwrap() {
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(described[index]["id"], result["ruleId"]);
        assert_eq!(result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"], "main.tf");
        assert_eq!(result["locations"][0]["physicalLocation"]["region"]["startLine"], 2);
    }
    let suppressed =
        run["results"].as_array().unwrap().iter().find(|each| each["ruleId"] == "no-second-factor").unwrap();
    assert_eq!(suppressed["suppressions"][0]["justification"], "a pool for tests");
}
