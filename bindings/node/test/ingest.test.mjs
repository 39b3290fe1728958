import assert from 'node:assert/strict'
import { test } from 'node:test'

import { calendar, context, habit, InvalidInputError, mood, task } from '../index.mjs'
import { failing, opened } from '../support/harness.mjs'

test('the helpers are the JSON form', () => {
  assert.deepEqual(task('t1', 'File taxes', { due: '2026-11-30', priority: 1 }), {
    kind: 'task',
    id: 't1',
    title: 'File taxes',
    due: '2026-11-30',
    priority: 1,
  })
  assert.deepEqual(habit('h1', 'Run', { per_week: 3 }), { kind: 'habit', id: 'h1', name: 'Run', per_week: 3 })
  assert.deepEqual(mood(4, { energy: 2 }), { kind: 'mood', level: 4, energy: 2 })
  assert.deepEqual(context('at_home', 1), { kind: 'context', name: 'at_home', value: 1 })
  const [start, end] = ['2026-11-30T09:00:00Z', '2026-11-30T10:00:00Z']
  assert.deepEqual(calendar('e1', start, end, { busy: true }), { kind: 'calendar', id: 'e1', start, end, busy: true })
})

test('one signal, and several in one transaction', async (t) => {
  const engine = await opened(t)
  const one = await engine.ingest('u', task('t1', 'File taxes', { due: new Date('2026-11-30T10:00:00Z') }))
  assert.equal(one.accepted, 1)
  const more = await engine.ingest('u', [
    habit('h1', 'Run', { per_week: 3, event: 'done' }),
    calendar('e1', new Date(), new Date(Date.now() + 3_600_000)),
    mood(4, { energy: 3, note: 'slept well' }),
  ])
  assert.equal(more.accepted, 3)
  assert.ok(more.position > one.position)
})

test('a message that comes twice counts once', async (t) => {
  const engine = await opened(t)
  await engine.ingest('u', mood(4, { signal_id: 'm1' }))
  const again = await engine.ingest('u', [mood(4, { signal_id: 'm1' }), mood(2, { signal_id: 'm2' })])
  assert.deepEqual([again.accepted, again.duplicates], [1, 1])
})

test('all or none: one wrong signal stores nothing', async (t) => {
  const engine = await opened(t)
  await engine.ingest('u', mood(3))
  const before = await engine.health()
  const wrong = (signals, field) =>
    assert.rejects(engine.ingest('u', signals), failing(InvalidInputError, 'invalid_input', field))
  await wrong([mood(3), mood(9)], 'level')
  await wrong(mood(Number.NaN), 'level')
  await wrong(mood(3, { energy: Number.POSITIVE_INFINITY }), 'energy')
  await wrong(task('', 'x'), 'id')
  await wrong(task('t', '\u202e\u0000 '), 'title')
  await wrong(task('t', 'x'.repeat(10_000_000)), 'title')
  await wrong(task('t', 'half \ud800'), 'title')
  await wrong(task('t', 'x', { prio: 1 }), 'signal')
  await wrong(task('t', 'x', { due: 'soon' }), 'due')
  await wrong(task('t', 'x', { priority: 1n }), 'priority')
  await wrong({ kind: 'dream' })
  await wrong(null)
  await wrong(context('no_such_feature', 1))
  await wrong(calendar('e', '2026-01-01T10:00:00Z', '2026-01-01T09:00:00Z'))
  assert.deepEqual(await engine.health(), before)
})
