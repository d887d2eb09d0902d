import { defineArea } from '@/app/area';
import { words } from './duty.zh';

export default defineArea({
  key: 'duty',
  label: words.area,
  icon: 'people',
  order: 27,
  roles: ['坐席', '派单员', '督办', '领导', '跟班学习', '管理员'],
  routes: [
    { path: 'duty', name: 'duty', component: () => import('./DutyPage.vue'), meta: { title: words.page } },
  ],
  menu: () => [{ to: 'duty', label: words.page }],
});
