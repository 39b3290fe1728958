import assert from 'node:assert/strict'
import { test } from 'node:test'

import { InvalidInputError, NotFoundError, task } from '../index.mjs'
import { failing, opened } from '../support/harness.mjs'

test('a forgotten person is gone from the model, and the receipt says so', async (t) => {
  const engine = await opened(t)
  const empty = (await engine.health()).state_hash
  await engine.ingest('u', task('t1', 'File taxes'))
  await engine.react(await engine.recommend('u'), 'done')
  assert.notEqual((await engine.health()).state_hash, empty)
  const receipt = await engine.forget('u')
  assert.match(receipt.stage, /^eras(ed|ing)$/)
  assert.equal(receipt.unlearned, true)
  assert.equal(receipt.lessons, 1)
  assert.equal(receipt.state_hash, empty)
  assert.equal((await engine.health()).state_hash, empty)
  assert.equal((await engine.receipt(receipt.id)).id, receipt.id)
  assert.deepEqual(await engine.history('u'), [])
})

test('forgetting an unknown person succeeds', async (t) => {
  const engine = await opened(t)
  const receipt = await engine.forget('nobody')
  assert.equal(receipt.stage, 'nothing_held')
  assert.equal('pseudonym_digest' in receipt, false)
})

test('a receipt that is unknown, or no id', async (t) => {
  const engine = await opened(t)
  await assert.rejects(engine.receipt('018f3f5e-0000-7000-8000-000000000000'), failing(NotFoundError, 'not_found'))
  await assert.rejects(engine.receipt('x'), failing(InvalidInputError, 'invalid_input', 'receipt'))
  await assert.rejects(engine.forget(''), failing(InvalidInputError, 'invalid_input', 'user'))
})

test('receipts, newest first', async (t) => {
  const engine = await opened(t)
  assert.deepEqual(await engine.receipts(), [])
  for (const user of ['ann', 'bea']) {
    await engine.setConsents(user, { mood: true })
    await engine.forget(user)
  }
  const [newest, oldest] = await engine.receipts()
  assert.ok(newest.epoch > oldest.epoch)
  assert.deepEqual(await engine.receipt(oldest.id), oldest)
  assert.deepEqual(await engine.receipts({ limit: 1 }), [newest])
  await assert.rejects(engine.receipts({ limit: -1 }), failing(InvalidInputError, 'invalid_input'))
})

test('a receipt is verified, and a changed one is not valid', async (t) => {
  const engine = await opened(t)
  await engine.react(await engine.recommend('u'), 'done')
  const receipt = await engine.forget('u')
  const verified = await engine.verifyReceipt(receipt)
  assert.deepEqual([verified.valid, verified.chain, verified.absent, verified.state], [true, true, true, true])
  assert.deepEqual(verified.unchecked, [])
  const left = await engine.verifyReceipt({ ...receipt, left: ['u.jsonl'] })
  assert.match(left.unchecked[0], /^left/)
  const changed = await engine.verifyReceipt({ ...receipt, lessons: 7 })
  assert.equal(changed.valid, false)
  assert.match(changed.problems[0], /lessons/)
  await assert.rejects(engine.verifyReceipt({ ...receipt, id: 'x' }), failing(InvalidInputError, 'invalid_input', 'id'))
  await assert.rejects(engine.verifyReceipt({ ...receipt, odd: 1 }), failing(InvalidInputError, 'invalid_input'))
})

test('nothing is erased where nothing has a limit', async (t) => {
  const engine = await opened(t)
  await engine.ingest('u', task('t1', 'File taxes'))
  assert.deepEqual(await engine.retain(), { people: 0, events: 0, lessons: 0 })
})
