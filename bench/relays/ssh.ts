import { type ChildProcess, execFileSync } from 'node:child_process'
import { chmodSync, copyFileSync, existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Network } from './network.ts'

const PORT = '7022'

/** Starts sshd in a machine, with keys of its own, and hands out what logs in to it from another one with these words (`-N -L …`). */
export async function sshBetween(
  network: Network,
  directory: string,
  from: string,
  to: string,
  address: string,
): Promise<(...words: readonly string[]) => ChildProcess> {
  const keys = join(directory, 'ssh')
  mkdirSync(keys, { recursive: true, mode: 0o700 })
  for (const name of ['host', 'user'])
    if (!existsSync(join(keys, name))) execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(keys, name)])
  copyFileSync(join(keys, 'user.pub'), join(keys, 'authorized'))
  chmodSync(join(keys, 'authorized'), 0o600)
  mkdirSync('/run/sshd', { recursive: true })
  const sshd = execFileSync('sh', ['-c', 'command -v sshd || echo /usr/sbin/sshd'], { encoding: 'utf8' }).trim()
  const options = (...words: readonly string[]) => words.flatMap(word => ['-o', word])
  network.start(
    to,
    sshd,
    ...['-D', '-e', '-f', '/dev/null', '-p', PORT, '-h', join(keys, 'host')],
    ...options(
      `AuthorizedKeysFile=${join(keys, 'authorized')}`,
      'StrictModes=no',
      'PermitRootLogin=yes',
      'AllowTcpForwarding=yes',
      'UsePAM=no',
      'PidFile=none',
    ),
  )
  await network.listening(to, Number(PORT))
  const login = ['-p', PORT, '-i', join(keys, 'user'), '-F', '/dev/null']
  const known = options('StrictHostKeyChecking=no', 'UserKnownHostsFile=/dev/null', 'IdentitiesOnly=yes')
  return (...words) => {
    // Options stand before the address, what is to be run there behind it.
    const isOption = words[0]?.startsWith('-') === true
    return network.start(
      from,
      'ssh',
      ...login,
      ...known,
      ...(isOption ? words : []),
      `root@${address}`,
      ...(isOption ? [] : words),
    )
  }
}
