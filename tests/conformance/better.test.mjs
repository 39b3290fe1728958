// "The next tip is better": a simulated person does tips of one kind and dismisses the others, over HTTP. After 40
// reactions that kind's share of served tips has risen by at least 20 points in at least 18 of 20 seeds. "Before" is the
// share among the first tips of strangers with the same kind of list, at the same hours.
import assert from 'node:assert/strict'
import { test } from 'node:test'

import { start } from './server.mjs'

const monday = Date.parse('2026-03-02T00:00:00Z')
const hour = 3_600_000
const words = 'Call Send Book Mend Sort Read Plan Check Tidy Write Print Order Renew Measure Thank Cancel Water Pack Draw Answer'.split(' ')
const things = 'the dentist, the invoice, a table, the bike, old photos, that article, the trip, the insurance, the desk, a postcard'.split(', ')

/** Numbers in [0, 1) that follow from a seed (mulberry32). */
function random(seed) {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}

let made = 0
function task(draw) {
  made += 1
  const title = `${words[Math.floor(draw() * words.length)]} ${things[Math.floor(draw() * things.length)]} ${made}`
  return { kind: 'task', id: `t${made}`, title, priority: 1 + Math.floor(draw() * 4), effort_min: 5 + Math.floor(draw() * 60) }
}

async function ask(server, method, path, body) {
  const { ok, answer } = await server.call(method, path, body)
  assert.ok(ok, `${path}: ${JSON.stringify(answer)}`)
  return answer
}

const give = (server, user, signals) => ask(server, 'POST', '/api/signals', { user, by_hand: true, signals })

/** The tip of `user`; tops the list up to 20 open tasks first. */
async function tipOf(server, user, open, draw) {
  const fresh = []
  while (open.size < 20) {
    const next = task(draw)
    open.add(next.id)
    fresh.push(next)
  }
  if (fresh.length) await give(server, user, fresh)
  const { tip } = await ask(server, 'POST', '/api/recommend', { user })
  assert.ok(tip, 'there is always a tip')
  return tip
}

async function share(server, kind, draw, clock, people) {
  let hits = 0
  for (let person = 0; person < people; person += 1) {
    await server.at(new Date(clock + Math.floor(6 + draw() * 16) * hour).toISOString())
    const tip = await tipOf(server, `stranger-${kind}-${person}`, new Set(), draw)
    if (tip.kind === kind) hits += 1
  }
  return hits / people
}

async function rise(seed) {
  const kind = seed % 2 === 0 ? 'todo' : 'advice'
  const draw = random(seed * 7919 + 1)
  const server = await start({ now: new Date(monday).toISOString(), seed: `better-${seed}` })
  try {
    const before = await share(server, kind, draw, monday, 30)
    const open = new Set()
    let clock = monday + 24 * hour
    const served = []
    for (let turn = 0; turn < 80; turn += 1) {
      // Waking hours, about three hours apart.
      clock += Math.floor((1 + draw() * 4) * hour)
      if (new Date(clock).getUTCHours() < 6) clock += 6 * hour
      await server.at(new Date(clock).toISOString())
      const tip = await tipOf(server, 'me', open, draw)
      served.push(tip.kind === kind)
      const done = tip.kind === kind
      await ask(server, 'POST', '/api/feedback', { tip: tip.id, reaction: done ? 'done' : 'dismiss' })
      if (done && tip.kind === 'todo') open.delete(tip.candidate)
    }
    const after = served.slice(40).filter(Boolean).length / 40
    return { seed, kind, before, after, points: Math.round((after - before) * 100) }
  } finally {
    await server.stop()
  }
}

test('after 40 reactions the wanted kind is served more often', { timeout: 600_000 }, async () => {
  const results = []
  for (let seed = 0; seed < 20; seed += 2) {
    results.push(...(await Promise.all([rise(seed), rise(seed + 1)])))
  }
  for (const { seed, kind, before, after, points } of results) {
    console.log(`seed ${seed} ${kind}: ${before.toFixed(2)} -> ${after.toFixed(2)} (${points >= 0 ? '+' : ''}${points} points)`)
  }
  const risen = results.filter(({ points }) => points >= 20).length
  console.log(`risen by 20 points or more: ${risen} of ${results.length} seeds`)
  assert.ok(risen >= 18)
})

test('the first tips of 200 cold users are spread sensibly', { timeout: 300_000 }, async () => {
  const server = await start({ now: '2026-03-02T09:00:00Z', seed: 'cold' })
  const draw = random(42)
  try {
    const kinds = {}
    const categories = {}
    const contents = new Set()
    for (let person = 0; person < 200; person += 1) {
      await server.at(new Date(monday + Math.floor(6 + draw() * 16) * hour + Math.floor(draw() * hour)).toISOString())
      const withTasks = person % 2 === 0
      const open = new Set()
      const tip = withTasks
        ? await tipOf(server, `cold-${person}`, open, draw)
        : (await ask(server, 'POST', '/api/recommend', { user: `cold-${person}` })).tip
      kinds[`${withTasks ? 'with' : 'without'} tasks: ${tip.kind}`] = (kinds[`${withTasks ? 'with' : 'without'} tasks: ${tip.kind}`] ?? 0) + 1
      if (tip.kind === 'advice') {
        categories[tip.category] = (categories[tip.category] ?? 0) + 1
        contents.add(tip.content)
      }
    }
    console.log('kinds', kinds)
    console.log('advice by category', categories, 'different advices', contents.size)
    assert.equal(kinds['without tasks: advice'], 100)
    for (const kind of ['todo', 'advice']) assert.ok((kinds[`with tasks: ${kind}`] ?? 0) >= 20, `${kind} is hardly ever first`)
    assert.ok(Object.keys(categories).length >= 8, 'the categories are not spread')
    const most = Math.max(...Object.values(categories)) / Object.values(categories).reduce((sum, count) => sum + count, 0)
    assert.ok(most <= 0.35, 'one category crowds out the others')
    assert.ok(contents.size >= 25, 'the same few advices come first')
  } finally {
    await server.stop()
  }
})
