import { defineArea, type MenuEntry } from '@/app/area';
import { useSession } from '@/stores/session';
import { useKnowledgeCounts } from './counts';
import { words } from './knowledge.zh';

export default defineArea({
  key: 'knowledge',
  label: words.area,
  icon: 'book',
  order: 50,
  roles: ['坐席', '派单员', '督办', '领导', '跟班学习', '知识编辑'],
  routes: [
    {
      path: 'knowledge',
      name: 'knowledge',
      component: () => import('./ListPage.vue'),
      meta: { title: words.area },
    },
    {
      path: 'knowledge/matters/:code',
      name: 'knowledge-matter',
      component: () => import('./MatterPage.vue'),
      meta: { title: words.matter },
    },
    {
      path: 'knowledge/versions/:id(\\d+)',
      name: 'knowledge-version',
      component: () => import('./VersionPage.vue'),
      meta: { title: words.edit.title },
    },
    {
      path: 'knowledge/excel',
      name: 'knowledge-excel',
      component: () => import('./ExcelPage.vue'),
      meta: { title: words.excel },
    },
  ],
  menu: () => {
    const all: MenuEntry = { to: 'knowledge', label: words.all };
    if (!useSession().has('知识编辑')) return [all];
    const counts = useKnowledgeCounts().counts;
    // The numbers are of what one edits: the lists behind them, too.
    const mine: Record<string, string> = useSession().person?.unit ? { mine: '1' } : {};
    return [
      all,
      {
        to: 'knowledge',
        query: { state: '在审', ...mine },
        label: words.waiting,
        count: () => counts?.to_review ?? null,
      },
      { to: 'knowledge', query: { due: 'any', ...mine }, label: words.due, count: () => counts?.due ?? null },
      { to: 'knowledge-excel', label: words.excel },
    ];
  },
  keys: [
    { keys: 'j k', does: words.move },
    { keys: '/', does: words.focusSearch },
    { keys: 'r', does: words.reload },
    { keys: 'Ctrl+S', does: words.save },
  ],
});
