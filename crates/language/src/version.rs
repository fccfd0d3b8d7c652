//! Version constraints: `>= 1.3, < 2.0`, `~> 1.11`.

/// The version of Terraform whose language this crate speaks.
pub const LANGUAGE_VERSION: &str = "1.11.4";

/// Whether `version` meets all of `constraints`; None when either cannot be read.
pub fn satisfies(version: &str, constraints: &str) -> Option<bool> {
    let version = numbers(version)?;
    let mut met = true;
    for constraint in constraints.split(',') {
        let constraint = constraint.trim();
        let length = constraint.find(|character: char| character.is_ascii_digit() || character == 'v')?;
        let (operator, wanted) = constraint.split_at(length);
        let given = numbers(wanted.trim_start_matches('v'))?;
        let mut padded = given.clone();
        padded.resize(3, 0);
        met &= match operator.trim() {
            "" | "=" => version == padded,
            "!=" => version != padded,
            ">" => version > padded,
            ">=" => version >= padded,
            "<" => version < padded,
            "<=" => version <= padded,
            // The last number given may grow, those before it may not.
            "~>" => {
                version >= padded && version.iter().zip(&given).take(given.len().saturating_sub(1)).all(|(a, b)| a == b)
            }
            _ => return None,
        };
    }
    Some(met)
}

fn numbers(version: &str) -> Option<Vec<u64>> {
    let release = version.trim().split(['-', '+']).next()?;
    let numbers: Vec<u64> = release.split('.').map(|number| number.parse().ok()).collect::<Option<_>>()?;
    (1..=3).contains(&numbers.len()).then_some(numbers)
}

#[cfg(test)]
mod tests {
    use super::satisfies;

    #[test]
    fn constraints() {
        for (constraint, met) in [
            (">= 1.3", Some(true)),
            (">= 1.3, < 2.0.0", Some(true)),
            ("~> 1.11", Some(true)),
            ("~> 1.10.0", Some(false)),
            ("~> 1", Some(true)),
            ("1.11.4", Some(true)),
            ("= 1.11", Some(false)),
            ("!= 1.11.4", Some(false)),
            ("> 1.12", Some(false)),
            ("latest", None),
            ("=> 1", None),
            ("", None),
        ] {
            assert_eq!(satisfies("1.11.4", constraint), met, "{constraint}");
        }
    }
}
