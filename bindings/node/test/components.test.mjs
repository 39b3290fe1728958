// Policies and featurisers that are JavaScript objects; sources are in sources.test.mjs.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'

import { Engine, IncompatibleError, InvalidInputError, LinUCB, task } from '../index.mjs'
import { failing, folder, opened, world } from '../support/harness.mjs'

const PATIENT = { source_deadline_ms: 10_000, holdout: 0 }
const one = (id) => [{ id, content: `Do ${id}`, category: 'focus' }]
const own = { builtInSources: false, sources: [{ name: 'own', candidates: () => one('a') }] }
const until = async (done) => {
  for (let n = 0; n < 500 && !(await done()); n++) await sleep(10)
}

/** Prefers the arm that got the most reward. Pure: `learned` returns another. */
class Counting {
  name = 'counting'
  replays = true
  settings = { temperature: 1 }

  constructor(totals = []) {
    this.totals = new Map(totals)
  }

  distribution({ X, arms, day }) {
    assert.ok(X.length === arms.length && X[0] instanceof Float64Array && Number.isInteger(day))
    const scores = arms.map((arm) => this.totals.get(arm) ?? 0)
    const weights = scores.map(Math.exp)
    const sum = weights.reduce((sum, weight) => sum + weight, 0)
    return { scores, pmf: Float64Array.from(weights, (weight) => weight / sum) }
  }

  learned(lessons) {
    const after = new Counting(this.totals)
    after.settings = this.settings
    for (const { x, arm, reward, replaces, propensity } of lessons) {
      assert.ok(x instanceof Float64Array && propensity > 0 && propensity <= 1)
      after.totals.set(arm, (after.totals.get(arm) ?? 0) + reward - (replaces ?? 0))
    }
    return after
  }

  unlearned(lessons) {
    return this.learned(lessons.map((lesson) => ({ ...lesson, reward: -lesson.reward, replaces: null })))
  }

  save() {
    return Buffer.from(JSON.stringify([...this.totals].filter(([, total]) => total).sort()))
  }

  static load(bytes) {
    return new Counting(JSON.parse(Buffer.from(bytes)))
  }

  explain({ X }, index) {
    return new Float64Array(X[index].length)
  }
}

/** Learns in place, on the copy that the engine makes; cannot unlearn. Asynchronous throughout. */
const inPlace = (more) => ({
  name: 'in place',
  replays: false,
  seen: 0,
  async distribution({ arms }) {
    await sleep(1)
    return { pmf: arms.map(() => 1 / arms.length) }
  },
  async learn(lessons) {
    await sleep(1)
    this.seen += lessons.length
  },
  async save() {
    return Buffer.from(String(this.seen))
  },
  async load(bytes) {
    return { ...this, seen: Number(Buffer.from(bytes)) }
  },
  ...more,
})

test('a policy of your own serves, learns and is saved', async (t) => {
  const [clock, path] = [world(t), join(folder(t), 'oo.db')]
  const options = { policy: new Counting(), settings: PATIENT, testWorld: clock.path }
  const engine = await Engine.open(path, { ...options, shadows: [new LinUCB()] })
  for (let day = 3; day < 9; day++) {
    const tip = await engine.recommend('u')
    assert.ok((await engine.explain(tip.id)).pmf.length > 1)
    await engine.react(tip, 'done')
    clock.at(`2026-03-0${day}T08:00:00Z`)
  }
  const health = await engine.health()
  assert.equal(health.lessons, 6)
  assert.equal((await engine.metrics()).policy_failures, 0)
  const replayed = await engine.replay()
  assert.deepEqual(replayed.differences, [])
  assert.ok(replayed.pmfs >= 6)
  await engine.close()
  const again = await Engine.open(path, options)
  assert.equal((await again.health()).state_hash, health.state_hash)
  assert.deepEqual((await again.policies())[0].settings, { type: 'counting', custom: { temperature: 1 } })
  assert.equal((await again.forget('u')).lessons, 6)
  assert.equal((await again.health()).lessons, 0)
  await again.close()
  await assert.rejects(Engine.open(path, { testWorld: clock.path }), failing(IncompatibleError, 'incompatible'))
})

test('what it learned is what it states', async (t) => {
  for (const policy of [new Counting(), inPlace({ distribution({ arms }) { return { pmf: uniform(arms.length), scores: arms.map(() => this.seen) } } })]) {
    const engine = await opened(t, { ...own, policy, settings: PATIENT })
    assert.deepEqual((await engine.explain(await engine.recommend('u'))).scores, [0])
    await engine.react(await engine.recommend('u'), 'done')
    assert.deepEqual((await engine.explain(await engine.recommend('v'))).scores, [1])
  }
})

test('other settings are taught from the log and take over', async (t) => {
  const path = join(folder(t), 'oo.db')
  const engine = await Engine.open(path, { policy: new Counting(), settings: PATIENT })
  await engine.react(await engine.recommend('u'), 'done')
  const before = await engine.health()
  await engine.close()
  const other = Object.assign(new Counting(), { settings: { temperature: 2 } })
  const again = await Engine.open(path, { policy: other, settings: PATIENT })
  t.after(() => again.close())
  const after = await again.health()
  assert.notEqual(after.policy, before.policy)
  assert.equal(after.lessons, 1)
})

test('a policy of your own as a shadow', async (t) => {
  const mine = inPlace()
  const engine = await opened(t, { shadows: { mine, counted: new Counting() }, settings: PATIENT })
  await engine.react(await engine.recommend('u'), 'done')
  await engine.health()
  assert.equal((await engine.metrics()).shadow_failures, 0)
  assert.deepEqual((await engine.policies()).map(({ role, lessons }) => [role, lessons]), [['champion', 1], ['shadow', 1], ['shadow', 1]])
  assert.deepEqual((await engine.replay()).differences, [])
  // What cannot unlearn is rebuilt from the log; the others go on.
  await engine.forget('u')
  assert.equal((await engine.health()).lessons, 0)
  // In place means on a copy.
  assert.equal(mine.seen, 0)
})

test('the same object may serve and shadow, and shadows are named after their kind', async (t) => {
  const policy = new Counting()
  const engine = await opened(t, { policy, shadows: [policy, new LinUCB(), new LinUCB({ alpha: 2 })], settings: PATIENT })
  assert.deepEqual((await engine.policies()).map(({ policy }) => policy).sort(), ['counting@1', 'linucb-2@1', 'linucb@1', 'main@1'])
})

const uniform = (count) => new Array(count).fill(1 / count)
for (const [name, distribution] of Object.entries({
  throws: () => { throw new Error('out of ideas') },
  rejects: async () => { throw new Error('out of ideas') },
  'too few': () => ({ scores: [0], pmf: [1] }),
  negative: ({ arms }) => ({ scores: arms.map(() => 0), pmf: [-1, 2, ...arms.slice(2).map(() => 0)] }),
  'not 1': ({ arms }) => ({ pmf: arms.map(() => 0.5) }),
  NaN: ({ arms }) => ({ pmf: arms.map(() => Number.NaN) }),
  'a score that is NaN': ({ arms }) => ({ scores: arms.map(() => Number.NaN), pmf: uniform(arms.length) }),
  nothing: () => undefined,
  text: () => ({ pmf: 'ab' }),
  late: ({ arms }) => sleep(3_000, { pmf: uniform(arms.length) }, { ref: false }),
  never: () => new Promise(() => {}),
})) {
  test(`a distribution that is wrong (${name}) serves uniformly and is counted`, async (t) => {
    const timeBudgetMs = ['late', 'never'].includes(name) ? 300 : 10_000
    const engine = await opened(t, { policy: inPlace({ distribution }), settings: PATIENT, timeBudgetMs })
    const tip = await engine.recommend('u')
    assert.ok(Math.abs(tip.propensity - 1 / tip.candidates) < 1e-12, `${tip.propensity} of ${tip.candidates}`)
    assert.equal((await engine.explain(tip)).fallback, true)
    assert.equal((await engine.metrics()).policy_failures, 1)
  })
}

test('what goes wrong is said as a warning, once for each verb', async (t) => {
  const heard = []
  const listen = (warning) => warning.name === 'OoWarning' && heard.push(warning)
  process.on('warning', listen)
  t.after(() => process.off('warning', listen))
  const engine = await opened(t, { policy: inPlace({ name: 'shy', distribution: () => { throw new Error('not today') } }), settings: PATIENT })
  for (const user of ['u', 'v', 'w']) await engine.recommend(user)
  await sleep(10)
  assert.deepEqual(heard.map(({ message, code }) => [message, code]), [['distribution of the policy "shy" failed: not today', 'OO_COMPONENT']])
})

test('lessons that a policy cannot learn are counted', async (t) => {
  for (const learn of [() => { throw new Error('no') }, async () => { throw new Error('no') }]) {
    const engine = await opened(t, { policy: inPlace({ learn }), settings: PATIENT })
    assert.equal((await engine.react(await engine.recommend('u'), 'done')).reward, 1)
    assert.equal((await engine.health()).lessons, 0)
    assert.ok((await engine.metrics()).policy_failures >= 1)
    assert.ok(await engine.recommend('v'))
  }
})

test('what a policy has to declare', async (t) => {
  const path = join(folder(t), 'oo.db')
  for (const more of [{ replays: undefined }, { save: undefined }, { learn: undefined }, { load: undefined }, { name: '' }, { name: 'linucb' }, { settings: 3 }]) {
    await assert.rejects(Engine.open(path, { policy: inPlace(more) }), failing(InvalidInputError, 'invalid_input', 'policy'))
  }
  for (const timeBudgetMs of [0, -1, 1.5, Number.NaN, '5', 1e9]) {
    await assert.rejects(Engine.open(path, { timeBudgetMs }), failing(InvalidInputError, 'invalid_input', 'timeBudgetMs'))
  }
  await assert.rejects(Engine.open(path, { shadows: 3 }), failing(InvalidInputError, 'invalid_input', 'shadows'))
})

test('closing ends while a policy is waited for', async (t) => {
  let asked = 0
  const policy = inPlace({ distribution: () => (asked++, new Promise(() => {})), learn: () => new Promise(() => {}) })
  const engine = await Engine.open(join(folder(t), 'oo.db'), { policy, settings: PATIENT, timeBudgetMs: 300 })
  const tips = [engine.recommend('u'), engine.recommend('v')].map((tip) => tip.catch((error) => error.code))
  await until(() => asked > 0)
  const started = performance.now()
  await engine.close()
  // Two decisions, one after the other: 300 ms each.
  assert.ok(performance.now() - started < 3_000)
  for (const tip of await Promise.all(tips)) assert.ok(tip === 'invalid_input' || tip.id)
})

test('closing holds up no other engine', async (t) => {
  // As many as the runtime has threads: they would all be busy, if closing were done on them.
  const count = Math.min(availableParallelism(), 16)
  let learning = 0
  const policy = inPlace({ learn: () => (learning++, sleep(2_500)) })
  const slow = await Promise.all(Array.from({ length: count }, () => opened(t, { policy, settings: PATIENT, timeBudgetMs: 5_000 })))
  const other = await opened(t)
  const tips = await Promise.all(slow.map((engine) => engine.recommend('u')))
  const reacted = tips.map((tip, n) => slow[n].react(tip, 'done'))
  await until(() => learning === count)
  let closed = 0
  const closing = slow.map((engine) => engine.close().then(() => closed++))
  assert.ok(await other.recommend('u'))
  assert.equal(closed, 0)
  await Promise.all(closing)
  for (const { reward } of await Promise.all(reacted)) assert.equal(reward, 1)
})

test('calling the engine from inside a component ends with its budget', async (t) => {
  let engine
  const inside = []
  const ask = (call) => { const asked = call(); inside.push(asked.then(() => 'answered', (error) => error.code)); return asked }
  // The writer waits for what is learned, and what is asked waits for the writer.
  const learn = () => ask(() => engine.ingest('v', task('t1', 'Water the plants')))
  engine = await opened(t, { policy: inPlace({ learn }), settings: PATIENT, timeBudgetMs: 50 })
  const started = performance.now()
  assert.equal((await engine.react(await engine.recommend('u'), 'done')).reward, 1)
  await engine.health()
  assert.ok(performance.now() - started < 20_000)
  // It was answered when the budget had ended, and what was to be learned is lost.
  assert.ok(performance.now() - started > 400)
  assert.deepEqual(await Promise.all(inside), ['answered'])
  assert.equal((await engine.health()).lessons, 0)
  assert.ok((await engine.metrics()).policy_failures >= 1)
  assert.ok(await engine.recommend('w'))
})

test('a long log is taught in more than one time', async (t) => {
  const path = join(folder(t), 'oo.db')
  const first = await Engine.open(path, { settings: PATIENT })
  for (let n = 0; n < 240; n++) await first.react(await first.recommend(`u${n}`), 'done')
  await first.close()
  // Ten times 100 ms would be too short; three times that, for three hundreds begun, is not.
  const slow = inPlace({ async learn(lessons) { await sleep(lessons.length * 6); this.seen += lessons.length } })
  const engine = await Engine.open(path, { policy: slow, settings: PATIENT, timeBudgetMs: 100 })
  t.after(() => engine.close())
  assert.equal((await engine.health()).lessons, 240)
  assert.equal((await engine.metrics()).policy_failures, 0)
})

test('many decisions at once ask one event loop', async (t) => {
  const engine = await opened(t, { policy: new Counting(), settings: PATIENT, timeBudgetMs: 10_000 })
  const tips = await Promise.all(Array.from({ length: 40 }, (_, n) => engine.recommend(`u${n}`)))
  await Promise.all(tips.map((tip) => engine.react(tip, 'done')))
  assert.equal((await engine.health()).lessons, 40)
  assert.equal((await engine.metrics()).policy_failures, 0)
})

test('policies and featurisers work in a worker, which may end in the middle', async (t) => {
  const path = join(folder(t), 'oo.db')
  const worker = new Worker(new URL('../support/componentWorker.mjs', import.meta.url), { workerData: path })
  const [{ propensity, candidates, failures }] = await once(worker, 'message')
  assert.ok(Math.abs(propensity - 1 / candidates) < 1e-12)
  assert.deepEqual(failures, [0, 0])
  await once(worker, 'message')
  await worker.terminate()
  const engine = await Engine.open(path, { policy: inPlace(), featurisers: [length()], schema: BOUNDLESS, settings: PATIENT })
  t.after(() => engine.close())
  assert.ok(await engine.recommend('after'))
})

// Without a bound on the norm, which would shorten all values alike.
const BOUNDLESS = [{ name: 'hour_sin', range: [-1, 1] }]

/** How long a candidate's words are. */
const length = (values) => ({
  name: 'length',
  asked: [],
  features: [{ name: 'own_length', range: [0, 1] }, { name: 'own_vowels', range: [0, 1], prior: 0.5 }],
  values(context, candidates) {
    this.asked.push(context)
    return candidates.map(({ content }) => [content.length / 100, 7])
  },
  ...(values && { values }),
})
const featuresOf = async (engine, tip) => Object.fromEntries((await engine.explain(tip)).features.map(({ name, value }) => [name, value]))

test('a featuriser appends features that are logged', async (t) => {
  const [clock, path, featuriser] = [world(t), join(folder(t), 'oo.db'), length()]
  const options = { ...own, schema: BOUNDLESS, settings: PATIENT, testWorld: clock.path }
  const engine = await Engine.open(path, { ...options, featurisers: [featuriser] })
  const tip = await engine.recommend('u')
  const said = await featuresOf(engine, tip)
  assert.ok(Math.abs(said.own_length - 'Do a'.length / 100) < 1e-3)
  // Outside its range: held to it and counted.
  assert.equal(said.own_vowels, 1)
  assert.ok((await engine.metrics()).clamped >= 1)
  assert.equal(said.length_missing ?? 0, 0)
  assert.deepEqual(featuriser.asked, [{ user: 'u', now: '2026-03-02T08:00:00Z', zone: 'UTC', language: 'en', decision: tip.id }])
  await engine.react(tip, 'done')
  assert.deepEqual((await engine.replay()).differences, [])
  assert.equal(featuriser.asked.length, 1)
  await engine.close()
  await assert.rejects(Engine.open(path, options), failing(IncompatibleError, 'incompatible'))
})

for (const [name, values] of Object.entries({
  throws: () => { throw new Error('no') },
  'too narrow': () => [[0.5]],
  'too long': () => new Array(9).fill([0.5, 0.5]),
  text: () => 'text',
  NaN: () => [[Number.NaN, 0.5]],
  late: () => sleep(10_000, [[0.5, 0.5]], { ref: false }),
})) {
  test(`a featuriser that fails (${name}) is missing and counted`, async (t) => {
    const settings = { source_deadline_ms: name === 'late' ? 300 : 2_000, holdout: 0 }
    const engine = await opened(t, { ...own, featurisers: [length(values)], schema: BOUNDLESS, settings })
    const said = await featuresOf(engine, await engine.recommend('u'))
    assert.equal(said.own_length ?? 0, 0)
    if (name === 'NaN') return
    assert.equal(said.length_missing, 1)
    assert.equal((await engine.metrics()).featuriser_failures, 1)
  })
}

test('features that are there already, and what is no featuriser, are refused', async (t) => {
  const path = join(folder(t), 'oo.db')
  const twice = { ...length(), features: [{ name: 'hour_sin', range: [0, 1] }] }
  await assert.rejects(Engine.open(path, { featurisers: [twice] }), /twice/)
  for (const given of [3, {}, { name: 'x' }, { ...length(), name: '' }, { ...length(), features: undefined }]) {
    await assert.rejects(Engine.open(path, { featurisers: [given] }), failing(InvalidInputError, 'invalid_input', 'featurisers'))
  }
  await assert.rejects(Engine.open(path, { featurisers: 3 }), failing(InvalidInputError, 'invalid_input', 'featurisers'))
})
