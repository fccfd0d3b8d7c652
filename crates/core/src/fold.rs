//! How names are folded before they are registered or compared, in Rust and in Terraform's language: the drop-in module
//! does by expressions what the core does.

/// What is made of a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fold {
    /// Nothing: it stays as it is written.
    Not,
    /// Its lower case.
    Case,
    /// Its lower case, with a hyphen for every character that is no letter a-z or digit.
    CaseAndSigns,
}

impl Fold {
    /// The folded name.
    pub fn fold(self, name: &str) -> String {
        match self {
            Self::Not => name.to_owned(),
            Self::Case => name.to_lowercase(),
            Self::CaseAndSigns => name
                .to_lowercase()
                .chars()
                .map(|each| if each.is_ascii_lowercase() || each.is_ascii_digit() { each } else { '-' })
                .collect(),
        }
    }

    /// The expression of Terraform's language that folds what `name` is an expression of.
    pub fn expression(self, name: &str) -> String {
        match self {
            Self::Not => name.to_owned(),
            Self::Case => format!("lower({name})"),
            Self::CaseAndSigns => format!("replace(lower({name}), \"/[^a-z0-9]/\", \"-\")"),
        }
    }
}
