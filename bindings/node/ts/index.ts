// oO: one perfectly-timed tip. The engine, its errors and signals, and the policies alone.
export type {
  Backup,
  Choice,
  Consents,
  Explained,
  Explanation,
  Exported,
  ForgottenList,
  Health,
  Imported,
  Ingested,
  Metrics,
  NamedValue,
  PastTip,
  Preferences,
  Reacted,
  Receipt,
  Recommendation,
  RemovalCount,
  Replayed,
  Retained,
  Restored,
  Rewarded,
  Tip,
  VerifiedReceipt,
  Why,
  WhyFeature,
  WhySignal,
} from '../native'
export type { CallOptions } from './abort'
export type { BanditOptions, BatchDecideOptions, Decision, DecisionOptions, EngineDecideOptions, NamedBandit } from './bandits'
export type { Featuriser, FeaturiserContext, OfferedCandidate } from './components/featurisers'
export type { Actions, CustomPolicy, Distribution, Lesson } from './components/policies'
export type { Candidate, CandidateFunction, CandidateSource, SourceContext } from './components/sources'
export { Engine, restore } from './engine'
export type { BackupOptions, ChoiceReward, LimitOptions, ReactOptions, Reaction, RecommendOptions, RestoreOptions } from './engine'
export {
  AbortError,
  BusyError,
  DeniedError,
  IncompatibleError,
  InternalError,
  InvalidInputError,
  MasterKeyError,
  NotFoundError,
  OoError,
  StorageError,
} from './errors'
export type { ErrorCode, ErrorDetail } from './errors'
export { EventStream } from './events'
export type { Event, EventsOptions, EventType } from './events'
export type { FeatureSchema, FeatureSpec, OpenOptions, Settings } from './options'
export { Arms } from './policies/arms'
export type { Arm, ArmList } from './policies/arms'
export type { ArmOptions, BatchOptions, DecideOptions, FitOptions, LearnOptions, RowOptions } from './policies/calls'
export { Decided, DecidedBatch } from './policies/decided'
export type { DecidedJSON } from './policies/decided'
export {
  ActionCentredTS,
  Auto,
  BetaTS,
  DLinUCB,
  EpsilonGreedy,
  Greedy,
  Hierarchical,
  LinTS,
  LinUCB,
  Logistic,
  Mixture,
  RecoveringSoftmax,
  SlidingWindowLinUCB,
  Softmax,
  SquareCB,
  UCB1,
  Uniform,
} from './policies/kinds'
export type { Day, Person, Seed } from './policies/moments'
export type { Matrix, TypedNumbers, Vector, View } from './policies/numbers'
export type {
  ActionCentredTSOptions,
  AutoOptions,
  BetaTSOptions,
  DLinUCBOptions,
  DriftOptions,
  EpsilonGreedyOptions,
  ExplorationOptions,
  HierarchicalOptions,
  LinearOptions,
  LinTSOptions,
  LinUCBOptions,
  LogisticOptions,
  MixtureOptions,
  PolicyOptions,
  Range,
  RecoveringSoftmaxOptions,
  SlidingWindowLinUCBOptions,
  SoftmaxOptions,
  SquareCBOptions,
  UCB1Options,
} from './policies/options'
export { Policy } from './policies/policy'
export type { PolicyClass, PolicyJSON } from './policies/policy'
export type { Exploration, LogisticExploration, PolicySpec, Sharing } from './policies/spec'
export type { RegisteredPolicy } from './registry'
export { calendar, context, habit, mood, task } from './signals'
export type {
  CalendarFields,
  CalendarSignal,
  ContextSignal,
  HabitFields,
  HabitSignal,
  Instant,
  MoodFields,
  MoodSignal,
  Signal,
  SignalMeta,
  TaskFields,
  TaskSignal,
} from './signals'
