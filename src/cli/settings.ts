// Where a command on this machine finds its settings: its own flags, the environment and ./mimbar.toml.

import { readFileSync } from 'node:fs'
import { parse } from 'smol-toml'
import { MimbarError } from '../base/errors.ts'
import { type Config, parseConfig } from '../config.ts'
import { checkAlarmWebhook } from './alarm-address.ts'

const CONFIG_FILE = 'mimbar.toml'

/** Reads all settings. Throws `bad-request` naming what cannot be understood. */
export function readConfig(args: readonly string[]): Config {
  const config = parseConfig({ args, env: process.env, file: readConfigFile() })
  checkAlarmWebhook(config)
  return config
}

function readConfigFile(): Record<string, unknown> {
  let text: string
  try {
    text = readFileSync(CONFIG_FILE, 'utf8')
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return {}
    throw new MimbarError('bad-request', `${CONFIG_FILE} is there but cannot be read.`, { cause })
  }
  try {
    return parse(text)
  } catch (cause) {
    throw new MimbarError('bad-request', `${CONFIG_FILE}: ${(cause as Error).message}`, { cause })
  }
}
