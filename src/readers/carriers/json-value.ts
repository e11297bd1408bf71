/** A JSON object as parsed; nothing is known about its values yet. */
export type JsonFields = Readonly<Record<string, unknown>>

export function isJsonFields(value: unknown): value is JsonFields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Numbers of more than 15 digits lose some as a double: 64-bit identifiers and key words. */
const LONG_NUMBER = /[:[,]\s*-?\d{16,}/

/** The third argument of a reviver (ECMAScript proposal "JSON.parse source text access", in V8 since 11.4). */
type Reviver = (this: unknown, key: string, value: unknown, context?: { readonly source?: string }) => unknown

const keepDigits: Reviver = (_key, value, context) =>
  typeof value === 'number' && !Number.isSafeInteger(value) && context?.source !== undefined && /^-?\d+$/.test(context.source)
    ? context.source
    : value

/** The object a text holds, whole numbers beyond 2^53 as their digits; undefined when it is no JSON object. */
export function jsonFieldsOf(text: string): JsonFields | undefined {
  try {
    const value: unknown = LONG_NUMBER.test(text)
      ? JSON.parse(text, keepDigits as (key: string, value: unknown) => unknown)
      : JSON.parse(text)
    return isJsonFields(value) ? value : undefined
  } catch (error) {
    // RangeError: nested deeper than the engine follows.
    if (error instanceof SyntaxError || error instanceof RangeError) return undefined
    throw error
  }
}

/** A field of the object itself, never one it inherits. */
export const ownField = (fields: JsonFields, name: string): unknown => (Object.hasOwn(fields, name) ? fields[name] : undefined)

/** A nested object; undefined when the field is none. */
export function nestedFields(fields: JsonFields, name: string): JsonFields | undefined {
  const value = ownField(fields, name)
  return isJsonFields(value) ? value : undefined
}

/** Text of a plain value; undefined for null, objects and lists. */
export function plainText(value: unknown): string | undefined {
  if (typeof value === 'string') return value
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined
}
