import { defineArea } from '@/app/area';
import { useDesk } from '@/stores/desk';
import { words } from './conversations.zh';

/** Open a conversation from anywhere: `{ name: 'conversation', params: { id } }`. */
export default defineArea({
  key: 'conversations',
  label: words.area,
  icon: 'chat',
  order: 25,
  firstFor: ['坐席'],
  roles: ['坐席', '派单员', '督办', '领导', '跟班学习'],
  routes: [
    {
      path: 'conversations/:id?',
      name: 'conversation',
      component: () => import('./ConversationsPage.vue'),
      meta: { title: words.workbench },
    },
    {
      path: 'conversations/:id/transcript',
      name: 'transcript',
      component: () => import('./TranscriptPage.vue'),
      meta: { title: words.transcript },
    },
    {
      path: 'undelivered',
      name: 'undelivered',
      component: () => import('./UndeliveredPage.vue'),
      meta: { title: words.undelivered.title },
    },
  ],
  menu: () => {
    const desk = useDesk();
    const urgent = desk.queue.some((line) => line.priority >= 2);
    return [
      {
        to: 'conversation',
        label: words.menu.all,
        count: () => (desk.me ? desk.queue.length : null),
        alarming: urgent,
      },
      { to: 'undelivered', label: words.menu.undelivered },
    ];
  },
  keys: [
    { keys: 'j k', does: words.keys.move },
    { keys: 'u', does: words.keys.next },
    { keys: 'c', does: words.keys.claim },
    { keys: 'i', does: words.keys.write },
    { keys: 't', does: words.keys.transfer },
    { keys: 'n', does: words.keys.note },
    { keys: 'b', does: words.keys.handBack },
    { keys: 'e', does: words.keys.close },
    { keys: 'o', does: words.keys.order },
    { keys: 's', does: words.keys.knowledge },
    { keys: '/', does: words.keys.replies },
    { keys: 'Enter', does: words.keys.send },
    { keys: 'Esc', does: words.keys.leave },
  ],
});
