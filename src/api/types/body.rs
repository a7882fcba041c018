//! Bodies of requests: a type and the list of its fields, written once.

use serde::de::DeserializeOwned;

/// A field of a body.
#[derive(Debug, Clone, Copy)]
pub(in crate::api) struct Field {
    /// Its name.
    pub(in crate::api) name: &'static str,
    /// What would be right, for a caller whose value is wrong.
    pub(in crate::api) fix: &'static str,
}

/// A body that callers send: an object in which every field may be left out.
pub(in crate::api) trait RequestBody: DeserializeOwned {
    /// Its fields, in the order in which callers are told of them.
    const FIELDS: &'static [Field];
}

/// Defines a body: `name: Type, "what would be right";` for each field, with its description above.
macro_rules! request_body {
    (
        $(#[$about:meta])*
        $body:ident {
            $( $(#[$meta:meta])* $field:ident: $type:ty, $fix:expr; )+
        }
    ) => {
        #[derive(Debug, Clone, Default, PartialEq, Eq, serde::Deserialize, utoipa::ToSchema)]
        $(#[$about])*
        pub(in crate::api) struct $body {
            $( $(#[$meta])* pub(in crate::api) $field: Option<$type>, )+
        }

        impl $crate::api::types::body::RequestBody for $body {
            const FIELDS: &'static [$crate::api::types::body::Field] = &[
                $( $crate::api::types::body::Field { name: stringify!($field), fix: $fix }, )+
            ];
        }
    };
}

pub(super) use request_body;
