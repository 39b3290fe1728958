// Compiled, never run: the types as an ESM program meets them.
import {
  type CandidateSource,
  type Choice,
  type DecidedBatch,
  DLinUCB,
  Engine,
  InvalidInputError,
  LinUCB,
  Mixture,
  OoError,
  Policy,
  type Reaction,
  task,
  type Tip,
  Uniform,
} from 'oo-engine'

const calm: CandidateSource = {
  name: 'calm',
  candidates: async ({ user, limit }) => [{ id: 'c', content: `Breathe, ${user}`, features: { calm: limit } }],
}

export async function backend(path: string): Promise<Tip | null> {
  await using oo = await Engine.open(path, {
    policy: { type: 'linucb', alpha: 0.7, exploration: { type: 'softmax', tau: 0.1 } },
    shadows: { wild: { type: 'uniform' }, own: new LinUCB() },
    settings: { holdout: 0.1, source_deadline_ms: 300 },
    schema: { features: [{ name: 'calm', range: [0, 16] }] },
    sources: [calm],
  })
  const { accepted }: { accepted: number } = await oo.ingest('u', [task('t', 'x', { due: new Date(), priority: 1 })])
  const tip = await oo.recommend('u', { requestId: `r${accepted}`, signal: AbortSignal.timeout(300) })
  if (!tip) return null
  const due: string | undefined = tip.due
  const kind: 'todo' | 'advice' = tip.kind
  const reaction: Reaction = 'snooze'
  const { status, reward } = await oo.react(tip, reaction, { until: new Date() })
  const worth: number | null = reward
  const parked: boolean = status === 'parked'
  console.log(due, kind, worth, parked, (await oo.explain(tip.id)).pmf[0], (await oo.health()).state_hash)

  // @ts-expect-error: no such reaction
  await oo.react(tip, 'loved')
  // @ts-expect-error: no such option
  await oo.recommend('u', { request_id: 'r' })
  // @ts-expect-error: no such policy
  await Engine.open(path, { policy: { type: 'oracle' } })
  // @ts-expect-error: `null` must be looked at
  console.log((await oo.recommend('u')).content)
  // @ts-expect-error: engines are opened
  new Engine()
  return tip
}

export async function bandits(oo: Engine): Promise<number> {
  const choice: Choice = await oo.decide([[1, 0], [0, 1]], { bandit: 'prices', policy: new LinUCB({ tau: 0.1 }), arms: ['a', 'b'] })
  const { status }: { status: 'learned' | 'revised' | 'duplicate' } = await oo.reward(choice, 1)
  const all = await oo.decideAll([[[1, 0]], { X: Float32Array.of(1, 0), rows: 1 }], { bandit: 'prices', range: 'auto' })
  const [known] = await oo.bandits()
  const role: 'champion' | 'shadow' | 'retired' | undefined = (await oo.policies())[0]?.role
  console.log(status, role, known?.settings.policy.type, (await oo.choice(choice.decision)).reward)
  // @ts-expect-error: no such option
  await oo.decide([[1, 0]], { requestId: 'r' })
  return all.length
}

export async function shelf(): Promise<Uniform> {
  const policy = new LinUCB({ dim: 2, alpha: 0.7, range: 'auto', rewardRange: [0, 1] })
  const decided = policy.decide([[1, 0]], { seed: 7n, arms: ['a'], person: 'u', day: new Date() })
  policy.update(decided, decided.pmf[decided.index]!)
  const loaded: LinUCB = LinUCB.load(policy.save())
  const again: DLinUCB = DLinUCB.fromJSON(JSON.stringify(new DLinUCB({ forgetting: { halfLifeDays: 7 } })))
  const any: Policy = Policy.load(loaded.save())
  const batch: DecidedBatch = any.decideBatch({ data: [1, 0], shape: [1, 1, 2] }, { seed: 1 })
  any.updateBatch(batch, [1])
  await any.fit(Float32Array.of(1, 0), [1], { signal: AbortSignal.timeout(300), progress: (done, total) => done < total })
  console.log(any.stateHash, policy.explain(Float64Array.of(1, 0), 0).contributions, again.options)
  try {
    // @ts-expect-error: bigints are no numbers
    policy.decide(BigInt64Array.of(1n))
    // @ts-expect-error: no such option
    new LinUCB({ dim: 2, alhpa: 1 })
    // @ts-expect-error: a mixture has members
    new Mixture({ dim: 2, policies: [] })
  } catch (error) {
    if (error instanceof InvalidInputError || error instanceof OoError) console.log(error.code === 'invalid_input', error.field)
  }
  return new Uniform({ dim: 1 })
}
