import { defineArea, type MenuEntry } from '@/app/area';
import { useCounts } from '@/stores/counts';
import { useSession } from '@/stores/session';
import { calls, takeDown } from './calls.zh';
import { lists, listsOf } from './lists';
import { words } from './orders.zh';
import { useSaved } from './saved';

/** Open an order from anywhere: `{ name: 'orders', params: { number } }`. */
export default defineArea({
  key: 'orders',
  label: words.area,
  icon: 'orders',
  order: 20,
  roles: ['坐席', '派单员', '承办单位', '督办', '领导', '跟班学习'],
  routes: [
    {
      path: 'orders/:number?',
      name: 'orders',
      component: () => import('./OrdersPage.vue'),
      meta: { title: words.area },
    },
    {
      path: 'take-down',
      name: 'take-down',
      component: () => import('./TakeDownPage.vue'),
      meta: { title: takeDown.title },
    },
    {
      path: 'calls',
      name: 'calls',
      component: () => import('./CallsPage.vue'),
      meta: { title: calls.title },
    },
  ],
  menu: () => {
    const counts = useCounts().counts;
    const entries: MenuEntry[] = listsOf(useSession().role).map((key) => {
      const { count, alarming } = lists[key];
      return {
        to: 'orders',
        query: { list: key },
        label: words.lists[key],
        count: () => (counts && count ? count(counts) : null),
        alarming: alarming ?? false,
      };
    });
    const saved = useSaved().saved.map((one) => ({ to: 'orders', query: one.query, label: one.name }));
    const session = useSession();
    const takes: MenuEntry[] = session.actsAs('坐席', '派单员')
      ? [{ to: 'take-down', label: takeDown.menu }]
      : [];
    const rings: MenuEntry[] = session.actsAs('坐席', '派单员', '跟班学习')
      ? [{ to: 'calls', label: calls.menu }]
      : [];
    return [...entries, ...rings, ...takes, ...saved];
  },
  keys: [
    { keys: 'j k', does: words.keys.move },
    { keys: 'Enter', does: words.keys.open },
    { keys: '/', does: words.keys.search },
    { keys: 'x', does: words.keys.select },
    { keys: '1 … 9', does: words.keys.act },
    { keys: 'Ctrl+Enter', does: words.keys.submit },
    { keys: 'r', does: words.keys.reload },
    { keys: 'Esc', does: words.keys.close },
  ],
});
