use tencent_im_callback::{
    AgentAssignment, C2cCode, CallbackHandler, Context, Decision, FriendDecision, GiftCode,
    GroupCode, InterfaceReply, InviteDecision, MessageDecision, OfficialAccountCode, Result,
    SignalReply, SubscribeDecision, alert, async_trait, bot, c2c, call, chatbot, content, desk,
    follow, group, live, mic, official_account, profile, push, room, sns, state,
};

// const C2C_REFUSED: C2cCode = C2cCode::new(120_001);
// const FRIEND_REFUSED: tencent_im_callback::FriendCode = tencent_im_callback::FriendCode::new(38_000);
// const GIFT_REFUSED: GiftCode = GiftCode::new(102_100);
// const GROUP_REFUSED: GroupCode = GroupCode::new(10_100);
// const OFFICIAL_ACCOUNT_REFUSED: OfficialAccountCode = OfficialAccountCode::new(120_001);

struct App;

#[async_trait]
impl CallbackHandler for App {
    /// An API is called nearly as often as it may be, or more often.
    ///
    /// `Alert.RequestOverLimit`
    async fn alert_request_over_limit(
        &self,
        _ctx: &Context,
        _event: alert::RequestOverLimit,
    ) -> Result<()> {
        Ok(())
    }

    /// A user sent a message to a bot.
    ///
    /// `Bot.OnC2CMessage`
    async fn bot_on_c2c_message(&self, _ctx: &Context, _event: bot::OnC2CMessage) -> Result<()> {
        Ok(())
    }

    /// A group message mentions bots.
    ///
    /// `Bot.OnGroupMessage`
    async fn bot_on_group_message(
        &self,
        _ctx: &Context,
        _event: bot::OnGroupMessage,
    ) -> Result<()> {
        Ok(())
    }

    /// A one-to-one message is about to be delivered.
    ///
    /// `C2C.CallbackBeforeSendMsg`
    async fn c2c_before_send_msg(
        &self,
        _ctx: &Context,
        _event: c2c::BeforeSendMsg,
    ) -> Result<MessageDecision<C2cCode>> {
        // Or:
        // Ok(MessageDecision::Replace(tencent_im_callback::Replacement::text("text")))
        // Ok(MessageDecision::Replace(tencent_im_callback::Replacement::custom_data("data")))
        // Ok(MessageDecision::Discard)
        // Ok(MessageDecision::Refuse)
        // Ok(MessageDecision::refuse_with(C2C_REFUSED, "why"))
        Ok(MessageDecision::Allow)
    }

    /// A one-to-one message was sent.
    ///
    /// `C2C.CallbackAfterSendMsg`
    async fn c2c_after_send_msg(&self, _ctx: &Context, _event: c2c::AfterSendMsg) -> Result<()> {
        Ok(())
    }

    /// A one-to-one conversation was marked as read.
    ///
    /// `C2C.CallbackAfterMsgReport`
    async fn c2c_after_msg_report(
        &self,
        _ctx: &Context,
        _event: c2c::AfterMsgReport,
    ) -> Result<()> {
        Ok(())
    }

    /// Receipts for one-to-one messages were sent.
    ///
    /// `C2C.CallbackAfterMsgReadReceipt`
    async fn c2c_after_msg_read_receipt(
        &self,
        _ctx: &Context,
        _event: c2c::AfterMsgReadReceipt,
    ) -> Result<()> {
        Ok(())
    }

    /// A user marked all conversations as read.
    ///
    /// `C2C.CallbackAfterMsgReadAll`
    async fn c2c_after_msg_read_all(
        &self,
        _ctx: &Context,
        _event: c2c::AfterMsgReadAll,
    ) -> Result<()> {
        Ok(())
    }

    /// A one-to-one message was recalled.
    ///
    /// `C2C.CallbackAfterMsgWithDraw`
    async fn c2c_after_msg_with_draw(
        &self,
        _ctx: &Context,
        _event: c2c::AfterMsgWithDraw,
    ) -> Result<()> {
        Ok(())
    }

    /// A one-to-one message that had been sent was changed.
    ///
    /// `C2C.CallbackAfterModifyMsg`
    async fn c2c_after_modify_msg(
        &self,
        _ctx: &Context,
        _event: c2c::AfterModifyMsg,
    ) -> Result<()> {
        Ok(())
    }

    /// The key-value pairs that extend a one-to-one message were changed.
    ///
    /// `C2C.CallbackAfterC2CMsgExtension`
    async fn c2c_after_c2c_msg_extension(
        &self,
        _ctx: &Context,
        _event: c2c::AfterC2CMsgExtension,
    ) -> Result<()> {
        Ok(())
    }

    /// A call was placed.
    ///
    /// `Call.CallbackAfterStartCall`
    async fn call_after_start_call(
        &self,
        _ctx: &Context,
        _event: call::AfterStartCall,
    ) -> Result<()> {
        Ok(())
    }

    /// Something has happened with members of a call.
    ///
    /// `Call.CallbackAfterMemberChanged`
    async fn call_after_member_changed(
        &self,
        _ctx: &Context,
        _event: call::AfterMemberChanged,
    ) -> Result<()> {
        Ok(())
    }

    /// A call has ended.
    ///
    /// `Call.CallbackAfterEndCall`
    async fn call_after_end_call(&self, _ctx: &Context, _event: call::AfterEndCall) -> Result<()> {
        Ok(())
    }

    /// The cloud recording of a call reports a step.
    ///
    /// `Call.CallbackAfterRecordChanged`
    async fn call_after_record_changed(
        &self,
        _ctx: &Context,
        _event: call::AfterRecordChanged,
    ) -> Result<()> {
        Ok(())
    }

    /// A user sent data to a chatbot, which asks the app for data.
    ///
    /// `Chatbot.OnC2CSignalMessage`
    async fn chatbot_on_c2c_signal_message(
        &self,
        _ctx: &Context,
        _event: chatbot::OnC2CSignalMessage,
    ) -> Result<SignalReply> {
        Ok(SignalReply::new(""))
    }

    /// A flow of a chatbot asks the app for data.
    ///
    /// `Chatbot.InterfaceInvocation`
    async fn chatbot_interface_invocation(
        &self,
        _ctx: &Context,
        _event: chatbot::InterfaceInvocation,
    ) -> Result<InterfaceReply> {
        // Or:
        // Ok(InterfaceReply::failed(1, "why"))
        Ok(InterfaceReply::new())
    }

    /// A client of Desk is passed from the bot to agents.
    ///
    /// `ChatBot.OnAssignHuman`
    async fn chatbot_on_assign_human(
        &self,
        _ctx: &Context,
        _event: chatbot::OnAssignHuman,
    ) -> Result<AgentAssignment> {
        // Or:
        // Ok(AgentAssignment::default().agents(["agent id"]))
        Ok(AgentAssignment::default())
    }

    /// The moderation has judged a message, a profile or something else.
    ///
    /// `ContentCallback.ResultNotify`
    async fn content_result_notify(
        &self,
        _ctx: &Context,
        _event: content::ResultNotify,
    ) -> Result<()> {
        Ok(())
    }

    /// Something happened in a customer service session of Desk.
    ///
    /// `Desk.SessionEventNotify`
    async fn desk_session_event_notify(
        &self,
        _ctx: &Context,
        _event: desk::SessionEventNotify,
    ) -> Result<()> {
        Ok(())
    }

    /// A user follows others.
    ///
    /// `Follow.CallbackAfterFollowAdd`
    async fn follow_after_follow_add(
        &self,
        _ctx: &Context,
        _event: follow::AfterFollowAdd,
    ) -> Result<()> {
        Ok(())
    }

    /// A user has unfollowed others.
    ///
    /// `Follow.CallbackAfterFollowDelete`
    async fn follow_after_follow_delete(
        &self,
        _ctx: &Context,
        _event: follow::AfterFollowDelete,
    ) -> Result<()> {
        Ok(())
    }

    /// The cloud recording of a live room reports a step.
    ///
    /// `Follow.CallbackAfterCloudRecordingChanged`
    async fn follow_after_cloud_recording_changed(
        &self,
        _ctx: &Context,
        _event: follow::AfterCloudRecordingChanged,
    ) -> Result<()> {
        Ok(())
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
        // Ok(Decision::Refuse)
        // Ok(Decision::refuse_with(GROUP_REFUSED, "why"))
        Ok(Decision::Allow)
    }

    /// A group was created.
    ///
    /// `Group.CallbackAfterCreateGroup`
    async fn group_after_create_group(
        &self,
        _ctx: &Context,
        _event: group::AfterCreateGroup,
    ) -> Result<()> {
        Ok(())
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
        // Ok(Decision::Refuse)
        // Ok(Decision::refuse_with(GROUP_REFUSED, "why"))
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
        // Ok(InviteDecision::AllowExcept(vec!["user id".into()]))
        // Ok(InviteDecision::Refuse)
        // Ok(InviteDecision::refuse_with(GROUP_REFUSED, "why"))
        Ok(InviteDecision::Allow)
    }

    /// Users have joined a group.
    ///
    /// `Group.CallbackAfterNewMemberJoin`
    async fn group_after_new_member_join(
        &self,
        _ctx: &Context,
        _event: group::AfterNewMemberJoin,
    ) -> Result<()> {
        Ok(())
    }

    /// Members have left a group.
    ///
    /// `Group.CallbackAfterMemberExit`
    async fn group_after_member_exit(
        &self,
        _ctx: &Context,
        _event: group::AfterMemberExit,
    ) -> Result<()> {
        Ok(())
    }

    /// A group is full.
    ///
    /// `Group.CallbackAfterGroupFull`
    async fn group_after_group_full(
        &self,
        _ctx: &Context,
        _event: group::AfterGroupFull,
    ) -> Result<()> {
        Ok(())
    }

    /// A group was disbanded.
    ///
    /// `Group.CallbackAfterGroupDestroyed`
    async fn group_after_group_destroyed(
        &self,
        _ctx: &Context,
        _event: group::AfterGroupDestroyed,
    ) -> Result<()> {
        Ok(())
    }

    /// The profile of a group was changed.
    ///
    /// `Group.CallbackAfterGroupInfoChanged`
    async fn group_after_group_info_changed(
        &self,
        _ctx: &Context,
        _event: group::AfterGroupInfoChanged,
    ) -> Result<()> {
        Ok(())
    }

    /// The role or the name card of a member of a group was changed.
    ///
    /// `Group.CallbackAfterMemberFieldChanged`
    async fn group_after_member_field_changed(
        &self,
        _ctx: &Context,
        _event: group::AfterMemberFieldChanged,
    ) -> Result<()> {
        Ok(())
    }

    /// Attributes of a group were changed.
    ///
    /// `Group.CallbackAfterGroupAttrChanged`
    async fn group_after_group_attr_changed(
        &self,
        _ctx: &Context,
        _event: group::AfterGroupAttrChanged,
    ) -> Result<()> {
        Ok(())
    }

    /// A group has another owner.
    ///
    /// `Group.CallbackAfterChangeGroupOwner`
    async fn group_after_change_group_owner(
        &self,
        _ctx: &Context,
        _event: group::AfterChangeGroupOwner,
    ) -> Result<()> {
        Ok(())
    }

    /// Members of a live group went online or offline.
    ///
    /// `Group.CallbackOnMemberStateChange`
    async fn group_on_member_state_change(
        &self,
        _ctx: &Context,
        _event: group::OnMemberStateChange,
    ) -> Result<()> {
        Ok(())
    }

    /// The number of the app's groups is near the limit of the day.
    ///
    /// `Group.CallbackOnDailyGroupQuotaAlarm`
    async fn group_on_daily_group_quota_alarm(
        &self,
        _ctx: &Context,
        _event: group::OnDailyGroupQuotaAlarm,
    ) -> Result<()> {
        Ok(())
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
        // Ok(Decision::Refuse)
        // Ok(Decision::refuse_with(GROUP_REFUSED, "why"))
        Ok(Decision::Allow)
    }

    /// A topic was created in a community.
    ///
    /// `Group.CallbackAfterCreateTopic`
    async fn group_after_create_topic(
        &self,
        _ctx: &Context,
        _event: group::AfterCreateTopic,
    ) -> Result<()> {
        Ok(())
    }

    /// Topics of a community were deleted.
    ///
    /// `Group.CallbackAfterTopicDestroyed`
    async fn group_after_topic_destroyed(
        &self,
        _ctx: &Context,
        _event: group::AfterTopicDestroyed,
    ) -> Result<()> {
        Ok(())
    }

    /// The profile of a topic of a community was changed.
    ///
    /// `Group.CallbackAfterTopicInfoChanged`
    async fn group_after_topic_info_changed(
        &self,
        _ctx: &Context,
        _event: group::AfterTopicInfoChanged,
    ) -> Result<()> {
        Ok(())
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
        // Ok(MessageDecision::Replace(tencent_im_callback::Replacement::text("text")))
        // Ok(MessageDecision::Replace(tencent_im_callback::Replacement::custom_data("data")))
        // Ok(MessageDecision::Discard)
        // Ok(MessageDecision::Refuse)
        // Ok(MessageDecision::refuse_with(GROUP_REFUSED, "why"))
        Ok(MessageDecision::Allow)
    }

    /// A message was sent to a group.
    ///
    /// `Group.CallbackAfterSendMsg`
    async fn group_after_send_msg(
        &self,
        _ctx: &Context,
        _event: group::AfterSendMsg,
    ) -> Result<()> {
        Ok(())
    }

    /// A message to a group could not be sent.
    ///
    /// `Group.CallbackSendMsgException`
    async fn group_send_msg_exception(
        &self,
        _ctx: &Context,
        _event: group::SendMsgException,
    ) -> Result<()> {
        Ok(())
    }

    /// Messages of a group were recalled.
    ///
    /// `Group.CallbackAfterRecallMsg`
    async fn group_after_recall_msg(
        &self,
        _ctx: &Context,
        _event: group::AfterRecallMsg,
    ) -> Result<()> {
        Ok(())
    }

    /// The read receipts of group messages have changed.
    ///
    /// `Group.CallbackAfterReadReceipt`
    async fn group_after_read_receipt(
        &self,
        _ctx: &Context,
        _event: group::AfterReadReceipt,
    ) -> Result<()> {
        Ok(())
    }

    /// A message of a group was modified.
    ///
    /// `Group.CallbackAfterModifyMsg`
    async fn group_after_modify_msg(
        &self,
        _ctx: &Context,
        _event: group::AfterModifyMsg,
    ) -> Result<()> {
        Ok(())
    }

    /// The key-value pairs that extend a group message were changed.
    ///
    /// `Group.CallbackAfterGroupMsgExtension`
    async fn group_after_group_msg_extension(
        &self,
        _ctx: &Context,
        _event: group::AfterGroupMsgExtension,
    ) -> Result<()> {
        Ok(())
    }

    /// A live room was created.
    ///
    /// `Live.CallbackAfterCreateRoom`
    async fn live_after_create_room(
        &self,
        _ctx: &Context,
        _event: live::AfterCreateRoom,
    ) -> Result<()> {
        Ok(())
    }

    /// A live room's properties were changed.
    ///
    /// `Live.CallbackAfterUpdateRoomInfo`
    async fn live_after_update_room_info(
        &self,
        _ctx: &Context,
        _event: live::AfterUpdateRoomInfo,
    ) -> Result<()> {
        Ok(())
    }

    /// A live room was closed.
    ///
    /// `Live.CallbackAfterDestroyRoom`
    async fn live_after_destroy_room(
        &self,
        _ctx: &Context,
        _event: live::AfterDestroyRoom,
    ) -> Result<()> {
        Ok(())
    }

    /// Custom properties of a live room were set.
    ///
    /// `Live.CallbackAfterSetMetadata`
    async fn live_after_set_metadata(
        &self,
        _ctx: &Context,
        _event: live::AfterSetMetadata,
    ) -> Result<()> {
        Ok(())
    }

    /// Custom properties of a live room were deleted.
    ///
    /// `Live.CallbackAfterDelMetadata`
    async fn live_after_del_metadata(
        &self,
        _ctx: &Context,
        _event: live::AfterDelMetadata,
    ) -> Result<()> {
        Ok(())
    }

    /// The app has 70 percent or more of the live rooms that it may have.
    ///
    /// `Live.CallbackAfterCreateRoomReachingThreshold`
    async fn live_after_create_room_reaching_threshold(
        &self,
        _ctx: &Context,
        _event: live::AfterCreateRoomReachingThreshold,
    ) -> Result<()> {
        Ok(())
    }

    /// Members have entered or left a live room.
    ///
    /// `Live.CallbackAfterMemberStateChanged`
    async fn live_after_member_state_changed(
        &self,
        _ctx: &Context,
        _event: live::AfterMemberStateChanged,
    ) -> Result<()> {
        Ok(())
    }

    /// A live room has another host.
    ///
    /// `Live.CallbackAfterChangeOwner`
    async fn live_after_change_owner(
        &self,
        _ctx: &Context,
        _event: live::AfterChangeOwner,
    ) -> Result<()> {
        Ok(())
    }

    /// Administrators of a live room were added or removed.
    ///
    /// `Live.CallbackAfterModifyAdmin`
    async fn live_after_modify_admin(
        &self,
        _ctx: &Context,
        _event: live::AfterModifyAdmin,
    ) -> Result<()> {
        Ok(())
    }

    /// A battle between live rooms was requested.
    ///
    /// `Live.CallbackAfterCreateBattle`
    async fn live_after_create_battle(
        &self,
        _ctx: &Context,
        _event: live::AfterCreateBattle,
    ) -> Result<()> {
        Ok(())
    }

    /// A battle between live rooms has begun.
    ///
    /// `Live.CallbackAfterStartBattle`
    async fn live_after_start_battle(
        &self,
        _ctx: &Context,
        _event: live::AfterStartBattle,
    ) -> Result<()> {
        Ok(())
    }

    /// A battle between live rooms has ended.
    ///
    /// `Live.CallbackAfterEndBattle`
    async fn live_after_end_battle(
        &self,
        _ctx: &Context,
        _event: live::AfterEndBattle,
    ) -> Result<()> {
        Ok(())
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
        // Ok(Decision::Refuse)
        // Ok(Decision::refuse_with(GIFT_REFUSED, "why"))
        Ok(Decision::Allow)
    }

    /// Seats of a meeting room or of a live room have changed.
    ///
    /// `Mic.CallbackAfterSeatInfoChanged`
    async fn mic_after_seat_info_changed(
        &self,
        _ctx: &Context,
        _event: mic::AfterSeatInfoChanged,
    ) -> Result<()> {
        Ok(())
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
        // Ok(Decision::Refuse)
        // Ok(Decision::refuse_with(OFFICIAL_ACCOUNT_REFUSED, "why"))
        Ok(Decision::Allow)
    }

    /// An official account was created.
    ///
    /// `OfficialAccount.CallbackAfterCreateOfficialAccount`
    async fn official_account_after_create_official_account(
        &self,
        _ctx: &Context,
        _event: official_account::AfterCreateOfficialAccount,
    ) -> Result<()> {
        Ok(())
    }

    /// An official account's profile was changed.
    ///
    /// `OfficialAccount.CallbackAfterOfficialAccountInfoChanged`
    async fn official_account_after_official_account_info_changed(
        &self,
        _ctx: &Context,
        _event: official_account::AfterOfficialAccountInfoChanged,
    ) -> Result<()> {
        Ok(())
    }

    /// An official account was destroyed.
    ///
    /// `OfficialAccount.CallbackAfterOfficialAccountDestroyed`
    async fn official_account_after_official_account_destroyed(
        &self,
        _ctx: &Context,
        _event: official_account::AfterOfficialAccountDestroyed,
    ) -> Result<()> {
        Ok(())
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
        // Ok(SubscribeDecision::AllowExcept(vec!["user id".into()]))
        // Ok(SubscribeDecision::Refuse)
        Ok(SubscribeDecision::Allow)
    }

    /// Users were subscribed to an official account.
    ///
    /// `OfficialAccount.CallbackAfterAddSubscriber`
    async fn official_account_after_add_subscriber(
        &self,
        _ctx: &Context,
        _event: official_account::AfterAddSubscriber,
    ) -> Result<()> {
        Ok(())
    }

    /// An official account has as many subscribers as it may have.
    ///
    /// `OfficialAccount.CallbackAfterOfficialAccountFull`
    async fn official_account_after_official_account_full(
        &self,
        _ctx: &Context,
        _event: official_account::AfterOfficialAccountFull,
    ) -> Result<()> {
        Ok(())
    }

    /// Users were unsubscribed from an official account.
    ///
    /// `OfficialAccount.CallbackAfterDeleteSubscriber`
    async fn official_account_after_delete_subscriber(
        &self,
        _ctx: &Context,
        _event: official_account::AfterDeleteSubscriber,
    ) -> Result<()> {
        Ok(())
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
        // Ok(MessageDecision::Replace(tencent_im_callback::Replacement::text("text")))
        // Ok(MessageDecision::Replace(tencent_im_callback::Replacement::custom_data("data")))
        // Ok(MessageDecision::Discard)
        // Ok(MessageDecision::Refuse)
        // Ok(MessageDecision::refuse_with(OFFICIAL_ACCOUNT_REFUSED, "why"))
        Ok(MessageDecision::Allow)
    }

    /// An official account has sent a message to its subscribers.
    ///
    /// `OfficialAccount.CallbackAfterSendMsg`
    async fn official_account_after_send_msg(
        &self,
        _ctx: &Context,
        _event: official_account::AfterSendMsg,
    ) -> Result<()> {
        Ok(())
    }

    /// Messages of an official account were withdrawn.
    ///
    /// `OfficialAccount.CallbackAfterMsgWithDraw`
    async fn official_account_after_msg_with_draw(
        &self,
        _ctx: &Context,
        _event: official_account::AfterMsgWithDraw,
    ) -> Result<()> {
        Ok(())
    }

    /// A user's profile was changed.
    ///
    /// `Profile.CallbackPortraitSet`
    async fn profile_portrait_set(
        &self,
        _ctx: &Context,
        _event: profile::PortraitSet,
    ) -> Result<()> {
        Ok(())
    }

    /// Pushes of ordinary messages were sent, have arrived or were clicked.
    ///
    /// `Push.OfflinePush`
    async fn push_offline_push(&self, _ctx: &Context, _event: push::OfflinePush) -> Result<()> {
        Ok(())
    }

    /// Pushes to all users, by tag or to single users were sent, have arrived or were clicked.
    ///
    /// `Push.AllMemberPush`
    async fn push_all_member_push(
        &self,
        _ctx: &Context,
        _event: push::AllMemberPush,
    ) -> Result<()> {
        Ok(())
    }

    /// A meeting room was created or scheduled.
    ///
    /// `Room.CallbackAfterCreateRoom`
    async fn room_after_create_room(
        &self,
        _ctx: &Context,
        _event: room::AfterCreateRoom,
    ) -> Result<()> {
        Ok(())
    }

    /// A meeting room's properties were changed.
    ///
    /// `Room.CallbackAfterUpdateRoomInfo`
    async fn room_after_update_room_info(
        &self,
        _ctx: &Context,
        _event: room::AfterUpdateRoomInfo,
    ) -> Result<()> {
        Ok(())
    }

    /// A meeting room was closed.
    ///
    /// `Room.CallbackAfterDestroyRoom`
    async fn room_after_destroy_room(
        &self,
        _ctx: &Context,
        _event: room::AfterDestroyRoom,
    ) -> Result<()> {
        Ok(())
    }

    /// Members have entered a meeting room.
    ///
    /// `Room.CallbackAfterMemberEnter`
    async fn room_after_member_enter(
        &self,
        _ctx: &Context,
        _event: room::AfterMemberEnter,
    ) -> Result<()> {
        Ok(())
    }

    /// Members have left a meeting room.
    ///
    /// `Room.CallbackAfterMemberLeave`
    async fn room_after_member_leave(
        &self,
        _ctx: &Context,
        _event: room::AfterMemberLeave,
    ) -> Result<()> {
        Ok(())
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
        // Ok(FriendDecision::each(&event, |item| match item.to_account.as_str() {
        //     "user id" => tencent_im_callback::AccountDecision::refuse_with(FRIEND_REFUSED, "why"),
        //     _ => tencent_im_callback::AccountDecision::Allow,
        // }))
        // Ok(FriendDecision::refuse_all(&event, FRIEND_REFUSED, "why"))
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
        // Ok(FriendDecision::each(&event, |item| match item.to_account.as_str() {
        //     "user id" => tencent_im_callback::AccountDecision::refuse_with(FRIEND_REFUSED, "why"),
        //     _ => tencent_im_callback::AccountDecision::Allow,
        // }))
        // Ok(FriendDecision::refuse_all(&event, FRIEND_REFUSED, "why"))
        Ok(FriendDecision::allow_all(&event))
    }

    /// Users became friends.
    ///
    /// `Sns.CallbackFriendAdd`
    async fn sns_friend_add(&self, _ctx: &Context, _event: sns::FriendAdd) -> Result<()> {
        Ok(())
    }

    /// Users were removed from the friends of others.
    ///
    /// `Sns.CallbackFriendDelete`
    async fn sns_friend_delete(&self, _ctx: &Context, _event: sns::FriendDelete) -> Result<()> {
        Ok(())
    }

    /// Users were put on the blocklists of others.
    ///
    /// `Sns.CallbackBlackListAdd`
    async fn sns_black_list_add(&self, _ctx: &Context, _event: sns::BlackListAdd) -> Result<()> {
        Ok(())
    }

    /// Users were taken off the blocklists of others.
    ///
    /// `Sns.CallbackBlackListDelete`
    async fn sns_black_list_delete(
        &self,
        _ctx: &Context,
        _event: sns::BlackListDelete,
    ) -> Result<()> {
        Ok(())
    }

    /// A user came online or went offline, or changed the custom status.
    ///
    /// `State.StateChange`
    async fn state_state_change(&self, _ctx: &Context, _event: state::StateChange) -> Result<()> {
        Ok(())
    }
}
