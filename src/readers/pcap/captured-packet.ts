import type { Complaint } from '../carriers/part-diagnostics.ts'

/** One captured packet; the object and its bytes are the reader's until the next one. */
export interface CapturedPacket {
  /** From 1, as Wireshark counts frames. */
  number: number
  /** Byte offset of the packet's header in the file. */
  offset: number
  /** Microseconds since 1970; NaN when the capture does not say (pcapng simple packets). */
  time: number
  /** LINKTYPE_ number of tcpdump.org/linktypes.html. */
  link: number
  /** Is the host that wrote it little-endian? LINKTYPE_NULL is in its byte order. */
  little: boolean
  /** Name of the interface, '' when the capture does not say. */
  interfaceName: string
  /** Microseconds per tick of its clock, at least 1. */
  precision: number
  data: Uint8Array
  at: number
  /** End of what was captured. */
  end: number
  /** Length on the wire. */
  wire: number
}

/** What a capture is read into. */
export interface CaptureSink {
  packet(packet: CapturedPacket): void
  /** About the file; `offset` is where. */
  complaint(offset: number, complaint: Complaint): void
}

/** A capture library's largest snapshot length is 262,144 (pcap-int.h); larger lengths are a broken header. */
export const MAX_PACKET_BYTES = 1 << 20
/** Read ahead at once: many small packets cost one call. */
export const WINDOW_BYTES = 1 << 16

export const CUT_FILE: Complaint = {
  code: 'pcap/cut-file',
  level: 'warning',
  message: 'the capture ends inside a packet; what lies before was read',
  hint: 'it was copied while it was written, or the disk was full; copy it again with the capture stopped',
}
export const BAD_PACKET: Complaint = {
  code: 'pcap/bad-packet',
  level: 'error',
  message: 'a packet header cannot be true (its length or time is impossible); reading goes on at the next one that fits',
  hint: 'repair it with `pcapfix FILE`, or copy it again',
}

export const PCAPNG_MAGIC = 0x0a0d0d0a
