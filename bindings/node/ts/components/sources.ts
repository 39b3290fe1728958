// Candidate sources in JavaScript: asked under the engine's deadline (`settings.source_deadline_ms`).
import { InvalidInputError } from '../errors'
import type { Instant } from '../signals'
import { wire } from '../wire'
import { saying, warning } from './answering'

/** One thing that could be the tip. Its fields have the names of the JSON form. */
export interface Candidate {
  /** The source's own id of it. */
  id: string
  /** What the person reads. */
  content: string
  /** An advice when left out. */
  kind?: 'todo' | 'advice' | undefined
  /** One of the engine's categories; `other` for an advice and `task` for a to-do when left out. */
  category?: string | undefined
  /** When it is due: an ISO date or an instant. */
  due?: Instant | undefined
  /** When it stops being of use. */
  expires?: Instant | undefined
  /** How many minutes it takes. */
  effort_min?: number | undefined
  /** 1 (most urgent) to 4. */
  priority?: 1 | 2 | 3 | 4 | undefined
  /** The parts of the day it suits; any, when left out. */
  times?: ('morning' | 'midday' | 'afternoon' | 'evening' | 'night' | 'any')[] | undefined
  /** Values of features that the schema declares. */
  features?: Record<string, number> | undefined
}

/** What a source is asked. */
export interface SourceContext {
  /** The caller's id of the person. */
  user: string
  /** Now, RFC 3339. */
  now: string
  /** The person's IANA zone. */
  zone: string
  /** The language of tips, an ISO 639-1 code. */
  language: string
  /** The decision's id: it seeds whatever the source rotates. */
  decision: string
  /** At most that many candidates. */
  limit: number
}

/** Answers with candidates, at once or later. */
export type CandidateFunction = (
  context: SourceContext,
) => readonly Candidate[] | Promise<readonly Candidate[]>

/** A source of candidates. One that throws, answers nonsense or is late is left out of the decision and counted. */
export interface CandidateSource {
  /** Its stable name: it is logged and is part of a candidate's identity. */
  name: string
  /** The candidates of one decision. */
  candidates: CandidateFunction
}

/** The names of sources, and what the native half calls: never throws, answers JSON. */
export function called(sources: readonly CandidateSource[]): {
  names: string[]
  functions: ((context: string) => Promise<string>)[]
} {
  if (!Array.isArray(sources)) {
    throw new InvalidInputError('sources are an array of { name, candidates }', { field: 'sources' })
  }
  const names = new Set<string>()
  for (const source of sources) {
    if (typeof source?.name !== 'string' || source.name === '' || typeof source.candidates !== 'function') {
      throw new InvalidInputError('a source has a name and a function `candidates`', { field: 'sources' })
    }
    if (names.has(source.name)) {
      throw new InvalidInputError(`two sources are named ${JSON.stringify(source.name)}`, { field: 'sources' })
    }
    names.add(source.name)
  }
  return { names: [...names], functions: sources.map(answeringOf) }
}

function answeringOf(source: CandidateSource): (context: string) => Promise<string> {
  const warn = warning(`the source ${JSON.stringify(source.name)}`)
  return async (context) => {
    try {
      const candidates = await source.candidates(JSON.parse(context) as SourceContext)
      if (!Array.isArray(candidates)) throw new TypeError('candidates are an array')
      return wire({ candidates })
    } catch (thrown) {
      warn('candidates', thrown)
      return JSON.stringify({ failed: saying(thrown) })
    }
  }
}
