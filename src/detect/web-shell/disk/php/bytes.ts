/** Text of one character a byte as bytes. */
export function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(text, letter => letter.charCodeAt(0) & 255)
}
