import { describe, expect, it } from 'vitest'
import { Failure, newId, type Client, type Feedback, type Preferences, type Signals, type Tip } from '../src/client'
import { Face } from '../src/face.svelte'
import { readLine } from '../src/line'
import { Outbox } from '../src/outbox'

const START = Date.parse('2026-11-20T10:15:00Z')

function tip(id: string, kind: Tip['kind'] = 'advice'): Tip {
  return {
    id,
    content: `Tip ${id}.`,
    kind,
    category: 'focus',
    source: kind === 'todo' ? 'tasks' : 'advice',
    why: { sentence: 'Because.', features: [], signals: [], uncertainty: 0.1 },
    expires: new Date(START + 3_600_000).toISOString(),
    decided_at: new Date(START).toISOString(),
    propensity: 0.5,
    policy: 'linucb@1',
    candidate: id,
    candidates: 2,
    returned: false,
  }
}

function shelf(): Storage {
  const kept = new Map<string, string>()
  return { getItem: (key: string) => kept.get(key) ?? null, setItem: (key: string, text: string) => void kept.set(key, text) } as Storage
}

/** A scripted server and a clock that only moves when it is told to. */
function world(tips: (Tip | null | Failure)[], zone = 'Europe/Berlin') {
  const calls: string[] = []
  const sent: Feedback[] = []
  const added: Signals[] = []
  const clock = { now: START }
  const state = { down: false }
  let preferences: Preferences = { zone: 'UTC', language: 'en', daily_cap: 3, quiet_from: null, quiet_to: null }
  const up = () => {
    if (state.down) throw new Failure({ kind: 'unreachable', detail: '', retryAfter: null })
  }
  const client: Client = {
    async recommend() {
      up()
      calls.push('recommend')
      const next = tips.length > 1 ? tips.shift() : tips[0]
      if (next instanceof Failure) throw next
      return next ? { tip: next } : { tip: null, reason: 'no_candidate' }
    },
    async feedback(body) {
      up()
      calls.push(body.reaction)
      sent.push(body)
    },
    async signals(body) {
      up()
      added.push(body)
    },
    consents: async () => ({ task: false, habit: false, calendar: false, mood: false, context: false }),
    preferences: async () => preferences,
    async putPreferences(body) {
      calls.push('zone')
      preferences = body
    },
  }
  const storage = shelf()
  const make = () =>
    new Face({
      client,
      shelf: storage,
      zone,
      now: () => new Date(clock.now),
      wait: (ms) => new Promise((resolve) => setTimeout(resolve, Math.min(ms, 20))),
      painted: async () => {},
    })
  return { face: make(), make, calls, sent, added, clock, state, preferences: () => preferences, client, storage }
}

describe('Face', () => {
  it('tells a new zone once, keeps the other preferences, then asks', async () => {
    const w = world([tip('a')])
    await w.face.start()
    expect(w.calls).toEqual(['zone', 'recommend'])
    expect(w.preferences()).toMatchObject({ zone: 'Europe/Berlin', language: 'en', daily_cap: 3 })
    await w.make().start()
    expect(w.calls).toEqual(['zone', 'recommend', 'recommend'])
  })

  it('reports a tip as shown once', async () => {
    const w = world([tip('a')])
    await w.face.start()
    await w.face.reportShown(tip('a'))
    await w.face.reportShown(tip('a'))
    await w.face.reportShown(tip('b'))
    expect(w.sent.map((body) => [body.tip, body.reaction])).toEqual([['a', 'shown']])
  })

  it('asks for the next tip only after the answer was acknowledged', async () => {
    const w = world([tip('a', 'todo'), tip('b')])
    await w.face.start()
    const done = w.face.done()
    expect(w.face.view).toMatchObject({ at: 'tip', tip: { id: 'a' }, said: { words: 'Done.', done: true } })
    void w.face.done()
    await done
    expect(w.calls.slice(-2)).toEqual(['done', 'recommend'])
    expect(w.sent).toHaveLength(1)
    expect(w.face.view).toMatchObject({ at: 'tip', tip: { id: 'b' }, said: null })
  })

  it('dismisses with and without a reason', async () => {
    const w = world([tip('a'), tip('b'), tip('c')])
    await w.face.start()
    await w.face.dismiss('never')
    await w.face.dismiss()
    expect(w.sent.map((body) => body.reason)).toEqual(['never', undefined])
  })

  it('snoozes until a moment and asks again when it has come', async () => {
    const w = world([tip('a'), tip('b')])
    await w.face.start()
    const until = new Date(START + 3_600_000)
    await w.face.snooze(until)
    expect(w.face.view).toMatchObject({ at: 'snoozed', until })
    expect(Date.parse(w.sent[0]?.until ?? '')).toBe(until.getTime())
    expect(w.face.tick()).toBe(until.getTime())
    w.clock.now = until.getTime()
    w.face.tick()
    await w.face.ask()
    expect(w.face.view).toMatchObject({ at: 'tip', tip: { id: 'b' } })
  })

  it('keeps an answer while the server is away, and sends it once, also after a reload', async () => {
    const w = world([tip('a'), tip('b')])
    await w.face.start()
    w.state.down = true
    await w.face.done()
    expect(w.face.view).toMatchObject({ at: 'trouble', kept: true, trouble: { kind: 'unreachable' } })
    const again = w.make()
    w.state.down = false
    w.clock.now += 120_000
    await again.start()
    expect(w.sent.map((body) => [body.reaction, body.at])).toEqual([['done', new Date(START).toISOString()]])
    expect(again.view).toMatchObject({ at: 'tip', tip: { id: 'b' } })
    await again.ask()
    expect(w.sent).toHaveLength(1)
  })

  it('waits longer after each failure, and as long as the server says', async () => {
    const w = world([new Failure({ kind: 'busy', detail: '', retryAfter: 7 })])
    await w.face.ask()
    expect(w.face.tick() - START).toBe(7_000)
    w.state.down = true
    await w.face.ask()
    expect(w.face.tick() - START).toBe(4_000)
    for (let step = 0; step < 6; step++) await w.face.ask()
    expect(w.face.tick() - START).toBe(30_000)
  })

  it('is quiet when there is no tip', async () => {
    const w = world([null])
    await w.face.ask()
    expect(w.face.view).toEqual({ at: 'quiet', reason: 'no_candidate' })
  })

  it('leaves an expired tip alone while a menu is open', async () => {
    const w = world([tip('a'), tip('b')])
    await w.face.start()
    w.face.toggle('later')
    w.clock.now = START + 4_000_000
    w.face.tick()
    await new Promise((resolve) => setTimeout(resolve, 5))
    expect(w.face.view).toMatchObject({ tip: { id: 'a' } })
    w.face.toggle('later')
    w.face.tick()
    await w.face.ask()
    expect(w.face.view).toMatchObject({ tip: { id: 'b' } })
  })

  it('adds by hand, which permits that kind', async () => {
    const w = world([tip('a')])
    await w.face.readConsents()
    const id = newId()
    expect(await w.face.add(readLine('File taxes 2026-11-30', new Date(START)), id)).toMatch(/^Added, due/)
    expect(w.added[0]).toEqual({
      by_hand: true,
      signals: [{ kind: 'task', id: `hand-${id}`, title: 'File taxes', signal_id: id, due: '2026-11-30' }],
    })
    expect(w.face.consents).toMatchObject({ task: true, mood: false })
    await w.face.add(readLine('mood 4 energy 2 tired today', new Date(START)), id)
    expect(w.added[1]?.signals).toEqual([{ kind: 'mood', level: 4, energy: 2, note: 'tired today', signal_id: id }])
  })
})

describe('Outbox', () => {
  it('drops what the server refuses and keeps what it could not take', async () => {
    const kinds = ['invalid_input', 'storage']
    const box = new Outbox(
      { feedback: async () => { throw new Failure({ kind: kinds.shift() ?? 'busy', detail: '', retryAfter: null }) } },
      shelf(),
    )
    box.put({ tip: 'a', reaction: 'done' })
    box.put({ tip: 'b', reaction: 'done' })
    await expect(box.flush()).rejects.toMatchObject({ trouble: { kind: 'invalid_input' } })
    expect(box.size).toBe(1)
    await expect(box.flush()).rejects.toMatchObject({ trouble: { kind: 'storage' } })
    expect(box.size).toBe(1)
  })

  it('starts empty on a broken or forbidden shelf', () => {
    const client = { feedback: async () => {} }
    for (const text of ['{', '7', '[null, {"answer": {}}]']) {
      const broken = { getItem: () => text, setItem: () => {} }
      expect(new Outbox(client, broken).size, text).toBe(0)
    }
    const forbidden = { getItem: () => { throw new Error('no') }, setItem: () => { throw new Error('no') } }
    const box = new Outbox(client, forbidden)
    box.put({ tip: 'a', reaction: 'done' })
    expect(box.size).toBe(1)
  })
})

describe('newId', () => {
  it('is a version 4 UUID', () => {
    const id = newId()
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    expect(newId()).not.toBe(id)
  })
})
