import { fileURLToPath } from 'node:url';
import vue from '@vitejs/plugin-vue';
import { ElementPlusResolver } from 'unplugin-vue-components/resolvers';
import components from 'unplugin-vue-components/vite';
import { defineConfig } from 'vitest/config';

// Where `npm run dev` finds the service (API and socket).
const service = process.env.HOTLINE_URL ?? 'http://127.0.0.1:8000';

export default defineConfig({
  base: '/console/',
  plugins: [
    vue(),
    // Element Plus piece by piece: what a page uses comes with that page, its styles too.
    components({ dts: false, dirs: [], resolvers: [ElementPlusResolver({ importStyle: 'css' })] }),
  ],
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  build: {
    // Browsers of offices: 360 and 奇安信 carry a Chromium some years old.
    target: ['chrome91', 'firefox91', 'safari15'],
    assetsInlineLimit: 0, // the service sends `default-src 'self'`, which forbids data: addresses
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 800,
    rollupOptions: {
      output: {
        manualChunks: (id) => (/node_modules\/(@vue|vue|pinia|vue-router)\//.test(id) ? 'vue' : undefined),
      },
    },
  },
  server: { proxy: { '/console-api': { target: service, ws: true } } },
  test: {
    environment: 'happy-dom',
    include: ['tests/**/*.test.ts'],
    server: { deps: { inline: ['element-plus'] } },
  },
});
