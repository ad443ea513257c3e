use tencent_im_callback::{
    C2cCode, CallbackHandler, Context, Decision, FriendDecision, GiftCode, GroupCode,
    InviteDecision, MessageDecision, OfficialAccountCode, Result, SubscribeDecision, async_trait,
    c2c, group, live, official_account, sns,
};

const C2C_REFUSED: C2cCode = C2cCode::new(120_001);
const FRIEND_REFUSED: tencent_im_callback::FriendCode = tencent_im_callback::FriendCode::new(38_000);
const GIFT_REFUSED: GiftCode = GiftCode::new(102_100);
const GROUP_REFUSED: GroupCode = GroupCode::new(10_100);
const OFFICIAL_ACCOUNT_REFUSED: OfficialAccountCode = OfficialAccountCode::new(120_001);

struct App;

#[async_trait]
impl CallbackHandler for App {
    /// A one-to-one message is about to be delivered.
    ///
    /// `C2C.CallbackBeforeSendMsg`
    async fn c2c_before_send_msg(
        &self,
        _ctx: &Context,
        _event: c2c::BeforeSendMsg,
    ) -> Result<MessageDecision<C2cCode>> {
        // Or:
        if false {
            return Ok(MessageDecision::Replace(tencent_im_callback::Replacement::text("text")));
        }
        if false {
            return Ok(MessageDecision::Replace(tencent_im_callback::Replacement::custom_data("data")));
        }
        if false {
            return Ok(MessageDecision::Discard);
        }
        if false {
            return Ok(MessageDecision::Refuse);
        }
        if false {
            return Ok(MessageDecision::refuse_with(C2C_REFUSED, "why"));
        }
        Ok(MessageDecision::Allow)
    }

    /// A group is about to be created.
    ///
    /// `Group.CallbackBeforeCreateGroup`
    async fn group_before_create_group(
        &self,
        _ctx: &Context,
        _event: group::BeforeCreateGroup,
    ) -> Result<Decision<GroupCode>> {
        // Or:
        if false {
            return Ok(Decision::Refuse);
        }
        if false {
            return Ok(Decision::refuse_with(GROUP_REFUSED, "why"));
        }
        Ok(Decision::Allow)
    }

    /// A user is about to apply to join a group.
    ///
    /// `Group.CallbackBeforeApplyJoinGroup`
    async fn group_before_apply_join_group(
        &self,
        _ctx: &Context,
        _event: group::BeforeApplyJoinGroup,
    ) -> Result<Decision<GroupCode>> {
        // Or:
        if false {
            return Ok(Decision::Refuse);
        }
        if false {
            return Ok(Decision::refuse_with(GROUP_REFUSED, "why"));
        }
        Ok(Decision::Allow)
    }

    /// Users are about to be added to a group.
    ///
    /// `Group.CallbackBeforeInviteJoinGroup`
    async fn group_before_invite_join_group(
        &self,
        _ctx: &Context,
        _event: group::BeforeInviteJoinGroup,
    ) -> Result<InviteDecision<GroupCode>> {
        // Or:
        if false {
            return Ok(InviteDecision::AllowExcept(vec!["user id".into()]));
        }
        if false {
            return Ok(InviteDecision::Refuse);
        }
        if false {
            return Ok(InviteDecision::refuse_with(GROUP_REFUSED, "why"));
        }
        Ok(InviteDecision::Allow)
    }

    /// A topic is about to be created in a community.
    ///
    /// `Group.CallbackBeforeCreateTopic`
    async fn group_before_create_topic(
        &self,
        _ctx: &Context,
        _event: group::BeforeCreateTopic,
    ) -> Result<Decision<GroupCode>> {
        // Or:
        if false {
            return Ok(Decision::Refuse);
        }
        if false {
            return Ok(Decision::refuse_with(GROUP_REFUSED, "why"));
        }
        Ok(Decision::Allow)
    }

    /// A message is about to be sent to a group.
    ///
    /// `Group.CallbackBeforeSendMsg`
    async fn group_before_send_msg(
        &self,
        _ctx: &Context,
        _event: group::BeforeSendMsg,
    ) -> Result<MessageDecision<GroupCode>> {
        // Or:
        if false {
            return Ok(MessageDecision::Replace(tencent_im_callback::Replacement::text("text")));
        }
        if false {
            return Ok(MessageDecision::Replace(tencent_im_callback::Replacement::custom_data("data")));
        }
        if false {
            return Ok(MessageDecision::Discard);
        }
        if false {
            return Ok(MessageDecision::Refuse);
        }
        if false {
            return Ok(MessageDecision::refuse_with(GROUP_REFUSED, "why"));
        }
        Ok(MessageDecision::Allow)
    }

    /// A gift is about to be sent in a live room.
    ///
    /// `Live.CallbackBeforeSendGift`
    async fn live_before_send_gift(
        &self,
        _ctx: &Context,
        _event: live::BeforeSendGift,
    ) -> Result<Decision<GiftCode>> {
        // Or:
        if false {
            return Ok(Decision::Refuse);
        }
        if false {
            return Ok(Decision::refuse_with(GIFT_REFUSED, "why"));
        }
        Ok(Decision::Allow)
    }

    /// An official account is about to be created.
    ///
    /// `OfficialAccount.CallbackBeforeCreateOfficialAccount`
    async fn official_account_before_create_official_account(
        &self,
        _ctx: &Context,
        _event: official_account::BeforeCreateOfficialAccount,
    ) -> Result<Decision<OfficialAccountCode>> {
        // Or:
        if false {
            return Ok(Decision::Refuse);
        }
        if false {
            return Ok(Decision::refuse_with(OFFICIAL_ACCOUNT_REFUSED, "why"));
        }
        Ok(Decision::Allow)
    }

    /// Users are about to be subscribed to an official account.
    ///
    /// `OfficialAccount.CallbackBeforeAddSubscriber`
    async fn official_account_before_add_subscriber(
        &self,
        _ctx: &Context,
        _event: official_account::BeforeAddSubscriber,
    ) -> Result<SubscribeDecision> {
        // Or:
        if false {
            return Ok(SubscribeDecision::AllowExcept(vec!["user id".into()]));
        }
        if false {
            return Ok(SubscribeDecision::Refuse);
        }
        Ok(SubscribeDecision::Allow)
    }

    /// An official account is about to send a message to its subscribers.
    ///
    /// `OfficialAccount.CallbackBeforeSendMsg`
    async fn official_account_before_send_msg(
        &self,
        _ctx: &Context,
        _event: official_account::BeforeSendMsg,
    ) -> Result<MessageDecision<OfficialAccountCode>> {
        // Or:
        if false {
            return Ok(MessageDecision::Replace(tencent_im_callback::Replacement::text("text")));
        }
        if false {
            return Ok(MessageDecision::Replace(tencent_im_callback::Replacement::custom_data("data")));
        }
        if false {
            return Ok(MessageDecision::Discard);
        }
        if false {
            return Ok(MessageDecision::Refuse);
        }
        if false {
            return Ok(MessageDecision::refuse_with(OFFICIAL_ACCOUNT_REFUSED, "why"));
        }
        Ok(MessageDecision::Allow)
    }

    /// A user sends friend requests.
    ///
    /// `Sns.CallbackPrevFriendAdd`
    async fn sns_prev_friend_add(
        &self,
        _ctx: &Context,
        event: sns::PrevFriendAdd,
    ) -> Result<FriendDecision> {
        // Or:
        if false {
            return Ok(FriendDecision::each(&event, |item| match item.to_account.as_str() {
                "user id" => tencent_im_callback::AccountDecision::refuse_with(FRIEND_REFUSED, "why"),
                _ => tencent_im_callback::AccountDecision::Allow,
            }));
        }
        if false {
            return Ok(FriendDecision::refuse_all(&event, FRIEND_REFUSED, "why"));
        }
        Ok(FriendDecision::allow_all(&event))
    }

    /// A user answers friend requests.
    ///
    /// `Sns.CallbackPrevFriendResponse`
    async fn sns_prev_friend_response(
        &self,
        _ctx: &Context,
        event: sns::PrevFriendResponse,
    ) -> Result<FriendDecision> {
        // Or:
        if false {
            return Ok(FriendDecision::each(&event, |item| match item.to_account.as_str() {
                "user id" => tencent_im_callback::AccountDecision::refuse_with(FRIEND_REFUSED, "why"),
                _ => tencent_im_callback::AccountDecision::Allow,
            }));
        }
        if false {
            return Ok(FriendDecision::refuse_all(&event, FRIEND_REFUSED, "why"));
        }
        Ok(FriendDecision::allow_all(&event))
    }
}
