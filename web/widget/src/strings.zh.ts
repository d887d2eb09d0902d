/** Everything the citizen reads that does not come from the service. To be proof-read in one sitting. */

export const strings = {
  site: {
    name: '株洲12345智能助手',
    city: '株洲',
    hotline: '12345',
  },

  demo: '演示数据：这里现在放着演示用的数据，不用来正式办理；要办事请拨打 12345。',

  header: {
    elderOn: '大字版',
    elderOff: '标准版',
    elderOnLabel: '切换到大字版',
    elderOffLabel: '切换到标准版',
    autoRead: '朗读',
    autoReadOn: '朗读中',
    autoReadLabel: '自动朗读新消息',
    stop: '停止',
    stopLabel: '停止朗读',
    close: '收起',
    closeLabel: '收起对话窗口',
  },

  mode: {
    bot: '智能助手为您服务',
    human: (agent: string | null) => `${agent ?? '人工坐席'} 为您服务`,
    queued: (position: number | null) =>
      position === null ? '正在排队等候人工坐席' : `人工排队中，第${position}位`,
    queuedClosed: '已排队，等待人工坐席上班',
  },

  queue: {
    open: (position: number | null) =>
      position === null
        ? '您已进入人工排队，请保持页面打开。等候时可以先写下问题，坐席接入后会看到。'
        : `您排在第${position}位，请稍候。等候时可以先写下问题，坐席接入后会看到。`,
    closed: '现在不是在线坐席的服务时间。您的留言已保存，坐席上班后按顺序回复。',
    call: '急事请直接拨打 12345',
  },

  connection: {
    trouble: '网络不稳定，正在重新连接…',
    offline: '网络已断开。您写的内容会保留，恢复后自动发送。',
    reconnect: '立即重连',
  },

  author: {
    bot: '智能助手',
    agent: '人工坐席',
    citizen: '我',
  },

  time: { today: '今天', yesterday: '昨天' },

  message: {
    read: '朗读',
    readLabel: '朗读这条消息',
    stop: '停止',
    stopLabel: '停止朗读',
    useful: '有用',
    useless: '没用',
    rateLabel: '这条回答对您有用吗？',
    thanks: '谢谢您的评价',
    sending: '发送中…',
    retrying: '网络不稳定，正在重发…',
    failed: '未送达',
    retry: '重试',
    edit: '修改',
    quickLabel: '可以直接点选',
    typingBot: '智能助手正在输入…',
    typingAgent: '坐席正在输入…',
  },

  log: {
    label: '对话内容',
    newMessages: '有新消息',
    loading: '正在打开对话…',
    empty: '请在下方写下您的问题。',
    newConversation: '之前的会话已失效，已为您开始新的会话。',
  },

  failure: {
    title: '暂时连接不上',
    retry: '重新连接',
    call: '拨打 12345 热线',
    callNote: '热线电话24小时有人接听',
  },

  menu: {
    label: '您想办什么事？',
    actionsLabel: '其他服务',
    all: '全部事项',
    report: '我要反映问题',
    track: '查进度',
    agent: '转人工',
    barLabel: '常用服务',
    sheetTitle: '全部事项',
    close: '关闭',
  },

  panel: {
    label: '服务目录',
    topics: '办事指南',
    services: '诉求服务',
    callTitle: '需要打电话？',
    call: '拨打 12345',
    callNote: '24小时人工服务',
    emergencyTitle: '遇到紧急情况，请先拨打',
    emergencies: [
      { number: '110', name: '报警' },
      { number: '119', name: '火警' },
      { number: '120', name: '急救' },
      { number: '122', name: '交警' },
    ],
    privacyTitle: '保护您的信息',
    privacy: '请不要在对话中发送银行卡号、密码和验证码。',
  },

  card: {
    source: '来源',
    checked: '核对日期',
    unit: '负责单位',
    call: '拨打',
    openLink: '打开网页',
    newWindow: '（在新窗口打开）',
    copy: '复制',
    copied: '已复制',
    copyFailed: '复制不了，请长按号码',
    copyLabel: (label: string) => `复制${label}`,
    ticked: (done: number, all: number) => `已备好 ${done}/${all}`,
    emergency: '紧急求助',
  },

  composer: {
    label: '输入您的问题',
    placeholder: '请输入问题',
    placeholderAgent: '请输入内容',
    send: '发送',
    remaining: (count: number) => `还可以输入${count}字`,
    over: (count: number) => `超出${count}字，请删减后发送`,
  },

  photos: {
    button: '照片',
    label: '发照片',
    preview: '要发送的照片',
    preparing: '正在处理照片…',
    chosen: (count: number) => `选好了${count}张，点“发送照片”。`,
    previewAlt: (place: number) => `选好的第${place}张照片`,
    remove: (place: number) => `去掉第${place}张`,
    more: '再选',
    moreLabel: '再选一张照片',
    cancel: '取消',
    send: '发送照片',
    tooMany: (limit: number) => `一次最多发${limit}张，多出来的没有选上。`,
    tooLarge: (megabytes: number) => `这张照片太大了，请选不超过${megabytes}MB的，或者截一张图再发。`,
    tooLargeHere: '照片太大了，没有发出去。请选小一点的，或者截一张图再发。',
    heic: '这张照片是HEIC格式，这里打不开。请选JPG格式的照片，或者截一张图再发。',
    notAPhoto: '这个文件不是照片，请选JPG或PNG格式的照片。',
    unreadable: '这张照片读不出来，请换一张。',
    lost: '这些照片没能保留下来，请重新选一次。',
    text: (count: number) => `照片${count}张`,
    sending: '正在发送照片',
    discard: '去掉',
    alt: (place: number, all: number) =>
      all === 1 ? '照片，点开看大图' : `第${place}张照片，共${all}张，点开看大图`,
    gone: '照片已删除',
  },

  viewer: {
    label: (place: number, all: number) => (all === 1 ? '照片' : `照片 ${place}/${all}`),
    alt: (place: number) => `第${place}张照片`,
    close: '关闭',
    previous: '上一张',
    next: '下一张',
    loading: '照片正在打开…',
    failed: '照片没有打开，请检查网络后重试。',
    retry: '重试',
  },

  speech: {
    unavailable: '这台设备暂时不能朗读中文。',
    autoOn: '已打开自动朗读，新消息会读给您听。',
    autoOff: '已关闭自动朗读。',
  },

  errors: {
    network: '网络连接不上，请检查网络后重试。',
    tooLong: '内容太长了，请删减后再发送。',
    tooFast: '发送得太快了，请稍等一会儿。',
    tooFastWait: (seconds: number) => `发送得太快了，${seconds}秒后自动重发。`,
    unavailable: '服务暂时繁忙，请稍后再试。',
    refused: '这条消息没有发送成功，请修改后再试。',
    unexpected: '出了点问题，请重试。',
    rating: '评价没有提交成功，请再点一次。',
    dismiss: '知道了',
  },

  unreadTitle: '有新消息',
} as const;

/** The script for other sites has its own few words, so that it does not carry the rest. */
export const embedStrings = {
  open: '咨询12345',
  close: '收起',
  openLabel: '打开12345智能助手对话窗口',
  closeLabel: '收起12345智能助手对话窗口',
  frameTitle: '12345智能助手',
  loading: '正在打开12345智能助手…',
  unread: '，有新消息',
} as const;
