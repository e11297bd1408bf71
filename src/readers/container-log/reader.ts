import type { Reader } from '../../model/index.ts'
import { leadingIso } from '../carriers/civil-time.ts'
import { zoneOf } from '../carriers/clock.ts'
import { lineReader, scoreOfDatedLines } from '../carriers/line-format.ts'

const UTC = zoneOf(undefined)
/** Log format of the container runtime interface: github.com/kubernetes/design-proposals-archive/blob/main/node/kubelet-cri-logging.md */
const LINE = /^(\S{19,40}) (stdout|stderr) ([FP])(?: (.*))?$/s

/** Where the kubelet keeps it: "/var/log/pods/NAMESPACE_POD_UID/CONTAINER/0.log", "/var/log/containers/POD_NAMESPACE_CONTAINER-ID.log". */
function containerOf(path: string): string {
  const pod = /(?:^|\/)pods\/([^/]{1,300})\/([^/]{1,200})\/[^/]*$/.exec(path)
  if (pod) return `${pod[1]?.split('_').slice(0, 2).join('/')}/${pod[2]}`
  const link = /(?:^|\/)containers\/([^/]{1,300})-[0-9a-f]{12,64}\.log/.exec(path)
  return link?.[1]?.replaceAll('_', '/') ?? ''
}

/** What containers write, as containerd and CRI-O keep it. */
export const reader: Reader = lineReader({
  format: 'container-log',
  title: 'container log of Kubernetes (CRI)',
  version: 1,
  about: {
    reads: 'Logs of containerd and CRI-O: time, stream, tag and what the container wrote.',
    exported: 'Copy `/var/log/pods/` (its folders name namespace, pod and container).',
    shows: 'What programs in containers print; pod and container from the path.',
    cannotShow: 'Anything by meaning: each line is kept as text, lines cut by the runtime (tag P) in their pieces.',
    clock: 'Host never: give the node. Times are UTC or carry their zone.',
    builtFrom: 'real sample',
    checkedOn: 'a log of the plaso project.',
  },
  recognise: sample => scoreOfDatedLines(sample, line => LINE.test(line) && leadingIso(line, UTC) !== undefined, 92),
  open: ({ zone, part }) => {
    const image = containerOf(part.path)
    return text => {
      const match = LINE.exec(text)
      const iso = match && leadingIso(match[1] ?? '', zone)
      if (!match || !iso) return undefined
      return {
        time: iso.time,
        code: match[2] ?? '',
        fields: { kind: 'other_activity', message: (match[4] ?? '').slice(0, 4096), image },
      }
    }
  },
})
