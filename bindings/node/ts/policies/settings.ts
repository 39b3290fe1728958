// Between the options of a class, in camelCase and flat, and the settings of a policy in the JSON form.
//
// They have the same names, but for two: how scores become probabilities, an object in settings, may be said as `epsilon`
// or `tau`; and the columns of hybrid sharing are `context`. Which options a kind has, its defaults in the core say.
import { InvalidInputError, now, OoError } from '../errors'
import { native } from '../native'
import { wire } from '../wire'
import type { Range } from './options'
import type { PolicySpec } from './spec'

/** What belongs to arrays and not to settings. */
export interface Whole {
  dim?: number | undefined
  range?: Range | 'auto' | undefined
  rewardRange?: Range | undefined
}

type Settings = Record<string, unknown> & { type: string }

/** Checked settings with their defaults filled in. */
export function checked(settings: object): PolicySpec {
  return JSON.parse(now(() => native.policySettings(wire(settings))))
}

/** The settings of the kind `type` that `options` say, and what they say of arrays. */
export function settingsOf(type: string, name: string, given: object | undefined): { settings: PolicySpec; whole: Whole } {
  if (given !== undefined && (typeof given !== 'object' || given === null || Array.isArray(given))) {
    throw new InvalidInputError('pass options, such as { dim: 32 }', { field: 'options' })
  }
  const options = Object.fromEntries(Object.entries(given ?? {}).filter(([, value]) => value !== undefined))
  const names = namesOf(type)
  const unknown = Object.keys(options).find((option) => !names.includes(option))
  if (unknown !== undefined) {
    throw new InvalidInputError(`${name} has no option ${JSON.stringify(unknown)}; it has ${names.join(', ')}`, { field: unknown })
  }
  const { dim, range, rewardRange, epsilon, tau, context, ...rest } = options
  const settings: Settings = { type }
  for (const [option, value] of Object.entries(rest)) settings[snake(option)] = option === 'members' ? members(value) : deep(value)
  const has = defaultsOf(type)
  if ('exploration' in has) explore(settings, epsilon, tau)
  else Object.assign(settings, { epsilon, tau })
  if (context !== undefined) {
    if (settings.sharing !== 'hybrid') {
      throw new InvalidInputError("only sharing: 'hybrid' knows which columns are the context", { field: 'context' })
    }
    settings.sharing = { hybrid: { context } }
  }
  const whole: Whole = {
    dim: dim as number | undefined,
    range: rangeOf(range, 'range', true),
    rewardRange: rangeOf(rewardRange, 'rewardRange'),
  }
  if ('reward_range' in has) {
    // One range: of the rewards that the policy is given, and of those that it can learn.
    settings.reward_range = whole.rewardRange
    whole.rewardRange = dim === undefined ? undefined : (whole.rewardRange ?? (has.reward_range as Range))
  }
  return { settings: camelError(() => checked(settings)), whole }
}

/** The options that make the policy of `settings` again. */
export function optionsOf(settings: PolicySpec, whole: Whole): Record<string, unknown> {
  const { type: _, sharing, exploration, ...rest } = settings as Settings & { sharing?: unknown; exploration?: Settings }
  const options: Record<string, unknown> = { ...whole }
  for (const [name, value] of Object.entries(rest)) if (value !== null || name === 'alpha') options[camel(name)] = shallow(value)
  if (typeof sharing === 'object' && sharing !== null) {
    options.sharing = 'hybrid'
    options.context = (sharing as { hybrid: { context: number } }).hybrid.context
  } else if (sharing !== undefined) options.sharing = sharing
  if (exploration?.type === 'softmax') options.tau = exploration.tau
  else if (exploration?.type === 'epsilon_floor') options.epsilon = exploration.epsilon
  else if (exploration) options.exploration = exploration
  return options
}

/** Runs `work`; an error about a setting is about the option of that name. */
export function camelError<T>(work: () => T): T {
  try {
    return work()
  } catch (thrown) {
    throw camelField(thrown)
  }
}

/** An error about a setting as one about the option of that name. */
export function camelField(thrown: unknown): unknown {
  if (!(thrown instanceof OoError) || !thrown.field?.includes('_')) return thrown
  const Class = thrown.constructor as new (message: string, detail: object) => OoError
  return new Class(thrown.message, { field: camel(thrown.field), cause: thrown })
}

/** A range, checked. */
export function rangeOf(given: unknown, field: string): Range | undefined
export function rangeOf(given: unknown, field: string, auto: true): Range | 'auto' | undefined
export function rangeOf(given: unknown, field: string, auto = false): Range | 'auto' | undefined {
  if (given === undefined || (auto && given === 'auto')) return given as 'auto' | undefined
  const [lo, hi] = Array.isArray(given) && given.length === 2 ? given : []
  if (Number.isFinite(lo) && Number.isFinite(hi) && lo < hi) return [lo, hi]
  throw new InvalidInputError(`a range is [lo, hi], two finite numbers${auto ? ", or 'auto'" : ''}`, { field })
}

const defaults = new Map<string, Settings>()

function defaultsOf(type: string): Settings {
  let known = defaults.get(type)
  if (!known) defaults.set(type, (known = checked({ type }) as Settings))
  return known
}

/** The names of the options of a kind. */
export function namesOf(type: string): string[] {
  const { type: _, ...settings } = defaultsOf(type)
  const names = new Set(['dim', 'range', 'rewardRange', ...Object.keys(settings).map(camel)])
  if ('exploration' in settings) names.add('epsilon').add('tau')
  if ('sharing' in settings) names.add('context')
  return [...names]
}

function explore(settings: Settings, epsilon: unknown, tau: unknown): void {
  const said = { epsilon, tau, exploration: settings.exploration }
  const ways = Object.entries(said).filter(([, way]) => way !== undefined)
  if (ways.length > 1) {
    throw new InvalidInputError('pass one of epsilon, tau and exploration', { field: ways[0]![0] })
  }
  if (epsilon !== undefined) settings.exploration = { type: 'epsilon_floor', epsilon }
  if (tau !== undefined) settings.exploration = { type: 'softmax', tau }
}

function members(given: unknown): unknown {
  if (!Array.isArray(given)) throw new InvalidInputError('members are an array of { weight, policy }', { field: 'members' })
  return Array.from(given, (member) => {
    if (typeof member !== 'object' || member === null) {
      throw new InvalidInputError('a member is { weight, policy }', { field: 'members' })
    }
    return 'policy' in member ? { ...member, policy: forEngine(member.policy) } : member
  })
}

/** The settings of a policy without `dim`, or settings as they are. */
export function forEngine(given: unknown): unknown {
  const policy = given as { spec?: PolicySpec; dim?: number }
  if (typeof (given as { distribution?: unknown } | undefined)?.distribution === 'function') {
    throw new InvalidInputError('a policy of your own serves tips; here pass one of the classes, or settings', { field: 'policy' })
  }
  if (typeof given !== 'object' || given === null || !('spec' in given)) return given
  if (policy.dim === undefined) return policy.spec
  throw new InvalidInputError("an engine's policy takes its columns from the schema; leave `dim` out", { field: 'policy' })
}

const snake = (name: string) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
const camel = (name: string) => name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())

/** The names within a setting, too: `{ halfLifeDays: 7 }`. */
function deep(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [snake(name), one]))
}

function shallow(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [camel(name), one]))
}
