import { execFileSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'

function compiles(project) {
  const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc')
  const path = fileURLToPath(new URL(`../support/types/${project}`, import.meta.url))
  execFileSync(process.execPath, [tsc, '--noEmit', '--project', path], { stdio: ['ignore', 'inherit', 'inherit'] })
}

test('programs in ESM and CommonJS compile against index.d.ts, and wrong ones do not', () => compiles('tsconfig.json'))

test('the example compiles', () => compiles('example.json'))
