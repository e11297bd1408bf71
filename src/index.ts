/** The library entry: the vocabulary. Stages are internal until their interfaces have settled. */
export * from './model/index.ts'
