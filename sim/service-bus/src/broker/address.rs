//! Names of queues, as clients write them.

/// A queue or its dead letters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Part {
    /// The queue itself.
    Main,
    /// `/$DeadLetterQueue`.
    DeadLetters,
}

/// Where messages are: the name of a queue in lower case, and the part of it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Address {
    /// The queue.
    pub queue: String,
    /// The part.
    pub part: Part,
}

/// What a link can be attached to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Node {
    /// `$cbs`, which takes tokens.
    Cbs,
    /// `…/$management`, which takes requests about a queue.
    Management(Address),
    /// Messages.
    Queue(Address),
}

impl Node {
    /// Reads an address. Clients write `q`, `amqp://host/q` and `amqps://host:port/q`, in any case.
    pub fn parse(text: &str) -> Self {
        let path = path_of(text).to_ascii_lowercase();
        if path == "$cbs" {
            return Self::Cbs;
        }
        match path.strip_suffix("/$management") {
            Some(entity) => Self::Management(Address::of_path(entity)),
            None => Self::Queue(Address::of_path(&path)),
        }
    }

    /// The queue that it is about.
    pub fn address(&self) -> Option<&Address> {
        match self {
            Self::Cbs => None,
            Self::Management(address) | Self::Queue(address) => Some(address),
        }
    }
}

impl Address {
    /// A queue or its dead letters, by name.
    pub fn parse(name: &str) -> Self {
        Self::of_path(&path_of(name).to_ascii_lowercase())
    }

    fn of_path(path: &str) -> Self {
        match path.strip_suffix("/$deadletterqueue") {
            Some(queue) => Self { queue: queue.to_owned(), part: Part::DeadLetters },
            None => Self { queue: path.to_owned(), part: Part::Main },
        }
    }
}

/// The path of a URI without its outer slashes; what is no URI is a path already.
pub fn path_of(text: &str) -> &str {
    let path = match text.split_once("://") {
        Some((_, rest)) => rest.split_once('/').map_or("", |(_, path)| path),
        None => text,
    };
    path.trim_matches('/')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_in_every_form_that_clients_write() {
        let queue = Address { queue: "q".into(), part: Part::Main };
        for text in ["q", "Q", "/q/", "amqp://localhost/q", "amqps://localhost:5680/q"] {
            assert_eq!(Node::parse(text), Node::Queue(queue.clone()), "{text}");
        }
        let dead = Address { queue: "q".into(), part: Part::DeadLetters };
        assert_eq!(Node::parse("q/$DeadLetterQueue"), Node::Queue(dead.clone()));
        assert_eq!(Node::parse("q/$DeadLetterQueue/$management"), Node::Management(dead));
        assert_eq!(Node::parse("q/$management"), Node::Management(queue));
        assert_eq!(Node::parse("amqps://h/$cbs"), Node::Cbs);
    }
}
