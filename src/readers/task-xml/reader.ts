import { contentHash, type EvidenceSample, microsFromIso, originalFields, type Reader } from '../../model/index.ts'
import { unescapeXml } from '../meanings/windows-xml.ts'

/** A task is small; what is larger is none. */
const MAX_TASK_BYTES = 1 << 20

/** Task Scheduler schema: learn.microsoft.com/windows/win32/taskschd/task-scheduler-schema. */
export const reader: Reader = {
  format: 'task-xml',
  title: 'scheduled task of Windows (XML)',
  version: 1,
  split: { by: 'nothing' },
  about: {
    reads: 'Task files as Windows keeps them and as `schtasks /query /xml` prints them, UTF-16 or UTF-8.',
    exported: 'Copy `C:\\Windows\\System32\\Tasks\\` as a whole; `schtasks /query /xml ONE > tasks.xml`.',
    shows: 'What each task runs, when, as whom, who made it and when (as the task itself claims).',
    cannotShow:
      'Whether and when it ran (see the TaskScheduler log), tasks whose file was removed while the registry keeps them.',
    clock: 'Host never: give it. The date of registration is local time as the author wrote it, and can be made up.',
    builtFrom: 'documentation',
    checkedOn: "tasks made after Microsoft's schema.",
  },
  recognise,
  read(part, sink) {
    let text = ''
    for (const line of part.lines()) {
      text += `${line.text}\n`
      if (text.length > MAX_TASK_BYTES) break
    }
    const host = part.facts.host?.toLowerCase() ?? ''
    const tasks = text.split(/(?=<Task[\s>])/).filter(piece => /^<Task[\s>]/.test(piece))
    for (const [index, task] of tasks.entries()) {
      const of = (name: string) =>
        unescapeXml(new RegExp(`<${name}(?:\\s[^>]{0,200})?>([^<]{0,8192})<`).exec(task)?.[1] ?? '').trim()
      const actions = [...task.matchAll(/<Exec[\s>]([\s\S]{0,20000}?)<\/Exec>/g)].map(([, exec = '']) => {
        const inner = (name: string) => unescapeXml(new RegExp(`<${name}>([^<]{0,8192})<`).exec(exec)?.[1] ?? '').trim()
        return [inner('Command'), inner('Arguments')].filter(Boolean).join(' ')
      })
      const handlers = [...task.matchAll(/<ComHandler>[\s\S]{0,2000}?<ClassId>([^<]{0,80})</g)].map(([, id = '']) => `COM ${id}`)
      const name =
        of('URI') ||
        (/(?:^|[\\/])Tasks[\\/](.+)$/i.exec(part.facts.originalPath ?? part.path)?.[1] ?? part.path.replace(/^.*\//, ''))
      const triggers = [...task.matchAll(/<(\w{3,24}Trigger)[\s>]/g)].map(([, kind = '']) => kind)
      const claimed = of('Date')
      const date = microsFromIso(claimed)
      sink.event({
        kind: 'scheduled_job_activity',
        action: 'found',
        name,
        command: [...actions, ...handlers].join('; '),
        user: of('Author'),
        account: of('UserId') || of('GroupId'),
        source: { evidence: part.evidence, record: index + 1, offset: 0 },
        // When it was registered is a claim of whoever wrote the file, in a zone nobody names.
        time: undefined,
        ...(date === undefined ? {} : { alsoRecorded: { claimed: date } }),
        host,
        series: `task-xml|${host}|${name}`,
        identity: contentHash(`${name}|${task}`),
        product: 'task-scheduler',
        code: '',
        original: originalFields({
          URI: name,
          Author: of('Author'),
          UserId: of('UserId'),
          RunLevel: of('RunLevel'),
          Hidden: of('Hidden'),
          Triggers: triggers.join(', '),
          Date: claimed,
          Command: actions.join('; '),
        }),
      })
    }
    if (tasks.length === 0)
      sink.diagnostic({
        kind: 'diagnostic',
        code: 'task-xml/no-task',
        level: 'warning',
        message: 'the file holds no task',
        evidence: part.evidence,
        path: part.path,
      })
  },
}

function recognise({ encoding, lines, size }: EvidenceSample): number {
  if (encoding === undefined || size > MAX_TASK_BYTES * 64) return 0
  const text = lines.slice(0, 20).join('\n')
  return /<Task\b[^>]*schemas\.microsoft\.com\/windows\/2004\/02\/mit\/task/.test(text) ? 97 : 0
}
