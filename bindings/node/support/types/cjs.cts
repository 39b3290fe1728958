// Compiled, never run: the types as a CommonJS program meets them.
import oo = require('oo-engine')

export async function main(): Promise<string | undefined> {
  const engine: oo.Engine = await oo.Engine.open('oo.db')
  const tip: oo.Tip | null = await engine.recommend('u')
  await engine.close()
  return tip?.content
}
