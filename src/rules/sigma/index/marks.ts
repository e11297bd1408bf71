/** One bit for each: ASCII signs that few values hold, so that what needs one is refused by a look at a number. */
const MARKS = '!"#$%&\'()*+,/;<=>?@[]^`{|}~'
const BITS = Int32Array.from({ length: 128 }, (_, unit) => {
  const bit = MARKS.indexOf(String.fromCharCode(unit))
  return bit < 0 ? 0 : 1 << bit
})

/** Which marks a text holds. */
export function marksOf(text: string): number {
  let marks = 0
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index)
    if (unit < 128) marks |= BITS[unit] as number
  }
  return marks
}
