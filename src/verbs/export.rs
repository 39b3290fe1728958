//! `export`: everything that is held of a person, as JSON lines.

use oo_core::event::{EventBody, SignalFact, Stored};
use oo_core::id::{ItemKey, Position, hex};
use oo_core::moment::rfc3339;
use oo_core::ports::{TextField, UserRecord};
use oo_core::{Error, Result};
use serde_json::{Value, json};

use crate::engine::Engine;
use crate::run::Run;

impl Engine {
    /// Everything that is held of `user`, as JSON lines: a header, then each event in the order of the log with its
    /// texts unsealed. An unknown person's export is the header alone.
    ///
    /// # Errors
    /// `invalid_input` for a malformed id; `storage`, `busy`.
    pub async fn export(&self, user: &str) -> Result<String> {
        let run = self.run();
        run.catch_up().await?;
        let mut lines = vec![json!({"type": "export", "format": "oo.export.v1", "user": user})];
        if let Some(record) = run.known(user)? {
            for stored in run.log.of_user(record.user, Position(0), Position(u64::MAX >> 1))? {
                lines.push(line(run, &record, &stored)?);
            }
        }
        let mut out = String::new();
        for line in lines {
            out.push_str(&serde_json::to_string(&line).map_err(|error| Error::internal(error.to_string()))?);
            out.push('\n');
        }
        Ok(out)
    }
}

fn line(run: &Run, record: &UserRecord, stored: &Stored) -> Result<Value> {
    let event = &stored.event;
    let mut line = match &event.body {
        EventBody::Signal(fact) => signal(run, record, fact, event.moment.at_ms)?,
        EventBody::Decision(decision) => {
            let tip = text(run, record, ItemKey(decision.id.0), TextField::Tip)?;
            let tip: Value = tip.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or(Value::Null);
            let candidates: Vec<Value> = decision
                .candidates
                .iter()
                .zip(decision.scores.iter().zip(&decision.pmf))
                .map(|(candidate, (score, propensity))| {
                    json!({"key": hex(&candidate.key.0), "arm": candidate.arm.as_str(), "kind": candidate.kind.as_str(),
                           "source": &*candidate.source, "score": score, "propensity": propensity})
                })
                .collect();
            json!({"type": "decision", "id": decision.id.to_string(), "policy": decision.policy.to_string(),
                   "fallback": decision.fallback, "drawn": decision.drawn, "holdout": decision.holdout, "tip": tip, "candidates": candidates,
                   "bounded": decision.bounded, "features": &decision.features[..]})
        }
        EventBody::Reaction { decision, reaction } => {
            let mut line = json!({"type": "reaction", "decision": decision.to_string(), "reaction": reaction.as_str()});
            match reaction {
                oo_core::reaction::Reaction::Snooze { until_ms } => line["until"] = json!(rfc3339(*until_ms)),
                oo_core::reaction::Reaction::Dismiss { reason: Some(reason) } => {
                    line["reason"] = json!(reason.as_str());
                }
                _ => {}
            }
            line
        }
        EventBody::Returned { decision } => json!({"type": "returned", "decision": decision.to_string()}),
        EventBody::Expired { decision } => json!({"type": "expired", "decision": decision.to_string()}),
        EventBody::Horizon { decision } => json!({"type": "horizon", "decision": decision.to_string()}),
        EventBody::Consent { kind, granted } => json!({"type": "consent", "kind": kind.as_str(), "granted": granted}),
        EventBody::Preferences(preferences) => json!({"type": "preferences", "preferences": preferences}),
        EventBody::Shadow(shadow) => json!({"type": "shadow", "decision": shadow.decision.to_string(),
                                            "policy": shadow.policy.to_string(), "pmf": shadow.pmf}),
        EventBody::Choice(choice) => {
            json!({"type": "choice", "id": choice.id.to_string(), "bandit": &*choice.bandit, "arm": choice.arm().as_str(),
                   "drawn": choice.drawn, "scores": choice.scores, "bounded": choice.bounded, "pmf": choice.pmf,
                   "features": &choice.features[..]})
        }
        EventBody::Reward(reward) => {
            json!({"type": "reward", "decision": reward.decision.to_string(), "bandit": &*reward.bandit,
                   "arm": reward.arm.as_str(), "reward": reward.reward, "replaces": reward.replaces,
                   "x": &reward.x[..]})
        }
        EventBody::ParkingLapsed { .. } | EventBody::PolicyRole(_) | EventBody::Bandit(_) | EventBody::Forgotten(_) => {
            json!({"type": "other"})
        }
    };
    line["position"] = json!(stored.position);
    line["event"] = json!(event.id.to_string());
    line["at"] = json!(rfc3339(event.moment.at_ms));
    line["zone"] = json!(&*event.moment.zone);
    line["offset_s"] = json!(event.moment.offset_s);
    Ok(line)
}

fn signal(run: &Run, record: &UserRecord, fact: &SignalFact, at_ms: i64) -> Result<Value> {
    let mut line = json!({"type": "signal", "kind": fact.kind().as_str()});
    let item = match fact {
        SignalFact::Task(task) => {
            line["status"] = json!(task.status);
            line["priority"] = json!(task.priority);
            line["due"] = json!(task.due_ms.map(rfc3339));
            line["effort_min"] = json!(task.effort_min);
            line["created"] = json!(rfc3339(task.created_ms));
            line["text_features"] = json!(task.text);
            task.key
        }
        SignalFact::Habit { key, per_week, event } => {
            line["per_week"] = json!(per_week);
            line["event_kind"] = json!(event);
            *key
        }
        SignalFact::Calendar { key, start_ms, end_ms, busy, all_day, cancelled } => {
            line["start"] = json!(rfc3339(*start_ms));
            line["end"] = json!(rfc3339(*end_ms));
            line["busy"] = json!(busy);
            line["all_day"] = json!(all_day);
            line["cancelled"] = json!(cancelled);
            *key
        }
        SignalFact::Mood { level, energy } => {
            line["level"] = json!(level);
            line["energy"] = json!(energy);
            record.key.item("mood", &at_ms.to_string())
        }
        SignalFact::Context { name, value } => {
            line["name"] = json!(&**name);
            line["value"] = json!(value);
            return Ok(line);
        }
    };
    for (name, field) in [("id", TextField::Id), ("title", TextField::Title), ("notes", TextField::Notes)] {
        if let Some(text) = text(run, record, item, field)? {
            line[name] = json!(text);
        }
    }
    Ok(line)
}

fn text(run: &Run, record: &UserRecord, item: ItemKey, field: TextField) -> Result<Option<String>> {
    Ok(run.store.texts(record, &[(item, field)])?.into_iter().next().flatten())
}
