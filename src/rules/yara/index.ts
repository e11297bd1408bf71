export { type CompiledYara, compileYara, EXTERNAL_VARIABLES, type RefusedYara } from './compile.ts'
export { type NoYara, type YaraEngine, yaraEngine } from './engine.ts'
export { scanYara, type YaraFacts, type YaraHit } from './scan.ts'
