import type { ByteSource } from '../../model/index.ts'
import { u32, u32le } from './bytes.ts'
import { type CaptureSink, PCAPNG_MAGIC } from './captured-packet.ts'
import { isPcap, readPcap } from './pcap.ts'
import { readPcapng } from './pcapng.ts'

/** Is it a packet capture, by its first bytes? */
export function isCapture(head: Uint8Array): boolean {
  if (head.length >= 12 && u32(head, 0) === PCAPNG_MAGIC) return u32(head, 8) === 0x1a2b3c4d || u32le(head, 8) === 0x1a2b3c4d
  if (head.length < 24) return false
  return isPcap(head)
}

/** Hands over the packets of a capture file, whatever its flavour. */
export function readCapture(bytes: ByteSource, sink: CaptureSink): void {
  const head = bytes.read(0, 24)
  if (u32(head, 0) === PCAPNG_MAGIC) readPcapng(bytes, sink)
  else readPcap(bytes, head.slice(), sink)
}
