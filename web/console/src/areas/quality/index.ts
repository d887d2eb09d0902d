import { defineArea } from '@/app/area';
import { words } from './quality.zh';

export default defineArea({
  key: 'quality',
  label: words.area,
  icon: 'check',
  order: 52,
  roles: ['知识编辑', '督办', '领导'],
  routes: [
    {
      path: 'quality',
      name: 'quality',
      component: () => import('./GroupsPage.vue'),
      meta: { title: words.groups },
    },
    {
      path: 'quality/groups/:id(\\d+)',
      name: 'quality-group',
      component: () => import('./GroupPage.vue'),
      meta: { title: words.groups },
    },
    {
      path: 'quality/sandbox',
      name: 'quality-sandbox',
      component: () => import('./SandboxPage.vue'),
      meta: { title: words.sandbox },
    },
    {
      path: 'quality/corrections',
      name: 'quality-corrections',
      component: () => import('./CorrectionsPage.vue'),
      meta: { title: words.corrections },
    },
    {
      path: 'quality/release',
      name: 'quality-release',
      component: () => import('./ReleasePage.vue'),
      meta: { title: words.release },
    },
  ],
  menu: () => [
    { to: 'quality', label: words.groups },
    { to: 'quality-sandbox', label: words.sandbox },
    { to: 'quality-corrections', label: words.corrections },
    { to: 'quality-release', label: words.release },
  ],
  keys: [
    { keys: 'j k', does: words.list.move },
    { keys: 'r', does: words.list.reload },
  ],
});
