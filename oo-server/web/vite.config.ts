/// <reference types="vitest/config" />
import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig } from 'vite'
import { inlineStyle } from './scripts/inline-style.mjs'

// `npm run dev` talks to a server that `make run` started.
const server = process.env['OO_URL'] ?? 'http://127.0.0.1:8080'

export default defineConfig({
  plugins: [svelte(), inlineStyle()],
  build: {
    target: 'es2022',
    assetsInlineLimit: 0,
    cssCodeSplit: false,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
  server: { host: '127.0.0.1', proxy: { '/api': server } },
  // A zone whose clocks change, so that the tests would notice.
  test: { include: ['tests/**/*.test.ts'], environment: 'node', env: { TZ: 'Europe/Berlin' } },
})
