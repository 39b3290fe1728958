/** Which kinds of signal a person agrees to. In `setConsents`, kinds that are left out stay as they are. */
export interface Consents {
	/** Tasks. */
	task?: boolean;
	/** Habits. */
	habit?: boolean;
	/** Calendar entries. */
	calendar?: boolean;
	/** Moods. */
	mood?: boolean;
	/** Named numbers of the moment. */
	context?: boolean;
}
/** Everything about one decision. */
export interface Explained {
	/** The tip's decision. */
	id: string;
	/** Why it was chosen. */
	why: Why;
	/** The policy that decided, `id@version`. */
	policy: string;
	/** The drawn candidate's probability. */
	propensity: number;
	/** The drawn candidate's place. */
	drawn: number;
	/** Whether it was drawn by the uniform holdout. */
	holdout: boolean;
	/** Each candidate's probability, in order. */
	pmf: Array<number>;
	/** Each candidate's score, in order. */
	scores: Array<number>;
	/** The drawn candidate's features by name. */
	features: Array<NamedValue>;
	/** Why other candidates were not eligible, with how many of each. */
	removals: Array<RemovalCount>;
	/** Where the tip stands. */
	state: string;
	/** The current reward. */
	reward: number | null;
}
/** Why a row scores as it does. */
export interface Explanation {
	/** θᵢ·xᵢ for each column; empty for policies without weights. */
	contributions: Float64Array;
	/** The share of the intercept. */
	intercept: number;
	/** The expected reward: all contributions and the intercept. */
	mean: number;
	/** The standard width √(xᵀA⁻¹x) behind the score, before its factor. */
	width: number;
	/** The score. */
	score: number;
}
/** How the engine is. */
export interface Health {
	/** `ok`. */
	status: string;
	/** oO's version. */
	version: string;
	/** The last event that was folded. */
	position: number;
	/** The current epoch. */
	epoch: number;
	/** The champion, `id@version`. */
	policy: string;
	/** The champion's state hash, hexadecimal. */
	state_hash: string;
	/** Lessons in the champion. */
	lessons: number;
	/** Events that the projections have still to see. */
	lag: number;
	/** Reactions that wait for their decision. */
	parked: number;
}
/** The answer to `ingest`. */
export interface Ingested {
	/** Signals that were stored. */
	accepted: number;
	/** Signals that were there already. */
	duplicates: number;
	/** The log's last position after it. */
	position: number;
}
/** Counts since the engine was opened. */
export interface Metrics {
	/** Decisions committed. */
	decisions: number;
	/** Choices of named bandits committed. */
	choices: number;
	/** Reactions committed. */
	reactions: number;
	/** Signals committed. */
	signals: number;
	/** Reactions parked. */
	parked: number;
	/** Parked reactions that were dropped. */
	parking_lapsed: number;
	/** Feature values that lay outside their declared range. */
	clamped: number;
	/** Times a candidate source failed or came late. */
	source_failures: number;
	/** Times a featuriser failed or came late. */
	featuriser_failures: number;
	/** Times a policy failed: to decide, and candidates had equal probabilities; or, your own, to learn. */
	policy_failures: number;
	/** Decisions whose shadows were skipped. */
	shadow_dropped: number;
	/** Times a shadow failed. */
	shadow_failures: number;
	/** Times projections could not be written. */
	projection_failures: number;
}
/** A name and a number. */
export interface NamedValue {
	/** The feature's name. */
	name: string;
	/** Its value. */
	value: number;
}
/** A tip of the past. */
export interface PastTip {
	/** The decision's id. */
	id: string;
	/** What the person read. */
	content: string;
	/** To-do or advice. */
	kind: "todo" | "advice";
	/** Where it stands. */
	state: "open" | "snoozed" | "done" | "dismissed" | "expired";
	/** The current reward. */
	reward: number | null;
	/** When it was decided, RFC 3339. */
	decided_at: string;
	/** When it was last shown, RFC 3339. */
	shown_at: string | null;
	/** The policy that decided, `id@version`. */
	policy: string;
	/** The logged probability with which it was drawn. */
	propensity: number;
	/** Whether it was drawn by the uniform holdout. */
	holdout: boolean;
}
/** A person's preferences. `setPreferences` replaces the whole; what is left out has its default. */
export interface Preferences {
	/** The IANA zone, such as `Europe/Berlin`. */
	zone: string;
	/** The quiet hours' start, `HH:MM`. */
	quiet_from: string | null;
	/** The quiet hours' end, `HH:MM`; before the start it means the next day. */
	quiet_to: string | null;
	/** The most tips a day; none when null. */
	daily_cap: number | null;
	/** The language of tips, an ISO 639-1 code. */
	language: string;
}
/** The answer to `react`. */
export interface Reacted {
	/**
	 * What became of the reaction: it counts; it was there already; it waits for its decision, 24 h at most; or it
	 * came more than 7 days after the tip was shown, is stored and revises nothing.
	 */
	status: "applied" | "duplicate" | "parked" | "late";
	/** The tip's reward after it, where it has one. */
	reward: number | null;
}
/** A receipt of a forgetting. */
export interface Receipt {
	/** The receipt's id. */
	id: string;
	/** How far it is: `erasing` means that the write-ahead log still has to be truncated. */
	stage: "erased" | "erasing" | "nothing_held";
	/** SHA-256 of the pseudonym, hexadecimal; absent when nothing was held. */
	pseudonym_digest?: string;
	/** The log position of the forgetting. */
	position?: number;
	/** The epoch that it started. */
	epoch?: number;
	/** The champion's state hash without the person, hexadecimal. */
	state_hash?: string;
	/** Whether every policy is without the person. */
	unlearned: boolean;
	/** Lessons that were taken away. */
	lessons: number;
	/** The chain with the receipt before, hexadecimal. */
	chain?: string;
	/** When, RFC 3339. */
	at: string;
}
/** The answer to a request: a tip, or why there is none. */
export interface Recommendation {
	/** The tip. */
	tip: Tip | null;
	/** Why there is none. */
	reason?: "daily_cap" | "no_candidate";
}
/** A reason and how many candidates it removed. */
export interface RemovalCount {
	/** The reason's stable name. */
	reason: string;
	/** How many. */
	count: number;
}
/** What `replay` found. */
export interface Replayed {
	/** Events read. */
	events: number;
	/** Lessons learned. */
	lessons: number;
	/** Decisions whose pmf was computed anew and compared. */
	pmfs: number;
	/** The champion's state hash after replay, hexadecimal. */
	state_hash: string;
	/** What differs; empty when everything is the same, byte for byte. */
	differences: Array<string>;
}
/** One tip. */
export interface Tip {
	/** The decision's id: pass it to `react`. */
	id: string;
	/** What the person reads. */
	content: string;
	/** To-do or advice. */
	kind: "todo" | "advice";
	/** The category, such as `focus`. */
	category: string;
	/** The source that offered it. */
	source: string;
	/** The source's own id of it. */
	candidate: string;
	/** Why this one. */
	why: Why;
	/** When it expires, RFC 3339. */
	expires: string;
	/** When it was decided, RFC 3339. */
	decided_at: string;
	/** When it is due: an ISO date or RFC 3339. */
	due?: string;
	/** The logged probability with which it was drawn. */
	propensity: number;
	/** The policy that decided, `id@version`. */
	policy: string;
	/** How many candidates there were. */
	candidates: number;
	/** Whether it came back from a snooze. */
	returned: boolean;
}
/** Why a tip was chosen, from the real features of the decision. */
export interface Why {
	/** One sentence. */
	sentence: string;
	/** The features that weighed most. */
	features: Array<WhyFeature>;
	/** The signals that were used, in words. */
	signals: Array<WhySignal>;
	/** The standard width of the score: how unsure the policy was. */
	uncertainty: number;
}
/** A feature and what it contributed. */
export interface WhyFeature {
	/** The feature's name in the schema. */
	name: string;
	/** Its value. */
	value: number;
	/** Its weight times its value. */
	contribution: number;
}
/** A signal that was used. */
export interface WhySignal {
	/** The signal's kind. */
	kind: "task" | "habit" | "calendar" | "mood" | "context";
	/** What it said, in words. */
	text: string;
}
/** What every verb takes. */
export interface CallOptions {
	/**
	 * Stops waiting: the promise is rejected with an `AbortError` at once. What was already on its way lands or fails as a
	 * whole, as after a lost connection: a tip that was decided is answered by the next `recommend`.
	 */
	signal?: AbortSignal | undefined;
}
/** An instant: RFC 3339 text with an offset, or a `Date`. */
export type Instant = string | Date;
/** What every signal may carry. */
export interface SignalMeta {
	/** The caller's id of this message: sending it twice changes nothing. */
	signal_id?: string | undefined;
	/** When it happened; now, when left out. */
	at?: Instant | undefined;
}
/** What a task may carry. */
export interface TaskFields extends SignalMeta {
	/** Longer text of its own. */
	notes?: string | undefined;
	/** When it is due: an ISO date (the whole day) or an instant. */
	due?: Instant | undefined;
	/** 1 (most urgent) to 4. */
	priority?: 1 | 2 | 3 | 4 | undefined;
	/** How many minutes it takes. */
	effort_min?: number | undefined;
	/** Open when left out. */
	status?: "open" | "done" | "deleted" | undefined;
	/** When it was made. */
	created?: Instant | undefined;
}
/** A task: new, changed, done or deleted. */
export interface TaskSignal extends TaskFields {
	kind: "task";
	/** The caller's id of the task. */
	id: string;
	/** What the person reads. */
	title?: string | undefined;
}
/** What a habit may carry. */
export interface HabitFields extends SignalMeta {
	/** How often a week it is meant. */
	per_week?: number | undefined;
	/** Defined when left out. */
	event?: "defined" | "done" | "deleted" | undefined;
}
/** A habit: defined, done once, or deleted. */
export interface HabitSignal extends HabitFields {
	kind: "habit";
	/** The caller's id of the habit. */
	id: string;
	/** Its name. */
	name?: string | undefined;
}
/** What a calendar entry may carry. */
export interface CalendarFields extends SignalMeta {
	/** Its title. */
	title?: string | undefined;
	/** Whether the person is busy; they are, when left out. */
	busy?: boolean | undefined;
	/** Whether it takes whole days. */
	all_day?: boolean | undefined;
	/** Whether it was cancelled. */
	cancelled?: boolean | undefined;
}
/** A calendar entry. */
export interface CalendarSignal extends CalendarFields {
	kind: "calendar";
	/** The caller's id of the entry. */
	id: string;
	/** When it starts. */
	start: Instant;
	/** When it ends. */
	end: Instant;
}
/** What a mood may carry. */
export interface MoodFields extends SignalMeta {
	/** 1 (none) to 5. */
	energy?: number | undefined;
	/** A note; it is sealed and never derived from. */
	note?: string | undefined;
}
/** A mood, as the person says it is. */
export interface MoodSignal extends MoodFields {
	kind: "mood";
	/** 1 (low) to 5. */
	level: number;
}
/** A number of the moment that the feature schema declares. */
export interface ContextSignal extends SignalMeta {
	kind: "context";
	/** The feature's name. */
	name: string;
	/** Its value. */
	value: number;
}
/** A signal of a life. */
export type Signal = TaskSignal | HabitSignal | CalendarSignal | MoodSignal | ContextSignal;
/** A task. */
export declare function task(id: string, title: string, fields?: TaskFields): TaskSignal;
/** A habit. */
export declare function habit(id: string, name: string, fields?: HabitFields): HabitSignal;
/** A calendar entry. */
export declare function calendar(id: string, start: Instant, end: Instant, fields?: CalendarFields): CalendarSignal;
/** A mood. */
export declare function mood(level: number, fields?: MoodFields): MoodSignal;
/** A number of the moment. */
export declare function context(name: string, value: number, fields?: SignalMeta): ContextSignal;
/** One thing that could be the tip. Its fields have the names of the JSON form. */
export interface Candidate {
	/** The source's own id of it. */
	id: string;
	/** What the person reads. */
	content: string;
	/** An advice when left out. */
	kind?: "todo" | "advice" | undefined;
	/** One of the engine's categories; `other` for an advice and `task` for a to-do when left out. */
	category?: string | undefined;
	/** When it is due: an ISO date or an instant. */
	due?: Instant | undefined;
	/** When it stops being of use. */
	expires?: Instant | undefined;
	/** How many minutes it takes. */
	effort_min?: number | undefined;
	/** 1 (most urgent) to 4. */
	priority?: 1 | 2 | 3 | 4 | undefined;
	/** The parts of the day it suits; any, when left out. */
	times?: ("morning" | "midday" | "afternoon" | "evening" | "night" | "any")[] | undefined;
	/** Values of features that the schema declares. */
	features?: Record<string, number> | undefined;
}
/** What a source is asked. */
export interface SourceContext {
	/** The caller's id of the person. */
	user: string;
	/** Now, RFC 3339. */
	now: string;
	/** The person's IANA zone. */
	zone: string;
	/** The language of tips, an ISO 639-1 code. */
	language: string;
	/** The decision's id: it seeds whatever the source rotates. */
	decision: string;
	/** At most that many candidates. */
	limit: number;
}
/** Answers with candidates, at once or later. */
export type CandidateFunction = (context: SourceContext) => readonly Candidate[] | Promise<readonly Candidate[]>;
/** A source of candidates. One that throws, answers nonsense or is late is left out of the decision and counted. */
export interface CandidateSource {
	/** Its stable name: it is logged and is part of a candidate's identity. */
	name: string;
	/** The candidates of one decision. */
	candidates: CandidateFunction;
}
/** How scores become probabilities. */
export type Exploration = 
/** 1−ε over the best, ε spread uniformly. */
{
	type: "epsilon_floor";
	epsilon: number;
}
/** softmax(score/τ). */
 | {
	type: "softmax";
	tau: number;
};
/** Which policy, with which settings; what is left out has its default. */
export type PolicySpec = {
	type: "linucb";
	/** One model over joint vectors, or one an arm. */
	sharing?: "shared" | "disjoint" | undefined;
	/** The factor of the width. */
	alpha?: number | undefined;
	/** The ridge. */
	lambda?: number | undefined;
	/** Whether a constant 1 is appended to every vector. */
	intercept?: boolean | undefined;
	/** How scores become probabilities. */
	exploration?: Exploration | undefined;
} | {
	type: "greedy";
	sharing?: "shared" | "disjoint" | undefined;
	lambda?: number | undefined;
	intercept?: boolean | undefined;
} | {
	type: "epsilon_greedy";
	sharing?: "shared" | "disjoint" | undefined;
	epsilon?: number | undefined;
	lambda?: number | undefined;
	intercept?: boolean | undefined;
} | {
	type: "uniform";
};
/** How the engine behaves; what is left out has its default. */
export interface Settings {
	/** The share of decisions drawn uniformly, whatever the policy says; 0 to 0.5. */
	holdout?: number | undefined;
	/** Whether a kind of signal is agreed to until a person says otherwise. */
	consent_by_default?: boolean | undefined;
	/** How long sources may take, in milliseconds. */
	source_deadline_ms?: number | undefined;
	/** The most candidates of one source. */
	candidates_per_source?: number | undefined;
	/** The most candidates of one decision. */
	candidates?: number | undefined;
	/** How long a candidate rests after a reaction, in hours. */
	cool_down_hours?: number | undefined;
	/** People whose state is kept in memory. */
	cached_users?: number | undefined;
	/** Lessons after which a snapshot is written. */
	snapshot_every?: number | undefined;
	/** The master key's file; beside the database when left out. */
	master_key_file?: string | undefined;
}
/** A feature of a schema. */
export interface FeatureSpec {
	/** A feature of the catalogue, or one that the caller supplies with candidates or context signals. */
	name: string;
	/** The declared range, lowest and highest. */
	range: [
		lo: number,
		hi: number
	];
	/** The weight a cold model gives it; 0 when left out. */
	prior?: number | undefined;
}
/** What a policy sees: named, ordered, ranged features. */
export interface FeatureSchema {
	/** The features, in order. */
	features: FeatureSpec[];
	/** Assembled vectors longer than that are shortened to it. */
	norm_bound?: number | undefined;
}
/** What `Engine.open` takes. */
export interface OpenOptions {
	/** The policy that serves. A store keeps the one it has when this is left out. */
	policy?: PolicySpec | undefined;
	/** Policies that score every decision without serving, by id. */
	shadows?: Record<string, PolicySpec> | undefined;
	/** Settings other than the defaults, or the path of a TOML file of them, over which the environment goes. */
	settings?: Settings | string | undefined;
	/** A feature schema other than the default. */
	schema?: FeatureSchema | FeatureSpec[] | undefined;
	/** Sources of candidates, beside the built-in ones. */
	sources?: readonly CandidateSource[] | undefined;
	/** Whether open tasks and the advice library are sources too; they are, when left out. */
	builtInSources?: boolean | undefined;
	/** A file with the clock and the randomness of a test; refused by builds without the feature `testing`. */
	testWorld?: string | undefined;
}
/** What a person did with a tip. */
export type Reaction = "shown" | "done" | "snooze" | "dismiss";
/** What `recommend` takes. */
export interface RecommendOptions extends CallOptions {
	/** The caller's id of this request: the same id answers the same decision again. */
	requestId?: string | undefined;
	/** When the tip counts as shown: when the answer leaves, or when `react(tip, 'shown')` reports it. */
	shown?: "on_answer" | "reported" | undefined;
	/** Candidates of the caller, beside those of the sources. */
	candidates?: readonly Candidate[] | undefined;
}
/** What `react` takes. */
export interface ReactOptions extends CallOptions {
	/** When a snoozed tip comes back; a snooze needs it. */
	until?: Instant | undefined;
	/** Why a tip was dismissed; `never` denies the candidate for good. */
	reason?: "not_now" | "not_relevant" | "never" | undefined;
	/** The caller's id of this message: sending it twice changes nothing. */
	id?: string | undefined;
	/** When it happened; now, when left out. */
	at?: Instant | undefined;
}
/** What the verbs take that answer a list. */
export interface LimitOptions extends CallOptions {
	/** At most that many, newest first. */
	limit?: number | undefined;
}
/**
 * An open engine on one SQLite file. Its verbs reject with an {@link OoError}, or with an {@link AbortError} when their
 * `signal` fires. Answers are plain objects with the names of the JSON form, as over HTTP and in Python.
 */
export declare class Engine implements AsyncDisposable {
	#private;
	private constructor();
	/**
	 * Opens the engine on the SQLite file at `path`; the file and its master key `PATH.key` are made when there are none.
	 *
	 * Rejects with `StorageError`, `BusyError`, `MasterKeyError` or `IncompatibleError`, each with what to do.
	 */
	static open(path: string, options?: OpenOptions): Promise<Engine>;
	/** Stores signals in one transaction: all of them or none. */
	ingest(user: string, signals: Signal | readonly Signal[], options?: CallOptions): Promise<Ingested>;
	/** One tip for a person: the same one until it is reacted to or expires; `null` when there can be none now. */
	recommend(user: string, options?: RecommendOptions): Promise<Tip | null>;
	/** As `recommend`, saying why when there is no tip. */
	recommendWith(user: string, options?: RecommendOptions): Promise<Recommendation>;
	/** Records what a person did with a tip; the next `recommend`, in any process, has learned from it. */
	react(tip: Tip | string, reaction: Reaction, options?: ReactOptions): Promise<Reacted>;
	/** Everything about the decision of a tip: why it was chosen, every probability and score, the features. */
	explain(tip: Tip | string, options?: CallOptions): Promise<Explained>;
	/** A person's past tips, newest first; 20 when no limit is given. */
	history(user: string, options?: LimitOptions): Promise<PastTip[]>;
	/** Which kinds of signal a person agrees to, defaults included. */
	consents(user: string, options?: CallOptions): Promise<Consents>;
	/** Records what a person agrees to; kinds that are left out stay as they are. Answers the whole. */
	setConsents(user: string, consents: Consents, options?: CallOptions): Promise<Consents>;
	/** A person's zone, quiet hours, daily cap and language. */
	preferences(user: string, options?: CallOptions): Promise<Preferences>;
	/** Replaces a person's preferences; what is left out has its default. Answers the whole. */
	setPreferences(user: string, preferences: Partial<Preferences>, options?: CallOptions): Promise<Preferences>;
	/** Forgets a person: their rows, texts, key and every lesson in every policy. */
	forget(user: string, options?: CallOptions): Promise<Receipt>;
	/** The receipt of a forgetting, by its id. */
	receipt(id: string, options?: CallOptions): Promise<Receipt>;
	/** Everything that is held of a person, as JSON lines. */
	export(user: string, options?: CallOptions): Promise<string>;
	/** The last decisions over all people, newest first, without texts; 50 when no limit is given. */
	decisions(options?: LimitOptions): Promise<PastTip[]>;
	/** How the engine is: position, epoch and state hash. */
	health(options?: CallOptions): Promise<Health>;
	/** Counts since the engine was opened. */
	metrics(options?: CallOptions): Promise<Metrics>;
	/** Reads the whole log from its beginning and compares what it gives with what is live. */
	replay(options?: CallOptions): Promise<Replayed>;
	/** Closes the engine: what is queued is done, a final snapshot is written, every later call is refused. */
	close(): Promise<void>;
	/** `await using engine = await Engine.open(…)` closes it at the end of the block. */
	[Symbol.asyncDispose](): Promise<void>;
}
/** The kinds of errors; the same names as in Rust, in Python and over HTTP. */
export type ErrorCode = "invalid_input" | "not_found" | "denied" | "incompatible" | "busy" | "storage" | "key" | "internal";
/** What an error carries besides its message. */
export interface ErrorDetail {
	/** The field of the input that is wrong. */
	field?: string;
	/** What it follows from. */
	cause?: unknown;
}
/** The base of oO's errors: its message says what is wrong and what to do next. */
export declare class OoError extends Error {
	/** What to do next, as a stable name. */
	readonly code: ErrorCode;
	/** The field of the input that is wrong, where one is. */
	readonly field: string | undefined;
	constructor(code: ErrorCode, message: string, detail?: ErrorDetail);
}
/** The call itself is wrong: correct it; a retry will not help. */
export declare class InvalidInputError extends OoError {
	constructor(message: string, detail?: ErrorDetail);
}
/** There is no such thing: check the id. */
export declare class NotFoundError extends OoError {
	constructor(message: string, detail?: ErrorDetail);
}
/** The person has not agreed to this kind of signal: ask them, then record their consent. */
export declare class DeniedError extends OoError {
	constructor(message: string, detail?: ErrorDetail);
}
/** Two things do not fit, such as a saved policy or a database of a newer version: migrate, or upgrade oO. */
export declare class IncompatibleError extends OoError {
	constructor(message: string, detail?: ErrorDetail);
}
/** The store is locked, or the engine overloaded or out of time: try again later. */
export declare class BusyError extends OoError {
	constructor(message: string, detail?: ErrorDetail);
}
/** The storage failed: full, read-only, corrupted or gone. Mend it; nothing acknowledged was lost. */
export declare class StorageError extends OoError {
	constructor(message: string, detail?: ErrorDetail);
}
/** The master key is missing or is not the one this database was written with: put the right key back. */
export declare class MasterKeyError extends OoError {
	constructor(message: string, detail?: ErrorDetail);
}
/** A defect of oO: report it with the message. */
export declare class InternalError extends OoError {
	constructor(message: string, detail?: ErrorDetail);
}
/** The caller's `AbortSignal` fired before the answer; its reason is the `cause`. */
export declare class AbortError extends Error {
	/** As Node's own. */
	readonly code = "ABORT_ERR";
	constructor(cause?: unknown);
}
/** A closed range, lowest and highest. */
export type Range = readonly [
	lo: number,
	hi: number
];
/** What every policy is made of. */
export interface PolicyOptions {
	/** The number of columns. */
	dim: number;
	/**
	 * The range of all columns; −16 to 16 when left out. `'auto'` takes the next power of two of the largest magnitude in
	 * the first call.
	 */
	range?: Range | "auto" | undefined;
	/** The range of rewards; −16 to 16 when left out. */
	rewardRange?: Range | undefined;
}
/** What policies on a ridge regression take. */
export interface LinearOptions extends PolicyOptions {
	/** One model over joint vectors, or one an arm. */
	sharing?: "shared" | "disjoint" | undefined;
	/** λ > 0, the ridge; 1 when left out. */
	lambda?: number | undefined;
	/** Whether a constant 1 is appended to every row; it is, when left out. */
	intercept?: boolean | undefined;
}
/** What `LinUCB` takes. */
export interface LinUCBOptions extends LinearOptions {
	/** α ≥ 0, the factor of the width; 1 when left out. */
	alpha?: number | undefined;
	/** The share that is spread uniformly, 0 to 1; 0.05 when left out. */
	epsilon?: number | undefined;
	/** Another way from scores to probabilities than the ε-floor. */
	exploration?: Exploration | undefined;
}
/** What `EpsilonGreedy` takes. */
export interface EpsilonGreedyOptions extends LinearOptions {
	/** The share that is spread uniformly, 0 to 1; 0.1 when left out. */
	epsilon?: number | undefined;
}
/** What calls on rows take. */
export interface ArmOptions {
	/** The arm of each row, for disjoint policies; a row's number when left out of `decide`. */
	arms?: readonly (string | number)[] | undefined;
}
/** What calls on candidates take. */
export interface RowOptions extends ArmOptions {
	/** How many rows there are, to be checked; as many as `X` holds, when left out. */
	rows?: number | undefined;
}
/** What `decide` takes. */
export interface DecideOptions extends RowOptions {
	/** The draw's seed: a whole number from 0 to 2⁶⁴−1, or a decision's UUID. Random when left out. */
	seed?: number | bigint | string | undefined;
}
/** A decision, for `update`. */
export interface Decided {
	/** The drawn row. */
	readonly index: number;
	/** Its probability, from before the draw. */
	readonly propensity: number;
	/** The probability of each row. */
	readonly pmf: Float64Array;
	/** The score of each row. */
	readonly scores: Float64Array;
}
/** What all policies do. Matrices are row-major: one row a candidate, `dim` columns. */
export declare abstract class Policy {
	#private;
	/** Subclasses pass their native half. */
	protected constructor(handle: object);
	/** The policy of settings in the form of `Engine.open` and of HTTP. */
	static ofSettings(settings: PolicySpec, options: PolicyOptions): Policy;
	/** The number of columns. */
	get dim(): number;
	/** The settings, defaults filled in. */
	get spec(): PolicySpec;
	/** How many lessons are in it. */
	get lessons(): number;
	/** The hash of settings and exact sums, hexadecimal; equal for the same set of lessons, in any order. */
	get stateHash(): string;
	/**
	 * Draws one of the rows of `X`.
	 *
	 * Throws `InvalidInputError` for no rows, a wrong length, or a number that is not finite or outside the range; `field`
	 * names the column.
	 */
	decide(X: Float64Array, options?: DecideOptions): Decided;
	/** Learns the reward of a decision of this policy. */
	update(decided: Decided, reward: number): void;
	/** Learns `rewards` of the rows of `X`, in their order; all of them or none. */
	learn(X: Float64Array, rewards: Float64Array, options?: ArmOptions): void;
	/** Puts `rewards` in the place of `replaced`, with which the rows were learned. */
	revise(X: Float64Array, rewards: Float64Array, replaced: Float64Array, options?: ArmOptions): void;
	/** Takes lessons away again, exactly. */
	unlearn(X: Float64Array, rewards: Float64Array, options?: ArmOptions): void;
	/** Why row `index` of `X` scores as it does. */
	explain(X: Float64Array, index: number, options?: RowOptions): Explanation;
	/** The policy as tagged, versioned, checked bytes; loading them changes no bit. */
	save(): Buffer;
	/** The policy that `bytes` were saved from; each class loads its own only. */
	static load(bytes: Uint8Array): Policy;
	/** The policy of the lessons of all `policies` together: exact, whatever the order. */
	static merge<P extends Policy>(policies: readonly P[]): P;
}
/** LinUCB (Li, Chu, Langford & Schapire, WWW 2010), served through a pmf. */
export declare class LinUCB extends Policy {
	constructor(options: LinUCBOptions);
	/** The policy that `bytes` were saved from. */
	static load(bytes: Uint8Array): LinUCB;
}
/** ε-greedy on the same ridge regression. */
export declare class EpsilonGreedy extends Policy {
	constructor(options: EpsilonGreedyOptions);
	/** The policy that `bytes` were saved from. */
	static load(bytes: Uint8Array): EpsilonGreedy;
}
/** Greedy on the same ridge regression: it never explores. */
export declare class Greedy extends Policy {
	constructor(options: LinearOptions);
	/** The policy that `bytes` were saved from. */
	static load(bytes: Uint8Array): Greedy;
}
/** Every row with the same probability. */
export declare class Uniform extends Policy {
	constructor(options: PolicyOptions);
	/** The policy that `bytes` were saved from. */
	static load(bytes: Uint8Array): Uniform;
}

export {};
