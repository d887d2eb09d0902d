export const paper = {
  title: '12345 热线工单办理单',
  urgency: '紧急程度',
  secrecy: '保密要求',
  none: '无',
  photos: (count: number) => `${count} 张，请在系统里查看`,
  promised: '答复期限',
  at: '时间',
  step: '事项',
  who: '经办',
  note: '说明',
  handler: '承办人：',
  checker: '审核人：',
  date: '日期：',
  foot: (name: string, number: string, at: string) =>
    `打印：${name} ${number}，${at}。内有个人信息，请妥善保管，用后按规定销毁。`,
} as const;
