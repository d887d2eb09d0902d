export const alarmWords = {
  waiting: '有市民在等人工',
  urgent: '有市民遇到紧急情况',
  given: '有会话转给您了',
  said: '市民发来新消息',
  orders: '有新的加急工单',
} as const;
