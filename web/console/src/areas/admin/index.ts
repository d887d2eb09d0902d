import { defineArea, type MenuEntry } from '@/app/area';
import { useSession } from '@/stores/session';
import { words } from './admin.zh';

/** People, the audit, the calendar: each for those who may. */
export default defineArea({
  key: 'admin',
  label: words.area,
  icon: 'settings',
  order: 90,
  firstFor: ['管理员'],
  roles: ['坐席', '派单员', '承办单位', '督办', '领导', '知识编辑', '管理员', '跟班学习'],
  routes: [
    {
      path: 'admin/start',
      name: 'start',
      component: () => import('./StartPage.vue'),
      meta: { title: words.start },
    },
    {
      path: 'admin/people',
      name: 'people',
      component: () => import('./PeoplePage.vue'),
      meta: { title: words.people },
    },
    {
      path: 'admin/audit',
      name: 'audit',
      component: () => import('./AuditPage.vue'),
      meta: { title: words.audit },
    },
    {
      path: 'admin/calendar/:year?',
      name: 'calendar',
      component: () => import('./CalendarPage.vue'),
      meta: { title: words.calendar },
    },
  ],
  menu: () => {
    const session = useSession();
    const admin = session.has('管理员');
    const entries: (MenuEntry | false)[] = [
      admin && { to: 'start', label: words.start },
      admin && { to: 'people', label: words.people },
      session.actsAs('督办', '领导') && { to: 'audit', label: words.audit },
      { to: 'calendar', label: words.calendar },
    ];
    return entries.filter((entry) => entry !== false);
  },
});
