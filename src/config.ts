// Settings as somebody gave them, read and checked. Flags win over `MIMBAR_*` in the environment, which wins over
// `mimbar.toml`, which wins over the defaults in settings.ts.

import { resolve } from 'node:path'
import { MimbarError } from './base/errors.ts'
import { checkRelaySettings, relayUdpPorts } from './core/relay/relay-settings.ts'
import { PORTS, SETTINGS, type Setting, type Value } from './settings.ts'

/** As `core/rehearsal/proof.ts` asks; this file imports next to nothing of ours. */
const REHEARSAL_KEY_CHARACTERS_MIN = 16
const HTTPS_PORT = 443

type Widened<T> = T extends string ? string : T extends number ? number : boolean

/** Settings after parsing: the folder is absolute, URLs have no trailing slash and are never empty. */
export type Config = { readonly [Name in keyof typeof SETTINGS]: Widened<(typeof SETTINGS)[Name]['default']> }

/** Where settings may come from; each name as its source spells it. */
export interface ConfigSources {
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string | undefined>>
  /** `mimbar.toml`, parsed; keys are the flags' names. */
  readonly file: Readonly<Record<string, unknown>>
}

/** Reads all sources. Throws `bad-request` naming the setting that cannot be understood, and what it takes. */
export function parseConfig(sources: ConfigSources): Config {
  const flags = parseFlags(sources.args)
  rejectUnknown(Object.keys(sources.file), 'mimbar.toml')
  const values: Record<string, Value> = {}
  const given = new Set<string>()
  for (const [name, spec] of Object.entries(SETTINGS) as [string, Setting][]) {
    const variable = environmentName(spec.flag)
    const found =
      flags.get(spec.flag) ?? sources.env[variable] ?? (sources.file[spec.flag] as Value | undefined)
    if (found !== undefined) given.add(name)
    values[name] = found === undefined ? spec.default : parseValue(spec, found)
  }
  const config = values as unknown as Config
  return complete(config.domain === '' ? withoutDomain(config, given) : withDomain(config, given))
}

/** `--studio-port` is `MIMBAR_STUDIO_PORT` in the environment. */
export function environmentName(flag: string): string {
  return `MIMBAR_${flag.toUpperCase().replaceAll('-', '_')}`
}

function parseFlags(args: readonly string[]): Map<string, Value> {
  const flags = new Map<string, Value>()
  const specs = new Map(Object.values(SETTINGS).map((spec: Setting) => [spec.flag, spec]))
  for (let i = 0; i < args.length; i++) {
    const [flag, inline] = splitFlag(args[i] as string)
    rejectUnknown([flag], 'the command line')
    const isSwitch = typeof specs.get(flag)?.default === 'boolean'
    const value = inline ?? (isSwitch ? true : args[++i])
    if (value === undefined) throw new MimbarError('bad-request', `--${flag} needs a value.`)
    flags.set(flag, value)
  }
  return flags
}

function splitFlag(text: string): [flag: string, value: string | undefined] {
  const match = /^--([a-z][a-z0-9-]*)(?:=(.*))?$/s.exec(text)
  if (match === null)
    throw new MimbarError('bad-request', `"${text}" is not a setting; settings look like --port 8080.`)
  return [match[1] as string, match[2]]
}

function rejectUnknown(flags: readonly string[], where: string): void {
  const known = new Set(Object.values(SETTINGS).map((spec: Setting) => spec.flag))
  for (const flag of flags) {
    if (known.has(flag)) continue
    const near = [...known].find((name) => name.startsWith(flag.slice(0, 4)) || name.endsWith(flag))
    const hint = near === undefined ? '' : ` Did you mean "${near}"?`
    throw new MimbarError('bad-request', `There is no setting "${flag}" (in ${where}).${hint}`)
  }
}

function parseValue(spec: Setting, found: unknown): Value {
  const wrong = (what: string) =>
    new MimbarError('bad-request', `--${spec.flag} takes ${what}, not "${String(found)}".`)
  if (typeof spec.default === 'boolean') {
    if (found === true || found === 'true' || found === 'yes' || found === '1') return true
    if (found === false || found === 'false' || found === 'no' || found === '0') return false
    throw wrong('yes or no')
  }
  if (typeof spec.default === 'string') {
    // Not what it is: of all texts, some are secrets.
    if (typeof found !== 'string') {
      throw new MimbarError('bad-request', `--${spec.flag} takes text (${spec.unit}), in quotation marks.`)
    }
    return found
  }
  const [min, max] = spec.range as readonly [number, number]
  const value = typeof found === 'number' ? found : /^\d+$/.test(String(found)) ? Number(found) : Number.NaN
  if (!Number.isInteger(value) || value < min || value > max) {
    throw wrong(`a whole number from ${min} to ${max} (${spec.unit})`)
  }
  return value
}

/** These say nothing without `--domain`; who gives one alone means something that will not happen. */
function withoutDomain(config: Config, given: ReadonlySet<string>): Config {
  const idle = (['studioDomain', 'httpPort', 'acmeDirectory', 'acmeCa', 'acmeEmail'] as const).find((name) =>
    given.has(name),
  )
  if (idle === undefined) return config
  throw new MimbarError('bad-request', `--${SETTINGS[idle].flag} goes with --domain.`)
}

function withDomain(config: Config, given: ReadonlySet<string>): Config {
  if (config.tlsCert !== '' || config.tlsKey !== '') {
    const why = 'with --domain the certificate is obtained, with --tls-cert it is yours: choose one.'
    throw new MimbarError('bad-request', `--domain and --tls-cert exclude each other: ${why}`)
  }
  const domain = parseDomain('domain', config.domain)
  const studioDomain = config.studioDomain === '' ? domain : parseDomain('studio-domain', config.studioDomain)
  const port = given.has('port') ? config.port : HTTPS_PORT
  const { httpPort, studioPort } = config
  if (httpPort === port || httpPort === studioPort) {
    throw new MimbarError('bad-request', '--http-port is a door of its own: give it a port of its own.')
  }
  if (!URL.canParse(config.acmeDirectory) || new URL(config.acmeDirectory).protocol !== 'https:') {
    throw new MimbarError('bad-request', '--acme-directory takes an https address (RFC 8555, section 6.1).')
  }
  if (config.acmeEmail !== '' && !/^[^\s@,?]+@[^\s@,?]+$/.test(config.acmeEmail)) {
    throw new MimbarError('bad-request', `--acme-email takes one address, not "${config.acmeEmail}".`)
  }
  const publicUrl = config.publicUrl || `https://${domain}:${port}`
  const studioUrl = config.studioUrl || `https://${studioDomain}:${studioPort}`
  return { ...config, domain, studioDomain, port, publicUrl, studioUrl }
}

/** A name that a certificate authority can look up: lower case, in ASCII (an international name as punycode). */
function parseDomain(flag: string, text: string): string {
  const name = URL.canParse(`https://${text}/`) ? new URL(`https://${text}/`).host : ''
  const isName =
    /^(?!-)[a-z0-9-]{1,63}(\.[a-z0-9-]{1,63})*\.[a-z][a-z0-9-]{1,62}$/.test(name) && name.length <= 253
  if (isName && !/[/?#@:]/.test(text)) return name
  const what = 'a name in the public DNS, like radio.example.org'
  throw new MimbarError('bad-request', `--${flag} takes ${what}, not "${text}".`)
}

/** Fills what follows from other settings, and refuses what contradicts itself. */
function complete(config: Config): Config {
  if ((config.tlsCert === '') !== (config.tlsKey === '')) {
    throw new MimbarError('bad-request', '--tls-cert and --tls-key go together.')
  }
  if (config.port === config.studioPort) {
    throw new MimbarError('bad-request', '--port and --studio-port are two doors: give them two ports.')
  }
  if (Math.max(config.stageUdpPort + config.stages - 1, ...relayUdpPorts(config)) > PORTS[1]) {
    throw new MimbarError('bad-request', '--stage-udp-port leaves no room for all stages below 65536.')
  }
  if (config.rehearsalKey !== '' && config.rehearsalKey.length < REHEARSAL_KEY_CHARACTERS_MIN) {
    const what = `at least ${REHEARSAL_KEY_CHARACTERS_MIN} characters: a shorter one can be guessed`
    throw new MimbarError('bad-request', `--rehearsal-key takes ${what}.`)
  }
  checkRelaySettings(config)
  const scheme = isHttps(config) ? 'https' : 'http'
  return {
    ...config,
    data: resolve(config.data),
    publicUrl: parseUrl('public-url', config.publicUrl || `${scheme}://localhost:${config.port}`),
    studioUrl: parseUrl('studio-url', config.studioUrl || `${scheme}://localhost:${config.studioPort}`),
  }
}

/** Whether both doors speak TLS: with a certificate of the operator's, or one that is obtained. */
export function isHttps(config: Config): boolean {
  return config.tlsCert !== '' || config.domain !== ''
}

/** The names that an obtained certificate has to cover; none without `--domain`. */
export function certificateNames(config: Config): readonly string[] {
  if (config.domain === '') return []
  return [...new Set([config.domain, config.studioDomain])]
}

function parseUrl(flag: string, text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (
    url === undefined ||
    !/^https?:$/.test(url.protocol) ||
    url.pathname !== '/' ||
    url.search ||
    url.hash
  ) {
    throw new MimbarError(
      'bad-request',
      `--${flag} takes an address like https://example.org, not "${text}".`,
    )
  }
  return url.origin
}

/** Where the roles of one node find each other and their files, below the data folder. */
export function nodePaths(data: string) {
  const run = resolve(data, 'run')
  return {
    /** Sockets, bundled pages, this run's operator token: nothing here is worth a backup. */
    run,
    pages: resolve(run, 'pages'),
    engineSocket: resolve(run, 'engine.sock'),
    controlSocket: resolve(run, 'control.sock'),
    stageSocket: (index: number) => resolve(run, `stage-${index}.sock`),
    /** Valid while the control process that wrote it lives; for the command line on this machine. */
    operatorToken: resolve(run, 'operator-token'),
    /** Signs places and tickets. Who restores a backup without it loses the places of who waits. */
    doorKeys: resolve(data, 'door-keys'),
    controlDatabase: resolve(data, 'control.db'),
    /** With `--domain`: the account's key and the certificate. */
    tls: resolve(data, 'tls'),
  } as const
}
