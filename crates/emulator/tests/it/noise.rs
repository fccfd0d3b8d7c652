//! Requests that nobody would send: every operation answers or refuses, and never fails.

use poolform_emulator::implemented;
use poolform_model::{Content, Failure, Shape, operation, shape};
use serde_json::{Value as Json, json};

use crate::world::World;

/// Numbers that are the same in every run.
struct Noise(u64);

impl Noise {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % limit
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.below(from.len())]
    }

    /// A value that fits the shape, mostly.
    fn value(&mut self, shape: &Shape, name: &str, depth: usize) -> Json {
        if depth > 8 || self.below(60) == 0 {
            return [json!(null), json!(true), json!(-1), json!("x"), json!([]), json!({}), json!(1.5)][self.below(7)]
                .clone();
        }
        match &shape.content {
            Content::Structure { members, required } => {
                let mut object = serde_json::Map::new();
                for (member, target) in members {
                    let wanted = required.contains(member) || self.below(3) == 0;
                    if let Some(target) = wanted.then(|| poolform_model::shape(target)).flatten() {
                        object.insert(member.clone(), self.value(target, member, depth + 1));
                    }
                }
                Json::Object(object)
            }
            Content::List(target) => {
                let target = poolform_model::shape(target).unwrap();
                (0..self.below(4)).map(|_| self.value(target, name, depth + 1)).collect()
            }
            Content::Map(_, target) => {
                let target = poolform_model::shape(target).unwrap();
                let keys = ["client_id", "MetadataFile", "oidc_issuer", "email", "authorize_scopes", "", "ä{}"];
                let mut object = serde_json::Map::new();
                for _ in 0..self.below(5) {
                    object.insert(self.pick(&keys).to_owned(), self.value(target, name, depth + 1));
                }
                Json::Object(object)
            }
            Content::Boolean => json!(self.below(2) == 0),
            Content::Integer | Content::Long => json!([0, 1, 3, 60, 86_400, i64::MAX][self.below(6)]),
            Content::Timestamp => json!(1.5e9),
            Content::Document => json!({"deep": [{"x": null}, 1.5]}),
            Content::String | Content::Blob => {
                if !shape.values.is_empty() && self.below(20) > 0 {
                    let values: Vec<&str> = shape.values.iter().map(String::as_str).collect();
                    return json!(self.pick(&values));
                }
                match name {
                    "UserPoolId" => json!("${pool.UserPool.Id}"),
                    "ClientId" => json!("${client.UserPoolClient.ClientId}"),
                    "ResourceArn" => json!("${pool.UserPool.Arn}"),
                    _ => json!(self.pick(&[
                        "email",
                        "a",
                        "name",
                        "x-y",
                        "auth.a.example",
                        "https://a.example/cb",
                        "http://[::1",
                        "Google",
                        "arn:aws:lambda:us-east-1:123456789012:function:f",
                        "{####} {username}",
                        "{##x##}",
                        "",
                        "\u{0}",
                        "名前",
                        "\"",
                        "email = \"x",
                        "custom:a",
                        "9999999999999999999",
                        "ALLOW_",
                        "<a SingleSignOnService \
                         urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect Location=",
                        "+4915112345",
                        "MQ",
                        "a@b.example",
                    ])),
                }
            }
        }
    }
}

#[test]
fn nothing_fails_on_any_request() {
    let mut noise = Noise(0x9E37_79B9_7F4A_7C15);
    let mut answered = 0;
    for round in 0..60 {
        let world = World::furnished();
        for (name, _) in implemented() {
            let input = shape(operation(name).unwrap().input).unwrap();
            for _ in 0..4 {
                let body = noise.value(input, "", 0);
                if !body.is_object() {
                    continue;
                }
                match world.call(name, &body) {
                    Ok(_) => answered += 1,
                    Err(Failure::Refused(refusal)) => {
                        assert_eq!(refusal.status, 400, "round {round}: {name} {body}: {refusal:?}");
                        assert!(!refusal.message.is_empty(), "round {round}: {name} {body}");
                    }
                    Err(Failure::Unreachable(reason)) => panic!("{name}: {reason}"),
                }
            }
        }
    }
    assert!(answered > 500, "the noise is too loud: {answered} requests were answered");
}
