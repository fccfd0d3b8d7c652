//! Paths into a value: `clients[0].callback_urls`.

use std::fmt;

/// One step of an [`AttributePath`].
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Segment {
    /// A named attribute of an object, `.name`.
    Attribute(String),
    /// An element of a list, tuple or set, counted from 0, `[0]`.
    Index(usize),
    /// An element of a map, `["key"]`.
    Key(String),
}

/// The way from a module call to one of its values. Its `Display` form is what a user would write in an expression.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AttributePath {
    /// From the outside in.
    pub segments: Vec<Segment>,
}

impl AttributePath {
    /// The path of an argument of the call itself.
    pub fn argument(name: &str) -> Self {
        AttributePath { segments: vec![Segment::Attribute(name.to_owned())] }
    }

    /// This path and then an attribute.
    #[must_use]
    pub fn attribute(&self, name: &str) -> Self {
        self.then(Segment::Attribute(name.to_owned()))
    }

    /// This path and then an element by position.
    #[must_use]
    pub fn index(&self, index: usize) -> Self {
        self.then(Segment::Index(index))
    }

    /// This path and then an element of a map.
    #[must_use]
    pub fn key(&self, key: &str) -> Self {
        self.then(Segment::Key(key.to_owned()))
    }

    /// This path and then `segment`.
    #[must_use]
    pub fn then(&self, segment: Segment) -> Self {
        let mut segments = self.segments.clone();
        segments.push(segment);
        AttributePath { segments }
    }
}

impl fmt::Display for AttributePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, segment) in self.segments.iter().enumerate() {
            match segment {
                Segment::Attribute(name) if position == 0 => f.write_str(name)?,
                Segment::Attribute(name) => write!(f, ".{name}")?,
                Segment::Index(index) => write!(f, "[{index}]")?,
                Segment::Key(key) => write!(f, "[{key:?}]")?,
            }
        }
        Ok(())
    }
}
