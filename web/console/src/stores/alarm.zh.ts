export const alarmWords = {
  waiting: '有市民在等人工',
  urgent: '有紧急会话在等人工',
} as const;
