export const words = {
  area: '督办',
  board: '督办看板',
  hint: '点开工单可以督办、改派或看经过；逾期没答复的，会按天数自动升级。',
  none: '还没有督办的逾期工单',
  columnEmpty: '没有工单',
  more: (total: string) => `共 ${total}，查看全部`,
  supervise: '督办工单',
  nobody: '还没有派',
  urgent: '加急',
  last: (date: string) => `${date}到期`,
  reload: '重新加载',
  move: '在工单之间移动',
} as const;
