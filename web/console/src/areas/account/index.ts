import { defineArea } from '@/app/area';
import { words } from './account.zh';
import { totpWords } from './totp.zh';

/** One's own account; reached from the corner, not from the menu. */
export default defineArea({
  key: 'account',
  label: '我的账号',
  icon: 'person',
  order: 100,
  roles: ['坐席', '派单员', '承办单位', '督办', '领导', '知识编辑', '管理员', '跟班学习'],
  routes: [
    {
      path: 'account/password',
      name: 'password',
      component: () => import('./PasswordPage.vue'),
      meta: { title: words.passwordTitle, always: true },
    },
    {
      path: 'account/totp',
      name: 'totp',
      component: () => import('./TotpPage.vue'),
      meta: { title: totpWords.title },
    },
    {
      path: 'account/sessions',
      name: 'sessions',
      component: () => import('./SessionsPage.vue'),
      meta: { title: words.sessionsTitle },
    },
  ],
  menu: () => [],
});
