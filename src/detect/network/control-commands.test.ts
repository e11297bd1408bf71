import { expect, test } from 'vitest'
import { at, times } from '../../../test/network-events.ts'
import { foundBy, saidIn } from '../../../test/set-detector.ts'
import type { SecurityEvent } from '../../model/index.ts'
import { controlCommands } from './control-commands.ts'

const said = (seconds: number, message: string, code = 'modbus', srcIp = '10.0.0.5') =>
  at('other_activity', seconds, { message, srcIp, dstIp: '10.9.0.2' }, { code }) as SecurityEvent

test.each<[string, readonly SecurityEvent[], readonly string[]]>([
  [
    'writes of Modbus',
    [
      said(1, 'func=WRITE_SINGLE_REGISTER unit=3'),
      said(2, 'unit=3 func=WRITE_MULTIPLE_COILS'),
      said(3, 'func=READ_COILS unit=3'),
    ],
    [
      'informational: 10.0.0.5 sent commands to the controller 10.9.0.2 by Modbus, 2 times: WRITE_MULTIPLE_COILS, WRITE_SINGLE_REGISTER',
    ],
  ],
  [
    'select and operate of DNP3',
    [said(1, 'fc_request=SELECT', 'dnp3'), said(2, 'fc_request=OPERATE fc_reply=RESPONSE', 'dnp3')],
    ['informational: 10.0.0.5 sent commands to the controller 10.9.0.2 by DNP3, 2 times: OPERATE, SELECT'],
  ],
  [
    'a function only the maker knows, question and answer once',
    [said(1, 'unit=34 func=unknown-100 pdu_type=REQ'), said(2, 'unit=34 func=unknown-100 pdu_type=RESP')],
    ['informational: 10.0.0.5 sent commands to the controller 10.9.0.2 by Modbus, 1 time: unknown-100'],
  ],
  [
    'from outside',
    [said(1, 'func=WRITE_SINGLE_COIL', 'modbus', '203.0.113.9')],
    ['medium: 203.0.113.9 sent commands to the controller 10.9.0.2 by Modbus, 1 time: WRITE_SINGLE_COIL'],
  ],
  [
    'a machine that spoke to no controller in the two days that another did',
    [
      ...times(60, i => said(i * 3600, 'func=READ_COILS unit=3')),
      said(50 * 3600, 'func=READ_COILS unit=3', 'modbus', '10.0.7.7'),
      said(50 * 3600 + 9, 'func=WRITE_SINGLE_COIL', 'modbus', '10.0.7.7'),
    ],
    [
      'medium: 10.0.7.7, never seen with a controller before, sent commands to the controller 10.9.0.2 by Modbus, 1 time: WRITE_SINGLE_COIL',
    ],
  ],
  [
    'an operator station that watched for two days before it wrote',
    [
      ...times(60, i => said(i * 3600, 'func=READ_COILS unit=3')),
      ...times(60, i => said(i * 3600 + 30, 'func=READ_COILS unit=3', 'modbus', '10.0.7.7')),
      said(50 * 3600 + 9, 'func=WRITE_SINGLE_COIL', 'modbus', '10.0.7.7'),
    ],
    ['informational: 10.0.7.7 sent commands to the controller 10.9.0.2 by Modbus, 1 time: WRITE_SINGLE_COIL'],
  ],
  [
    'a sensor that was switched on an hour ago knows nobody',
    [said(1, 'func=READ_COILS unit=3'), said(3600, 'func=WRITE_SINGLE_COIL', 'modbus', '10.0.7.7')],
    ['informational: 10.0.7.7 sent commands to the controller 10.9.0.2 by Modbus, 1 time: WRITE_SINGLE_COIL'],
  ],
  ['a control system that reads all day', times(50, i => said(i, 'func=READ_HOLDING_REGISTERS unit=1')), []],
  ['a refused write is an answer', [said(1, 'func=WRITE_SINGLE_COIL_EXCEPTION')], []],
  ['the words in another log', [said(1, 'func=WRITE_SINGLE_COIL', 'syslog')], []],
])('%s', async (_name, events, expected) => {
  expect(saidIn(await foundBy(controlCommands, events))).toEqual(expected)
})
