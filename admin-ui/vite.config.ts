import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

// The Go server that answers /v1 while `npm run dev` serves the console.
const api = process.env.ZHANGGUI_API ?? 'http://127.0.0.1:8080';

export default defineConfig({
  plugins: [react()],
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  server: { proxy: { '/v1': { target: api, changeOrigin: false } } },
  build: {
    target: 'es2022',
    // The size report is made by scripts/bundle-budget.mjs, compressed as a browser gets it.
    reportCompressedSize: false,
    manifest: true,
    emptyOutDir: true,
  },
  test: {
    environment: 'jsdom',
    setupFiles: ['./src/test-setup.ts'],
    css: false,
    testTimeout: 60_000, // a busy machine is no failure
  },
});
