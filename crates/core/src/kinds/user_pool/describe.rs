//! The arguments of a pool that code places, from what is there.

use poolform_model::Object;
use serde_json::{Value as Json, json};

use super::{ARGUMENTS, KIND, bare_name};
use crate::change::equal;
use crate::describe::given;
use crate::kinds::Kind;
use crate::setting;

/// Arguments of a pool that code places: Some(None) leaves one out.
pub(super) fn argument(name: &str, settings: &Object) -> Option<Option<Json>> {
    let at = |path: &str| setting::get(settings, path);
    let device = at("DeviceConfiguration");
    Some(match name {
        "user_device_tracking" => match device["DeviceOnlyRememberedOnUserPrompt"].as_bool() {
            None => Some(json!("OFF")),
            Some(false) => Some(json!("ALWAYS")),
            Some(true) => None,
        },
        "challenge_required_on_new_device" => {
            (!device.is_null() && device["ChallengeRequiredOnNewDevice"] != json!(true)).then(|| json!(false))
        }
        "allow_software_mfa_token" => {
            let on = at("MfaConfig.SoftwareTokenMfaConfiguration.Enabled").as_bool().unwrap_or(false);
            let off = at("MfaConfig.MfaConfiguration").as_str().is_none_or(|mode| mode == "OFF");
            (!on && !off).then(|| json!(false))
        }
        // An empty list leaves recovery to Cognito, which is what it has by itself.
        "account_recovery_mechanisms" => {
            let row = ARGUMENTS.iter().find(|row| row.name == name)?;
            let there = at(row.api);
            (!equal(&KIND, row, &Kind::unset_value(row), there)).then(|| given(row, there)).flatten()
        }
        // The default is an alias, unless user names are addresses.
        "alias_attributes" if setting::is_empty(at("AliasAttributes")) => {
            setting::is_empty(at("UsernameAttributes")).then(|| json!([]))
        }
        "schema_attributes" => {
            let entries: Vec<Json> = at("Schema").as_array().into_iter().flatten().filter_map(schema_entry).collect();
            (!entries.is_empty()).then_some(Json::Array(entries))
        }
        // An absent configuration is no difference, whatever is declared.
        "enable_username_case_sensitivity" if at("UsernameConfiguration").is_null() => None,
        "deletion_protection" => Some(json!(at("DeletionProtection") == "ACTIVE")),
        "user_pool_tier" => None,
        _ => return None,
    })
}

/// A custom attribute, or a standard one that was declared with something of its own.
fn schema_entry(entry: &Json) -> Option<Json> {
    let name = entry["Name"].as_str()?;
    let bare = bare_name(name);
    let custom = name.contains(':');
    let required = entry["Required"] == json!(true);
    if !custom && (!required || bare == "sub") {
        return None;
    }
    let mut members = Object::new();
    members.insert("name".to_owned(), json!(bare));
    members.insert("type".to_owned(), entry["AttributeDataType"].clone());
    if required {
        members.insert("required".to_owned(), json!(true));
    }
    if entry["Mutable"] == json!(false) {
        members.insert("mutable".to_owned(), json!(false));
    }
    if entry["DeveloperOnlyAttribute"] == json!(true) {
        members.insert("developer_only_attribute".to_owned(), json!(true));
    }
    for (group, member, name, default) in [
        ("StringAttributeConstraints", "MinLength", "min_length", "0"),
        ("StringAttributeConstraints", "MaxLength", "max_length", "2048"),
        ("NumberAttributeConstraints", "MinValue", "min_value", ""),
        ("NumberAttributeConstraints", "MaxValue", "max_value", ""),
    ] {
        let limit = entry[group][member].as_str().filter(|limit| *limit != default);
        if let Some(number) = limit.and_then(|limit| limit.parse::<i64>().ok()) {
            members.insert(name.to_owned(), json!(number));
        }
    }
    Some(Json::Object(members))
}
