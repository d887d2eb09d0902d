"""What each action of the lifecycle does to the order's own data, and whom it tells.

The state itself comes from the transition table; an action that is not named here changes nothing else.
"""

from hotline.work_orders.effects import answering, dispatching, handling, intake, merging, watching
from hotline.work_orders.effects.step import Effect

EFFECTS: dict[str, Effect] = {
    "受理": intake.accept,
    "不予受理": intake.refuse,
    "并案不予受理": intake.refuse_member,
    "直接答复": answering.answer_at_once,
    "派单": dispatching.dispatch,
    "现场交办": dispatching.dispatch_on_the_spot,
    "提请会商交办": dispatching.propose_joint,
    "提请领导交办": dispatching.propose_leader,
    "审定": dispatching.approve,
    "退回重拟": dispatching.send_back_letter,
    "签收": handling.sign,
    "申请退单": handling.ask_to_return,
    "同意退单": handling.grant_return,
    "驳回退单": handling.deny_return,
    "改派": dispatching.reassign,
    "挂起": handling.suspend,
    "补充": handling.supplement,
    "恢复": handling.wake,
    "申请延期": handling.ask_to_extend,
    "同意延期": handling.grant_extension,
    "驳回延期": handling.deny_extension,
    "会办意见": handling.give_opinion,
    "答复": answering.answer,
    "退回答复": answering.send_back_answer,
    "发起回访": answering.call_back,
    "并案答复": answering.answer_member,
    "评价": answering.rate,
    "复核重办": answering.do_again_after_review,
    "复核办结": answering.close_after_review,
    "回访期满": answering.close_unrated,
    "并案": merging.merge,
    "解除并案": merging.unmerge,
    "催办": watching.urge,
    "撤回": merging.withdraw,
    "督办": watching.supervise,
    "改分类": intake.reclassify,
    "改紧急程度": watching.set_urgency,
    "签收提醒": watching.remind_to_sign,
    "预警": watching.warn,
    "逾期": watching.overdue,
}
