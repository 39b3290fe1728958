// The options of `Engine.open`, parted into what is data and what is asked.
import type { NativeQuestion } from '../../native'
import { InvalidInputError } from '../errors'
import type { OpenOptions } from '../options'
import { forEngine } from '../policies/settings'
import { featurisersOf } from './featurisers'
import { type CustomPolicy, type Declared, isCustom, policyOf } from './policies'
import { called } from './sources'

/** What is data, and the functions that answer for the components of the same places in it. */
export interface Components {
  said: Record<string, unknown>
  sources: ((context: string) => Promise<string>)[]
  policies: ((question: NativeQuestion) => void)[]
  featurisers: ((question: NativeQuestion) => void)[]
}

/** Parts `options`. */
export function componentsOf(options: Record<string, unknown>): Components {
  const { sources, policy, shadows, featurisers, schema, timeBudgetMs, migrate, ...rest } = options
  const asked = called((sources as OpenOptions['sources']) ?? [])
  const features = featurisersOf((featurisers as OpenOptions['featurisers']) ?? [])
  const own = new Map<CustomPolicy, { place: number; declared: Declared; function: (question: NativeQuestion) => void }>()
  const chosen = (given: unknown): unknown => {
    if (!isCustom(given)) return { own: forEngine(given) }
    const known = own.get(given) ?? { place: own.size, ...policyOf(given) }
    own.set(given, known)
    return { custom: known.place }
  }
  const said = {
    ...rest,
    schema: Array.isArray(schema) ? { features: schema } : schema,
    sources: asked.names,
    policy: policy === undefined ? undefined : chosen(policy),
    shadows: shadows === undefined ? undefined : Object.fromEntries([...named(shadows)].map(([id, shadow]) => [id, chosen(shadow)])),
    policies: [...own.values()].map(({ declared }) => declared),
    featurisers: features.declared,
    timeBudgetMs: budget(timeBudgetMs),
    migrate: flag(migrate, 'migrate'),
  }
  return { said, sources: asked.functions, policies: [...own.values()].map((one) => one.function), featurisers: features.functions }
}

/** Shadows by id; those of an array are named after their kind. */
function named(shadows: unknown): Map<string, unknown> {
  if (typeof shadows !== 'object' || shadows === null) {
    throw new InvalidInputError('shadows are an object or an array', { field: 'shadows' })
  }
  const ids = new Map<string, unknown>()
  if (!Array.isArray(shadows)) return new Map(Object.entries(shadows))
  for (const shadow of shadows) {
    const kind = isCustom(shadow) ? shadow.name : (forEngine(shadow) as { type?: string } | undefined)?.type
    let id = String(kind)
    for (let n = 2; ids.has(id); n++) id = `${kind}-${n}`
    ids.set(id, shadow)
  }
  return ids
}

function budget(given: unknown): number | undefined {
  if (given === undefined) return undefined
  if (Number.isInteger(given) && (given as number) >= 1 && (given as number) <= 600_000) return given as number
  throw new InvalidInputError('timeBudgetMs is a whole number of milliseconds, 1 to 600000', { field: 'timeBudgetMs' })
}

function flag(given: unknown, field: string): boolean | undefined {
  if (given === undefined || typeof given === 'boolean') return given
  throw new InvalidInputError(`${field} is true or false`, { field })
}
