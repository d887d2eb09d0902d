import { defineConfig } from 'vite';

// The second build: one small script that other sites include with a single tag.
export default defineConfig({
  publicDir: false,
  build: {
    target: ['chrome80', 'safari13.1', 'firefox78'],
    emptyOutDir: false,
    rollupOptions: {
      input: 'src/embed/embed.ts',
      output: { format: 'iife', entryFileNames: 'embed.js' },
    },
  },
});
