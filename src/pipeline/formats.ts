import { readers } from '../readers/registry.ts'
import { type DeclaredFormat, declarationRows, declaredFormats } from '../report/text/format-pages.ts'

/** Every format we read, with what its reader declares of it. */
export function formats(): readonly DeclaredFormat[] {
  return declaredFormats(readers)
}

export { type DeclaredFormat, declarationRows }
