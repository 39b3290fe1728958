// A backend with the engine inside: node:http, one SQLite file, no server of ours.
//
//   POST   /signals?user=u-42   [{"kind": "task", "id": "t1", "title": "File taxes"}]
//   GET    /tip?user=u-42       one tip
//   POST   /tip/ID              {"reaction": "done"}
//   DELETE /me?user=u-42        forget a person
//
// Here it starts, asks itself, prints and stops.
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { AbortError, type CandidateSource, Engine, type ErrorCode, OoError, type Reaction, type Signal } from 'oo-engine'

/** What this product can offer beside a person's own tasks: any function, under the engine's deadline. */
const lessons: CandidateSource = {
  name: 'lessons',
  candidates: async ({ user }) => [
    { id: 'scales', content: `Play scales for five minutes, ${user}`, category: 'learning', effort_min: 5 },
    { id: 'listen', content: 'Listen to the slow movement once more', category: 'learning', effort_min: 12 },
  ],
}

const STATUS: Record<ErrorCode, number> = {
  invalid_input: 400,
  not_found: 404,
  denied: 403,
  incompatible: 409,
  busy: 503,
  storage: 507,
  key: 500,
  internal: 500,
}

async function answer(engine: Engine, request: IncomingMessage, signal: AbortSignal): Promise<unknown> {
  const url = new URL(request.url ?? '/', 'http://localhost')
  const user = url.searchParams.get('user') ?? ''
  const [, place, id] = url.pathname.split('/')
  switch (`${request.method} /${place}`) {
    case 'POST /signals':
      return engine.ingest(user, (await body(request)) as Signal[], { signal })
    case 'GET /tip':
      return { tip: await engine.recommend(user, { signal }) }
    case 'POST /tip': {
      const { reaction, ...options } = (await body(request)) as { reaction: Reaction }
      return engine.react(id ?? '', reaction, options)
    }
    case 'DELETE /me':
      return engine.forget(user)
    default:
      throw new OoError('not_found', `${request.method} ${url.pathname} is not served here`)
  }
}

async function body(request: IncomingMessage): Promise<unknown> {
  let text = ''
  for await (const piece of request.setEncoding('utf8')) {
    text += piece
    if (text.length > 64 * 1024) throw new OoError('invalid_input', 'the body is longer than 64 KiB')
  }
  try {
    return JSON.parse(text)
  } catch {
    throw new OoError('invalid_input', 'the body is not JSON')
  }
}

async function serve(engine: Engine, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const gone = new AbortController()
  response.on('close', () => gone.abort())
  const reply = (status: number, value: unknown): void => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value))
  }
  try {
    reply(200, await answer(engine, request, gone.signal))
  } catch (error) {
    if (error instanceof AbortError) return
    if (error instanceof OoError) reply(STATUS[error.code] ?? 500, { kind: error.code, detail: error.message, field: error.field })
    else reply(500, { kind: 'internal' })
  }
}

const folder = await mkdtemp(join(tmpdir(), 'oo-backend-'))
const engine = await Engine.open(join(folder, 'oo.db'), { sources: [lessons] })
const server = createServer((request, response) => void serve(engine, request, response))
server.listen(0, '127.0.0.1')
await once(server, 'listening')
const { port } = server.address() as AddressInfo

async function ask(method: string, path: string, value?: unknown): Promise<any> {
  const init = value === undefined ? { method } : { method, body: JSON.stringify(value) }
  const response = await fetch(`http://127.0.0.1:${port}${path}`, init)
  return { status: response.status, ...((await response.json()) as object) }
}

try {
  const told = await ask('POST', '/signals?user=u-42', [{ kind: 'task', id: 't1', title: 'File taxes', priority: 1 }])
  console.log(`told it of ${told.accepted} task`)
  for (const reaction of ['done', 'dismiss', 'done']) {
    const { tip } = await ask('GET', '/tip?user=u-42')
    console.log(`${tip.content}  (${tip.source}; ${tip.why.sentence})`)
    const { status, reward } = await ask('POST', `/tip/${tip.id}`, { reaction })
    if (status !== 'applied') throw new Error(`the reaction was not applied but ${status}`)
    console.log(`  ${reaction}: reward ${reward}`)
  }
  const wrong = await ask('POST', '/tip/nonsense', { reaction: 'done' })
  console.log(`a wrong id is ${wrong.status}: ${wrong.detail}`)
  const receipt = await ask('DELETE', '/me?user=u-42')
  console.log(`forgotten: ${receipt.stage}, ${receipt.lessons} lessons unlearned`)
} finally {
  server.close()
  server.closeAllConnections()
  await engine.close()
  await rm(folder, { recursive: true })
}
