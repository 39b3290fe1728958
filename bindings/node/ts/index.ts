// oO: one perfectly-timed tip. The engine, its errors and signals, and the policies alone.
export type {
  Consents,
  Explained,
  Explanation,
  Health,
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
  Tip,
  Why,
  WhyFeature,
  WhySignal,
} from '../native'
export type { CallOptions } from './abort'
export { Engine } from './engine'
export type { LimitOptions, ReactOptions, Reaction, RecommendOptions } from './engine'
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
export type { Exploration, FeatureSchema, FeatureSpec, OpenOptions, PolicySpec, Settings } from './options'
export { EpsilonGreedy, Greedy, LinUCB, Policy, Uniform } from './policies'
export type {
  ArmOptions,
  DecideOptions,
  Decided,
  EpsilonGreedyOptions,
  LinearOptions,
  LinUCBOptions,
  PolicyOptions,
  Range,
  RowOptions,
} from './policies'
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
export type { Candidate, CandidateFunction, CandidateSource, SourceContext } from './sources'
