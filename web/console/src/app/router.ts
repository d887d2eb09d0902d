import { createRouter, createWebHistory, type Router } from 'vue-router';
import { useSession } from '@/stores/session';
import { areas, areasFor } from './areas';
import { shellWords } from './shell.zh';

declare module 'vue-router' {
  interface RouteMeta {
    /** What stands in the title of the window. */
    title?: string;
    /** Reached without a session. */
    open?: boolean;
    /** Reached while the password is to be changed. */
    always?: boolean;
  }
}

export function makeRouter(): Router {
  const router = createRouter({
    history: createWebHistory('/console/'),
    routes: [
      {
        path: '/login',
        name: 'login',
        component: () => import('@/areas/account/LoginPage.vue'),
        meta: { open: true, title: shellWords.login },
      },
      {
        path: '/setup',
        name: 'setup',
        component: () => import('@/areas/account/SetupPage.vue'),
        meta: { open: true, title: shellWords.setup },
      },
      {
        path: '/',
        component: () => import('./AppShell.vue'),
        children: [
          {
            path: '',
            name: 'home',
            component: () => import('./HomePage.vue'),
            beforeEnter: () => home() ?? true,
          },
          ...areas.flatMap((area) => area.routes),
          {
            path: ':rest(.*)*',
            name: 'nowhere',
            component: () => import('./NowherePage.vue'),
            meta: { title: shellWords.nowhere },
          },
        ],
      },
    ],
  });
  router.beforeEach(async (to) => {
    const session = useSession();
    await session.find();
    if (to.meta.open) return true;
    if (session.person === null) return { name: 'login', query: { next: to.fullPath } };
    if (session.person.must_change_password && !to.meta.always) {
      return { name: 'password', query: { next: to.fullPath } };
    }
    return true;
  });
  router.afterEach((to) => {
    // Within the shell its title says also how many wait.
    if (to.matched.length > 1) return;
    document.title = [to.meta.title, shellWords.product].filter(Boolean).join(' · ');
  });
  return router;
}

/** The first thing that somebody has to do with. */
function home(): { name: string; query?: Record<string, string> } | null {
  const session = useSession();
  const first = areasFor(session.person?.roles ?? [], session.role).flatMap((area) => area.menu())[0];
  return first ? { name: first.to, ...(first.query && { query: first.query }) } : null;
}
