// The cases that Rust, Python, Node and HTTP share: ids, probabilities, draws and hashes equal to the bit.
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'

import { InvalidInputError, OoError, Policy } from '../index.mjs'
import { opened, world } from '../support/harness.mjs'

const FOLDER = new URL('../../../tests/conformance/', import.meta.url)
const read = (name) => JSON.parse(readFileSync(new URL(name, FOLDER), 'utf8'))

const DECIDE = read('decide.json').cases
const ENGINE = readdirSync(FOLDER).filter((name) => name.endsWith('.json') && read(name).steps)

test('there are cases', () => {
  assert.ok(DECIDE.length > 20 && ENGINE.length >= 8, `${DECIDE.length} and ${ENGINE.length}`)
})

for (const [number, one] of DECIDE.entries()) {
  test(`decide ${number}: ${one.name}`, () => {
    if (one.expect_error) {
      assert.throws(() => decided(one), (error) => error instanceof OoError && error.code === one.expect_error)
      return
    }
    const { policy, answer } = decided(one)
    const { expect } = one
    assert.equal(answer.index, expect.index)
    assert.equal(answer.propensity, expect.propensity)
    assert.deepEqual([...answer.pmf], expect.pmf)
    assert.deepEqual([...answer.scores], expect.scores)
    assert.deepEqual(bits(answer.pmf), expect.pmf_bits)
    assert.deepEqual(bits(answer.scores), expect.scores_bits)
    assert.deepEqual([...answer.bounded], expect.bounded)
    assert.equal(policy.stateHash, expect.state_hash)
    assert.equal(Policy.load(policy.save()).stateHash, expect.state_hash)
  })
}

function decided({ policy: settings, dim, range, reward_range: rewardRange, lessons, features, arms, seed }) {
  const policy = Policy.ofSettings(settings, { dim, range, rewardRange })
  if (lessons.length > 0) {
    const named = 'arm' in lessons[0] ? lessons.map((lesson) => lesson.arm) : undefined
    const rewards = numbers(lessons.map((lesson) => lesson.reward))
    const also = (key) => (key in lessons[0] ? lessons.map((lesson) => lesson[key]) : undefined)
    const said = { arms: named, propensities: also('propensity'), days: also('day') }
    policy.learn(numbers(lessons.flatMap((lesson) => lesson.x)), rewards, said)
  }
  return { policy, answer: policy.decide(numbers(features.flat()), { rows: features.length, arms, seed }) }
}

// JSON cannot say NaN: the cases say it in words.
function numbers(given) {
  return Float64Array.from(given, Number)
}

function bits(array) {
  return Array.from(array, (value) => {
    const bytes = Buffer.alloc(8)
    bytes.writeDoubleBE(value)
    return bytes.toString('hex')
  })
}

for (const name of ENGINE) {
  test(`engine case ${name}`, async (t) => {
    const { world: start, settings, steps } = read(name)
    const clock = world(t, start.now, start.seed)
    const engine = await opened(t, { settings, testWorld: clock.path })
    const saved = {}
    for (const [number, step] of steps.entries()) {
      if (step.not_over?.includes('node')) continue
      if (step.at) clock.at(step.at)
      const place = `${name}, step ${number}: ${step.verb}`
      const call = said(engine, step.verb, filled(step.args ?? {}, saved))
      if (step.expect_error) {
        await assert.rejects(call, (error) => error instanceof OoError && error.code === step.expect_error, place)
        continue
      }
      const answer = await call
      for (const [key, path] of Object.entries(step.save ?? {})) {
        saved[key] = path.split('.').filter(Boolean).reduce((value, part) => value[part], answer)
      }
      const listed = () => Object.fromEntries(Object.keys(step.expect).map((key) => [key, answer[key]]))
      if (step.expect !== undefined) assert.deepEqual(step.verb === 'health' ? listed() : answer, step.expect, place)
    }
  })
}

function asked({ features: X, bandit, policy, range, reward_range: rewardRange, arms, user, id }) {
  return { X, bandit, policy, range, rewardRange, arms, user, id }
}

async function said(engine, verb, args) {
  const { user, tip, reaction, signals, consents, preferences, id, ...options } = args
  switch (verb) {
    case 'decide': {
      const { X, ...more } = asked(args)
      return engine.decide(X, more)
    }
    case 'decide_all': {
      const { bandit, policy, range, rewardRange, arms, user } = asked(args)
      return engine.decideAll(args.decisions.map(asked), { bandit, policy, range, rewardRange, arms, user })
    }
    case 'reward': return engine.reward(args.decision, args.reward)
    case 'reward_all': {
      const each = await engine.rewardAll(args.rewards)
      return each.map((one) => (one instanceof OoError ? { kind: one.code } : one))
    }
    case 'choice': return engine.choice(args.decision)
    case 'bandits': return engine.bandits()
    case 'policies': return engine.policies()
    case 'recommend': return engine.recommendWith(user, { requestId: options.request_id, shown: options.shown })
    case 'react': return engine.react(tip, reaction, { ...options, id })
    case 'ingest': return engine.ingest(user, signals)
    case 'explain': return engine.explain(tip)
    case 'set_consents': return engine.setConsents(user, consents)
    case 'set_preferences': return engine.setPreferences(user, preferences)
    case 'receipt': return engine.receipt(id)
    case 'receipts': return engine.receipts(options)
    case 'verify_receipt': return engine.verifyReceipt(options.receipt)
    case 'import_export': return engine.importExport(user, options.export)
    case 'retain': return engine.retain()
    case 'events': {
      const all = []
      for await (const event of engine.events(args)) all.push(event)
      return all
    }
    case 'health': return engine.health()
    case 'replay': return engine.replay()
    case 'history': return engine.history(user, options)
    case 'consents':
    case 'preferences':
    case 'forget':
    case 'export': return engine[verb](user)
    default: throw new InvalidInputError(`${verb} is no verb`)
  }
}

function filled(value, saved) {
  if (typeof value === 'string' && value.startsWith('$')) return saved[value.slice(1)] ?? value
  if (Array.isArray(value)) return value.map((item) => filled(item, saved))
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, filled(item, saved)]))
}
