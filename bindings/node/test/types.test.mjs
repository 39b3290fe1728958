import { execFileSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'

test('programs in ESM and CommonJS compile against index.d.ts, and wrong ones do not', () => {
  const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc')
  const project = fileURLToPath(new URL('../support/types/tsconfig.json', import.meta.url))
  execFileSync(process.execPath, [tsc, '--noEmit', '--project', project], { stdio: ['ignore', 'inherit', 'inherit'] })
})
