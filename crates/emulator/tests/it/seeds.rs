//! Pools with given ids.

use serde_json::json;

use crate::world::{World, fixture};

#[test]
fn pools_of_another_emulator_are_taken_over_with_their_ids() {
    for name in ["client-names", "complete", "defaults", "lambdas", "module-for-each"] {
        let seed = fixture(&format!("seeds/{name}.json"));
        let world = World::new(|_| {});
        let count = seed.as_array().unwrap().len();
        assert_eq!(world.emulator.seed(&seed), Ok(count), "{name}");
        assert_eq!(world.emulator.seed(&seed), Ok(0), "{name}: those that are there stay as they are");
        for entry in seed.as_array().unwrap() {
            let id = json!({"UserPoolId": entry["pool"]["Id"]});
            let pool = world.call("DescribeUserPool", &id).unwrap()["UserPool"].clone();
            for member in ["Name", "MfaConfiguration", "UsernameConfiguration", "UserPoolAddOns"] {
                if let Some(given) = entry["pool"].get(member) {
                    assert_eq!(pool.get(member), Some(given), "{name}: {member}");
                }
            }
            // The twin of PreTokenGeneration is filled in, as for a pool that is made here.
            for (trigger, given) in entry["pool"]["LambdaConfig"].as_object().into_iter().flatten() {
                assert_eq!(&pool["LambdaConfig"][trigger], given, "{name}: {trigger}");
            }
            assert!(pool["SchemaAttributes"].as_array().unwrap().len() >= 21, "{name}");
            for client in entry["clients"].as_array().unwrap() {
                let body = json!({"UserPoolId": entry["pool"]["Id"], "ClientId": client["ClientId"]});
                let shown = world.call("DescribeUserPoolClient", &body).unwrap()["UserPoolClient"].clone();
                assert_eq!(
                    (shown.get("ClientSecret"), &shown["ClientName"]),
                    (client.get("ClientSecret"), &client["ClientName"])
                );
                world.call("UpdateUserPoolClient", &body).unwrap();
            }
            let mfa = world.call("GetUserPoolMfaConfig", &id).unwrap();
            assert_eq!(mfa.get("SoftwareTokenMfaConfiguration"), entry["mfa"].get("SoftwareTokenMfaConfiguration"));
            if let Some(domain) = entry["domain"]["Domain"].as_str() {
                let described = world.call("DescribeUserPoolDomain", &json!({"Domain": domain})).unwrap();
                assert_eq!(described["DomainDescription"]["UserPoolId"], entry["pool"]["Id"]);
                assert_eq!(world.call("DeleteUserPool", &id).unwrap_err().code(), Some("InvalidParameterException"));
                world
                    .call("DeleteUserPoolDomain", &json!({"Domain": domain, "UserPoolId": entry["pool"]["Id"]}))
                    .unwrap();
            }
            if pool["DeletionProtection"] == "INACTIVE" {
                world.call("DeleteUserPool", &id).unwrap();
            }
        }
    }
}

#[test]
fn a_bad_seed_names_its_place_and_loads_nothing() {
    let world = World::new(|_| {});
    for (seed, at) in [
        (json!("pools"), "the seed"),
        (json!([{"pool": {"Name": "p"}}]), "[0].pool.Id"),
        (json!([{"pool": {"Id": "us-east-1_a", "Colour": "red"}}]), "[0].pool.colour"),
        (json!([{"pool": {"Id": "us-east-1_a"}, "client": []}]), "[0].client"),
        (
            json!([{"pool": {"Id": "us-east-1_a"}}, {"pool": {"Id": "us-east-1_b", "CreationDate": "soon"}}]),
            "[1].pool.CreationDate",
        ),
        (json!([{"pool": {"Id": "us-east-1_a"}, "clients": [{"ClientId": 7}]}]), "[0].clients[0].clientId"),
    ] {
        assert_eq!(world.emulator.seed(&seed).unwrap_err().at, at, "{seed}");
    }
    assert_eq!(world.call("ListUserPools", &json!({"MaxResults": 1})).unwrap()["UserPools"], json!([]));
}
