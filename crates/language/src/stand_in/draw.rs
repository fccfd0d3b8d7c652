//! What is drawn by lot elsewhere is drawn from the address here, so that it stays.

use poolform_value::Value;
use sha2::{Digest, Sha256};

/// Numbers that an address gives, without end.
pub(super) struct Lot<'a> {
    address: &'a str,
    round: u64,
    left: Vec<u8>,
}

/// The classes of characters of `random_string`, and the arguments that leave them out; two names of one are the newer and the
/// older. From the documentation of the provider `random`.
const CLASSES: &[(&[&str], &str)] = &[
    (&["lower"], "abcdefghijklmnopqrstuvwxyz"),
    (&["upper"], "ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
    (&["numeric", "number"], "0123456789"),
    (&["special"], "!@#$%&*()-_=+[]{}<>:?"),
];
const PETS: &[&str] =
    &["amber", "birch", "cedar", "delta", "ember", "fern", "grove", "heron", "iris", "jade", "kite", "lark"];
/// More than anybody asks for.
const LONGEST: usize = 4096;

impl<'a> Lot<'a> {
    pub fn new(address: &'a str) -> Self {
        Lot { address, round: 0, left: Vec::new() }
    }

    fn byte(&mut self) -> u8 {
        if self.left.is_empty() {
            self.left = Sha256::digest(format!("{}#{}", self.address, self.round)).to_vec();
            self.round += 1;
        }
        self.left.pop().unwrap_or_default()
    }

    fn one_of(&mut self, characters: &[char]) -> char {
        characters.get(usize::from(self.byte()) % characters.len().max(1)).copied().unwrap_or('x')
    }

    /// So many characters out of `characters`.
    pub fn text(&mut self, characters: &str, length: usize) -> String {
        let characters: Vec<char> = characters.chars().collect();
        (0..length.min(LONGEST)).map(|_| self.one_of(&characters)).collect()
    }

    pub fn uuid(&mut self) -> String {
        let hex = self.text("0123456789abcdef", 32);
        format!("{}-{}-4{}-8{}-{}", &hex[..8], &hex[8..12], &hex[13..16], &hex[17..20], &hex[20..])
    }
}

/// What `attribute` of a drawing type is at `address`, as its arguments ask.
pub(super) fn draw(ty: &str, attribute: &str, address: &str, argument: &dyn Fn(&str) -> Option<Value>) -> Value {
    let number = |name: &str, otherwise: usize| {
        let number =
            argument(name).and_then(|value| value.as_number().and_then(crate::functions::whole_number::<usize>));
        number.unwrap_or(otherwise).min(LONGEST)
    };
    let text = |name: &str| argument(name).and_then(|value| value.as_str().map(str::to_owned));
    let mut lot = Lot::new(address);
    match ty {
        "random_integer" => {
            let whole = |name: &str, otherwise: i64| {
                let value = argument(name);
                value
                    .and_then(|value| value.as_number().and_then(crate::functions::whole_number::<i64>))
                    .unwrap_or(otherwise)
            };
            let (min, max) = (whole("min", 0), whole("max", 255));
            let span = max.saturating_sub(min).saturating_add(1).max(1);
            Value::from(min.saturating_add(i64::from(lot.byte()) % span))
        }
        "random_pet" => {
            let mut words: Vec<String> = text("prefix").into_iter().collect();
            let pets = (0..number("length", 2)).map(|_| PETS[usize::from(lot.byte()) % PETS.len()].to_owned());
            words.extend(pets);
            words.join(&text("separator").unwrap_or_else(|| "-".to_owned())).into()
        }
        "random_id" => {
            let prefix = text("prefix").unwrap_or_default();
            let bytes = number("byte_length", 8);
            let drawn = match attribute {
                "hex" => lot.text("0123456789abcdef", bytes * 2),
                "dec" => lot.text("123456789", bytes * 2),
                _ => {
                    lot.text("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", (bytes * 4).div_ceil(3))
                }
            };
            format!("{prefix}{drawn}").into()
        }
        _ => {
            let allowed = |names: &[&str]| {
                !names.iter().any(|name| argument(name).is_some_and(|value| value.as_bool() == Some(false)))
            };
            let special = text("override_special").filter(|text| !text.is_empty());
            let classes: Vec<&str> = CLASSES
                .iter()
                .filter(|(names, _)| allowed(names))
                .map(|(names, class)| if names[0] == "special" { special.as_deref().unwrap_or(class) } else { class })
                .collect();
            // One of each class first, so that what each asks at least is there in passwords of the usual length.
            let length = number("length", 16);
            let mut drawn: Vec<String> = classes.iter().map(|class| lot.text(class, 1)).collect();
            drawn.truncate(length);
            let all = if classes.is_empty() { CLASSES[0].1.to_owned() } else { classes.concat() };
            drawn.push(lot.text(&all, length.saturating_sub(drawn.len())));
            drawn.concat().into()
        }
    }
}
