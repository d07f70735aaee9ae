import { expect, test } from 'bun:test'
import { hasCode } from './base/errors.ts'
import { certificateNames, parseConfig } from './config.ts'
import { relayUdpPorts, turnUrls } from './core/relay/relay-settings.ts'

const none = { args: [], env: {}, file: {} }

function refusal(sources: Partial<Parameters<typeof parseConfig>[0]>): string {
  try {
    parseConfig({ ...none, ...sources })
  } catch (error) {
    if (hasCode(error, 'bad-request')) return error.message
    throw error
  }
  throw new Error('it was accepted')
}

test('without any source every setting has its default and the addresses follow from the ports', () => {
  const config = parseConfig(none)
  expect(config.port).toBe(8080)
  expect(config.publicUrl).toBe('http://localhost:8080')
  expect(config.studioUrl).toBe('http://localhost:8081')
  expect(config.data.startsWith('/')).toBe(true)
})

test('a flag wins over the environment, which wins over the file', () => {
  const env = { MIMBAR_PORT: '2', MIMBAR_STUDIO_PORT: '12' }
  const config = parseConfig({ args: ['--port', '1'], env, file: { port: 3, 'studio-port': 13, stages: 4 } })
  expect([config.port, config.studioPort, config.stages]).toEqual([1, 12, 4])
})

test('a switch needs no value, and a flag may carry its value behind an equals sign', () => {
  const config = parseConfig({ ...none, args: ['--demo', '--port=9000'] })
  expect([config.demo, config.port]).toEqual([true, 9000])
})

test('with a certificate the addresses are https', () => {
  const config = parseConfig({ ...none, args: ['--tls-cert', 'a.pem', '--tls-key', 'b.pem'] })
  expect(config.publicUrl).toBe('https://localhost:8080')
})

test('with a domain the public door is on 443, and every address is https with its name', () => {
  const config = parseConfig({ ...none, args: ['--domain', 'Radio.Example.org'] })
  expect([config.port, config.httpPort]).toEqual([443, 80])
  expect([config.publicUrl, config.studioUrl]).toEqual([
    'https://radio.example.org',
    'https://radio.example.org:8081',
  ])
  expect(certificateNames(config)).toEqual(['radio.example.org'])
})

test('the studio door may have a name of its own, and ports and addresses that are given are kept', () => {
  const args = ['--domain', 'bücher.example', '--studio-domain', 'studio.example.org', '--port', '8443']
  const config = parseConfig({ ...none, args: [...args, '--public-url', 'https://cdn.example.org'] })
  expect([config.port, config.publicUrl]).toEqual([8443, 'https://cdn.example.org'])
  expect(config.studioUrl).toBe('https://studio.example.org:8081')
  expect(certificateNames(config)).toEqual(['xn--bcher-kva.example', 'studio.example.org'])
  expect(parseConfig({ ...none, args }).publicUrl).toBe('https://xn--bcher-kva.example:8443')
})

test('a domain that no authority could look up is refused, and so is what contradicts it', () => {
  for (const name of [
    'localhost',
    '192.0.2.1',
    '[::1]',
    '*.example.org',
    'a b.org',
    'https://example.org',
    'x.org:1',
  ])
    expect(refusal({ args: ['--domain', name] })).toContain('public DNS')
  const domain = ['--domain', 'example.org']
  expect(refusal({ args: [...domain, '--tls-cert', 'a', '--tls-key', 'b'] })).toContain('exclude')
  expect(refusal({ args: [...domain, '--http-port', '443'] })).toContain('of its own')
  expect(refusal({ args: [...domain, '--acme-directory', 'http://ca.test/'] })).toContain('https')
  expect(refusal({ args: [...domain, '--acme-email', 'nobody'] })).toContain('one address')
  expect(refusal({ args: ['--studio-domain', 'example.org'] })).toContain('goes with --domain')
})

test('a relay takes one more UDP port for each stage, after those of all stages', () => {
  const relay = ['--turn-url', 'turn:a:80?transport=tcp, turns:b', '--turn-secret', 'north wind']
  const config = parseConfig({ ...none, args: [...relay, '--stages', '3'] })
  expect(turnUrls(config)).toEqual(['turn:a:80?transport=tcp', 'turns:b'])
  expect(relayUdpPorts(config)).toEqual([7003, 7004, 7005])
  expect(relayUdpPorts(parseConfig(none))).toEqual([])
  expect(refusal({ args: [...relay, '--stage-udp-port', '65533'] })).toContain('no room')
  expect(refusal({ args: ['--turn-url', 'turn:a'] })).toContain('go together')
  expect(refusal({ args: ['--turn-url', 'stun:a', '--turn-secret', 'b'] })).toContain(
    'turns:turn.example.org',
  )
  // A file may hold it as a number by mistake: it is still not said.
  expect(refusal({ file: { 'turn-secret': 8_675_309 } })).not.toContain('8675309')
})

test('what cannot be understood is named, with what it takes', () => {
  expect(refusal({ args: ['--prot', '1'] })).toContain('no setting "prot"')
  expect(refusal({ args: ['--port'] })).toContain('needs a value')
  expect(refusal({ args: ['--port', '70000'] })).toContain('from 1 to 65535')
  expect(refusal({ args: ['--port', '8e3'] })).toContain('from 1 to 65535')
  expect(refusal({ args: ['8080'] })).toContain('not a setting')
  expect(refusal({ env: { MIMBAR_DEMO: 'maybe' } })).toContain('yes or no')
  expect(refusal({ file: { host: 3 } })).toContain('takes text')
  expect(refusal({ file: { stagges: 3 } })).toContain('mimbar.toml')
  expect(refusal({ args: ['--tls-cert', 'a.pem'] })).toContain('go together')
  expect(refusal({ args: ['--port', '8081'] })).toContain('two doors')
  expect(refusal({ args: ['--public-url', 'example.org'] })).toContain('https://example.org')
  expect(refusal({ args: ['--stage-udp-port', '65535'] })).toContain('no room')
  expect(refusal({ env: { MIMBAR_REHEARSAL_KEY: 'short' } })).toContain('at least 16 characters')
})
