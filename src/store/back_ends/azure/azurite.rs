//! A running Azurite for tests; `scripts/test azurite` starts it and says where it is.

use super::account::Account;
use super::connection_string;
use crate::store::Store;

/// Its account.
pub(in crate::store) fn account() -> Account {
    let text = std::env::var("MISTNET_TEST_AZURITE")
        .expect("MISTNET_TEST_AZURITE is a connection string; scripts/test azurite sets it");
    connection_string::parse(&text).unwrap()
}

/// A name that no other test uses.
pub(in crate::store) fn container() -> String {
    format!("test-{:016x}", rand::random::<u64>())
}

/// A store of its own, in a container that is not made yet.
pub(in crate::store) fn store() -> Store {
    Store::azure(&account(), &container(), "some/prefix").unwrap()
}
