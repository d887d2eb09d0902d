import { defineConfig } from 'vitest/config';

// Where `npm run dev` finds the service (API and socket).
const service = process.env.HOTLINE_URL ?? 'http://127.0.0.1:8000';

export default defineConfig({
  base: '/widget/',
  build: {
    // Phones that citizens really carry: WeChat's browser on Android lags years behind.
    target: ['chrome80', 'safari13.1', 'firefox78'],
    cssTarget: ['chrome80', 'safari13.1'],
    assetsInlineLimit: 0, // the service sends `default-src 'self'`, which forbids data: addresses
    modulePreload: { polyfill: false },
  },
  server: { proxy: { '/api': { target: service, ws: true } } },
  test: { environment: 'happy-dom', include: ['tests/**/*.test.ts'] },
});
