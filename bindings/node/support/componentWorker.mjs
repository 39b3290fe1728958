// An engine in a worker, with components of its own; it is terminated while they are asked.
import { parentPort, workerData } from 'node:worker_threads'

import { Engine } from '../index.mjs'

const policy = (seen) => ({
  name: 'in place',
  replays: false,
  distribution: async ({ arms }) => (silent ? new Promise(() => {}) : { pmf: arms.map(() => 1 / arms.length) }),
  learned: (lessons) => policy(seen + lessons.length),
  save: () => Buffer.from(String(seen)),
  load: (bytes) => policy(Number(Buffer.from(bytes))),
})
let silent = false
const length = {
  name: 'length',
  features: [{ name: 'own_length', range: [0, 1] }, { name: 'own_vowels', range: [0, 1], prior: 0.5 }],
  values: (_, candidates) => candidates.map(() => [0.5, 0.5]),
}
const engine = await Engine.open(workerData, {
  policy: policy(0),
  featurisers: [length],
  schema: [{ name: 'hour_sin', range: [-1, 1] }],
  settings: { source_deadline_ms: 10_000, holdout: 0 },
})
const tip = await engine.recommend('w')
await engine.react(tip, 'done')
const { policy_failures, featuriser_failures } = await engine.metrics()
parentPort.postMessage({ propensity: tip.propensity, candidates: tip.candidates, failures: [policy_failures, featuriser_failures] })
silent = true
for (let n = 0; n < 8; n++) void engine.recommend(`w${n}`)
setTimeout(() => parentPort.postMessage('under way'), 50)
