// Installs what is missing, and costs nothing when nothing is: `npm start` and `npm test` call it first.
// Plain JavaScript for Node: nothing of ours is installed yet when it runs on a fresh clone.
//
//   node scripts/install-missing.mjs              npm packages
//   node scripts/install-missing.mjs --for-tests  and the programs that the tests drive (Debian packages)

import { spawnSync } from 'node:child_process'
import { accessSync, constants, readFileSync, writeFileSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const project = dirname(dirname(fileURLToPath(import.meta.url)))

/** Program → Debian package, for the tests. */
const TEST_PROGRAMS = {
  chromium: 'chromium',
  ffmpeg: 'ffmpeg',
  ffprobe: 'ffmpeg',
  ip: 'iproute2',
  mpv: 'mpv',
  nft: 'nftables',
  nginx: 'nginx-light',
  opusdec: 'opus-tools',
  openssl: 'openssl',
  pebble: 'pebble',
  turnserver: 'coturn',
}

installPackages()
if (process.argv.includes('--for-tests')) installPrograms()

function installPackages() {
  const stamp = join(project, 'node_modules', '.mimbar-lock')
  const lock = readFileSync(join(project, 'package-lock.json'), 'utf8')
  if (readIfThere(stamp) === lock) return
  console.error('mimbar: installing npm packages (first start, or the lock file changed) …')
  run('npm', ['ci', '--no-fund', '--no-audit'])
  writeFileSync(stamp, lock)
}

function installPrograms() {
  const missing = Object.entries(TEST_PROGRAMS).filter(([program]) => !isOnPath(program))
  if (missing.length === 0) return
  const packages = [...new Set(missing.map(([, name]) => name))]
  const install = ['install', '-y', '--no-install-recommends', ...packages]
  if (process.getuid?.() !== 0 || !isOnPath('apt-get')) {
    console.error(
      `mimbar: the tests need ${packages.join(', ')}. On Debian or Ubuntu: sudo apt-get ${install.join(' ')}`,
    )
    process.exit(1)
  }
  console.error(`mimbar: installing ${packages.join(', ')} for the tests …`)
  run('apt-get', ['update'])
  run('apt-get', install)
}

function run(program, args) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  // What installers print is not what the person asked for: it goes to stderr.
  const { status, error } = spawnSync(program, args, { cwd: project, env, stdio: ['ignore', 2, 2] })
  if (status === 0) return
  console.error(
    `mimbar: "${program} ${args.join(' ')}" failed${error ? `: ${error.message}` : ` with ${status}`}`,
  )
  process.exit(1)
}

function isOnPath(program) {
  // Servers are in a folder that is not on everybody's PATH.
  return [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin'].some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK)
      return true
    } catch {
      return false // not in this folder: look in the next
    }
  })
}

function readIfThere(file) {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined // a fresh clone
  }
}
