/** What stands on the page when the service gives no words of its own. */
export const errorWords = {
  offline: '连不上服务器，请检查网络。刚才填的内容还在，恢复后可以再试。',
  slow: '服务器很久没有回应，请再试一次。',
  unauthorized: '登录已经过期，请重新登录。',
  forbidden: '您的身份不能做这一步。',
  missing: '没有找到，可能已经不在了。',
  tooFast: '操作得太快了，请稍等一下再试。',
  unavailable: '服务正在启动，请稍等一下再试。',
  unknown: '没有成功，请再试一次；还不行，请告诉管理员。',
} as const;
