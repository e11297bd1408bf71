import { join } from 'node:path'
import { defineConfig } from 'vitest/config'
import { ClosingLineReporter } from './tools/closing-line-reporter.ts'

export default defineConfig({
  resolve: {
    alias: [
      { find: /^\.{1,2}\/thread-file\.ts$/, replacement: join(import.meta.dirname, 'test/threads/compiled-thread-file.ts') },
    ],
  },
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts', 'tools/**/*.test.ts', 'examples/**/*.test.ts'],
    globalSetup: ['test/threads/build-program.ts'],
    setupFiles: ['test/repeatable-properties.ts'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    reporters: ['default', new ClosingLineReporter()],
  },
})
