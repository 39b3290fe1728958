declare class NativeEventStream {
	/** The next event as a JSON line; `null` at the end. */
	next(): Promise<string | undefined | null>;
	/** Ends it; whoever waits for its next event is answered `null`. */
	close(): void;
}
/** A backup that was made. */
export interface Backup {
	/** The file. */
	path: string;
	/** Its length. */
	bytes: number;
	/** The last event in it. */
	position: number;
	/** Which life of the store it was made of, hexadecimal. */
	incarnation: string;
	/** The id of the master key that opens it, hexadecimal: keep that key as long as the backup. */
	key_id: string;
}
/** What a named bandit decided. */
export interface Choice {
	/** The decision's id: the reward names it. */
	decision: string;
	/** The bandit. */
	bandit: string;
	/** The drawn row. */
	index: number;
	/** The drawn row's arm; its number where the caller named none. */
	arm: string;
	/** Its probability, from before the draw. */
	propensity: number;
	/** The probability of each row. */
	pmf: Array<number>;
	/** The score of each row. */
	scores: Array<number>;
	/** Whether the probabilities are an estimate of the policy's own; they are what was drawn from. */
	estimated: boolean;
	/** The rows whose score is only an upper bound, because they could not win. */
	bounded: Array<number>;
	/** The reward it has, where it has one. */
	reward?: number;
}
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
	/** Whether every candidate had the same probability because the policy failed. */
	fallback: boolean;
	/** Each candidate's probability, in order. */
	pmf: Array<number>;
	/** Each candidate's score, in order. */
	scores: Array<number>;
	/** The candidates whose score is only an upper bound, because they could not win. */
	bounded: Array<number>;
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
/** What a person's export was written to. */
export interface Exported {
	/** The file. */
	path: string;
	/** How many lines it has, its header included. */
	lines: number;
}
/** The list of people who were forgotten, as a restore found it. */
export interface ForgottenList {
	/** Where it is, or has to be. */
	path: string;
	/** How many people are on it; none where there is no list: then nobody is forgotten again. */
	lines?: number;
}
/** How the engine is. */
export interface Health {
	/** `ok`, or `read_only` while nothing can be written. */
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
	/** People who were forgotten and whose bytes may still stand in the write-ahead log: somebody reads the database. */
	erasing: number;
	/** Which life of the store this is, hexadecimal: another one after a restore, when positions repeat. */
	incarnation: string;
}
/** What was taken over from an export. */
export interface Imported {
	/** Signals that were stored. */
	signals: number;
	/** Signals that were there already. */
	duplicates: number;
	/** Consents that were recorded. */
	consents: number;
	/** Whether preferences were set. */
	preferences: boolean;
	/** Lines that belong to the store they came from: decisions, answers, lessons. */
	skipped: number;
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
	/** Whether no policy that serves or is kept holds anything of the person. */
	unlearned: boolean;
	/** Policies that cannot subtract and wait to be taught anew without the person; absent when there are none. */
	rebuilding?: Array<string>;
	/** Lessons that were taken away. */
	lessons: number;
	/** Files with the person's export that were removed; absent when there were none. */
	exports?: number;
	/**
	 * Files that hold the person still and are yours to remove: exports that could not be removed, and databases that a
	 * restore moved aside; absent when there are none.
	 */
	left?: Array<string>;
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
/** A backup that was restored. */
export interface Restored {
	/** The database. */
	path: string;
	/** The last event in it. */
	position: number;
	/** The life that begins with it, hexadecimal. */
	incarnation: string;
	/** The id of the master key that opens it, hexadecimal. */
	key_id: string;
	/** Wrapped keys that were opened, to see that they do. */
	keys: number;
	/** Where the database is that was there before; forgetting does not reach it. */
	replaced?: string;
	/** Whom opening it forgets again. */
	forgotten_list: ForgottenList;
}
/** What a run of retention erased. */
export interface Retained {
	/** People of whom something was erased. */
	people: number;
	/** Events that are gone. */
	events: number;
	/** Lessons that stay in their places. */
	lessons: number;
}
/** What became of a reward. */
export interface Rewarded {
	/** The decision. */
	decision: string;
	/** It is learned; it took the place of an earlier one; or it was there already, and nothing changed. */
	status: "learned" | "revised" | "duplicate";
	/** The reward that counts, rounded to the bandit's grid. */
	reward: number | null;
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
/** What checking a receipt found. */
export interface VerifiedReceipt {
	/** The receipt's id. */
	id: string;
	/** The stage it has reached. */
	stage: "erased" | "erasing";
	/** Whether everything it says holds. */
	valid: boolean;
	/** Whether the chain over all receipts, from the first to the newest, is unbroken. */
	chain: boolean;
	/** Whether no row, key or mapping is there of whoever it is about. */
	absent: boolean;
	/**
	 * Whether replaying the log to the newest forgetting gives that one's state hash; absent where a consent that was
	 * taken back has changed what was learned since, and where the champion does not replay.
	 */
	state?: boolean;
	/** What does not hold; empty when it is valid. */
	problems: Array<string>;
	/** What cannot be checked, and why. */
	unchecked: Array<string>;
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
/** The name of an arm. */
export type Arm = string | number;
/** The arms of a policy's decisions, read once: pass it as `arms` in a loop. */
export declare class Arms {
	/** The names, as texts. */
	readonly names: readonly string[];
	constructor(arms: readonly Arm[]);
	/** How many there are. */
	get length(): number;
}
/** What is taken as arms. */
export type ArmList = readonly Arm[] | Arms;
/** Typed arrays of numbers; only a Float64Array is taken without a copy. */
export type TypedNumbers = Float64Array | Float32Array | Int8Array | Uint8Array | Uint8ClampedArray | Int16Array | Uint16Array | Int32Array | Uint32Array;
/** A view with a shape, as npm's `ndarray` is: element (i, j) is `data[offset + i·stride[0] + j·stride[1]]`. */
export interface View {
	/** The numbers. */
	data: TypedNumbers | readonly number[];
	/** How many there are along each axis. */
	shape: readonly number[];
	/** How far the next one lies along each axis; row by row, without gaps, when left out. */
	stride?: readonly number[] | undefined;
	/** Where the first one lies; 0 when left out. */
	offset?: number | undefined;
}
/** One number after the other. */
export type Vector = TypedNumbers | readonly number[] | View;
/** Rows of numbers: one typed array, row by row; an array of rows; or a view. */
export type Matrix = TypedNumbers | readonly (readonly number[] | TypedNumbers)[] | View;
/** A person, by your id of them. */
export type Person = Arm;
/** A UTC day: a whole number since 1970-01-01, or a Date. */
export type Day = number | Date;
/** The seed of a draw: a whole number from 0 to 2⁶⁴−1 (a bigint beyond 2⁵³), or a UUID. */
export type Seed = number | bigint | string;
/** What calls on rows take. */
export interface ArmOptions {
	/** The arm of each row, for disjoint policies; a row's number when left out of `decide`. */
	arms?: ArmList | undefined;
}
/** What calls on candidates take. */
export interface RowOptions extends ArmOptions {
	/** How many rows there are, to be checked; as many as `X` holds, when left out. */
	rows?: number | undefined;
	/** Whose decision it is. */
	person?: Person | undefined;
	/** When it is: a UTC day. */
	day?: Day | undefined;
}
/** What `decide` takes. */
export interface DecideOptions extends RowOptions {
	/** The draw's seed: a whole number from 0 to 2⁶⁴−1, or a decision's UUID. Random when left out. */
	seed?: Seed | undefined;
}
/** What `decideBatch` takes. */
export interface BatchOptions {
	/** The arms of all decisions, or a list of them for each. */
	arms?: ArmList | readonly ArmList[] | undefined;
	/** How many rows each decision has, where `X` is one typed array. */
	rows?: number | undefined;
	/** A number is decision 0's, the next is decision 1's, and so on; or one seed a decision. */
	seed?: Seed | readonly Seed[] | undefined;
	/** Whose the decisions are: one person's, or one a decision. */
	people?: Person | readonly Person[] | undefined;
	/** The UTC day of the decisions: one, or one a decision. */
	days?: Day | readonly Day[] | TypedNumbers | undefined;
}
/** What `learn`, `revise` and `unlearn` take. */
export interface LearnOptions extends ArmOptions {
	/** How many rows there are, to be checked; as many as `X` holds, when left out. */
	rows?: number | undefined;
	/** Whose the rows are: one person's, or one a row. */
	people?: Person | readonly Person[] | undefined;
	/** The UTC day of the rows: one, or one a row. */
	days?: Day | readonly Day[] | TypedNumbers | undefined;
	/** The probability with which each row was drawn, where a log knows it: one for all, or one a row. */
	propensities?: number | Vector | undefined;
	/** What the decision of each row would have shown on average, as `centre` gives it: `ActionCentredTS` needs them. */
	centres?: Matrix | undefined;
}
/** What `fit` takes. */
export interface FitOptions extends LearnOptions {
	/** Stops the fit and leaves the policy as it was; the promise is rejected with an `AbortError` at once. */
	signal?: AbortSignal | undefined;
	/** Told how many rows are learned, and of how many. What it throws ends the fit. */
	progress?: ((done: number, total: number) => void) | undefined;
}
/** A decision as plain data, with the names of the JSON form. */
export interface DecidedJSON {
	/** The drawn row. */
	index: number;
	/** Its arm. */
	arm: string;
	/** Its probability. */
	propensity: number;
	/** The probability of each row. */
	pmf: number[];
	/** The score of each row. */
	scores: number[];
	/** Whether the probabilities are an estimate. */
	estimated: boolean;
	/** The rows whose score is only an upper bound. */
	bounded: number[];
}
/** One decision of a policy. Pass it to `update` with its reward. */
export declare class Decided {
	#private;
	/** The drawn row. */
	readonly index: number;
	/** Its probability, from before the draw. */
	readonly propensity: number;
	/** Policies make them. */
	constructor(handle: object);
	/** The arm of the drawn row; its number when none were named. */
	get arm(): string;
	/** The probability of each row. */
	get pmf(): Float64Array;
	/** The score of each row. */
	get scores(): Float64Array;
	/** Whether the probabilities are an estimate of the policy's own; they are what was drawn from. */
	get estimated(): boolean;
	/** The rows whose score is only an upper bound, because they could not win; empty for most decisions. */
	get bounded(): Uint32Array;
	/** As plain data. */
	toJSON(): DecidedJSON;
}
/** The decisions of `decideBatch`. Pass it to `updateBatch` with their rewards. */
export declare class DecidedBatch implements Iterable<Decided> {
	#private;
	/** Policies make them. */
	constructor(handle: object);
	/** How many decisions there are. */
	get length(): number;
	/** The drawn row of each decision. */
	get index(): Uint32Array;
	/** The probability of each drawn row, from before the draw. */
	get propensity(): Float64Array;
	/** The arm of each drawn row. */
	get arm(): string[];
	/** How many rows each decision had. */
	get rows(): Uint32Array;
	/** The probability of each row, decision by decision. */
	get pmf(): Float64Array;
	/** The score of each row, decision by decision. */
	get scores(): Float64Array;
	/** Whether the probabilities of each decision are an estimate. */
	get estimated(): boolean[];
	/** The rows of each decision whose score is only an upper bound. */
	get bounded(): Uint32Array[];
	/** Decision `place`, counted from the end where it is negative; `undefined` when there is none. */
	at(place: number): Decided | undefined;
	/** Decision by decision. */
	[Symbol.iterator](): IterableIterator<Decided>;
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
/** How a logistic policy's scores become probabilities. */
export type LogisticExploration = Exploration
/** The probability of being the best under the posterior, estimated with `draws` draws and floored by `epsilon`. */
 | {
	type: "thompson";
	scale?: number | undefined;
	draws?: number | undefined;
	epsilon?: number | undefined;
}
/** Inverse-gap weighting of expected rewards, γ times a power of the lessons. */
 | {
	type: "inverse_gap";
	gamma?: number | undefined;
	exponent?: number | undefined;
};
/** How arms share what is learned: one model, one an arm, or both, over the first `context` columns or all. */
export type Sharing = "shared" | "disjoint" | "hybrid" | {
	hybrid: {
		context: number;
	};
};
interface Linear {
	/** How arms share what is learned. */
	sharing?: Sharing | undefined;
	/** The ridge. */
	lambda?: number | undefined;
	/** Whether a constant 1 is appended to every vector. */
	intercept?: boolean | undefined;
}
interface Drifting extends Linear {
	/** The factor of the width; `null` for the papers' β of `delta`, `bound`, `noise` and `length`. */
	alpha?: number | null | undefined;
	delta?: number | undefined;
	bound?: number | undefined;
	noise?: number | undefined;
	length?: number | undefined;
	exploration?: Exploration | undefined;
}
/** Which policy, with which settings; what is left out has its default. */
export type PolicySpec = {
	type: "auto";
	sharing?: "shared" | "disjoint" | undefined;
	intercept?: boolean | undefined;
	exploration?: Exploration | undefined;
} | ({
	type: "linucb";
	alpha?: number | undefined;
	exploration?: Exploration | undefined;
} & Linear) | ({
	type: "lin_ts";
	scale?: number | undefined;
	draws?: number | undefined;
	epsilon?: number | undefined;
} & Linear) | ({
	type: "square_cb";
	gamma?: number | undefined;
	exponent?: number | undefined;
} & Linear) | ({
	type: "softmax";
	tau?: number | undefined;
} & Linear) | ({
	type: "greedy";
} & Linear) | ({
	type: "epsilon_greedy";
	epsilon?: number | undefined;
} & Linear) | ({
	type: "dlinucb";
	forgetting?: {
		half_life_days: number;
	} | {
		per_step: number;
	} | undefined;
} & Drifting) | ({
	type: "sw_linucb";
	window?: {
		days: number;
	} | {
		steps: number;
	} | undefined;
} & Drifting) | {
	type: "beta_ts";
	prior?: [
		number,
		number
	] | undefined;
	reward_range?: [
		number,
		number
	] | undefined;
	epsilon?: number | undefined;
} | {
	type: "ucb1";
	alpha?: number | undefined;
	reward_range?: [
		number,
		number
	] | undefined;
	exploration?: Exploration | undefined;
} | {
	type: "recovering_softmax";
	half_life_days?: number | undefined;
	penalty?: number | undefined;
	tau?: number | undefined;
	prior_mean?: number | undefined;
	prior_lessons?: number | undefined;
	epsilon?: number | undefined;
} | ({
	type: "logistic";
	alpha?: number | undefined;
	reward_range?: [
		number,
		number
	] | undefined;
	exploration?: LogisticExploration | undefined;
	horizon_days?: number | undefined;
	open_lessons?: number | undefined;
} & Linear) | {
	type: "action_centred";
	hold?: string | undefined;
	pi_min?: number | undefined;
	pi_max?: number | undefined;
	scale?: number | undefined;
	draws?: number | undefined;
	epsilon?: number | undefined;
	lambda?: number | undefined;
	intercept?: boolean | undefined;
} | {
	type: "mixture";
	members?: {
		weight: number;
		policy: PolicySpec;
	}[] | undefined;
} | {
	type: "hierarchical";
	alpha?: number | undefined;
	lambda?: number | undefined;
	personal_ridge?: number | null | undefined;
	rank?: number | undefined;
	intercept?: boolean | undefined;
	exploration?: Exploration | undefined;
} | {
	type: "uniform";
};
/** A policy in JSON, in the form of every language. */
export interface PolicyJSON {
	/** `oo.policy.v1`. */
	format: string;
	/** Its settings. */
	settings: PolicySpec;
	/** The bytes of `save` in base64; `null` for an engine's policy. */
	state: string | null;
}
/** A class of policies. */
export type PolicyClass<P extends Policy> = {
	readonly prototype: P;
	readonly name: string;
};
/**
 * What all policies do. One row of `X` is one candidate, one column a feature. Without `dim` a policy is settings for an
 * engine, and everything here that needs columns throws.
 */
export declare abstract class Policy {
	#private;
	/** Subclasses pass what they are made of. */
	protected constructor(made: object);
	/** The policy of settings in the form of `Engine.open` and of HTTP. */
	static ofSettings(settings: PolicySpec, options?: PolicyOptions): Policy;
	/** The number of columns; `undefined` for an engine's policy. */
	get dim(): number | undefined;
	/** The settings, defaults filled in. */
	get spec(): PolicySpec;
	/** The options that make such a policy; a range that was `'auto'` is the one the first call fixed. */
	get options(): Record<string, unknown>;
	/** How many lessons are in it. */
	get lessons(): number;
	/** The hash of settings and exact sums, hexadecimal; equal for the same set of lessons, in any order. */
	get stateHash(): string;
	/**
	 * Draws one of the rows of `X`; or, where `arms` are named and `X` is one row, one of the arms in that context.
	 *
	 * Throws `InvalidInputError` for no rows, a wrong length, or a number that is not finite or outside the range; `field`
	 * names the column.
	 */
	decide(X: Matrix | Vector, options?: DecideOptions): Decided;
	/**
	 * Decides many times: an array of matrices, a view of (decisions, rows, columns), or a typed array of them with `rows`;
	 * or, with `arms`, one context a row.
	 */
	decideBatch(X: Matrix | readonly Matrix[] | readonly (readonly (readonly number[])[])[], options?: BatchOptions): DecidedBatch;
	/** Why row `index` of `X` scores as it does. */
	explain(X: Matrix | Vector, index: number, options?: RowOptions): Explanation;
	/** Learns the reward of a decision of this policy. */
	update(decided: Decided, reward: number): void;
	/** Learns the rewards of what `decideBatch` returned, or of an array of decisions, in their order; all or nothing. */
	updateBatch(decided: DecidedBatch | readonly Decided[], rewards: Vector): void;
	/**
	 * What `decided` would have shown on average, for policies that learn the advantage over doing nothing: `dim` numbers and
	 * the probability of doing anything; empty for other policies. As a row of `centres` it makes `learn`, `revise` and
	 * `unlearn` of the decided row what `update` was.
	 */
	centre(decided: Decided): Float64Array;
	/**
	 * Learns `rewards` of the rows of `X`, in their order; all of them or none. Or, where `X` is what `decideBatch`
	 * returned, its rewards.
	 */
	learn(X: Matrix | DecidedBatch, rewards: Vector, options?: LearnOptions): void;
	/**
	 * As `learn`, off the event loop. The arrays are copied at once, so they may be changed meanwhile; what the policy learns
	 * elsewhere meanwhile is kept. When `signal` fires or `progress` throws, the policy is as it was.
	 */
	fit(X: Matrix, rewards: Vector, options?: FitOptions): Promise<void>;
	/** Puts `rewards` in the place of `replaced`, with which the rows were learned. */
	revise(X: Matrix, rewards: Vector, replaced: Vector, options?: LearnOptions): void;
	/** Takes lessons away again, exactly: the policy that never saw them. */
	unlearn(X: Matrix, rewards: Vector, options?: LearnOptions): void;
	/** The policy as tagged, versioned, checked bytes; loading them changes no bit. */
	save(): Buffer;
	/** The policy that `bytes` were saved from; each class loads its own only. */
	static load<P extends Policy>(this: PolicyClass<P>, bytes: Uint8Array): P;
	/** The policy for `JSON.stringify`: its settings in words, its state in base64. */
	toJSON(): PolicyJSON;
	/** The policy of what `toJSON` returned, or of its text; no bit of it changes. */
	static fromJSON<P extends Policy>(this: PolicyClass<P>, json: string | PolicyJSON): P;
	/** The policy of the lessons of all `policies` together: exact, whatever the order. */
	static merge<P extends Policy>(policies: readonly P[]): P;
}
/** A closed range, lowest and highest. */
export type Range = readonly [
	lo: number,
	hi: number
];
/** What every policy is made of. */
export interface PolicyOptions {
	/** The number of columns. Without it the policy is for an engine, which has columns of its own. */
	dim?: number | undefined;
	/**
	 * The range of all columns; −16 to 16 when left out. `'auto'` takes the next power of two of the largest magnitude in
	 * the first call.
	 */
	range?: Range | "auto" | undefined;
	/** The range of rewards; −16 to 16 when left out, 0 to 1 for `BetaTS`, `UCB1` and `Logistic`. */
	rewardRange?: Range | undefined;
}
/** How scores become probabilities, one of: */
export interface ExplorationOptions {
	/** The share that is spread uniformly, 0 to 1; 0.05 when nothing is said. */
	epsilon?: number | undefined;
	/** τ > 0 of softmax(score/τ). */
	tau?: number | undefined;
	/** The settings in the JSON form. */
	exploration?: Exploration | undefined;
}
/** What policies on a ridge regression take. */
export interface LinearOptions extends PolicyOptions {
	/** One model over joint vectors, one an arm, or one of all and what each arm adds to it. */
	sharing?: "shared" | "disjoint" | "hybrid" | undefined;
	/** How many of the first columns are the context of hybrid sharing; all, when left out. */
	context?: number | undefined;
	/** λ > 0, the ridge; 1 when left out. */
	lambda?: number | undefined;
	/** Whether a constant 1 is appended to every row; it is, when left out. */
	intercept?: boolean | undefined;
}
/** What `Auto` takes: nothing to tune. */
export interface AutoOptions extends PolicyOptions, ExplorationOptions {
	/** One model over joint vectors, or one an arm. */
	sharing?: "shared" | "disjoint" | undefined;
	/** Whether a constant 1 is appended to every row; it is, when left out. */
	intercept?: boolean | undefined;
}
/** What `LinUCB` takes. */
export interface LinUCBOptions extends LinearOptions, ExplorationOptions {
	/** α ≥ 0, the factor of the width; 1 when left out. */
	alpha?: number | undefined;
}
/** What `LinTS` takes. */
export interface LinTSOptions extends LinearOptions {
	/** v ≥ 0, the scale of the posterior; 1 when left out. */
	scale?: number | undefined;
	/** How many draws estimate the probabilities of more than two candidates; 128 when left out. */
	draws?: number | undefined;
	/** The share that is spread uniformly, 0 to 1; 0.05 when left out. */
	epsilon?: number | undefined;
}
/** What `SquareCB` takes. */
export interface SquareCBOptions extends LinearOptions {
	/** γ₀ ≥ 0, in units of one over the reward: the greater, the greedier; 10 when left out. */
	gamma?: number | undefined;
	/** ρ, 0 to 2: γ is γ₀·t^ρ after t lessons; 0.5 when left out. */
	exponent?: number | undefined;
}
/** What `Softmax` takes. */
export interface SoftmaxOptions extends LinearOptions {
	/** τ > 0, in units of the reward; 0.1 when left out. */
	tau?: number | undefined;
}
/** What `EpsilonGreedy` takes. */
export interface EpsilonGreedyOptions extends LinearOptions {
	/** The share that is spread uniformly, 0 to 1; 0.1 when left out. */
	epsilon?: number | undefined;
}
/** What policies for drifting worlds take. */
export interface DriftOptions extends PolicyOptions, ExplorationOptions {
	/** One model over joint vectors, or one an arm. */
	sharing?: "shared" | "disjoint" | undefined;
	/** α ≥ 0, the factor of the width, 1 when left out; `null` for the papers' β of the next four. */
	alpha?: number | null | undefined;
	/** δ, between 0 and 1, of the papers' β. */
	delta?: number | undefined;
	/** S ≥ 0 of the papers' β, the bound on ‖θ‖. */
	bound?: number | undefined;
	/** σ ≥ 0 of the papers' β, the noise of rewards. */
	noise?: number | undefined;
	/** L ≥ 0 of the papers' β, the bound on ‖x‖. */
	length?: number | undefined;
	/** λ > 0, the ridge; 1 when left out. */
	lambda?: number | undefined;
	/** Whether a constant 1 is appended to every row; it is, when left out. */
	intercept?: boolean | undefined;
}
/** What `DLinUCB` takes. */
export interface DLinUCBOptions extends DriftOptions {
	/** A lesson weighs half as much after so many days; or every lesson weighs those before it by γ. */
	forgetting?: {
		halfLifeDays: number;
	} | {
		perStep: number;
	} | undefined;
}
/** What `SlidingWindowLinUCB` takes. */
export interface SlidingWindowLinUCBOptions extends DriftOptions {
	/** What counts: the newest days, 60 of them when left out, or the last lessons. */
	window?: {
		days: number;
	} | {
		steps: number;
	} | undefined;
}
/** What `BetaTS` takes. */
export interface BetaTSOptions extends PolicyOptions {
	/** (a₀, b₀) > 0, the prior of every arm; (1, 1) when left out. */
	prior?: readonly [
		a: number,
		b: number
	] | undefined;
	/** The share that is spread uniformly, 0 to 1; 0.05 when left out. */
	epsilon?: number | undefined;
}
/** What `UCB1` takes. */
export interface UCB1Options extends PolicyOptions, ExplorationOptions {
	/** α ≥ 0, the factor of the width; 1, the paper's, when left out. */
	alpha?: number | undefined;
}
/** What `RecoveringSoftmax` takes. */
export interface RecoveringSoftmaxOptions extends PolicyOptions {
	/** After so many days half of the penalty is left; 15 when left out. */
	halfLifeDays?: number | undefined;
	/** γ ≥ 0, the penalty on the day an arm was shown, in units of the reward; 0.017 when left out. */
	penalty?: number | undefined;
	/** τ > 0, in units of the reward; 0.0025 when left out. */
	tau?: number | undefined;
	/** The mean of an arm without lessons; 0 when left out. */
	priorMean?: number | undefined;
	/** How many lessons that mean counts for; 1 when left out. */
	priorLessons?: number | undefined;
	/** The share that is spread uniformly, 0 to 1; 0.05 when left out. */
	epsilon?: number | undefined;
}
/** What `Logistic` takes. Its `rewardRange`, 0 to 1 when left out, says which rewards are a chance of 0 and of 1. */
export interface LogisticOptions extends LinearOptions, Omit<ExplorationOptions, "exploration"> {
	/** α ≥ 0, the factor of the width, in log-odds; 1 when left out. */
	alpha?: number | undefined;
	/** How scores become probabilities, in the JSON form. */
	exploration?: LogisticExploration | undefined;
	/** For how many days a lesson may be revised; 7 when left out. */
	horizonDays?: number | undefined;
	/** The most lessons that may; 4096 when left out. */
	openLessons?: number | undefined;
}
/** What `ActionCentredTS` takes. */
export interface ActionCentredTSOptions extends PolicyOptions {
	/** The arm that does nothing; `hold` when left out. */
	hold?: string | undefined;
	/** The least probability of doing anything; 0.1 when left out. */
	piMin?: number | undefined;
	/** The most probability of doing anything; 0.9 when left out. */
	piMax?: number | undefined;
	/** v ≥ 0, the scale of the posterior; 0.5 when left out. */
	scale?: number | undefined;
	/** How many draws estimate which candidate is the best; 128 when left out. */
	draws?: number | undefined;
	/** The share that is spread over all candidates but `hold`; 0.05 when left out. */
	epsilon?: number | undefined;
	/** λ > 0, the ridge; 1 when left out. */
	lambda?: number | undefined;
	/** Whether the advantage has a constant part; it has, when left out. */
	intercept?: boolean | undefined;
}
/** What `Mixture` takes. */
export interface MixtureOptions extends PolicyOptions {
	/** Policies without `dim`, or their settings, with their weights. */
	members?: readonly {
		weight: number;
		policy: Policy | PolicySpec;
	}[] | undefined;
}
/** What `Hierarchical` takes. */
export interface HierarchicalOptions extends PolicyOptions, ExplorationOptions {
	/** α ≥ 0, the factor of the width, in units of the estimated noise; 1 when left out. */
	alpha?: number | undefined;
	/** λ > 0, the ridge of the population; 1 when left out. */
	lambda?: number | undefined;
	/** κ > 0, the ridge of what is personal; chosen by each person's own lessons when left out. */
	personalRidge?: number | null | undefined;
	/** The most columns in which people differ; 32 when left out. */
	rank?: number | undefined;
	/** Whether a constant 1 is appended to every row; it is, when left out. */
	intercept?: boolean | undefined;
}
/** Which bandit, and what it is. */
export interface BanditOptions {
	/** The bandit's name; `default` when left out. Its first decision opens it. */
	bandit?: string | undefined;
	/** A policy without `dim`, or its settings; the default policy when left out at its opening, later only a check. */
	policy?: Policy | PolicySpec | undefined;
	/** The range of all columns, −16 to 16 when left out; `'auto'` is fixed by the first decision. As `policy`. */
	range?: Range | "auto" | undefined;
	/** The range of rewards, −16 to 16 when left out. As `policy`. */
	rewardRange?: Range | undefined;
}
/** What a decision says beside its rows. */
export interface DecisionOptions {
	/** How many rows `X` is, where it is one typed array and `arms` are left out. */
	rows?: number | undefined;
	/** The arm of each row; a row's number when left out. */
	arms?: ArmList | undefined;
	/** Whom the decision is for: exported and forgotten with them. */
	user?: string | undefined;
	/** The decision's UUID, which seeds the draw; made when left out. The same id answers the same decision again. */
	id?: string | undefined;
}
/** What `decide` takes. */
export interface EngineDecideOptions extends BanditOptions, DecisionOptions, CallOptions {
}
/** One of several decisions that is more than its rows. */
export interface Decision extends BanditOptions, DecisionOptions {
	/** The rows to choose from; or, with `arms`, one context for all of them. */
	X: Matrix | readonly number[];
}
/** What `decideAll` takes: what decisions that do not say otherwise have. */
export interface BatchDecideOptions extends BanditOptions, CallOptions {
	/** The arm of each row; a row's number when left out. */
	arms?: ArmList | undefined;
	/** Whom the decisions are for: exported and forgotten with them. */
	user?: string | undefined;
}
/** A named bandit. */
export interface NamedBandit {
	/** Its name. */
	name: string;
	/** Policy, columns and ranges. */
	settings: {
		policy: PolicySpec;
		dim: number;
		range: Range;
		reward_range: Range;
	};
	/** How many lessons are in it. */
	lessons: number;
	/** The hash of settings and sums, hexadecimal: equal for the same set of lessons. */
	state_hash: string;
}
/** The candidates of one decision as a policy sees them. */
export interface Actions {
	/** One row a candidate, one number a feature of the schema. */
	X: readonly Float64Array[];
	/** The arm of each row. */
	arms: readonly string[];
	/** Whose decision it is, as the log knows them. */
	person: string | null;
	/** The UTC day of the decision, counted from 1970-01-01. */
	day: number;
}
/** A decision's drawn candidate and the reward it got. */
export interface Lesson {
	/** The drawn candidate's features. */
	x: Float64Array;
	/** Its arm. */
	arm: string;
	/** The reward. */
	reward: number;
	/** The reward that this one takes the place of, when it is a revision. */
	replaces: number | null;
	/** Whose decision it was, as the log knows them. */
	person: string | null;
	/** The logged probability of the drawn candidate. */
	propensity: number;
	/** The UTC day of the decision. */
	day: number;
	/** The decision's id. */
	decision: string;
}
/** What a policy states of a decision. */
export interface Distribution {
	/** A probability for each row; they sum to 1 within 1e-9. */
	pmf: Vector;
	/** A score for each row; the probabilities, when left out. */
	scores?: Vector | undefined;
}
/**
 * A policy of your own. Its methods answer at once or later, within `timeBudgetMs`; do not call the engine from inside
 * them. It has `learned` or `learn`, and `load`, which may be a static method of its class.
 */
export interface CustomPolicy {
	/** Its stable name, the `type` in the log. */
	name: string;
	/** Whether the same lessons give the same probabilities, bit for bit; only then `replay` compares them. */
	replays: boolean;
	/** Data that it is made of. With other settings than the stored ones it is taught from the log and takes over. */
	settings?: object | undefined;
	/** A score and a probability for each row. */
	distribution(actions: Actions): Distribution | Promise<Distribution>;
	/** The policy after `lessons`; changes nothing. */
	learned?(lessons: readonly Lesson[]): CustomPolicy | Promise<CustomPolicy>;
	/** Learns in place: on a copy, which the engine makes with `save` and `load`. */
	learn?(lessons: readonly Lesson[]): void | Promise<void>;
	/** The policy that never saw `lessons`. Without it the policy is rebuilt from the log when a person is forgotten. */
	unlearned?(lessons: readonly Lesson[]): CustomPolicy | Promise<CustomPolicy>;
	/** What each column contributed to the score of row `index`, or an explanation with all its parts. */
	explain?(actions: Actions, index: number): Vector | Explanation | Promise<Vector | Explanation>;
	/** The state, for snapshots. */
	save(): Uint8Array | Promise<Uint8Array>;
	/** The policy that `bytes` were saved from. */
	load?(bytes: Uint8Array): CustomPolicy | Promise<CustomPolicy>;
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
	/** A command that prints the master key, run without a shell. */
	master_key_command?: string | undefined;
	/** The list of forgotten people; beside the database when left out. Keep it out of backups. */
	forgotten_file?: string | undefined;
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
	/**
	 * The policy that serves: one without `dim`, its settings, or one of your own. A store keeps the one it has when this is
	 * left out.
	 */
	policy?: Policy | PolicySpec | CustomPolicy | undefined;
	/** Policies that score every decision without serving, by id; or in an array, named after their kind. */
	shadows?: Record<string, Policy | PolicySpec | CustomPolicy> | readonly (Policy | PolicySpec | CustomPolicy)[] | undefined;
	/** Features of your own, appended to the schema. */
	featurisers?: readonly Featuriser[] | undefined;
	/**
	 * How long a policy or featuriser of your own may take for a decision, in milliseconds; `settings.source_deadline_ms`
	 * when left out. What is saved or loaded may take ten times
	 * as long, and what is learned as much for every hundred lessons.
	 */
	timeBudgetMs?: number | undefined;
	/**
	 * Whether a store over another feature schema is migrated to this one: the serving policy and the shadows are extended
	 * by appended features, else taught from the log as shadows. Without it such a store is refused.
	 */
	migrate?: boolean | undefined;
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
/** What a featuriser is asked about. */
export type FeaturiserContext = Omit<SourceContext, "limit">;
/** A candidate as a featuriser sees it. One whose text is sealed has no `content`. */
export interface OfferedCandidate {
	/** The source's own id of it. */
	id: string;
	/** What the person reads. */
	content: string;
	/** To-do or advice. */
	kind: "todo" | "advice";
	/** The category, such as `focus`. */
	category: string;
	/** The source that offers it. */
	source: string;
	/** The arm it is to policies. */
	arm: string;
	/** When it is due: an ISO date or RFC 3339. */
	due: string | null;
	/** When it stops being of use, RFC 3339. */
	expires: string | null;
	/** How many minutes it takes. */
	effort_min: number | null;
	/** 1 (most urgent) to 4. */
	priority: number | null;
	/** The parts of the day it suits. */
	times: string[];
	/** How many words it has. */
	words: number;
}
/** Computes features of candidates. One that throws, answers nonsense or is late is missing, and counted. */
export interface Featuriser {
	/** Its stable name; the feature `NAME_missing` is 1 where it failed. */
	name: string;
	/** Its features, in order. */
	features: readonly FeatureSpec[];
	/** One row a candidate, one number a feature, at once or later; what lies outside its range is held to it and counted. */
	values(context: FeaturiserContext, candidates: readonly OfferedCandidate[]): Matrix | Promise<Matrix>;
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
/** What an event says; every other field of its type is beside these (`docs/events.schema.json`). */
interface Event$1 {
	/** What happened. */
	type: EventType;
	/** Its place in the log: counting up, with gaps where somebody was forgotten. Pass it as `after` to go on from there. */
	position: number;
	/** Its id: a second event with the same id changes nothing. */
	event: string;
	/** When it happened, RFC 3339. */
	at: string;
	/** The IANA zone it happened in. */
	zone: string;
	/** The offset from UTC that was in force there, in seconds. */
	offset_s: number;
	/** When it reached oO, RFC 3339. */
	recorded: string;
	/** The person; `null` for the engine's own events and for parked reactions. */
	pseudonym: string | null;
	[field: string]: unknown;
}
/** The types of events. */
export type EventType = "signal" | "decision" | "reaction" | "returned" | "expired" | "horizon" | "parking_lapsed" | "consent" | "preferences" | "policy_role" | "shadow" | "bandit" | "choice" | "reward" | "forgotten" | "lesson" | "trimmed" | "exported";
/** What `events` takes. `signal` ends the stream with an `AbortError`. */
export interface EventsOptions extends CallOptions {
	/** A position to go on from, or `'now'`; the stream begins with the log when it is left out. */
	after?: number | "now" | undefined;
	/** Only events of this person; everybody's when left out. */
	user?: string | undefined;
	/** Only these types. */
	types?: readonly EventType[] | undefined;
	/** Whether to wait for what will be committed, rather than to end with what is. */
	follow?: boolean | undefined;
}
/** Committed events in the order of the log, for `for await`. Leaving the loop frees it; so does closing the engine. */
export declare class EventStream implements AsyncIterableIterator<Event$1>, AsyncDisposable {
	#private;
	/** @internal */
	constructor(open: () => Promise<NativeEventStream>, signal: AbortSignal | undefined);
	[Symbol.asyncIterator](): this;
	/** The next event. Calls wait for each other. */
	next(): Promise<IteratorResult<Event$1, undefined>>;
	/** Ends the stream; a loop that is left calls it. */
	return(): Promise<IteratorReturnResult<undefined>>;
	/** `await using events = engine.events()` ends it at the end of the block. */
	[Symbol.asyncDispose](): Promise<void>;
}
/** A policy of the registry. */
export interface RegisteredPolicy {
	/** Its id and version, `id@version`. */
	policy: string;
	/** What it does. */
	role: "champion" | "shadow" | "retired";
	/** Its settings; of a policy of your own, `{ type: its name, custom: its settings }`. */
	settings: PolicySpec | {
		type: string;
		custom: unknown;
	};
	/** The hash of the feature schema it learned over, hexadecimal. */
	schema: string;
	/** How many lessons are in it. */
	lessons: number;
	/** The hash of settings, schema and sums, hexadecimal. */
	state_hash: string;
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
/** What came of a choice. */
export interface ChoiceReward {
	/** The choice, or its id. */
	decision: Choice | string;
	/** Its reward. */
	reward: number;
}
/** What `backup` takes. */
export interface BackupOptions extends CallOptions {
	/** Whether a backup that is there is replaced. */
	overwrite?: boolean | undefined;
}
/** What `restore` takes. */
export interface RestoreOptions {
	/** Whether a database that is there is moved aside; else it is an error. */
	replace?: boolean | undefined;
	/** Settings that say where the master key is, as for `Engine.open`. */
	settings?: Settings | string | undefined;
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
	/**
	 * The last receipts, newest first; 50 when no limit is given. They name nobody; one whose answer was lost is among
	 * them.
	 */
	receipts(options?: LimitOptions): Promise<Receipt[]>;
	/** Checks a receipt against the log, as `forget` gave it. One that does not hold is an answer, not an error. */
	verifyReceipt(receipt: Receipt, options?: CallOptions): Promise<VerifiedReceipt>;
	/** Erases what has been held for longer than the settings' `retain_…_days` say. */
	retain(options?: CallOptions): Promise<Retained>;
	/** Writes the export of a person to the new file `path`, which `forget` removes. */
	exportTo(user: string, path: string, options?: CallOptions): Promise<Exported>;
	/** Takes over the signals, consents and preferences of what `export` gave of a person; each signal once. */
	importExport(user: string, exported: string, options?: CallOptions): Promise<Imported>;
	/** Everything that is held of a person, as JSON lines. */
	export(user: string, options?: CallOptions): Promise<string>;
	/** The last decisions over all people, newest first, without texts; 50 when no limit is given, 10,000 at most. */
	decisions(options?: LimitOptions): Promise<PastTip[]>;
	/**
	 * A named bandit chooses one row of `X`. It is opened by its first decision; what it chose is on disk before this
	 * answers, and it has learned from every reward that was acknowledged before, in any process.
	 */
	decide(X: Matrix | readonly number[], options?: EngineDecideOptions): Promise<Choice>;
	/** As `decide` for each of `decisions`, at most 1000, in one commit: all of them or none. */
	decideAll(decisions: readonly (Decision | Matrix)[], options?: BatchDecideOptions): Promise<Choice[]>;
	/** Records the reward of a choice; another one later takes its place. The bandit's next choice has learned from it. */
	reward(decision: Choice | string, reward: number, options?: CallOptions): Promise<Rewarded>;
	/**
	 * As `reward` for each of `rewards`, at most 1000, in few commits. Each stands for itself: one that is refused has its
	 * {@link OoError} in its place, and the others are recorded. What is no id with a number is rejected before that.
	 */
	rewardAll(rewards: readonly ChoiceReward[], options?: CallOptions): Promise<(Rewarded | OoError)[]>;
	/** A choice as it was logged, with the reward it has now. */
	choice(decision: Choice | string, options?: CallOptions): Promise<Choice>;
	/** The named bandits, by name, with their settings and what they have learned. */
	bandits(options?: CallOptions): Promise<NamedBandit[]>;
	/** Every policy of the registry, oldest first: which one serves, which are shadows, which are retired. */
	policies(options?: CallOptions): Promise<RegisteredPolicy[]>;
	/**
	 * Committed events in the order of the log, own and other processes', each at least once: `for await (const event of
	 * engine.events({ follow: true }))`. The log holds no texts.
	 */
	events(options?: EventsOptions): EventStream;
	/** How the engine is: position, epoch and state hash. */
	health(options?: CallOptions): Promise<Health>;
	/** Counts since the engine was opened. */
	metrics(options?: CallOptions): Promise<Metrics>;
	/** Reads the whole log from its beginning and compares what it gives with what is live. */
	replay(options?: CallOptions): Promise<Replayed>;
	/**
	 * Writes a whole, consistent copy of the store to the file at `path`, while others go on writing. A file that is there
	 * is an error, or replaced with `overwrite`. It holds neither the master key nor the list of forgotten people.
	 */
	backup(path: string, options?: BackupOptions): Promise<Backup>;
	/**
	 * Rewrites the whole database, so that nothing of what was erased is left in unused parts of its pages. One of up to
	 * 16 MiB is rewritten after each erasure; a larger one when this is called.
	 */
	compact(options?: CallOptions): Promise<void>;
	/** Closes the engine: what is queued is done, a final snapshot is written, every later call is refused. */
	close(): Promise<void>;
	/** `await using engine = await Engine.open(…)` closes it at the end of the block. */
	[Symbol.asyncDispose](): Promise<void>;
}
/**
 * Restores the file `backup` as the database at `path`. Whoever is on the list of forgotten people is forgotten again
 * when it is opened, before anything is served.
 */
export declare function restore(backup: string, path: string, options?: RestoreOptions): Promise<Restored>;
/**
 * Auto, the one without a knob: LinUCB that estimates its ridge, its noise and the width of its optimism from the exact
 * sums, and notices drift.
 */
export declare class Auto extends Policy {
	constructor(options?: AutoOptions);
}
/** LinUCB: expected reward plus `alpha` widths, the more the less is known (Li, Chu, Langford & Schapire 2010). */
export declare class LinUCB extends Policy {
	constructor(options?: LinUCBOptions);
}
/**
 * Thompson sampling on the linear model: each candidate with the probability that a draw of θ from its posterior prefers
 * it (Agrawal & Goyal 2013).
 */
export declare class LinTS extends Policy {
	constructor(options?: LinTSOptions);
}
/** SquareCB: probabilities by the inverse of the gap to the best expected reward (Foster & Rakhlin 2020). */
export declare class SquareCB extends Policy {
	constructor(options?: SquareCBOptions);
}
/** Softmax of the expected rewards: one that is `tau` lower is e times less probable. */
export declare class Softmax extends Policy {
	constructor(options?: SoftmaxOptions);
}
/** ε-greedy on exact ridge regression: the best expected reward, `epsilon` of the probability spread uniformly. */
export declare class EpsilonGreedy extends Policy {
	constructor(options?: EpsilonGreedyOptions);
}
/** Greedy on exact ridge regression: always the best expected reward, ties split equally. It never explores. */
export declare class Greedy extends Policy {
	constructor(options?: LinearOptions);
}
/**
 * D-LinUCB, which forgets by and by: for worlds that drift (Russac, Vernade & Cappé 2019). By half-life in days it is
 * exact; by step it neither merges nor unlearns.
 */
export declare class DLinUCB extends Policy {
	constructor(options?: DLinUCBOptions);
}
/**
 * LinUCB over a sliding window: for worlds that change at once (Cheung, Simchi-Levi & Zhu 2019). In days it is exact; in
 * steps it neither merges nor unlearns.
 */
export declare class SlidingWindowLinUCB extends Policy {
	constructor(options?: SlidingWindowLinUCBOptions);
}
/** Beta–Bernoulli Thompson sampling of arms without features, its probabilities by quadrature (Chapelle & Li 2011). */
export declare class BetaTS extends Policy {
	constructor(options?: BetaTSOptions);
}
/** UCB1 of arms without features (Auer, Cesa-Bianchi & Fischer 2002). Arms that were never tried come first. */
export declare class UCB1 extends Policy {
	constructor(options?: UCB1Options);
}
/**
 * Softmax of the arms' mean rewards, less a penalty for an arm that this person was shown lately, which fades by half-life
 * (Yancey & Settles 2020). Pass `person` and `day` where they are known.
 */
export declare class RecoveringSoftmax extends Policy {
	constructor(options?: RecoveringSoftmaxOptions);
}
/**
 * Logistic regression for rewards that are chances: online Laplace, with any exploration (Chapelle & Li 2011). Lessons are
 * ordered: it neither merges nor unlearns.
 */
export declare class Logistic extends Policy {
	constructor(options?: LogisticOptions);
}
/**
 * Thompson sampling of the advantage over doing nothing, the row of the arm `hold` (Greenewald et al. 2017): something is
 * done with a probability from `piMin` to `piMax`. It learns from its own decisions: `update` and `updateBatch`.
 */
export declare class ActionCentredTS extends Policy {
	constructor(options?: ActionCentredTSOptions);
}
/** Several policies by weight: a decision's probabilities are the weighted mean of theirs, and all learn every lesson. */
export declare class Mixture extends Policy {
	constructor(options?: MixtureOptions);
}
/**
 * Personal and pooled: a ridge of everybody, and beside it what is each person's own. Whose a row is, `person` of `decide`
 * and `people` of `learn` say; nobody's rows are the population's.
 */
export declare class Hierarchical extends Policy {
	constructor(options?: HierarchicalOptions);
}
/** Uniform: every row with the same probability. */
export declare class Uniform extends Policy {
	constructor(options?: PolicyOptions);
}

export {
	Event$1 as Event,
};

export {};
