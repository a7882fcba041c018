//! A folder on a disk as a back end: reading and listing, where whatever a person, another program
//! or a broken disk left behind may be met.
//!
//! Writing is `object_store`'s. Its listing is not used, because one entry that can't be read makes
//! it fail as a whole (`object_store` 0.14.2: names that are not UTF-8 or have control characters,
//! circles of symbolic links, folders without rights). Its opening is not used, because it waits at
//! a FIFO until somebody writes to it.
//!
//! Symbolic links are followed, so that a dataset may be moved to another disk and linked.

use std::ffi::OsStr;
use std::fmt;
use std::fs::{self, File, FileType, Metadata, OpenOptions};
use std::io::{self, ErrorKind};
use std::path::{Path as FilePath, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use async_trait::async_trait;
use futures::StreamExt;
use futures::stream::BoxStream;
use jiff::Timestamp;
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{
    Attributes, CopyOptions, Error, GetOptions, GetResult, GetResultPayload, ListResult,
    MultipartUpload, ObjectMeta, ObjectStore, PutMultipartOptions, PutOptions, PutPayload,
    PutResult, Result,
};

use crate::store::error::{NotAFile, StoreError};
use crate::store::listing::{Entry, Listing, Unread};

/// A folder on a disk.
#[derive(Debug)]
pub(super) struct Folder {
    root: PathBuf,
    files: LocalFileSystem,
}

impl Folder {
    /// A folder that is there. What is written is flushed to the disk before a call returns.
    pub(super) fn new(root: &FilePath) -> Result<Self> {
        let files = LocalFileSystem::new_with_prefix(root)?.with_fsync(true);
        let root = root.canonicalize().map_err(|source| failed(root, source))?;
        Ok(Self { root, files })
    }

    /// Whether the folder is still there.
    pub(super) fn is_there(&self) -> bool {
        self.root.is_dir()
    }

    /// The same error, unless the folder itself is no folder any more: then nothing in it is damaged.
    fn unless_gone(&self, error: Error) -> Error {
        match error {
            Error::Generic { .. } if !self.is_there() => {
                let source = format!("{} is no folder", self.root.display()).into();
                Error::Generic { store: "folder", source }
            }
            error => error,
        }
    }

    /// Where an object lies.
    pub(super) fn path(&self, key: &Path) -> Result<PathBuf> {
        if key.is_root() { Ok(self.root.clone()) } else { self.files.path_to_filesystem(key) }
    }

    /// What lies directly below a folder; nothing if it is not there.
    pub(super) async fn listing(&self, key: &Path) -> std::result::Result<Listing, StoreError> {
        let shown = key.to_string();
        let shown = if shown.is_empty() { self.root.display().to_string() } else { shown };
        let path =
            self.path(key).map_err(|error| StoreError::from_backend("list", &shown, error))?;
        let listed = blocking({
            let path = path.clone();
            move || list(&path)
        });
        match listed.await {
            Ok(listing) => Ok(listing),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(Listing::default()),
            Err(error) => {
                let error = self.unless_gone(failed(&path, error));
                Err(StoreError::from_backend("list", &shown, error))
            }
        }
    }
}

/// Runs what waits for a disk where it holds up nobody.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(io::Error::other)?
}

/// An error of the disk, by what the caller can do about it.
fn failed(path: &FilePath, source: io::Error) -> Error {
    let shown = path.display().to_string();
    let odd = match source.kind() {
        ErrorKind::NotFound => return Error::NotFound { path: shown, source: source.into() },
        ErrorKind::PermissionDenied => {
            return Error::PermissionDenied { path: shown, source: source.into() };
        }
        ErrorKind::NotADirectory => Some("a file lies where a folder should be"),
        _ if is_circle(&source) => Some(CIRCLE),
        _ => None,
    };
    let source = match odd {
        Some(reason) => NotAFile(reason.to_owned()).into(),
        None => source.into(),
    };
    Error::Generic { store: "folder", source }
}

fn not_a_file(reason: String) -> Error {
    Error::Generic { store: "folder", source: NotAFile(reason).into() }
}

const CIRCLE: &str = "it is a symbolic link that leads in a circle";

#[cfg(unix)]
fn is_circle(error: &io::Error) -> bool {
    error.raw_os_error() == Some(rustix::io::Errno::LOOP.raw_os_error())
}

#[cfg(not(unix))]
fn is_circle(_: &io::Error) -> bool {
    false
}

/// Opens a file for reading. Never waits: a FIFO opens at once in this mode, and is then seen to be
/// none.
fn open(path: &FilePath) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    if let Ok(flags) = i32::try_from(rustix::fs::OFlags::NONBLOCK.bits()) {
        std::os::unix::fs::OpenOptionsExt::custom_flags(&mut options, flags);
    }
    options.open(path)
}

/// Something lies where a file should be.
fn no_file(found: &Metadata) -> Error {
    not_a_file(format!("{} lies where a file should be", kind(found.file_type())))
}

/// What something is that is no file.
fn kind(found: FileType) -> &'static str {
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt;
        if found.is_fifo() {
            return "a FIFO";
        }
        if found.is_socket() {
            return "a socket";
        }
        if found.is_block_device() || found.is_char_device() {
            return "a device";
        }
    }
    if found.is_dir() { "a folder" } else { "something that is no file" }
}

fn meta(location: Path, found: &Metadata) -> Result<ObjectMeta> {
    let modified = found.modified().map_err(|source| failed(FilePath::new(""), source))?;
    let since = modified.duration_since(UNIX_EPOCH).unwrap_or_default();
    // As unlikely to repeat as what web servers say of a file.
    let e_tag = format!("\"{:x}-{:x}\"", since.as_micros(), found.len());
    Ok(ObjectMeta {
        location,
        last_modified: modified.into(),
        size: found.len(),
        e_tag: Some(e_tag),
        version: None,
    })
}

/// Reads a folder. An entry that can't be read is one of [`Listing::unread`]; only if the folder
/// itself can't be read to its end there is no listing, because it would lack something unseen.
fn list(folder: &FilePath) -> io::Result<Listing> {
    let mut listing = Listing::default();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        match look(folder, &entry) {
            Found::File(entry) => listing.entries.push(entry),
            Found::Folder(name) => listing.folders.push(name),
            Found::Unread(reason) => {
                let name = printable(&entry.file_name());
                listing.unread.push(Unread { name, reason });
            }
            Found::Nothing => {}
        }
    }
    listing.sort();
    Ok(listing)
}

/// What an entry of a folder is.
enum Found {
    File(Entry),
    Folder(String),
    Unread(String),
    /// It was taken away meanwhile, or is on its way to become a file.
    Nothing,
}

fn look(folder: &FilePath, entry: &fs::DirEntry) -> Found {
    let name = entry.file_name();
    let Some(name) = name.to_str() else {
        return Found::Unread("its name is not UTF-8".to_owned());
    };
    if name.chars().any(char::is_control) {
        return Found::Unread("its name has control characters".to_owned());
    }
    match entry.file_type() {
        Ok(found) if found.is_dir() => Found::Folder(name.to_owned()),
        Ok(found) if is_on_its_way(name) && found.is_file() => Found::Nothing,
        Ok(found) if found.is_symlink() => linked(folder, &entry.path(), name),
        Ok(found) if found.is_file() => of_file(name, entry.metadata()),
        Ok(found) => Found::Unread(format!("it is {}, no file", kind(found))),
        Err(error) => unread(&error),
    }
}

/// A file that is being written: `object_store` writes to `name#1` and links it when it is whole.
fn is_on_its_way(name: &str) -> bool {
    let number = name.split_once('#').map(|(_, number)| number);
    number.is_some_and(|number| !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()))
}

fn linked(folder: &FilePath, path: &FilePath, name: &str) -> Found {
    match fs::metadata(path) {
        Ok(found) if found.is_dir() && leads_above(folder, path) => {
            Found::Unread("it is a symbolic link to a folder that it lies in".to_owned())
        }
        Ok(found) if found.is_dir() => Found::Folder(name.to_owned()),
        Ok(found) if found.is_file() => of_file(name, Ok(found)),
        Ok(found) => Found::Unread(format!("it is a symbolic link to {}", kind(found.file_type()))),
        Err(error) if error.kind() == ErrorKind::NotFound && path.is_symlink() => {
            Found::Unread("it is a symbolic link that leads nowhere".to_owned())
        }
        Err(error) => unread(&error),
    }
}

fn leads_above(folder: &FilePath, link: &FilePath) -> bool {
    match (folder.canonicalize(), link.canonicalize()) {
        (Ok(folder), Ok(target)) => folder.starts_with(target),
        _ => false,
    }
}

fn of_file(name: &str, found: io::Result<Metadata>) -> Found {
    let modified = found.and_then(|found| Ok((found.modified()?, found.len())));
    match modified {
        // Times before 1970 are as old as any.
        Ok((modified, bytes)) => match Timestamp::from_millisecond(milliseconds(modified)) {
            Ok(modified) => Found::File(Entry { name: name.to_owned(), bytes, modified }),
            Err(error) => Found::Unread(format!("its time can't be read: {error}")),
        },
        Err(error) => unread(&error),
    }
}

/// A time as it is kept in the cloud too, to the millisecond.
fn milliseconds(time: SystemTime) -> i64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

fn unread(error: &io::Error) -> Found {
    match error.kind() {
        ErrorKind::NotFound => Found::Nothing,
        _ if is_circle(error) => Found::Unread(CIRCLE.to_owned()),
        _ => Found::Unread(error.to_string()),
    }
}

/// A name as it may be shown in a terminal or a log.
fn printable(name: &OsStr) -> String {
    match name.to_str() {
        Some(text) => text.escape_debug().to_string(),
        None => name.as_encoded_bytes().escape_ascii().to_string(),
    }
}

impl fmt::Display for Folder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.files.fmt(f)
    }
}

/// Reads or opens what lies under a key.
fn get(path: &FilePath, location: Path, options: &GetOptions) -> Result<GetResult> {
    let failed = |source| failed(path, source);
    let file = open(path).map_err(|error| match fs::metadata(path) {
        // A socket can't be opened at all, and says so in other words.
        Ok(found) if !found.is_file() => no_file(&found),
        Ok(_) | Err(_) => failed(error),
    })?;
    let found = file.metadata().map_err(failed)?;
    if !found.is_file() {
        return Err(no_file(&found));
    }
    let meta = meta(location, &found)?;
    options.check_preconditions(&meta)?;
    let range = match &options.range {
        Some(range) => range.as_range(meta.size).map_err(|source| Error::Generic {
            store: "folder",
            source: source.to_string().into(),
        })?,
        None => 0..meta.size,
    };
    Ok(GetResult {
        payload: GetResultPayload::File(file, path.to_owned()),
        meta,
        range,
        attributes: Attributes::default(),
        extensions: http::Extensions::default(),
    })
}

/// Looks whether there is a file, without opening it. A folder is no object, so none is found.
fn head(path: &FilePath, location: Path) -> Result<GetResult> {
    let found = fs::metadata(path).map_err(|source| failed(path, source))?;
    if found.is_dir() {
        return Err(failed(path, ErrorKind::NotFound.into()));
    }
    if !found.is_file() {
        return Err(no_file(&found));
    }
    let meta = meta(location, &found)?;
    Ok(GetResult {
        payload: GetResultPayload::Stream(futures::stream::empty().boxed()),
        range: 0..meta.size,
        meta,
        attributes: Attributes::default(),
        extensions: http::Extensions::default(),
    })
}

#[async_trait]
impl ObjectStore for Folder {
    async fn put_opts(
        &self,
        location: &Path,
        payload: PutPayload,
        options: PutOptions,
    ) -> Result<PutResult> {
        self.files.put_opts(location, payload, options).await
    }

    async fn put_multipart_opts(
        &self,
        location: &Path,
        options: PutMultipartOptions,
    ) -> Result<Box<dyn MultipartUpload>> {
        self.files.put_multipart_opts(location, options).await
    }

    async fn get_opts(&self, location: &Path, options: GetOptions) -> Result<GetResult> {
        let (path, location) = (self.path(location)?, location.clone());
        let found = tokio::task::spawn_blocking(move || {
            if options.head { head(&path, location) } else { get(&path, location, &options) }
        });
        found.await?.map_err(|error| self.unless_gone(error))
    }

    fn delete_stream(
        &self,
        locations: BoxStream<'static, Result<Path>>,
    ) -> BoxStream<'static, Result<Path>> {
        self.files.delete_stream(locations)
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        self.files.list(prefix)
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        self.files.list_with_delimiter(prefix).await
    }

    async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> Result<()> {
        self.files.copy_opts(from, to, options).await
    }
}
