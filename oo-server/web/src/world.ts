// The browser as the face sees it: time, paint, storage, zone.

import { client } from './client'
import type { World } from './face.svelte'

export function browserWorld(): World {
  return {
    client,
    shelf: storage(),
    zone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    now: () => new Date(),
    wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    painted,
  }
}

/** After the frame that holds the last render, on a page that somebody can see. */
async function painted(): Promise<void> {
  if (document.visibilityState !== 'visible') {
    await new Promise<void>((resolve) => {
      const look = () => {
        if (document.visibilityState !== 'visible') return
        document.removeEventListener('visibilitychange', look)
        resolve()
      }
      document.addEventListener('visibilitychange', look)
    })
  }
  await new Promise<void>((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => resolve())))
}

/** Storage can be forbidden altogether; reading it then throws. */
function storage(): Storage | null {
  try {
    return window.localStorage
  } catch {
    return null
  }
}
