//! The macro that defines the fields of one kind of object.

/// Makes the enumeration of an object's fields, and a name for such objects. A second name after
/// `|` is that of the `post.fields` dialect.
macro_rules! fields {
    ($(#[$doc:meta])* $field:ident of $object:ident {
        $($variant:ident = $tweet:literal $(| $post:literal)?,)*
    }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum $field {
            $(#[doc = concat!("`", $tweet, "`")] $variant,)*
        }

        impl $crate::tweet::Field for $field {
            const ALL: &'static [Self] = &[$(Self::$variant,)*];

            #[inline]
            fn named(key: &[u8]) -> Option<Self> {
                const NAMED: &[(&str, $field)] = &[
                    $(($tweet, $field::$variant), $(($post, $field::$variant),)?)*
                ];
                static NAMES: $crate::tweet::names::Names =
                    $crate::tweet::names::Names::new(&[$($tweet, $($post,)?)*]);
                let (name, field) = NAMED.get(NAMES.find(key)?)?;
                (name.as_bytes() == key).then_some(*field)
            }

            fn index(self) -> usize {
                self as usize
            }

            fn name(self, dialect: $crate::model::spec::Dialect) -> &'static str {
                let [tweet, post] = match self {
                    $(Self::$variant => $crate::tweet::define::both!($tweet $(, $post)?),)*
                };
                match dialect {
                    $crate::model::spec::Dialect::Tweet => tweet,
                    $crate::model::spec::Dialect::Post => post,
                }
            }
        }

        #[doc = concat!("An object with the fields of [`", stringify!($field), "`].")]
        pub type $object<'a> = $crate::tweet::Object<
            'a,
            $field,
            { <$field as $crate::tweet::Field>::ALL.len() },
        >;
    };
}

/// A name in both dialects.
macro_rules! both {
    ($same:literal) => {
        [$same, $same]
    };
    ($tweet:literal, $post:literal) => {
        [$tweet, $post]
    };
}

pub(super) use {both, fields};
