//! Policies and featurisers of the embedder's own.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use oo::distribution::Distribution;
use oo::lesson::Lesson;
use oo::policy::{Actions, Explanation, Policy, PolicyIdentity, Scored, Unlearned};
use oo::{
    ErrorKind, FeatureSchema, FeatureSpec, Featuriser, FeaturiserQuery, PolicyFactory, PolicyGround, Reaction, Result,
    Settings, TipCandidate,
};

type Outcome = Result<(), Box<dyn std::error::Error>>;

/// Every candidate alike, or what is no distribution; it counts its lessons.
#[derive(Clone, Debug)]
struct Plain {
    ground: PolicyGround,
    lessons: u64,
    /// How often it was asked, its successors included.
    asked: Arc<AtomicU64>,
}

/// Decisions of the policy that states none after its first, replayed ones included.
static SERVED: AtomicU64 = AtomicU64::new(0);

#[derive(Debug)]
struct Factory(&'static str);

impl PolicyFactory for Factory {
    fn kind(&self) -> &str {
        "plain"
    }

    fn settings(&self) -> String {
        format!("{{\"states\":{:?}}}", self.0)
    }

    fn fresh(&self, ground: &PolicyGround) -> Result<Arc<dyn Policy>> {
        Ok(Arc::new(Plain { ground: ground.clone(), lessons: 0, asked: Arc::default() }))
    }

    fn load(&self, ground: &PolicyGround, bytes: &[u8]) -> Result<Arc<dyn Policy>> {
        let lessons = bytes.try_into().map(u64::from_le_bytes).map_err(|_| oo::Error::storage("short"))?;
        Ok(Arc::new(Plain { ground: ground.clone(), lessons, asked: Arc::default() }))
    }
}

impl Policy for Plain {
    fn distribution(&self, actions: &Actions<'_>, out: &mut Scored) -> Result<()> {
        out.scores = vec![0.0; actions.count()];
        let asked = self.asked.fetch_add(1, Ordering::Relaxed);
        let fails = |when: &str| self.ground.settings.contains(when);
        if fails("failure")
            || fails("a mishap first") && asked == 0
            || fails("later none") && SERVED.fetch_add(1, Ordering::Relaxed) > 0
        {
            return Err(oo::Error::busy("no time"));
        }
        if self.ground.settings.contains("too few") {
            out.distribution = Distribution::new(vec![1.0])?;
        } else if fails("a mishap first") {
            let rest = 0.5 / (actions.count() as f64 - 1.0);
            out.distribution =
                Distribution::new((0..actions.count()).map(|row| if row == 0 { 0.5 } else { rest }).collect())?;
        } else {
            out.distribution.set_uniform(actions.count());
        }
        Ok(())
    }

    fn learned(&self, lessons: &[Lesson]) -> Result<Arc<dyn Policy>> {
        Ok(Arc::new(Plain { lessons: self.lessons + lessons.len() as u64, ..self.clone() }))
    }

    fn unlearned(&self, lessons: &[Lesson]) -> Result<Unlearned> {
        Ok(Unlearned::Exact(Arc::new(Plain { lessons: self.lessons - lessons.len() as u64, ..self.clone() })))
    }

    fn explain(&self, _: &Actions<'_>, _: usize) -> Result<Explanation> {
        Ok(Explanation::default())
    }

    fn save(&self) -> Vec<u8> {
        self.lessons.to_le_bytes().to_vec()
    }

    fn identity(&self) -> PolicyIdentity {
        PolicyIdentity {
            kind: String::new(),
            spec: String::new(),
            schema: self.ground.schema.hash(),
            state: [0; 32],
            lessons: self.lessons,
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_custom_policy_serves_is_saved_and_needs_its_factory() -> Outcome {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("oo.db");
    let plain = Arc::new(Factory("a distribution"));
    let open = || oo::Engine::builder(&path).custom_policy(plain.clone()).custom_shadow("beside", plain.clone());
    let engine = open().open().await?;
    let tip = engine.recommend("u").await?.ok_or("no tip")?;
    assert!(!engine.explain(tip.id).await?.fallback);
    engine.react(tip.id, Reaction::Done).await?;
    let before = engine.health().await?;
    assert_eq!((before.lessons, engine.metrics().policy_failures), (1, 0));
    assert_eq!(engine.replay().await?.differences, Vec::<String>::new());
    engine.close();
    let engine = open().open().await?;
    assert_eq!(engine.health().await?.state_hash, before.state_hash);
    assert_eq!(engine.forget("u").await?.lessons, 1);
    assert_eq!(engine.health().await?.lessons, 0);
    engine.close();
    let error = oo::Engine::open(&path).await.err().ok_or("opened without the factory")?;
    assert_eq!(error.kind(), ErrorKind::Incompatible);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn where_a_policy_fails_every_candidate_has_the_same_probability() -> Outcome {
    for states in ["failure", "too few", "a mishap first"] {
        let folder = tempfile::tempdir()?;
        let engine =
            oo::Engine::builder(folder.path().join("oo.db")).custom_policy(Arc::new(Factory(states))).open().await?;
        let tip = engine.recommend("u").await?.ok_or("no tip")?;
        let explained = engine.explain(tip.id).await?;
        assert!(explained.fallback, "{states}");
        let p = 1.0 / explained.pmf.len() as f64;
        assert!(explained.pmf.iter().all(|own| (own - p).abs() < 1e-12), "{states}: {:?}", explained.pmf);
        assert_eq!(engine.metrics().policy_failures, 1);
        let export = engine.export("u").await?;
        assert!(export.contains("\"fallback\":true"), "{export}");
        let replayed = engine.replay().await?;
        assert_eq!((replayed.pmfs, replayed.differences), (0, Vec::new()), "{states}: what stood in is not its own");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_policy_that_fails_in_replay_is_a_difference() -> Outcome {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("oo.db");
    let engine = oo::Engine::builder(path).custom_policy(Arc::new(Factory("later none"))).open().await?;
    engine.recommend("u").await?.ok_or("no tip")?;
    let differences = engine.replay().await?.differences;
    assert!(matches!(&differences[..], [one] if one.contains("fails now")), "{differences:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kind_has_one_meaning() -> Outcome {
    let folder = tempfile::tempdir()?;
    let builder = oo::Engine::builder(folder.path().join("oo.db"));
    let twice = builder.custom_policy(Arc::new(Factory("a"))).custom_shadow("b", Arc::new(Factory("b")));
    let error = twice.open().await.err().ok_or("two meanings")?;
    assert_eq!((error.kind(), error.field()), (ErrorKind::InvalidInput, Some("policy")));
    Ok(())
}

/// The number of words in tenths, or a failure.
#[derive(Debug)]
struct Words(bool);

impl Featuriser for Words {
    fn name(&self) -> &str {
        "own"
    }

    fn features(&self) -> Vec<FeatureSpec> {
        FeatureSpec::new("own_words", 0.0, 1.0).into_iter().collect()
    }

    fn values(&self, _: &FeaturiserQuery, candidates: &[TipCandidate], out: &mut [f64]) -> Result<()> {
        for (value, candidate) in out.iter_mut().zip(candidates) {
            *value = f64::from(candidate.words) / 8.0;
        }
        if self.0 { Ok(()) } else { Err(oo::Error::busy("elsewhere")) }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn features_are_appended_logged_and_missing_when_they_fail() -> Outcome {
    for works in [true, false] {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("oo.db");
        let settings = Settings { source_deadline_ms: 10_000, ..Settings::default() };
        // Without a bound on the norm, which would shorten all values alike.
        let schema = FeatureSchema::new(vec![FeatureSpec::new("hour_sin", -1.0, 1.0)?], None)?;
        let builder = oo::Engine::builder(&path).settings(settings).schema(schema).sources(Vec::new());
        let engine = builder.featuriser(Arc::new(Words(works))).open().await?;
        let mut request = oo::RecommendRequest::new("u");
        request.candidates = vec![TipCandidate::advice("a", "Look at one tree")];
        let tip = engine.recommend(request).await?.ok_or("no tip")?;
        let features = engine.explain(tip.id).await?.features;
        let value = |name: &str| features.iter().find(|feature| feature.name == name).map_or(0.0, |own| own.value);
        let expected = if works { (0.5, 0.0, 0) } else { (0.0, 1.0, 1) };
        assert_eq!((value("own_words"), value("own_missing"), engine.metrics().featuriser_failures), expected);
        engine.close();
        let error = oo::Engine::open(&path).await.err().ok_or("opened with another schema")?;
        assert_eq!(error.kind(), ErrorKind::Incompatible);
    }
    Ok(())
}
