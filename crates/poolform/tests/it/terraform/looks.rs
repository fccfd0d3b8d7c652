//! What hangs on a pool and its clients: looks of pages, risk configurations, log deliveries. Made, changed, imported, taken
//! away, in Terraform.

use serde_json::json;

use super::{Root, terraform};

const HEAD: &str = r#"
provider "poolform" {
  region = "us-east-1"
  local  = true
}

resource "poolform_user_pool" "pool" {
  name              = "looks"
  user_pool_tier    = "PLUS"
  user_pool_add_ons = [{ advanced_security_mode = "AUDIT" }]
}

resource "poolform_user_pool_domain" "domain" {
  user_pool_id = poolform_user_pool.pool.id
  domain       = "looks-of-terraform"
}

resource "poolform_user_pool_client" "web" {
  user_pool_id = poolform_user_pool.pool.id
  name         = "web"
}

output "ids" {
  value = { pool = poolform_user_pool.pool.id, client = poolform_user_pool_client.web.id }
}
"#;

/// The four, with a length in the CSS, a place in the settings, an action and a log group that can change.
fn parts(width: u32, place: &str, action: &str, group: &str) -> String {
    format!(
        r#"
resource "poolform_user_pool_ui_customization" "all" {{
  user_pool_id = poolform_user_pool_domain.domain.user_pool_id
  css          = ".logo-customizable {{ max-width: {width}%; }}"
  image_file   = filebase64("logo.png")
}}

resource "poolform_user_pool_managed_login_branding" "web" {{
  user_pool_id = poolform_user_pool.pool.id
  client_id    = poolform_user_pool_client.web.id
  settings     = jsonencode({{ categories = {{ form = {{ location = {{ horizontal = "{place}" }} }} }} }})
  asset = [{{
    category   = "FORM_LOGO"
    color_mode = "LIGHT"
    extension  = "PNG"
    bytes      = filebase64("logo.png")
  }}]
}}

resource "poolform_user_pool_risk_configuration" "web" {{
  user_pool_id = poolform_user_pool.pool.id
  client_id    = poolform_user_pool_client.web.id
  account_takeover_risk_configuration = [{{
    actions = [{{
      high_action = [{{ event_action = "{action}", notify = false }}]
    }}]
  }}]
}}

resource "poolform_user_pool_log_delivery_configuration" "logs" {{
  user_pool_id = poolform_user_pool.pool.id
  log_configurations = [{{
    event_source                   = "userNotification"
    log_level                      = "ERROR"
    cloud_watch_logs_configuration = [{{ log_group_arn = "arn:aws:logs:us-east-1:123456789012:log-group:{group}" }}]
  }}]
}}

output "looks" {{
  value = [
    poolform_user_pool_ui_customization.all.client_id,
    poolform_user_pool_ui_customization.all.image_url != "",
    poolform_user_pool_managed_login_branding.web.managed_login_branding_id != "",
  ]
}}
"#
    )
}

const ADDRESSES: [&str; 4] = [
    "poolform_user_pool_ui_customization.all",
    "poolform_user_pool_managed_login_branding.web",
    "poolform_user_pool_risk_configuration.web",
    "poolform_user_pool_log_delivery_configuration.logs",
];

#[test]
fn what_hangs_on_clients_lives() {
    let Some(terraform) = terraform() else { return };
    let root = Root::new("looks", &terraform);
    let logo = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/roots/looks-and-risk/logo.png");
    std::fs::copy(logo, root.folder.0.join("logo.png")).unwrap();
    let write = |text: &str| root.folder.write("main.tf", &format!("{HEAD}{text}"));
    // All at once, from nothing: what hangs on a client waits for it.
    write(&parts(60, "CENTER", "BLOCK", "one"));
    root.apply().exits(0);
    root.plan_is_empty().unwrap();
    let outputs = root.outputs();
    assert_eq!(outputs["looks"]["value"], json!(["ALL", true, true]));
    let id = |name: &str| outputs["ids"]["value"][name].as_str().unwrap().to_owned();
    let (pool, client) = (id("pool"), id("client"));
    let of_client = json!({"UserPoolId": pool, "ClientId": client});
    // Each changes in place.
    write(&parts(61, "START", "NO_ACTION", "two"));
    let changed = root.apply().exits(0);
    assert!(changed.says("0 added, 4 changed, 0 destroyed"), "{}", changed.text);
    root.plan_is_empty().unwrap();
    let look = root.ask("GetUICustomization", json!({"UserPoolId": pool}))["UICustomization"].clone();
    assert_eq!(look["CSS"], ".logo-customizable { max-width: 61%; }");
    assert!(look["ImageUrl"].is_string(), "the picture is sent with each change: {look}");
    let branding = root.ask("DescribeManagedLoginBrandingByClient", of_client.clone())["ManagedLoginBranding"].clone();
    assert_eq!(branding["Settings"]["categories"]["form"]["location"]["horizontal"], "START");
    let risk = root.ask("DescribeRiskConfiguration", of_client.clone())["RiskConfiguration"].clone();
    assert_eq!(risk["AccountTakeoverRiskConfiguration"]["Actions"]["HighAction"]["EventAction"], "NO_ACTION");
    let logs = root.ask("GetLogDeliveryConfiguration", json!({"UserPoolId": pool}))["LogDeliveryConfiguration"].clone();
    let group = &logs["LogConfigurations"][0]["CloudWatchLogsConfiguration"]["LogGroupArn"];
    assert_eq!(group, "arn:aws:logs:us-east-1:123456789012:log-group:two");
    // Changed by somebody else: shown, and changed back.
    root.ask("SetRiskConfiguration", of_client.clone());
    let drifted = root.run(&["plan", "-detailed-exitcode"]);
    assert_eq!(drifted.code, 2, "{}", drifted.text);
    root.apply().exits(0);
    root.plan_is_empty().unwrap();
    // Forgotten and imported: what answers show is there again.
    let ids = [format!("{pool},ALL"), format!("{pool},{client}"), format!("{pool}:{client}"), pool.clone()];
    for (address, id) in ADDRESSES.iter().zip(&ids) {
        root.run(&["state", "rm", address]).exits(0);
        root.run(&["import", address, id]).exits(0);
    }
    // No answer shows a picture, so that one is sent once more.
    let planned = root.run(&["plan", "-detailed-exitcode"]);
    assert!(planned.code == 2 && planned.says("0 to add, 1 to change, 0 to destroy"), "{}", planned.text);
    root.apply().exits(0);
    root.plan_is_empty().unwrap();
    // Taken away.
    write("");
    let gone = root.apply().exits(0);
    assert!(gone.says("0 added, 0 changed, 4 destroyed"), "{}", gone.text);
    assert_eq!(root.ask("GetUICustomization", json!({"UserPoolId": pool}))["UICustomization"], json!({}));
    let logs = root.ask("GetLogDeliveryConfiguration", json!({"UserPoolId": pool}));
    assert_eq!(logs["LogDeliveryConfiguration"]["LogConfigurations"], json!([]));
    let risk = root.ask("DescribeRiskConfiguration", of_client)["RiskConfiguration"].clone();
    assert!(risk.get("AccountTakeoverRiskConfiguration").is_none(), "{risk}");
}
