export { type CompiledRules, compileSigma } from './sigma/compile.ts'
