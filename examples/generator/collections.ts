// The example's evidence as responders bring it: collected by KAPE, by Velociraptor's offline collector, and as /var/log trees. The bytes of
// every log are those of the example; only where they lie and what is written around them differs.
// node examples/generator/collections.ts --out /tmp/collections [--evidence examples/guam]
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { gzipSync } from 'node:zlib'
import { pack } from 'tar-stream'
import { walkEvidence } from '../../src/evidence/index.ts'
import { zipBytes } from '../../test/zip-bytes.ts'

/** One file of a machine. */
interface MachineFile {
  readonly machine: string
  /** Path on the machine, "C:/Windows/…" or "/var/log/…"; '' for what belongs to nobody. */
  readonly original: string
  readonly bytes: Buffer
}

/** The kinds of collection this program makes; in the last each machine was collected with another tool. */
export const COLLECTIONS = ['kape', 'velociraptor', 'var-log', 'mixed'] as const
export type CollectionName = (typeof COLLECTIONS)[number]
const WINDOWS_TOOLS = ['velociraptor', 'kape', 'var-log'] as const

/** Writes one collection of the evidence into a folder. */
export async function writeCollection(name: CollectionName, evidence: string, directory: string): Promise<void> {
  const files = await machineFiles(evidence)
  const put = (path: string, bytes: Uint8Array | string) => {
    const file = join(directory, path)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, bytes)
  }
  for (const { machine, bytes } of files.filter(file => file.original === '')) put(machine, bytes)
  const machines = Map.groupBy(
    files.filter(file => file.original !== ''),
    ({ machine }) => machine,
  )
  for (const [index, [machine, own]] of [...machines].entries()) {
    const isWindows = own.some(({ original }) => original.startsWith('C:'))
    const tool = name === 'mixed' ? (WINDOWS_TOOLS[index % WINDOWS_TOOLS.length] ?? 'kape') : name
    if (isWindows && tool === 'velociraptor') put(`Collection-${machine}-2023-02-20T01_02_03Z.zip`, velociraptorZip(machine, own))
    else if (isWindows && tool === 'kape')
      for (const { original, bytes } of own)
        put(`${machine.toUpperCase()}/2023-02-20T010203/${original.replace('C:/', 'C/')}`, bytes)
    else if (isWindows) for (const { original, bytes } of own) put(`${machine}/${original.replace('C:/', '')}`, bytes)
    else
      put(
        `${machine}-logs.tar.gz`,
        await tarball([...own, { machine, original: '/etc/hostname', bytes: Buffer.from(`${machine}\n`) }]),
      )
  }
}

/** docs.velociraptor.app, "Offline collections": what the tool says of itself, and the files under names a zip can hold. */
function velociraptorZip(machine: string, files: readonly MachineFile[]): Buffer {
  const info = { hostname: machine.toUpperCase(), fqdn: machine, os: 'windows', architecture: 'amd64' }
  return zipBytes([
    { name: 'client_info.json', data: JSON.stringify(info) },
    {
      name: 'collection_context.json',
      data: JSON.stringify({ session_id: 'F.1', total_uploaded_files: files.length, state: 'FINISHED' }),
    },
    ...files.map(({ original, bytes }) => ({ name: `uploads/auto/${original.replace('C:/', 'C%3A/')}`, data: bytes })),
  ])
}

async function tarball(files: readonly MachineFile[]): Promise<Buffer> {
  const tar = pack()
  for (const { original, bytes } of files) tar.entry({ name: original.slice(1), mtime: new Date(Date.UTC(2023, 1, 20)) }, bytes)
  tar.finalize()
  const chunks: Buffer[] = []
  for await (const chunk of tar) chunks.push(chunk as Buffer)
  return gzipSync(Buffer.concat(chunks))
}

/** The example's files with their place on their machine. */
async function machineFiles(evidence: string): Promise<readonly MachineFile[]> {
  const spillDirectory = join(tmpdir(), `barograph-collections-${process.pid}`)
  const files: MachineFile[] = []
  for await (const item of walkEvidence([evidence], { spillDirectory })) {
    if (item.file === '' || /expected-report\.json$|README\.md$/.test(item.path)) continue
    const path = item.path.slice(item.path.indexOf('/') + 1)
    const [machine = '', ...rest] = path.split('/')
    files.push({ ...placed(machine, rest.join('/'), path), bytes: readFileSync(item.file) })
  }
  rmSync(spillDirectory, { recursive: true, force: true })
  return files
}

function placed(machine: string, inside: string, path: string): Pick<MachineFile, 'machine' | 'original'> {
  const member = inside.slice(inside.indexOf('!/') + 2)
  if (inside.endsWith('.evtx')) return { machine, original: `C:/Windows/System32/winevt/Logs/${member}` }
  if (inside.startsWith('wwwroot.tar.gz!/'))
    return { machine, original: `C:/inetpub/${member.startsWith('wwwroot/') ? '' : 'wwwroot/'}${member}` }
  if (inside.startsWith('W3SVC'))
    return { machine, original: `C:/inetpub/logs/LogFiles/${inside.replace(/\.gz(?:!\/.*)?$/, '')}` }
  if (inside === 'auth.log') return { machine, original: '/var/log/auth.log' }
  // Firewall, sensor and asset list come as they are.
  return { machine: path.replace(/\.gz(?:!\/.*)?$/, ''), original: '' }
}

if (process.argv[1] === import.meta.filename) {
  const { values } = parseArgs({
    options: { out: { type: 'string' }, evidence: { type: 'string', default: join(import.meta.dirname, '..', 'guam') } },
  })
  if (values.out === undefined) throw new Error('say where: --out DIRECTORY')
  for (const name of COLLECTIONS) await writeCollection(name, resolve(values.evidence), join(resolve(values.out), name))
}
