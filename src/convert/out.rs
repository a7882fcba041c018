//! The output: a file that appears whole or not at all, a device, or standard output.
//!
//! A file is written under a hidden name beside its own and flushed to the disk before it gets its
//! name, so that nobody sees half of it and a crash leaves the old one. What was there is replaced
//! only if that was asked for. Whatever else has a name (`/dev/null`, a pipe) is written as it is.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use super::error::ConvertError;

/// Where the rows go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Destination {
    /// A file.
    File(PathBuf),
    /// Standard output.
    Stdout,
}

/// What becomes of a file that is there already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Existing {
    /// It stays, and nothing is converted.
    Keep,
    /// It is replaced by the complete new one.
    Replace,
}

/// An output that is being written.
#[derive(Debug)]
pub(super) struct Out {
    to: To,
    bytes: u64,
}

#[derive(Debug)]
enum To {
    /// Boxed, because it is large beside the others.
    File(Box<BufWriter<NamedTempFile>>, PathBuf, Existing),
    Device(BufWriter<File>, String),
    Stdout(BufWriter<io::Stdout>),
}

/// How much is written at once.
const BUFFER: usize = 1 << 17;

impl Destination {
    /// What people call it.
    pub(super) fn shown(&self) -> String {
        match self {
            Self::File(path) => path.display().to_string(),
            Self::Stdout => "standard output".to_owned(),
        }
    }

    /// The folder in which a temporary file may be.
    pub(super) fn folder(&self) -> PathBuf {
        match self {
            Self::File(path) => folder_of(path).to_owned(),
            Self::Stdout => std::env::temp_dir(),
        }
    }

    /// Begins to write.
    pub(super) fn open(&self, existing: Existing) -> Result<Out, ConvertError> {
        let failed = |source| ConvertError::Output { out: self.shown(), source };
        let to = match self {
            Self::Stdout => To::Stdout(BufWriter::with_capacity(BUFFER, io::stdout())),
            Self::File(path) => match std::fs::metadata(path) {
                Ok(there) if there.is_dir() => {
                    return Err(failed(io::ErrorKind::IsADirectory.into()));
                }
                Ok(there) if !there.is_file() => {
                    let device = File::options().write(true).open(path).map_err(failed)?;
                    To::Device(BufWriter::with_capacity(BUFFER, device), self.shown())
                }
                Ok(_) if existing == Existing::Keep => {
                    return Err(ConvertError::Exists { out: self.shown() });
                }
                Ok(_) | Err(_) => {
                    let hidden = BufWriter::with_capacity(BUFFER, hidden(path).map_err(failed)?);
                    To::File(Box::new(hidden), path.clone(), existing)
                }
            },
        };
        Ok(Out { to, bytes: 0 })
    }
}

impl Out {
    /// Makes what was written durable. A file is not visible yet.
    pub(super) fn seal(self) -> Result<Sealed, ConvertError> {
        let failed = |out: &str, source| ConvertError::Output { out: out.to_owned(), source };
        let mut hidden = None;
        match self.to {
            To::Stdout(mut stdout) => {
                stdout.flush().map_err(|source| failed(&Destination::Stdout.shown(), source))?;
            }
            To::Device(mut device, shown) => {
                device.flush().map_err(|source| failed(&shown, source))?;
            }
            To::File(file, path, existing) => {
                let failed = |source| failed(&path.display().to_string(), source);
                let file = file.into_inner().map_err(|error| failed(error.into_error()))?;
                file.as_file().sync_all().map_err(failed)?;
                hidden = Some(Hidden { file, path, existing });
            }
        }
        Ok(Sealed { hidden, bytes: self.bytes })
    }
}

/// An output that is complete; a file has no name yet.
#[derive(Debug)]
pub(super) struct Sealed {
    hidden: Option<Hidden>,
    bytes: u64,
}

/// A complete file, and the name that it is to have.
#[derive(Debug)]
struct Hidden {
    file: NamedTempFile,
    path: PathBuf,
    existing: Existing,
}

impl Sealed {
    /// How many bytes there are.
    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }
}

/// Gives files their names, in order. If one can't have its name, those before it lose theirs; but
/// what was replaced by then is gone.
pub(super) fn publish(sealed: Vec<Sealed>) -> Result<(), ConvertError> {
    let mut new: Vec<PathBuf> = Vec::new();
    for hidden in sealed.into_iter().filter_map(|sealed| sealed.hidden) {
        let (path, existing) = (hidden.path.clone(), hidden.existing);
        if let Err(error) = hidden.publish() {
            // Nothing better can be done about one that can't be removed.
            for path in new {
                drop(std::fs::remove_file(path));
            }
            return Err(error);
        }
        if existing == Existing::Keep {
            new.push(path);
        }
    }
    Ok(())
}

impl Write for Out {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = match &mut self.to {
            To::File(file, ..) => file.write(bytes),
            To::Device(device, _) => device.write(bytes),
            To::Stdout(stdout) => stdout.write(bytes),
        }?;
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        match &mut self.to {
            To::File(file, ..) => file.flush(),
            To::Device(device, _) => device.flush(),
            To::Stdout(stdout) => stdout.flush(),
        }
    }
}

/// A file beside `path` that goes away unless it is committed.
fn hidden(path: &Path) -> io::Result<NamedTempFile> {
    let mut prefix = OsString::from(".");
    prefix.push(path.file_name().unwrap_or_default());
    prefix.push(".");
    let mut builder = tempfile::Builder::new();
    builder.prefix(&prefix).suffix(".part");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // As any new file: what the umask leaves of it.
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    builder.tempfile_in(folder_of(path))
}

impl Hidden {
    fn publish(self) -> Result<(), ConvertError> {
        let Self { file, path, existing } = self;
        let failed = |source| ConvertError::Output { out: path.display().to_string(), source };
        let named = match existing {
            Existing::Replace => file.persist(&path),
            Existing::Keep => file.persist_noclobber(&path),
        };
        named.map_err(|error| match error.error.kind() {
            io::ErrorKind::AlreadyExists => {
                ConvertError::Exists { out: path.display().to_string() }
            }
            _ => failed(error.error),
        })?;
        // A name is durable when its folder is; not every system lets a folder be opened.
        if cfg!(unix) {
            File::open(folder_of(&path)).and_then(|folder| folder.sync_all()).map_err(failed)?;
        }
        Ok(())
    }
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn if_one_file_can_not_have_its_name_those_before_it_lose_theirs() {
        let folder = tempfile::tempdir().unwrap();
        let paths = ["a", "b", "c"].map(|name| folder.path().join(name));
        let sealed = paths.clone().map(|path| {
            let mut out = Destination::File(path).open(Existing::Keep).unwrap();
            out.write_all(b"new").unwrap();
            out.seal().unwrap()
        });
        std::fs::write(&paths[1], "old").unwrap();
        let refused = publish(sealed.into()).unwrap_err();
        assert!(matches!(refused, ConvertError::Exists { .. }), "{refused}");
        let left = std::fs::read_dir(folder.path()).unwrap();
        let left: Vec<_> = left.map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(left, ["b"]);
        assert_eq!(std::fs::read(&paths[1]).unwrap(), b"old");
    }
}
