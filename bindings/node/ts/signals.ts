// Signals: what is told of a life. Their fields have the names of the JSON form, as over HTTP.

/** An instant: RFC 3339 text with an offset, or a `Date`. */
export type Instant = string | Date

/** What every signal may carry. */
export interface SignalMeta {
  /** The caller's id of this message: sending it twice changes nothing. */
  signal_id?: string | undefined
  /** When it happened; now, when left out. */
  at?: Instant | undefined
}

/** What a task may carry. */
export interface TaskFields extends SignalMeta {
  /** Longer text of its own. */
  notes?: string | undefined
  /** When it is due: an ISO date (the whole day) or an instant. */
  due?: Instant | undefined
  /** 1 (most urgent) to 4. */
  priority?: 1 | 2 | 3 | 4 | undefined
  /** How many minutes it takes. */
  effort_min?: number | undefined
  /** Open when left out. */
  status?: 'open' | 'done' | 'deleted' | undefined
  /** When it was made. */
  created?: Instant | undefined
}

/** A task: new, changed, done or deleted. */
export interface TaskSignal extends TaskFields {
  kind: 'task'
  /** The caller's id of the task. */
  id: string
  /** What the person reads. */
  title?: string | undefined
}

/** What a habit may carry. */
export interface HabitFields extends SignalMeta {
  /** How often a week it is meant. */
  per_week?: number | undefined
  /** Defined when left out. */
  event?: 'defined' | 'done' | 'deleted' | undefined
}

/** A habit: defined, done once, or deleted. */
export interface HabitSignal extends HabitFields {
  kind: 'habit'
  /** The caller's id of the habit. */
  id: string
  /** Its name. */
  name?: string | undefined
}

/** What a calendar entry may carry. */
export interface CalendarFields extends SignalMeta {
  /** Its title. */
  title?: string | undefined
  /** Whether the person is busy; they are, when left out. */
  busy?: boolean | undefined
  /** Whether it takes whole days. */
  all_day?: boolean | undefined
  /** Whether it was cancelled. */
  cancelled?: boolean | undefined
}

/** A calendar entry. */
export interface CalendarSignal extends CalendarFields {
  kind: 'calendar'
  /** The caller's id of the entry. */
  id: string
  /** When it starts. */
  start: Instant
  /** When it ends. */
  end: Instant
}

/** What a mood may carry. */
export interface MoodFields extends SignalMeta {
  /** 1 (none) to 5. */
  energy?: number | undefined
  /** A note; it is sealed and never derived from. */
  note?: string | undefined
}

/** A mood, as the person says it is. */
export interface MoodSignal extends MoodFields {
  kind: 'mood'
  /** 1 (low) to 5. */
  level: number
}

/** A number of the moment that the feature schema declares. */
export interface ContextSignal extends SignalMeta {
  kind: 'context'
  /** The feature's name. */
  name: string
  /** Its value. */
  value: number
}

/** A signal of a life. */
export type Signal = TaskSignal | HabitSignal | CalendarSignal | MoodSignal | ContextSignal

/** A task. */
export function task(id: string, title: string, fields: TaskFields = {}): TaskSignal {
  return { kind: 'task', id, title, ...fields }
}

/** A habit. */
export function habit(id: string, name: string, fields: HabitFields = {}): HabitSignal {
  return { kind: 'habit', id, name, ...fields }
}

/** A calendar entry. */
export function calendar(id: string, start: Instant, end: Instant, fields: CalendarFields = {}): CalendarSignal {
  return { kind: 'calendar', id, start, end, ...fields }
}

/** A mood. */
export function mood(level: number, fields: MoodFields = {}): MoodSignal {
  return { kind: 'mood', level, ...fields }
}

/** A number of the moment. */
export function context(name: string, value: number, fields: SignalMeta = {}): ContextSignal {
  return { kind: 'context', name, value, ...fields }
}
