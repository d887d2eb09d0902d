"""How the office's files and their parts are called, for who has to confirm them."""

from __future__ import annotations

FILES = {
    "business_hours.yml": "上班时间和人工服务时间",
    "deadlines.yml": "办理期限",
    "hotline.yml": "热线的基本情况",
    "knowledge.yml": "知识库的复核",
    "lines.yml": "其他热线电话",
    "process.yml": "工单怎么走",
    "routing.yml": "派单目录",
    "units.yml": "承办单位名录",
}
#: Keys of the files that stand for themselves.
PARTS = {
    "automatic_dispatch": "自动受理、派单的把握",
    "answer_review": "答复要不要先审核",
    "acceptance_reminder_hours": "多久没受理提醒",
    "signing_reminder_hours": "多久没签收提醒",
    "warning_working_days": "到期前几天预警",
    "return_working_days": "几天内可以退单",
    "extension": "延期的次数和天数",
    "suspension_working_days": "等市民补充最多几天",
    "callback": "回访的天数",
    "redo": "重办的次数和时限",
    "supervision": "督办的级别",
    "enterprise_supervision": "企业诉求的督办",
    "hot_issues": "热点怎么算",
    "retention_days": "工单的保存期限",
    "conversation_retention_days": "对话的保存期限",
    "human_service": "人工服务时间",
    "review": "多久复核一次",
    "open311": "开放接口公开哪些工单",
}
