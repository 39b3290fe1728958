// A worker that is terminated with an open engine, a source that never answers, and calls on their way.
import { parentPort, workerData } from 'node:worker_threads'

import { Engine } from '../index.mjs'

const engine = await Engine.open(workerData, { sources: [{ name: 'silent', candidates: () => new Promise(() => {}) }] })
await engine.recommend('w')
for (let n = 0; n < 20; n++) void engine.recommend(`w${n}`)
parentPort.postMessage('under way')
