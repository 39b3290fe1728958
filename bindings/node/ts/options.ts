// What `Engine.open` takes. Settings are data with the names of the JSON form; sources are components.
import type { Featuriser } from './components/featurisers'
import type { CustomPolicy } from './components/policies'
import type { CandidateSource } from './components/sources'
import type { Policy } from './policies/policy'
import type { PolicySpec } from './policies/spec'

/** How the engine behaves; what is left out has its default. */
export interface Settings {
  /** The share of decisions drawn uniformly, whatever the policy says; 0 to 0.5. */
  holdout?: number | undefined
  /** Whether a kind of signal is agreed to until a person says otherwise. */
  consent_by_default?: boolean | undefined
  /** How long sources may take, in milliseconds. */
  source_deadline_ms?: number | undefined
  /** The most candidates of one source. */
  candidates_per_source?: number | undefined
  /** The most candidates of one decision. */
  candidates?: number | undefined
  /** How long a candidate rests after a reaction, in hours. */
  cool_down_hours?: number | undefined
  /** People whose state is kept in memory. */
  cached_users?: number | undefined
  /** Lessons after which a snapshot is written. */
  snapshot_every?: number | undefined
  /** The master key's file; beside the database when left out. */
  master_key_file?: string | undefined
  /** A command that prints the master key, run without a shell. */
  master_key_command?: string | undefined
  /** The list of forgotten people; beside the database when left out. Keep it out of backups. */
  forgotten_file?: string | undefined
}

/** A feature of a schema. */
export interface FeatureSpec {
  /** A feature of the catalogue, or one that the caller supplies with candidates or context signals. */
  name: string
  /** The declared range, lowest and highest. */
  range: [lo: number, hi: number]
  /** The weight a cold model gives it; 0 when left out. */
  prior?: number | undefined
}

/** What a policy sees: named, ordered, ranged features. */
export interface FeatureSchema {
  /** The features, in order. */
  features: FeatureSpec[]
  /** Assembled vectors longer than that are shortened to it. */
  norm_bound?: number | undefined
}

/** What `Engine.open` takes. */
export interface OpenOptions {
  /**
   * The policy that serves: one without `dim`, its settings, or one of your own. A store keeps the one it has when this is
   * left out.
   */
  policy?: Policy | PolicySpec | CustomPolicy | undefined
  /** Policies that score every decision without serving, by id; or in an array, named after their kind. */
  shadows?: Record<string, Policy | PolicySpec | CustomPolicy> | readonly (Policy | PolicySpec | CustomPolicy)[] | undefined
  /** Features of your own, appended to the schema. */
  featurisers?: readonly Featuriser[] | undefined
  /**
   * How long a policy or featuriser of your own may take for a decision, in milliseconds; `settings.source_deadline_ms`
   * when left out. What is saved or loaded may take ten times
   * as long, and what is learned as much for every hundred lessons.
   */
  timeBudgetMs?: number | undefined
  /**
   * Whether a store over another feature schema is migrated to this one: the serving policy and the shadows are extended
   * by appended features, else taught from the log as shadows. Without it such a store is refused.
   */
  migrate?: boolean | undefined
  /** Settings other than the defaults, or the path of a TOML file of them, over which the environment goes. */
  settings?: Settings | string | undefined
  /** A feature schema other than the default. */
  schema?: FeatureSchema | FeatureSpec[] | undefined
  /** Sources of candidates, beside the built-in ones. */
  sources?: readonly CandidateSource[] | undefined
  /** Whether open tasks and the advice library are sources too; they are, when left out. */
  builtInSources?: boolean | undefined
  /** A file with the clock and the randomness of a test; refused by builds without the feature `testing`. */
  testWorld?: string | undefined
}
