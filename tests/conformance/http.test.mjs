// The conformance cases over HTTP. See README.md beside this file.
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'

import { start } from './server.mjs'

const here = dirname(fileURLToPath(import.meta.url))
const read = (name) => JSON.parse(readFileSync(join(here, name), 'utf8'))

/** How a verb is said over HTTP: method, path, body, and how its answer is the core's. */
function request(verb, args) {
  const { user, ...rest } = args
  const me = { headers: { 'oo-user': user ?? 'me' } }
  switch (verb) {
    case 'recommend': return { method: 'POST', path: '/api/recommend', body: args }
    case 'react': return { method: 'POST', path: '/api/feedback', body: args }
    case 'ingest': return { method: 'POST', path: '/api/signals', body: args }
    case 'decide': return { method: 'POST', path: '/api/decide', body: args }
    case 'decide_all': return { method: 'POST', path: '/api/decide/batch', body: args, pick: (answer) => answer.decisions }
    case 'reward': return { method: 'POST', path: '/api/decide/reward', body: args }
    case 'reward_all': return {
      method: 'POST',
      path: '/api/decide/rewards',
      body: args,
      pick: (answer) => answer.rewards.map((one) => (one.kind ? { kind: one.kind } : one)),
    }
    case 'choice': return { method: 'GET', path: `/api/decide/${rest.decision}` }
    case 'bandits': return { method: 'GET', path: '/api/bandits', pick: (answer) => answer.bandits }
    case 'policies': return { method: 'GET', path: '/api/policies', pick: (answer) => answer.policies }
    case 'explain': return { method: 'GET', path: `/api/tips/${rest.tip}/why` }
    case 'history': return { method: 'GET', path: `/api/me/history?limit=${rest.limit}`, ...me, pick: (answer) => answer.tips }
    case 'consents': return { method: 'GET', path: '/api/me/consents', ...me }
    case 'set_consents': return { method: 'PUT', path: '/api/me/consents', body: rest.consents, ...me }
    case 'preferences': return { method: 'GET', path: '/api/me/preferences', ...me }
    case 'set_preferences': return { method: 'PUT', path: '/api/me/preferences', body: rest.preferences, ...me }
    case 'forget': return { method: 'DELETE', path: '/api/me', ...me, pick: (answer) => answer.receipt }
    case 'receipt': return { method: 'GET', path: `/api/me/receipts/${rest.id}`, pick: (answer) => answer.receipt }
    case 'receipts': return {
      method: 'GET', path: `/api/admin/receipts?limit=${rest.limit}`, pick: (answer) => answer.receipts,
    }
    case 'verify_receipt': return {
      method: 'POST', path: '/api/me/receipts/verify', body: rest.receipt, pick: (answer) => answer.verified,
    }
    case 'export': return { method: 'GET', path: '/api/me/export', ...me }
    case 'import_export': return { method: 'POST', path: '/api/me/import', body: rest, ...me }
    case 'events': return { method: 'GET', path: stream(args) }
    case 'health': return { method: 'GET', path: '/health' }
    default: throw new Error(`${verb} is not said over HTTP`)
  }
}

/** Where a list of events is streamed: everybody's, unless a person is named. */
function stream({ user, after, types }) {
  const query = new URLSearchParams({ ...(user === undefined ? { all: 'true' } : { user }) })
  if (after !== undefined) query.set('after', after)
  if (types !== undefined) query.set('types', types.join())
  return `/api/events/stream?${query}`
}

/** The first `count` events of a stream, which does not end by itself, and what comes within a moment after them. */
async function told(server, path, count) {
  const stop = new AbortController()
  const response = await fetch(server.base + path, { signal: stop.signal })
  assert.equal(response.status, 200)
  const seen = []
  let text = ''
  setTimeout(() => stop.abort(), count === 0 ? 300 : 30_000).unref()
  try {
    for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
      text += chunk
      const blocks = text.split('\n\n')
      text = blocks.pop()
      for (const block of blocks) {
        const data = block.split('\n').filter((line) => line.startsWith('data:')).map((line) => line.slice(5).trimStart())
        if (data.length) seen.push(JSON.parse(data.join('\n')))
      }
      if (seen.length >= count && count > 0) setTimeout(() => stop.abort(), 200)
    }
  } catch (thrown) {
    if (thrown.name !== 'AbortError') throw thrown
  }
  return seen
}

const resolve = (value, saved) => {
  if (typeof value === 'string' && value.startsWith('$')) return saved[value.slice(1)] ?? value
  if (Array.isArray(value)) return value.map((item) => resolve(item, saved))
  if (value && typeof value === 'object') {
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, resolve(item, saved)]))
  }
  return value
}

const engineCases = readdirSync(here).filter((name) => name.endsWith('.json') && read(name).steps)

test('there are engine cases', () => assert.ok(engineCases.length >= 8))

for (const name of engineCases) {
  test(`engine case ${name}`, async () => {
    const { world, settings, steps } = read(name)
    const server = await start(world, settings)
    try {
      const saved = {}
      for (const [number, step] of steps.entries()) {
        if (step.not_over?.includes('http')) continue
        if (step.at) await server.at(step.at)
        const { method, path, body, headers, pick = (answer) => answer } = request(step.verb, resolve(step.args ?? {}, saved))
        const streams = step.verb === 'events' && !step.expect_error
        const { ok, answer } = streams
          ? { ok: true, answer: await told(server, path, step.expect.length) }
          : await server.call(method, path, body, headers)
        const place = `${name} step ${number} ${step.verb}`
        if (step.expect_error) {
          assert.equal(ok, false, `${place}: ${JSON.stringify(answer)}`)
          assert.equal(answer.kind, step.expect_error, place)
          continue
        }
        assert.ok(ok, `${place}: ${JSON.stringify(answer)}`)
        let seen = pick(answer)
        for (const [key, dotted] of Object.entries(step.save ?? {})) {
          saved[key] = dotted.split('.').filter(Boolean).reduce((value, part) => value[part], seen)
        }
        if (step.verb === 'health') {
          seen = Object.fromEntries(Object.keys(step.expect).map((key) => [key, seen[key]]))
        }
        assert.deepEqual(seen, step.expect, place)
      }
    } finally {
      await server.stop()
    }
  })
}

test('bare policies: decide.json', async () => {
  const { cases } = read('decide.json')
  assert.ok(cases.length >= 30)
  const server = await start({ now: '2026-03-02T08:00:00Z', seed: 'decide' })
  try {
    for (const { name, expect, expect_error: kind, ...body } of cases) {
      const { ok, answer } = await server.call('POST', '/api/decide/once', body)
      if (kind) {
        assert.equal(ok, false, `${name}: ${JSON.stringify(answer)}`)
        assert.equal(answer.kind, kind, name)
        continue
      }
      assert.ok(ok, `${name}: ${JSON.stringify(answer)}`)
      for (const key of ['index', 'propensity', 'pmf', 'scores', 'bounded', 'state_hash']) {
        assert.deepEqual(answer[key], expect[key], `${name}: ${key}`)
      }
    }
  } finally {
    await server.stop()
  }
})
