import { defineArea } from '@/app/area';
import { useCounts } from '@/stores/counts';
import { words } from './supervision.zh';

export default defineArea({
  key: 'supervision',
  label: words.area,
  icon: 'supervise',
  order: 30,
  roles: ['督办', '领导', '跟班学习'],
  routes: [
    {
      path: 'supervision',
      name: 'supervision',
      component: () => import('./BoardPage.vue'),
      meta: { title: words.board },
    },
  ],
  menu: () => [
    { to: 'supervision', label: words.board, count: () => useCounts().counts?.supervised ?? null },
  ],
  keys: [
    { keys: 'j k', does: words.move },
    { keys: 'Enter', does: words.open },
    { keys: 'r', does: words.reload },
  ],
});
