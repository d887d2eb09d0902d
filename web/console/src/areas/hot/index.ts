import { defineArea } from '@/app/area';
import { words } from './hot.zh';

export default defineArea({
  key: 'hot',
  label: words.area,
  icon: 'hot',
  order: 40,
  roles: ['坐席', '派单员', '督办', '领导', '跟班学习'],
  routes: [
    {
      path: 'hot/:key?',
      name: 'hot',
      component: () => import('./HotPage.vue'),
      meta: { title: words.issues },
    },
  ],
  menu: () => [{ to: 'hot', label: words.issues }],
  keys: [
    { keys: 'j k', does: words.move },
    { keys: 'Enter', does: words.openIssue },
    { keys: 'r', does: words.reload },
    { keys: 'Esc', does: words.close },
  ],
});
