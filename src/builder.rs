//! The builder: settings are data, components are objects that enter here and nowhere else.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::sync::oneshot;

use oo_core::features::default_schema;
use oo_core::id::Position;
use oo_core::moment::HOUR_MS;
use oo_core::ports::{CandidateSource, Clock, Entropy, EventSink, Featuriser, KeyProvider, PolicyFactory, Query, Rows};
use oo_core::reward::RewardSpec;
use oo_core::schema::FeatureSchema;
use oo_core::sources::{AdviceLibrary, OpenTasks};
use oo_core::{Error, ErrorKind, Result};
use oo_policies::PolicySpec;
use oo_store::RestoreRequest;

use crate::engine::{Engine, Owner};
use crate::featurise::{Columns, extended};
use crate::keys;
use crate::migrate;
use crate::policies::{Choice, PolicyMaker};
use crate::roles;
use crate::run::{
    ConsentWork, ForgetWork, Mind, Parts, Run, Who, Work, Writer, exports, is_over_another_schema, next_return,
};
use crate::settings::Settings;
use crate::stores::Stores;
use crate::upkeep::Restored;
use crate::world::{SystemClock, SystemEntropy};

/// The longest log without a snapshot that is folded rather than learned anew, in events.
const FOLDED: u64 = 20_000;

/// Builds an [`Engine`].
pub struct EngineBuilder {
    path: PathBuf,
    settings: Settings,
    policy: Option<Choice>,
    shadows: Vec<(String, Choice)>,
    factories: Vec<Arc<dyn PolicyFactory>>,
    featurisers: Vec<Arc<dyn Featuriser>>,
    schema: Option<FeatureSchema>,
    migrate: bool,
    sources: Option<Vec<Arc<dyn CandidateSource>>>,
    more_sources: Vec<Arc<dyn CandidateSource>>,
    sinks: Vec<Arc<dyn EventSink>>,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    key: Option<Arc<dyn KeyProvider>>,
    #[cfg(feature = "testing")]
    store: Option<Stores>,
}

impl std::fmt::Debug for EngineBuilder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EngineBuilder")
            .field("path", &self.path)
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}

impl EngineBuilder {
    /// A builder for the engine on the SQLite file at `path`.
    #[must_use]
    pub fn new(path: impl AsRef<Path>) -> Self {
        EngineBuilder {
            path: path.as_ref().to_path_buf(),
            settings: Settings::default(),
            policy: None,
            shadows: Vec::new(),
            factories: Vec::new(),
            featurisers: Vec::new(),
            schema: None,
            migrate: false,
            sources: None,
            more_sources: Vec::new(),
            sinks: Vec::new(),
            clock: Arc::new(SystemClock),
            entropy: Arc::new(SystemEntropy),
            key: None,
            #[cfg(feature = "testing")]
            store: None,
        }
    }

    /// Settings other than the defaults.
    #[must_use]
    pub fn settings(mut self, settings: Settings) -> Self {
        self.settings = settings;
        self
    }

    /// The policy that serves. A store keeps the champion it has when this is left out; a champion with other settings
    /// is taught from the log and takes over.
    #[must_use]
    pub fn policy(mut self, spec: PolicySpec) -> Self {
        self.policy = Some(Choice::Own(spec));
        self
    }

    /// A policy that scores every decision without serving, under `id`.
    #[must_use]
    pub fn shadow(mut self, id: impl Into<String>, spec: PolicySpec) -> Self {
        self.shadows.push((id.into(), Choice::Own(spec)));
        self
    }

    /// A policy of your own that serves. Where it fails, every candidate has the same probability.
    #[must_use]
    pub fn custom_policy(mut self, factory: Arc<dyn PolicyFactory>) -> Self {
        self.policy = Some(Choice::Custom(factory.clone()));
        self.policy_factory(factory)
    }

    /// A policy of your own that scores every decision without serving, under `id`.
    #[must_use]
    pub fn custom_shadow(mut self, id: impl Into<String>, factory: Arc<dyn PolicyFactory>) -> Self {
        self.shadows.push((id.into(), Choice::Custom(factory.clone())));
        self.policy_factory(factory)
    }

    /// A factory for policies that are in the store already.
    #[must_use]
    pub fn policy_factory(mut self, factory: Arc<dyn PolicyFactory>) -> Self {
        // The same policy may serve and shadow.
        if !self.factories.iter().any(|known| Arc::ptr_eq(known, &factory)) {
            self.factories.push(factory);
        }
        self
    }

    /// Features of your own, appended to the schema.
    #[must_use]
    pub fn featuriser(mut self, featuriser: Arc<dyn Featuriser>) -> Self {
        self.featurisers.push(featuriser);
        self
    }

    /// A feature schema other than the default.
    #[must_use]
    pub fn schema(mut self, schema: FeatureSchema) -> Self {
        self.schema = Some(schema);
        self
    }

    /// Migrates policies that learned over another schema when the engine opens; without it a store of another schema is
    /// `incompatible`.
    ///
    /// A schema that only appends features extends what was learned exactly, and the policy keeps its role. For any other
    /// the decisions of the log are assembled anew, each as of its moment; a policy over the new schema learns from them
    /// and enters as a shadow, while the one before it goes on serving over the columns that it knows.
    #[must_use]
    pub fn migrate(mut self) -> Self {
        self.migrate = true;
        self
    }

    /// Exactly these candidate sources, in place of open tasks and the advice library.
    #[must_use]
    pub fn sources(mut self, sources: Vec<Arc<dyn CandidateSource>>) -> Self {
        self.sources = Some(sources);
        self
    }

    /// One more candidate source.
    #[must_use]
    pub fn source(mut self, source: Arc<dyn CandidateSource>) -> Self {
        self.more_sources.push(source);
        self
    }

    /// A subscriber to committed events.
    #[must_use]
    pub fn sink(mut self, sink: Arc<dyn EventSink>) -> Self {
        self.sinks.push(sink);
        self
    }

    /// Another clock.
    #[must_use]
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// Another source of ids, pseudonyms and keys.
    #[must_use]
    pub fn entropy(mut self, entropy: Arc<dyn Entropy>) -> Self {
        self.entropy = entropy;
        self
    }

    /// Another source of the master key.
    #[must_use]
    pub fn key(mut self, key: Arc<dyn KeyProvider>) -> Self {
        self.key = Some(key);
        self
    }

    /// A world from a file: clock, ids, pseudonyms and keys.
    ///
    /// # Errors
    /// `invalid_input` when the file cannot be read.
    #[cfg(feature = "testing")]
    pub fn test_world(self, path: impl AsRef<Path>) -> Result<Self> {
        let world = Arc::new(crate::world::FileWorld::open(path)?);
        Ok(self.clock(world.clone()).entropy(world.clone()).key(world))
    }

    /// Restores `backup` as this builder's database, with its settings and its master key, and does not open it. A
    /// database that is there is moved aside with `replace`, and is an error without.
    ///
    /// # Errors
    /// As [`restore`](crate::restore()), and `busy` when the database to replace is open in a process.
    pub fn restore(&self, backup: impl AsRef<Path>, replace: bool) -> Result<Restored> {
        self.settings.validate()?;
        let request = RestoreRequest { backup: backup.as_ref().to_path_buf(), path: self.path.clone(), replace };
        oo_store::restore(&request, &self.master_key()?, &self.entropy, &self.options()).map(Restored::from)
    }

    fn master_key(&self) -> Result<Arc<dyn KeyProvider>> {
        match &self.key {
            Some(key) => Ok(key.clone()),
            None => keys::provider(&self.settings, &self.path, &self.entropy),
        }
    }

    fn options(&self) -> oo_store::Options {
        oo_store::Options { forgotten: self.settings.forgotten_file.clone(), ..oo_store::Options::default() }
    }

    /// This log and this store in place of the SQLite file at the path, and what a restored backup brought back.
    #[cfg(feature = "testing")]
    #[must_use]
    pub fn test_store(
        mut self,
        log: Arc<dyn oo_core::ports::EventLog>,
        state: Arc<dyn oo_core::ports::StateStore>,
        revived: oo_store::Revived,
    ) -> Self {
        self.store = Some(Stores::of(log, state, revived));
        self
    }

    /// Opens the engine, without holding up the caller's executor.
    ///
    /// # Errors
    /// `invalid_input` for settings out of range; `storage`, `busy`, `key` or `incompatible` from the store.
    pub async fn open(self) -> Result<Engine> {
        let (sender, receiver) = oneshot::channel();
        std::thread::Builder::new()
            .name("oo-open".to_owned())
            .spawn(move || {
                // The caller may have stopped waiting; then the engine closes again.
                let _ = sender.send(self.open_blocking());
            })
            .map_err(|error| Error::internal(format!("no thread to open on: {error}")))?;
        receiver.await.map_err(|_| Error::internal("opening the engine panicked; report this as a defect"))?
    }

    /// As [`open`](EngineBuilder::open), on the calling thread.
    ///
    /// # Errors
    /// As [`open`](EngineBuilder::open).
    pub fn open_blocking(self) -> Result<Engine> {
        self.settings.validate()?;
        let (key, options) = (self.master_key(), self.options());
        #[cfg(feature = "testing")]
        let given = self.store;
        #[cfg(not(feature = "testing"))]
        let given: Option<Stores> = None;
        let Stores { log, state: store, secrets, upkeep, revived } = match given {
            Some(given) => given,
            None => Stores::open(&self.path, key?, self.entropy.clone(), options)?,
        };
        let schema = match (self.schema, &self.settings.schema_file) {
            (Some(schema), _) => Arc::new(schema),
            (None, Some(path)) => Arc::new(read_schema(path)?),
            (None, None) => default_schema()?,
        };
        let schema = if self.featurisers.is_empty() { schema } else { Arc::new(extended(&schema, &self.featurisers)?) };
        let maker = PolicyMaker::new(schema.clone(), RewardSpec::v1()?, self.factories)?;
        let mut sources = match self.sources {
            Some(sources) => sources,
            None => {
                vec![
                    Arc::new(OpenTasks { cool_down_ms: i64::from(self.settings.cool_down_hours) * HOUR_MS })
                        as Arc<dyn CandidateSource>,
                    Arc::new(AdviceLibrary::built_in()?),
                ]
            }
        };
        sources.extend(self.more_sources);
        let snapshot = store.snapshot(crate::run::REGISTRY);
        let loaded = snapshot.and_then(|found| found.map(|snapshot| Mind::load(&snapshot, &maker)).transpose());
        let (mind, stale) = match loaded {
            Ok(Some(mind)) => (mind, false),
            // Learning alone is faster than folding everything; of few events there may be no snapshot yet.
            Ok(None) => (Mind::default(), log.head()?.0 > FOLDED),
            // What was saved over another schema is learned anew from the log.
            Err(error) if self.migrate && is_over_another_schema(&error) => (Mind::default(), true),
            // The log is the truth: what was only saved of it is made again.
            Err(error) if error.kind() == ErrorKind::Storage => {
                tracing::warn!(%error, "the saved policies cannot be read; they are learned anew from the log");
                (Mind::default(), true)
            }
            Err(error) if error.kind() == ErrorKind::Incompatible && !is_over_another_schema(&error) => {
                let message = format!("{}; the file was left as it was", error.message());
                return Err(Error::new(error.kind(), message));
            }
            Err(error) => return Err(error),
        };
        let projected = match store.query(&Query::Info)? {
            Rows::Info(info) => info.projected,
            _ => Position(0),
        };
        let path = std::path::absolute(&self.path)
            .map_err(|_| Error::storage("the current folder is gone; pass an absolute path"))?;
        let run = Run::new(Parts {
            path,
            settings: self.settings,
            log,
            secrets,
            upkeep,
            store,
            clock: self.clock,
            entropy: self.entropy,
            schema,
            sources,
            featurisers: self.featurisers.into_iter().map(Columns::new).collect(),
            sinks: self.sinks,
            maker,
            mind,
        })?;
        if stale {
            run.relearn()?;
        }
        Writer::start(&run, projected)?;
        // From here on the handle closes what was started, whatever fails.
        let engine = Engine { owner: Arc::new(Owner { run: run.clone() }) };
        // What a restored backup brought back is erased again before anything is served: people, then what rests on consents.
        for user in revived.people {
            run.submit_blocking(Work::Forget(ForgetWork { who: Who::Pseudonym(user), now_ms: run.clock.now_ms() }))?;
        }
        for (user, kind, at_ms) in revived.withdrawn {
            if let Some(record) = run.record_of(user)? {
                let now_ms = run.clock.now_ms().max(at_ms);
                run.submit_blocking(Work::Consent(ConsentWork::again(record, kind, at_ms, now_ms)))?;
            }
        }
        exports::finish(&run)?;
        // A crash may have come between a forgetting and the rebuild of what could not subtract.
        while next_return(&run.mind().registry).is_some() {
            if let Err(error) = run.submit_blocking(Work::Return) {
                tracing::warn!(%error, "a withdrawn policy could not be rebuilt from the log; another stands in");
                break;
            }
        }
        migrate::migrate(&run, self.migrate)?;
        roles::install(&run, self.policy.as_ref(), &self.shadows)?;
        run.start_shadows()?;
        run.start_retention()?;
        Ok(engine)
    }
}

fn read_schema(path: &Path) -> Result<FeatureSchema> {
    let json = std::fs::read_to_string(path).map_err(|error| {
        Error::invalid("schema_file", format!("{} cannot be read ({error}); name a JSON file", path.display()))
    })?;
    FeatureSchema::parse(&json).map_err(|error| error.with_field("schema_file"))
}
