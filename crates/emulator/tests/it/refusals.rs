//! Every recorded refusal that can be provoked here: code and words compared.

use poolform_model::Failure;
use serde_json::Value as Json;

use crate::world::{World, beside};

fn texts(row: &Json, name: &str) -> String {
    row[name].as_str().unwrap_or_default().to_owned()
}

#[test]
fn recorded_refusals_are_answered_in_their_words() {
    let rows = beside("refusals.json");
    let rows = rows.as_array().unwrap();
    let mut wrong = Vec::new();
    for row in rows {
        let name = texts(row, "row");
        let mut world = World::furnished();
        for step in row["before"].as_array().into_iter().flatten() {
            world.run(step[0].as_str().unwrap(), step[1].as_str().unwrap(), &step[2]);
        }
        let request = &row["request"];
        let outcome = world.call(request[0].as_str().unwrap(), &request[1]);
        let Err(Failure::Refused(refusal)) = outcome else {
            wrong.push(format!("{name}: not refused"));
            continue;
        };
        let expected = world.filled_text(&texts(row, "message"));
        let same = match texts(row, "compare").as_str() {
            "ends" => refusal.message.ends_with(&expected) && refusal.message.starts_with(&texts(row, "starts")),
            "starts" => refusal.message.starts_with(&expected),
            _ => refusal.message == expected,
        };
        if !same || refusal.code != texts(row, "code") || refusal.status != 400 {
            wrong.push(format!(
                "{name}\n  expected {}: {expected}\n  answered {}: {}",
                texts(row, "code"),
                refusal.code,
                refusal.message
            ));
        }
    }
    assert!(wrong.is_empty(), "{} of {} rows:\n{}", wrong.len(), rows.len(), wrong.join("\n"));
}

#[test]
fn rows_that_are_left_out_say_why() {
    for row in beside("refusals_left_out.json").as_array().unwrap() {
        assert!(!texts(row, "row").is_empty() && !texts(row, "why").is_empty(), "{row}");
    }
}

#[test]
fn refused_writes_leave_nothing_behind() {
    for row in beside("refusals.json").as_array().unwrap() {
        let mut world = World::furnished();
        for step in row["before"].as_array().into_iter().flatten() {
            world.run(step[0].as_str().unwrap(), step[1].as_str().unwrap(), &step[2]);
        }
        let state = |world: &World| {
            let pools = world.call("ListUserPools", &serde_json::json!({"MaxResults": 60})).unwrap();
            let described: Vec<_> = pools["UserPools"]
                .as_array()
                .unwrap()
                .iter()
                .map(|pool| {
                    let id = serde_json::json!({"UserPoolId": pool["Id"]});
                    ["DescribeUserPool", "ListUserPoolClients", "ListGroups", "GetUserPoolMfaConfig", "ListUsers"]
                        .map(|operation| world.call(operation, &id).unwrap())
                })
                .collect();
            described
        };
        let before = state(&world);
        world.clock.advance(1000);
        let request = &row["request"];
        world.call(request[0].as_str().unwrap(), &request[1]).unwrap_err();
        assert_eq!(state(&world), before, "{}", texts(row, "row"));
    }
}
