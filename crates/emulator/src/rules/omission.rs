//! What an update does with members that it leaves out.

/// The rule. The service's documents say that an update resets what it leaves out; measurements show that it keeps some
/// of it (service rules C1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Omission {
    /// Member by member as measured; unmeasured members as documented.
    #[default]
    Measured,
    /// Every member is reset to its default. For tests: whoever leaves out a member loses it.
    ResetAll,
    /// Every member keeps its value. For tests: whoever expresses a removal by leaving out fails to remove.
    KeepAll,
}

/// What happens to one member, as measured or documented.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Omitted {
    Keeps,
    Resets,
}

impl Omission {
    /// Whether a member keeps its value.
    pub(crate) fn keeps(self, measured: Omitted) -> bool {
        match self {
            Omission::Measured => measured == Omitted::Keeps,
            Omission::ResetAll => false,
            Omission::KeepAll => true,
        }
    }
}
