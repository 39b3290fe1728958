// The verbs of the HTTP contract that the page uses, typed from the generated description (api.d.ts),
// and the two ways they fail: nobody answered, or somebody answered with a problem.

import type { paths } from './api'

type Body<Operation> = Operation extends { requestBody: { content: { 'application/json': infer Json } } } ? Json : never
type Answer<Operation> = Operation extends { responses: { 200: { content: { 'application/json': infer Json } } } }
  ? Json
  : never

export type Recommended = Answer<paths['/api/recommend']['post']>
export type Tip = NonNullable<Recommended['tip']>
export type Feedback = Body<paths['/api/feedback']['post']>
export type Signals = Body<paths['/api/signals']['post']>
export type Signal = Signals['signals'][number]
export type Consents = Answer<paths['/api/me/consents']['get']>
export type Preferences = Answer<paths['/api/me/preferences']['get']>

/** Why a call failed. `offline` and `unreachable` never reached the server. */
export interface Trouble {
  kind: string
  detail: string
  retryAfter: number | null
}

export class Failure extends Error {
  constructor(readonly trouble: Trouble) {
    super(trouble.detail || trouble.kind)
  }

  /** Worth sending again as it is. */
  get passes(): boolean {
    return ['offline', 'unreachable', 'busy', 'storage', 'internal', 'key'].includes(this.trouble.kind)
  }
}

export interface Client {
  recommend(): Promise<Recommended>
  feedback(body: Feedback): Promise<unknown>
  signals(body: Signals): Promise<unknown>
  consents(): Promise<Consents>
  preferences(): Promise<Preferences>
  putPreferences(body: Preferences): Promise<unknown>
}

export const client: Client = {
  recommend: () => call('POST', '/api/recommend', { shown: 'reported' }),
  feedback: (body) => call('POST', '/api/feedback', body),
  signals: (body) => call('POST', '/api/signals', body),
  consents: () => call('GET', '/api/me/consents'),
  preferences: () => call('GET', '/api/me/preferences'),
  putPreferences: (body) => call('PUT', '/api/me/preferences', body),
}

/** 128 random bits in the form of a UUID; unlike `randomUUID` it also works where the page came over plain HTTP. */
export function newId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  bytes[6] = (bytes[6]! & 0x0f) | 0x40
  bytes[8] = (bytes[8]! & 0x3f) | 0x80
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}

export function failureOf(error: unknown): Failure {
  if (error instanceof Failure) return error
  return new Failure({ kind: 'internal', detail: '', retryAfter: null })
}

const PATIENCE_MS = 8_000

async function call<T>(method: string, path: string, body?: unknown): Promise<T> {
  let response: Response
  try {
    response = await fetch(path, {
      method,
      cache: 'no-store',
      signal: AbortSignal.timeout(PATIENCE_MS),
      ...(body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    })
  } catch {
    throw new Failure({ kind: navigator.onLine ? 'unreachable' : 'offline', detail: '', retryAfter: null })
  }
  if (response.ok) return (await json(response)) as T
  const problem = ((await json(response)) ?? {}) as { kind?: unknown; detail?: unknown }
  throw new Failure({
    kind: typeof problem.kind === 'string' ? problem.kind : 'internal',
    detail: typeof problem.detail === 'string' ? problem.detail.slice(0, 240) : '',
    retryAfter: Number(response.headers.get('retry-after')) || null,
  })
}

async function json(response: Response): Promise<unknown> {
  try {
    return await response.json()
  } catch {
    return null
  }
}
