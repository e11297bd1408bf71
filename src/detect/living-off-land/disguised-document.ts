import { type EventOf, fileNameOf, type Match, type RecordDetector } from '../../model/index.ts'
import { isDisguisedAsDocument } from './disguised-name.ts'

/** Programs that open what a person clicks on: it was the person who started it. */
const CLICKED = /^(?:explorer|outlook|winrar|7zfm|winzip\d*|msedge|chrome|firefox|iexplore|thunderbird|teams|olk)\.exe$/

const PROGRAM = /\.(?:exe|dll|scr|com|sys|bat|cmd|ps1|vbs|js|hta|msi)$/i

/** Somebody opens a picture or a document that is a program. */
export const disguisedDocument: RecordDetector<'process_activity' | 'file_activity'> = {
  on: 'record',
  id: 'living-off-land/disguised-document',
  title: 'Program with the name of a document started',
  reads: ['process_activity', 'file_activity'],
  techniques: ['T1204.002', 'T1036.007'],
  severity: 'medium',
  confidence: 'high',
  why: 'Windows hides the last ending of a file name, so a program called picture.jpeg.exe looks like a picture until it is opened.',
  innocent: 'a self-extracting archive or converter that somebody named after what it holds',
  detect(event) {
    return event.kind === 'file_activity'
      ? unpacked(event)
      : event.action === 'start'
        ? (opened(event) ?? startedNext(event))
        : undefined
  },
}

function opened({ image = '', parentImage = '', user = '' }: EventOf<'process_activity'>): Match | undefined {
  if (!isDisguisedAsDocument(image)) return undefined
  const parent = fileNameOf(parentImage)
  const by = CLICKED.test(parent) && user !== '' ? `${user} opened` : parent === '' ? 'Started:' : `${parent} started`
  return {
    title: `${by} ${fileNameOf(image)}, a program with the name of a document`,
    object: image.toLowerCase(),
    accounts: [user],
  }
}

/** What it starts and unpacks are records of the same act; alone they are low. */
function startedNext({ image = '', parentImage = '', user = '' }: EventOf<'process_activity'>): Match | undefined {
  if (!isDisguisedAsDocument(parentImage)) return undefined
  return {
    title: `${fileNameOf(parentImage)}, a program with the name of a document, started ${fileNameOf(image)}`,
    object: parentImage.toLowerCase(),
    severity: 'low',
    accounts: [user],
  }
}

function unpacked({ action, image = '', path = '', user = '' }: EventOf<'file_activity'>): Match | undefined {
  if (action !== 'create' || !isDisguisedAsDocument(image) || !PROGRAM.test(path)) return undefined
  return {
    title: `${fileNameOf(image)}, a program with the name of a document, wrote ${fileNameOf(path)}`,
    object: image.toLowerCase(),
    severity: 'low',
    accounts: [user],
  }
}
