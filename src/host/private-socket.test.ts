import { expect, test } from 'bun:test'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { servePrivateSocket } from './private-socket.ts'

test('a socket that a killed process left behind is taken over, by this user alone', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'mimbar-socket-'))
  const socketPath = join(folder, 'door.sock')
  const options = `{ socketPath: ${JSON.stringify(socketPath)}, bodyBytesMax: 1024, fetch: () => new Response('1') }`
  const module = JSON.stringify(join(import.meta.dir, 'private-socket.ts'))
  const script = `(await import(${module})).servePrivateSocket(${options}); console.log('serving')`
  try {
    const killed = Bun.spawn([process.execPath, '-e', script], { stdout: 'pipe' })
    await killed.stdout.getReader().read()
    killed.kill('SIGKILL')
    await killed.exited
    expect(statSync(socketPath).isSocket()).toBe(true)

    const next = servePrivateSocket({ socketPath, bodyBytesMax: 1_024, fetch: () => new Response('2') })
    expect(await (await fetch('http://door/', { unix: socketPath })).text()).toBe('2')
    expect(statSync(socketPath).mode & 0o777).toBe(0o600)
    await next.stop()
    expect(statSync(socketPath, { throwIfNoEntry: false })).toBeUndefined()
  } finally {
    rmSync(folder, { recursive: true })
  }
})
