//! The ids of a Parquet file, in a program that can't read it.

use object_store::path::Path;

use crate::model::TweetId;
use crate::store::Store;

/// Why there are none.
#[expect(clippy::unused_async, reason = "as in the program that can")]
pub(super) async fn ids(_: &Store, _: &Path, _: u64) -> Result<Vec<TweetId>, String> {
    Err("its rows can't be read: this program was built without Parquet".to_owned())
}
