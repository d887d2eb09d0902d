import { defineArea } from '@/app/area';
import { useSession } from '@/stores/session';
import { words } from './figures.zh';

export default defineArea({
  key: 'figures',
  label: words.area,
  icon: 'chart',
  order: 45,
  roles: ['坐席', '派单员', '承办单位', '督办', '领导', '跟班学习'],
  routes: [
    {
      path: 'figures/today',
      name: 'figures-board',
      component: () => import('./BoardPage.vue'),
      meta: { title: words.board },
    },
    {
      path: 'figures/reports',
      name: 'figures',
      component: () => import('./ReportPage.vue'),
      meta: { title: words.report },
    },
    {
      path: 'figures/rows',
      name: 'figures-rows',
      component: () => import('./RowsPage.vue'),
      meta: { title: words.rows },
    },
    {
      path: 'figures/bulletins',
      name: 'bulletins',
      component: () => import('./BulletinsPage.vue'),
      meta: { title: words.bulletins },
    },
    {
      path: 'figures/bulletins/:id(\\d+)',
      name: 'bulletin',
      component: () => import('./BulletinPage.vue'),
      meta: { title: words.bulletins },
    },
  ],
  menu: () => {
    const reads = useSession().actsAs('派单员', '督办', '领导', '跟班学习');
    return [
      { to: 'figures-board', label: words.board },
      { to: 'figures', label: words.report },
      ...(reads ? [{ to: 'bulletins', label: words.bulletins }] : []),
    ];
  },
  keys: [
    { keys: 'r', does: words.reload },
    { keys: '[ ]', does: words.otherPeriod },
    { keys: 'f', does: words.wall },
  ],
});
