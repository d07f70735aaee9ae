#!/usr/bin/env node
// `npx mimbar …` in a checkout: installs what is missing, then hands over to the program under Bun.

import { spawn, spawnSync } from 'node:child_process'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const project = dirname(dirname(fileURLToPath(import.meta.url)))
const { status } = spawnSync(process.execPath, [join(project, 'scripts', 'install-missing.mjs')], {
  stdio: 'inherit',
})
if (status !== 0) process.exit(status ?? 1)

const bun = join(project, 'node_modules', '.bin', 'bun')
const child = spawn(bun, [join(project, 'src', 'main.ts'), ...process.argv.slice(2)], { stdio: 'inherit' })
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
child.on('exit', (code, signal) => process.exit(signal === null ? (code ?? 1) : 1))
