//! The data folder, and the engine on it.
//!
//! `DIR/oo.db` is the database. The master key lies beside the folder as `DIR.key`, so that a copy of the folder, such
//! as a backup, holds nothing that can be read; so does the list of forgotten people, `DIR.forgotten`, so that a restored
//! backup does not bring them back.

use std::path::{Path, PathBuf};

use oo::{Engine, EngineBuilder, Error, Result, Settings};

/// The folder of a server's data, and its settings.
#[derive(Clone, Debug)]
pub(super) struct Data {
    folder: PathBuf,
    settings: Settings,
}

impl Data {
    /// The folder `folder`, with the settings of the file `config` and of the environment.
    pub(super) fn new(folder: &Path, config: Option<&Path>) -> Result<Self> {
        let mut settings = Settings::load(config)?;
        // What the server promises: each kind of signal is denied until the person grants it.
        settings.consent_by_default = false;
        if !settings.names_master_key() {
            settings.master_key_file = Some(beside(folder, "key")?);
        }
        if settings.forgotten_file.is_none() {
            settings.forgotten_file = Some(beside(folder, "forgotten")?);
        }
        Ok(Data { folder: folder.to_path_buf(), settings })
    }

    /// The database.
    pub(super) fn database(&self) -> PathBuf {
        self.folder.join("oo.db")
    }

    /// The settings.
    pub(super) fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Whether there is a database already.
    pub(super) fn exists(&self) -> bool {
        self.database().exists()
    }

    /// A builder for the engine; the folder is made when there is none, for its owner alone.
    pub(super) fn builder(&self) -> Result<EngineBuilder> {
        make_private(&self.folder).map_err(|error| {
            Error::storage(format!(
                "the folder {} cannot be made: {error}; pass another --data, or mend its permissions",
                self.folder.display()
            ))
        })?;
        Ok(Engine::builder(self.database()).settings(self.settings.clone()))
    }

    /// The engine.
    pub(super) async fn open(&self) -> Result<Engine> {
        self.builder()?.open().await
    }
}

/// `DIR.extension` for the folder `DIR`, whatever way its path is written.
fn beside(folder: &Path, extension: &str) -> Result<PathBuf> {
    let wrong = |why: &str| Error::invalid("data", format!("{}: {why}; pass the path of a folder", folder.display()));
    let named = match folder.components().next_back() {
        Some(std::path::Component::Normal(_)) => folder.components().collect::<PathBuf>(),
        // `.`, `..` and the like have no name to add to.
        _ => folder.canonicalize().map_err(|error| wrong(&error.to_string()))?,
    };
    let mut name = named.file_name().ok_or_else(|| wrong("the root has nothing beside it"))?.to_owned();
    name.push(".");
    name.push(extension);
    Ok(named.with_file_name(name))
}

fn make_private(folder: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_lies_beside_the_folder() {
        for (folder, key) in [("./oo-data", "oo-data.key"), ("a/b/", "a/b.key"), ("/x/y.z", "/x/y.z.key")] {
            let found = beside(Path::new(folder), "key").expect("a path");
            assert_eq!(found.components().filter(|part| part.as_os_str() != ".").collect::<PathBuf>(), Path::new(key));
        }
        assert!(beside(Path::new("."), "key").expect("a path").is_absolute());
        assert!(beside(Path::new("/"), "key").is_err());
    }
}
