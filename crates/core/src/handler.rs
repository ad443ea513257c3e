//! The table: each callback is one row, and the rows together are the trait that an app implements.

mod lookup;
pub(crate) mod rows;

use std::convert::Infallible;

use crate::{
    AgentAssignment, C2cCode, Callback, Command, Context, Decision, DecodeError, Event, FriendDecision, GiftCode,
    GroupCode, Identity, InterfaceReply, InviteDecision, MessageDecision, OfficialAccountCode, Result, SignalReply,
    SubscribeDecision, UnknownAnswer, alert, answer::Answer, bot, c2c, call, chatbot, content, desk, follow, group,
    handler::rows::callbacks, live, mic, official_account, profile, push, room, sns, state,
};

/// A handler as the endpoint stores it.
#[cfg(not(doc))]
pub(crate) type DynHandler = std::sync::Arc<dyn CallbackHandler>;
// The documentation shows the trait with plain `async fn`, and such a trait has no `dyn`.
#[cfg(doc)]
pub(crate) type DynHandler = std::sync::Arc<dyn std::any::Any + Send + Sync>;

callbacks! {
    ($)
    /// The handler of an app's callbacks: one async method for each callback. Each `impl` needs `#[async_trait]`.
    ///
    /// Implement the methods of the callbacks that are switched on in the vendor's console. The default of each method
    /// allows or acknowledges. A callback without a method is logged once at `warn`.
    ///
    /// The state of the app is in the fields of the type that implements this trait. Values that a middleware has put
    /// into the request are in [`Context::extensions`]. A method has [`Context::time_left`] to answer. After that
    /// [`OnFailure`](crate::OnFailure) gives the answer, and the method continues to its end. It also continues when
    /// the client disconnects.
    ///
    /// A method that blocks its thread blocks every callback of that thread, and no deadline can interrupt it. Use
    /// `tokio::task::spawn_blocking` for such work.
    ///
    /// An *after* callback without a method is passed to [`other_after`](Self::other_after), a callback that this
    /// version does not know to [`unknown`](Self::unknown), and a body that cannot be read to
    /// [`undecodable`](Self::undecodable).
    ///
    /// # Handlers around handlers
    ///
    /// A type that holds a handler and passes some methods on to it **allows** all other callbacks, whatever the inner
    /// handler decides: the methods that it leaves out have their defaults. Pass an [`Arc`](std::sync::Arc) or a
    /// [`Box`] instead. They are handlers and pass every call on:
    ///
    /// ```
    /// # use tencent_im_callback::{CallbackHandler, Endpoint};
    /// # struct App;
    /// # impl CallbackHandler for App {}
    /// # let is_strict = true;
    /// let handler: Box<dyn CallbackHandler> = if is_strict { Box::new(App) } else { Box::new(App) };
    /// let endpoint = Endpoint::builder(handler).app(1_400_000_001, "the token").build()?;
    /// # Ok::<(), tencent_im_callback::BuildError>(())
    /// ```
    ///
    /// For code around every method, such as a rate limit, add a [`HandlerLayer`](crate::HandlerLayer). To count
    /// requests, use an [`Observer`](crate::Observer).
    #[diagnostic::on_unimplemented(
        message = "`{Self}` is not a handler: it does not implement `CallbackHandler`",
        note = "implement it with `#[async_trait] impl CallbackHandler for ...`",
        note = "a handler is passed by value; to keep a handle on it, pass a clone of an `Arc` of the handler"
    )]
    #[doc(alias = "webhook")]
    pub trait CallbackHandler {
        /// An API is called nearly as often as it may be, or more often.
        ///
        /// Sent when an API is called at more than 80 % of the rate that it allows. It cannot be switched
        /// off: every app with a callback URL gets it.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/1047/60256)
        #[command("Alert.RequestOverLimit")]
        #[title_zh("接口超频告警回调")]
        async fn alert_request_over_limit(&self, ctx: &Context, event: alert::RequestOverLimit) -> Result<()>;

        /// A user sent a message to a bot.
        ///
        /// Sent when a client or the RESTful API has sent a one-to-one message to a bot's account, whose id begins with
        /// `@RBT#`. A message that [`c2c_before_send_msg`](Self::c2c_before_send_msg) refused is not sent here, and one
        /// that it replaced has its new content. The same message is also passed to
        /// [`c2c_after_send_msg`](Self::c2c_after_send_msg) if that is switched on: answer in one of the two.
        ///
        /// What the bot says is sent with the RESTful API, not as the answer to this.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/1047/68952)
        #[command("Bot.OnC2CMessage")]
        #[title_zh("单聊机器人消息回调")]
        async fn bot_on_c2c_message(&self, ctx: &Context, event: bot::OnC2CMessage) -> Result<()>;

        /// A group message mentions bots.
        ///
        /// Sent for a message that mentions one or several bots by id, not for one that mentions
        /// everybody. It needs the callback for bots to be switched on in the console.
        ///
        /// What the bot says is sent with the RESTful API, not as the answer to this.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/1047/68953)
        #[command("Bot.OnGroupMessage")]
        #[title("Callback After Reminding a Chatbot in a Group")]
        #[title_zh("群内@机器人之后回调")]
        async fn bot_on_group_message(&self, ctx: &Context, event: bot::OnGroupMessage) -> Result<()>;

        /// A one-to-one message is about to be delivered.
        ///
        /// Sent for messages of clients and of the RESTful API. It is not sent for messages that are sent
        /// in batches or imported, for those of users who are muted everywhere, and for those whose API call
        /// asks for no callback with `ForbidBeforeSendMsgCallback`.
        ///
        /// When it is refused with code 1, the sender sees error 20006; an own code and its text are shown to the
        /// sender unchanged. The sender of a discarded message sees it as sent. Only body and custom data can be
        /// replaced. A refused message is not passed to [`c2c_after_send_msg`](Self::c2c_after_send_msg). A replaced
        /// message is passed there with its new content.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/1047/34364)
        #[command("C2C.CallbackBeforeSendMsg")]
        #[title("Before a One-to-One Message Is Sent")]
        #[title_zh("发单聊消息之前回调")]
        async fn c2c_before_send_msg(
            &self,
            ctx: &Context,
            event: c2c::BeforeSendMsg,
        ) -> Result<MessageDecision<C2cCode>>;

        /// A one-to-one message was sent.
        ///
        /// Sent for messages of clients and of the RESTful API, and also when delivery failed, for example
        /// because of a filtered word: [`send_msg_result`](c2c::AfterSendMsg::send_msg_result) is not 0 then.
        /// It is not sent for messages that
        /// [`c2c_before_send_msg`](Self::c2c_before_send_msg) refused, for those sent in batches or imported,
        /// and for those whose API call asks for no callback with `ForbidAfterSendMsgCallback`.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/1047/34365)
        #[command("C2C.CallbackAfterSendMsg")]
        #[title("After a One-to-One Message Is Sent")]
        #[title_zh("发单聊消息之后回调")]
        async fn c2c_after_send_msg(&self, ctx: &Context, event: c2c::AfterSendMsg) -> Result<()>;

        /// A one-to-one conversation was marked as read.
        ///
        /// Sent when a client or the RESTful API has marked the whole conversation up to a point in time.
        /// Receipts for single messages are passed to
        /// [`c2c_after_msg_read_receipt`](Self::c2c_after_msg_read_receipt).
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/1047/43465)
        #[command("C2C.CallbackAfterMsgReport")]
        #[title("After a One-to-One message Is Marked as Read")]
        #[title_zh("单聊消息已读上报后回调")]
        async fn c2c_after_msg_report(&self, ctx: &Context, event: c2c::AfterMsgReport) -> Result<()>;

        /// Receipts for one-to-one messages were sent.
        ///
        /// Sent when a client or the RESTful API has sent receipts for messages whose sender asked for them.
        /// A whole conversation that was read is passed to
        /// [`c2c_after_msg_report`](Self::c2c_after_msg_report).
        ///
        /// [Tencent's page](https://cloud.tencent.com/document/product/269/128223)
        #[command("C2C.CallbackAfterMsgReadReceipt")]
        #[title_zh("单聊单条消息已读回执之后回调")]
        async fn c2c_after_msg_read_receipt(&self, ctx: &Context, event: c2c::AfterMsgReadReceipt) -> Result<()>;

        /// A user marked all conversations as read.
        ///
        /// Sent when a client has marked all at once, conversations with groups included.
        ///
        /// [Tencent's page](https://cloud.tencent.com/document/product/269/128225)
        #[command("C2C.CallbackAfterMsgReadAll")]
        #[title_zh("清除全部未读消息之后回调(含单/群聊)")]
        async fn c2c_after_msg_read_all(&self, ctx: &Context, event: c2c::AfterMsgReadAll) -> Result<()>;

        /// A one-to-one message was recalled.
        ///
        /// Sent when a client or the RESTful API has recalled it. Only
        /// [`Context::platform`] says which of them.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/1047/43466)
        #[command("C2C.CallbackAfterMsgWithDraw")]
        #[title("After A One-to-One Message Is Recalled")]
        #[title_zh("单聊消息撤回后回调")]
        async fn c2c_after_msg_with_draw(&self, ctx: &Context, event: c2c::AfterMsgWithDraw) -> Result<()>;

        /// A one-to-one message that had been sent was changed.
        ///
        /// Sent when a client or the RESTful API has changed its body, its custom data or both.
        ///
        /// [Tencent's page](https://cloud.tencent.com/document/product/269/128224)
        #[command("C2C.CallbackAfterModifyMsg")]
        #[title_zh("单聊消息编辑之后回调")]
        async fn c2c_after_modify_msg(&self, ctx: &Context, event: c2c::AfterModifyMsg) -> Result<()>;

        /// The key-value pairs that extend a one-to-one message were changed.
        ///
        /// Sent when a client or the RESTful API has set or deleted pairs of a message that was sent so
        /// that it can be extended. The votes of the client kit's polls are such pairs.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/1047/76006)
        #[command("C2C.CallbackAfterC2CMsgExtension")]
        #[title_zh("设置单聊消息扩展回调")]
        async fn c2c_after_c2c_msg_extension(&self, ctx: &Context, event: c2c::AfterC2CMsgExtension) -> Result<()>;

        /// A call was placed.
        ///
        /// Sent once for every call of two or of a group, as soon as the service knows it. It is not sent for calls
        /// that a client places with the older methods `call` and `groupCall`. The URL for call callbacks is set with
        /// the RESTful API and may be one of its own.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/647/68941)
        #[command("Call.CallbackAfterStartCall")]
        #[title_zh("开始通话后回调")]
        async fn call_after_start_call(&self, ctx: &Context, event: call::AfterStartCall) -> Result<()>;

        /// Something has happened with members of a call.
        ///
        /// Sent when a user answers, declines, lets it ring, hangs up, joins, is invited, is no longer
        /// invited, or is lost.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/647/69215)
        #[command("Call.CallbackAfterMemberChanged")]
        #[title_zh("通话成员状态变更后回调")]
        async fn call_after_member_changed(&self, ctx: &Context, event: call::AfterMemberChanged) -> Result<()>;

        /// A call has ended.
        ///
        /// Sent when at most one user is left in it, also when it was never answered.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/647/68940)
        #[command("Call.CallbackAfterEndCall")]
        #[title_zh("通话结束后回调")]
        async fn call_after_end_call(&self, ctx: &Context, event: call::AfterEndCall) -> Result<()>;

        /// The cloud recording of a call reports a step.
        ///
        /// Sent when the recording starts, when a file of it is handed to video on demand, and when it
        /// stops; other steps are known from live rooms.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/647/80345)
        #[command("Call.CallbackAfterRecordChanged")]
        async fn call_after_record_changed(&self, ctx: &Context, event: call::AfterRecordChanged) -> Result<()>;

        /// A user sent data to a chatbot, which asks the app for data.
        ///
        /// Sent when a client has sent a one-to-one message of pass-through content to a chatbot's account,
        /// whose id begins with `@RBT#`.
        ///
        /// The data of the answer is passed to the chatbot. When the app fails, the chatbot gets none.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/1047/59057)
        #[command("Chatbot.OnC2CSignalMessage")]
        async fn chatbot_on_c2c_signal_message(
            &self,
            ctx: &Context,
            event: chatbot::OnC2CSignalMessage,
        ) -> Result<SignalReply>;

        /// A flow of a chatbot asks the app for data.
        ///
        /// Sent when a flow of the bot reaches a step that calls an interface of the app. Desk sends it to the URL that is
        /// set in its own panel.
        ///
        /// The variables of the answer are passed to the flow. A code that is not 0 means that the step has failed.
        ///
        /// [Tencent's page](https://cloud.tencent.com/document/product/269/113786)
        #[command("Chatbot.InterfaceInvocation")]
        async fn chatbot_interface_invocation(
            &self,
            ctx: &Context,
            event: chatbot::InterfaceInvocation,
        ) -> Result<InterfaceReply>;

        /// A client of Desk is passed from the bot to agents.
        ///
        /// Sent when a session is passed from the bot to people. Desk sends it to the URL that is set in its own panel.
        /// Another edition of the page has the command `ChatBot.OnAssignAgent`, which is passed here as well.
        ///
        /// The answer names a group of agents, some agents, or neither.
        ///
        /// [Tencent's page](https://cloud.tencent.com/document/product/679/116643)
        #[command("ChatBot.OnAssignHuman")]
        async fn chatbot_on_assign_human(&self, ctx: &Context, event: chatbot::OnAssignHuman) -> Result<AgentAssignment>;

        /// The moderation has judged a message, a profile or something else.
        ///
        /// Sent when content was blocked or allowed, by default only for content that breaks the rules. It needs
        /// moderation, with results returned in its settings.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/1047/78240)
        #[command("ContentCallback.ResultNotify")]
        #[title_zh("云端审核结果回调 (list 269/1523: 审核结果回调)")]
        async fn content_result_notify(&self, ctx: &Context, event: content::ResultNotify) -> Result<()>;

        /// Something happened in a customer service session of Desk.
        ///
        /// Sent when a session starts, is transferred or closed, when a reply is overdue, and for every message of a bot or
        /// an agent. Desk sends it to the URL that is set in its own panel. The query has a
        /// [`request_id`](Context::request_id), which is the same when the callback is sent again.
        ///
        /// [Tencent's page](https://cloud.tencent.com/document/product/269/111212)
        #[command("Desk.SessionEventNotify")]
        async fn desk_session_event_notify(&self, ctx: &Context, event: desk::SessionEventNotify) -> Result<()>;

        /// A user follows others.
        ///
        /// Sent when a user has followed another in a client, and when an administrator has made a user
        /// follow another with the RESTful API.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/1047/70355)
        #[command("Follow.CallbackAfterFollowAdd")]
        #[title("After Following a User")]
        #[title_zh("关注之后回调")]
        async fn follow_after_follow_add(&self, ctx: &Context, event: follow::AfterFollowAdd) -> Result<()>;

        /// A user has unfollowed others.
        ///
        /// Sent when a user has unfollowed another in a client, and when an administrator has made a user
        /// unfollow another with the RESTful API.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/1047/70356)
        #[command("Follow.CallbackAfterFollowDelete")]
        #[title("After Unfollowing a User")]
        #[title_zh("取关之后回调")]
        async fn follow_after_follow_delete(&self, ctx: &Context, event: follow::AfterFollowDelete) -> Result<()>;

        /// The cloud recording of a live room reports a step.
        ///
        /// Sent when the recording of a live room starts and stops, and at each step in between. The command
        /// is that of the page. It has nothing to do with following, so `Live.CallbackAfterCloudRecordingChanged`
        /// is passed here as well.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/647/78428)
        #[command("Follow.CallbackAfterCloudRecordingChanged")]
        #[title_zh("录制状态变更之后回调")]
        async fn follow_after_cloud_recording_changed(
            &self,
            ctx: &Context,
            event: follow::AfterCloudRecordingChanged,
        ) -> Result<()>;

        /// A group is about to be created.
        ///
        /// Sent when a client or the RESTful API creates a group, before the group exists and has an id.
        /// `Group.CallbackBeforeCreateTopic` has the same switch in the console.
        ///
        /// When it is refused with code 1, the caller sees error 10016; an own code and its text are shown to the
        /// caller unchanged.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/1047/34368)
        #[command("Group.CallbackBeforeCreateGroup")]
        #[title("Before a Group Is Created")]
        #[title_zh("创建群组之前回调")]
        async fn group_before_create_group(
            &self,
            ctx: &Context,
            event: group::BeforeCreateGroup,
        ) -> Result<Decision<GroupCode>>;

        /// A group was created.
        ///
        /// Sent when a client or the RESTful API has created one, for a community three seconds later.
        /// `Group.CallbackAfterCreateTopic` has the same switch in the console.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/1047/34369)
        #[command("Group.CallbackAfterCreateGroup")]
        #[title("After a Group Is Created")]
        #[title_zh("创建群组之后回调")]
        async fn group_after_create_group(&self, ctx: &Context, event: group::AfterCreateGroup) -> Result<()>;

        /// A user is about to apply to join a group.
        ///
        /// Sent when a user applies in a client, before the administrators of the group are notified. Users whom
        /// others add are sent with `Group.CallbackBeforeInviteJoinGroup` instead.
        ///
        /// An application that is allowed is passed to the administrators, where the group needs their approval. When
        /// it is refused with code 1, the applicant sees error 10016; an own code and its text are shown to the
        /// applicant unchanged.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/1047/34370)
        #[command("Group.CallbackBeforeApplyJoinGroup")]
        #[title("Before Applying to Join a Group")]
        #[title_zh("申请入群之前回调")]
        async fn group_before_apply_join_group(
            &self,
            ctx: &Context,
            event: group::BeforeApplyJoinGroup,
        ) -> Result<Decision<GroupCode>>;

        /// Users are about to be added to a group.
        ///
        /// Sent when a member invites them in a client, or the RESTful API adds them. Where the app has the service
        /// check friendship first, it is sent after that check.
        ///
        /// All of them can be allowed, or all but some. When they are refused with code 1, the inviter sees error
        /// 10016; an own code and its text are shown to the inviter unchanged.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/1047/34371)
        #[command("Group.CallbackBeforeInviteJoinGroup")]
        #[title("Before Inviting a User to a Group")]
        #[title_zh("拉人入群之前回调")]
        async fn group_before_invite_join_group(
            &self,
            ctx: &Context,
            event: group::BeforeInviteJoinGroup,
        ) -> Result<InviteDecision<GroupCode>>;

        /// Users have joined a group.
        ///
        /// Sent when an application or an invitation has succeeded, and when the RESTful API has added members;
        /// one callback can have several of them.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/1047/34372)
        #[command("Group.CallbackAfterNewMemberJoin")]
        #[title("After a User Joins a Group")]
        #[title_zh("新成员入群之后回调")]
        async fn group_after_new_member_join(&self, ctx: &Context, event: group::AfterNewMemberJoin) -> Result<()>;

        /// Members have left a group.
        ///
        /// Sent when a member quits, or is removed by the owner, an administrator or the RESTful API. Whether
        /// it is sent for the members of a disbanded group is undocumented; they are in
        /// `Group.CallbackAfterGroupDestroyed`.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/1047/34373)
        #[command("Group.CallbackAfterMemberExit")]
        #[title("After a User Leaves a Group")]
        #[title_zh("群成员离开之后回调")]
        async fn group_after_member_exit(&self, ctx: &Context, event: group::AfterMemberExit) -> Result<()>;

        /// A group is full.
        ///
        /// Sent when a new member has taken the last place, and each time that a user cannot be added because the group
        /// is full, so it can be sent many times for one group.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/1047/34376)
        #[command("Group.CallbackAfterGroupFull")]
        #[title("After a Group Is Full")]
        #[title_zh("群组满员之后回调")]
        async fn group_after_group_full(&self, ctx: &Context, event: group::AfterGroupFull) -> Result<()>;

        /// A group was disbanded.
        ///
        /// Sent when a client or the RESTful API has disbanded it, after it is gone.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/1047/34377)
        #[command("Group.CallbackAfterGroupDestroyed")]
        #[title("After a Group Is Disbanded")]
        #[title_zh("群组解散之后回调")]
        async fn group_after_group_destroyed(&self, ctx: &Context, event: group::AfterGroupDestroyed) -> Result<()>;

        /// The profile of a group was changed.
        ///
        /// Sent when a client or the RESTful API has changed the name, the introduction, the notice or the
        /// avatar, not for the other fields of the profile. `Group.CallbackAfterTopicInfoChanged` has the same switch
        /// in the console.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/1047/34378)
        #[command("Group.CallbackAfterGroupInfoChanged")]
        #[title("After Group Profile Is Modified")]
        #[title_zh("群组资料变动之后回调")]
        async fn group_after_group_info_changed(
            &self,
            ctx: &Context,
            event: group::AfterGroupInfoChanged,
        ) -> Result<()>;

        /// The role or the name card of a member of a group was changed.
        ///
        /// Sent when a client or the RESTful API has changed it. It is the only callback that reports new
        /// and former administrators.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/1047/60393)
        #[command("Group.CallbackAfterMemberFieldChanged")]
        #[title_zh("群成员资料变更后回调")]
        async fn group_after_member_field_changed(
            &self,
            ctx: &Context,
            event: group::AfterMemberFieldChanged,
        ) -> Result<()>;

        /// Attributes of a group were changed.
        ///
        /// Sent when a client or the RESTful API has set, modified, deleted or cleared the key-value pairs that
        /// a group can have beside its profile; not for the custom fields of the profile.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/1047/60394)
        #[command("Group.CallbackAfterGroupAttrChanged")]
        #[title("Callback After Group Attribute Changed")]
        #[title_zh("群自定义属性变更后回调")]
        async fn group_after_group_attr_changed(
            &self,
            ctx: &Context,
            event: group::AfterGroupAttrChanged,
        ) -> Result<()>;

        /// A group has another owner.
        ///
        /// Sent when a client or the RESTful API has changed the owner.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/1047/60396)
        #[command("Group.CallbackAfterChangeGroupOwner")]
        #[title("Callback After the Group Owner Ch[anged]")]
        #[title_zh("转让群主后回调")]
        async fn group_after_change_group_owner(
            &self,
            ctx: &Context,
            event: group::AfterChangeGroupOwner,
        ) -> Result<()>;

        /// Members of a live group went online or offline.
        ///
        /// Sent only for groups of the type `AVChatRoom`, and needs a paid edition and the list of online members of
        /// live groups, which the console switches on. A user with several devices in the group goes online with the
        /// first and offline with the last. A user who disconnects without leaving is offline after more than 30
        /// seconds without a heartbeat. The query has neither the client's address nor the platform.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/1047/48734)
        #[command("Group.CallbackOnMemberStateChange")]
        #[title("Webhook for Online and Offline Status of Audio-Video Group Members")]
        #[title_zh("直播群成员在线状态回调")]
        async fn group_on_member_state_change(&self, ctx: &Context, event: group::OnMemberStateChange) -> Result<()>;

        /// The number of the app's groups is near the limit of the day.
        ///
        /// Sent when a client or the RESTful API has created a group and the day's growth, the groups created
        /// less those disbanded, is then above 70 % of its limit. Whether it is sent again with every further group
        /// is undocumented. The pages do not agree whether it has a switch of its own in the console or that of
        /// `Group.CallbackAfterGroupInfoChanged`.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/1047/57455)
        #[command("Group.CallbackOnDailyGroupQuotaAlarm")]
        #[title_zh("群组日净增上限阈值告警回调")]
        async fn group_on_daily_group_quota_alarm(
            &self,
            ctx: &Context,
            event: group::OnDailyGroupQuotaAlarm,
        ) -> Result<()>;

        /// A topic is about to be created in a community.
        ///
        /// Sent when a client or the RESTful API creates a topic, before the topic exists. The callback does not
        /// name the community. It has no switch of its own in the console: it is on together with
        /// `Group.CallbackBeforeCreateGroup`, and needs the topic feature.
        ///
        /// When it is refused with code 1, the caller sees error 10016; an own code and its text are shown to the
        /// caller unchanged.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/1047/49463)
        #[command("Group.CallbackBeforeCreateTopic")]
        #[title("Before a Topic Is Created")]
        #[title_zh("创建话题之前回调")]
        async fn group_before_create_topic(
            &self,
            ctx: &Context,
            event: group::BeforeCreateTopic,
        ) -> Result<Decision<GroupCode>>;

        /// A topic was created in a community.
        ///
        /// Sent when a client or the RESTful API has created one. It has no switch of its own in the
        /// console: it is on together with `Group.CallbackAfterCreateGroup`, and needs the topic feature.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/1047/49464)
        #[command("Group.CallbackAfterCreateTopic")]
        #[title("After a Topic Is Created")]
        #[title_zh("创建话题之后回调")]
        async fn group_after_create_topic(&self, ctx: &Context, event: group::AfterCreateTopic) -> Result<()>;

        /// Topics of a community were deleted.
        ///
        /// Sent when a client or the RESTful API has deleted one or several. Whether it is sent for the topics of
        /// a disbanded community is undocumented. It has no switch of its own in the
        /// console: it is on together with `Group.CallbackAfterGroupDestroyed`, and needs the topic feature.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/1047/49465)
        #[command("Group.CallbackAfterTopicDestroyed")]
        #[title("After a Topic Is Deleted")]
        #[title_zh("解散话题之后回调")]
        async fn group_after_topic_destroyed(&self, ctx: &Context, event: group::AfterTopicDestroyed) -> Result<()>;

        /// The profile of a topic of a community was changed.
        ///
        /// Sent when a client or the RESTful API has changed the name, the introduction, the notice or the
        /// avatar; not for the other fields of the topic. It has no switch of its own in the console: it is on
        /// together with `Group.CallbackAfterGroupInfoChanged`, and needs the topic feature.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/1047/49466)
        #[command("Group.CallbackAfterTopicInfoChanged")]
        #[title("Topic Profile Change Webhook")]
        #[title_zh("话题资料修改之后回调")]
        async fn group_after_topic_info_changed(
            &self,
            ctx: &Context,
            event: group::AfterTopicInfoChanged,
        ) -> Result<()>;

        /// A message is about to be sent to a group.
        ///
        /// Sent for the messages of clients and of the RESTful API, in topics and in rooms of the live product
        /// too, before a member gets them. Not for imported messages, and not where the RESTful API was called
        /// with `ForbidBeforeSendMsgCallback`.
        ///
        /// A message can be allowed with another body, other custom data or both. When it is refused with code 1, the
        /// sender sees error 10016; an own code and its text are shown to the sender unchanged. A discarded message
        /// reaches no user, and the sender sees it as sent. Without an answer in time the message is sent, unless the
        /// console has another setting: then the sender sees error 80003.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/1047/34374)
        #[command("Group.CallbackBeforeSendMsg")]
        #[title("Before Group Message Is Sent")]
        #[title_zh("群内发言之前回调")]
        async fn group_before_send_msg(
            &self,
            ctx: &Context,
            event: group::BeforeSendMsg,
        ) -> Result<MessageDecision<GroupCode>>;

        /// A message was sent to a group.
        ///
        /// Sent for the messages of clients and of the RESTful API, in topics and in rooms of the live product too,
        /// also for messages that the app itself sends in answer. For a message that could not be delivered
        /// `Group.CallbackSendMsgException` is sent instead. Not for imported messages, and not where the RESTful API
        /// was called with `ForbidAfterSendMsgCallback`.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/1047/34375)
        #[command("Group.CallbackAfterSendMsg")]
        #[title("After a Group Message Is Sent")]
        #[title_zh("群内发言之后回调")]
        async fn group_after_send_msg(&self, ctx: &Context, event: group::AfterSendMsg) -> Result<()>;

        /// A message to a group could not be sent.
        ///
        /// Sent when the service has failed to deliver a message of a client or of the RESTful API: the group is
        /// unknown, its limits are reached, the sender is muted, the content is filtered. Whether it is also
        /// sent for messages that `Group.CallbackBeforeSendMsg` refused is undocumented.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/1047/49462)
        #[command("Group.CallbackSendMsgException")]
        #[title("Webhook for Exceptions When Group Messages Are Sent")]
        #[title_zh("发送群聊消息异常回调")]
        async fn group_send_msg_exception(&self, ctx: &Context, event: group::SendMsgException) -> Result<()>;

        /// Messages of a group were recalled.
        ///
        /// Sent when a client or the RESTful API has recalled one or several.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/1047/46979)
        #[command("Group.CallbackAfterRecallMsg")]
        #[title_zh("撤回群消息之后回调")]
        async fn group_after_recall_msg(&self, ctx: &Context, event: group::AfterRecallMsg) -> Result<()>;

        /// The read receipts of group messages have changed.
        ///
        /// Sent when a message that asks for receipts is sent, which no user has read yet, and each time
        /// that members acknowledge such messages. Not for communities.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/1047/60395)
        #[command("Group.CallbackAfterReadReceipt")]
        #[title("Callback After Read Receipt")]
        #[title_zh("已读回执后回调")]
        async fn group_after_read_receipt(&self, ctx: &Context, event: group::AfterReadReceipt) -> Result<()>;

        /// A message of a group was modified.
        ///
        /// Sent when a client or the RESTful API has changed a message that was sent before. The RESTful API
        /// cannot change messages in groups of the type `AVChatRoom`.
        ///
        /// [Tencent's page](https://cloud.tencent.com/document/product/269/129193)
        #[command("Group.CallbackAfterModifyMsg")]
        #[title_zh("群内消息编辑后回调")]
        async fn group_after_modify_msg(&self, ctx: &Context, event: group::AfterModifyMsg) -> Result<()>;

        /// The key-value pairs that extend a group message were changed.
        ///
        /// Sent when a client or the RESTful API has set, deleted or cleared such pairs, for messages that were
        /// sent with support for them. The votes of polls in the ready-made user interface are such pairs.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/1047/76007)
        #[command("Group.CallbackAfterGroupMsgExtension")]
        #[title_zh("设置群消息扩展回调")]
        async fn group_after_group_msg_extension(
            &self,
            ctx: &Context,
            event: group::AfterGroupMsgExtension,
        ) -> Result<()>;

        /// A live room was created.
        ///
        /// Sent when a client or the RESTful API has created one. The URL for live callbacks is set with the
        /// RESTful API or in the console of the live product. It may be another URL, with another token.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/1071/78183)
        #[command("Live.CallbackAfterCreateRoom")]
        #[title("After Creating a Room")]
        #[title_zh("创建房间之后回调")]
        async fn live_after_create_room(&self, ctx: &Context, event: live::AfterCreateRoom) -> Result<()>;

        /// A live room's properties were changed.
        ///
        /// Sent when a client or the RESTful API has changed them. Custom properties are passed to
        /// `Live.CallbackAfterSetMetadata`.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/1071/78185)
        #[command("Live.CallbackAfterUpdateRoomInfo")]
        #[title("After Updating a Room")]
        #[title_zh("更新房间信息之后回调 (intl: 更新房间之后回调)")]
        async fn live_after_update_room_info(&self, ctx: &Context, event: live::AfterUpdateRoomInfo) -> Result<()>;

        /// A live room was closed.
        ///
        /// Sent when a client or the RESTful API has closed it, and when the service has closed it because it was
        /// empty. Its members are not reported as offline.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/1071/78184)
        #[command("Live.CallbackAfterDestroyRoom")]
        #[title("After Destroying a Room")]
        #[title_zh("解散房间之后回调")]
        async fn live_after_destroy_room(&self, ctx: &Context, event: live::AfterDestroyRoom) -> Result<()>;

        /// Custom properties of a live room were set.
        ///
        /// Sent when a client or the RESTful API has set one or several.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/1071/78186)
        #[command("Live.CallbackAfterSetMetadata")]
        #[title("After Seting metadata [sic]")]
        #[title_zh("设置房间自定义信息之后回调")]
        async fn live_after_set_metadata(&self, ctx: &Context, event: live::AfterSetMetadata) -> Result<()>;

        /// Custom properties of a live room were deleted.
        ///
        /// Sent when a client or the RESTful API has deleted one or several. The page has the command
        /// `Live.CallbackAfterSetMetadata` in the URL; the command in the body is right.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/647/68223)
        #[command("Live.CallbackAfterDelMetadata")]
        #[title("After Deleting metadata")]
        #[title_zh("删除房间自定义信息之后回调")]
        async fn live_after_del_metadata(&self, ctx: &Context, event: live::AfterDelMetadata) -> Result<()>;

        /// The app has 70 percent or more of the live rooms that it may have.
        ///
        /// Sent when a client or the RESTful API has created a room. Whether it is sent once or for every further
        /// room is undocumented.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/647/70485)
        #[command("Live.CallbackAfterCreateRoomReachingThreshold")]
        #[title("After Creating reaches 70% alert callback")]
        #[title_zh("创建房间达到70%预警回调")]
        async fn live_after_create_room_reaching_threshold(
            &self,
            ctx: &Context,
            event: live::AfterCreateRoomReachingThreshold,
        ) -> Result<()>;

        /// Members have entered or left a live room.
        ///
        /// Sent when clients enter or leave, lose their heartbeat or get it back. It is not sent for the members of a
        /// room that is closed. The page has
        /// `Live.CallbackMemberStateChanged` in the URL, which is passed here as well.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/1071/78189)
        #[command("Live.CallbackAfterMemberStateChanged")]
        #[title("Webhook for Room Member Status Change")]
        #[title_zh("房间成员状态变更回调")]
        async fn live_after_member_state_changed(
            &self,
            ctx: &Context,
            event: live::AfterMemberStateChanged,
        ) -> Result<()>;

        /// A live room has another host.
        ///
        /// Sent when a client or the RESTful API has changed the host. The page has neither the client's address nor
        /// the platform.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/647/72553)
        #[command("Live.CallbackAfterChangeOwner")]
        #[title("Webhook for Room Owner Change")]
        #[title_zh("修改房主之后回调")]
        async fn live_after_change_owner(&self, ctx: &Context, event: live::AfterChangeOwner) -> Result<()>;

        /// Administrators of a live room were added or removed.
        ///
        /// Sent when a client or the RESTful API has changed them. The page has neither the client's address nor the
        /// platform.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/1071/78191)
        #[command("Live.CallbackAfterModifyAdmin")]
        #[title("Webhook for Room Admin Change")]
        #[title_zh("修改管理员之后回调")]
        async fn live_after_modify_admin(&self, ctx: &Context, event: live::AfterModifyAdmin) -> Result<()>;

        /// A battle between live rooms was requested.
        ///
        /// Sent when a client or the RESTful API has requested it. It begins at once, or when the invited hosts have
        /// agreed; then `Live.CallbackAfterStartBattle` is sent.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/1071/78193)
        #[command("Live.CallbackAfterCreateBattle")]
        #[title("Webhook After creating battle")]
        #[title_zh("创建 PK 之后回调")]
        async fn live_after_create_battle(&self, ctx: &Context, event: live::AfterCreateBattle) -> Result<()>;

        /// A battle between live rooms has begun.
        ///
        /// Sent at once where no user has to agree. Otherwise it is sent when all invited hosts have answered or run
        /// out of time, and at least one has agreed.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/1071/78194)
        #[command("Live.CallbackAfterStartBattle")]
        #[title("Webhook After starting battle")]
        #[title_zh("PK 开启之后回调")]
        async fn live_after_start_battle(&self, ctx: &Context, event: live::AfterStartBattle) -> Result<()>;

        /// A battle between live rooms has ended.
        ///
        /// Sent when its time is up, when all hosts have left it, and when it did not begin because no invited host
        /// agreed.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/647/68261)
        #[command("Live.CallbackAfterEndBattle")]
        #[title("Webhook After ending battle")]
        #[title_zh("PK 结束之后回调")]
        async fn live_after_end_battle(&self, ctx: &Context, event: live::AfterEndBattle) -> Result<()>;

        /// A gift is about to be sent in a live room.
        ///
        /// Sent when a client sends one, so that the app can check and charge the sender's balance. No field
        /// distinguishes a repeated request from a second gift.
        ///
        /// A gift that is refused with code 1 is not sent; an own code and its text are shown to the client unchanged.
        /// Unlike other callbacks, the gift is **not** sent when there is no answer in time, unless
        /// `Live.CallbackBeforeCallBackNotBlock` is switched on too.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/1071/78196)
        #[command("Live.CallbackBeforeSendGift")]
        #[title("Webhook Before sending gift")]
        #[title_zh("发送礼物之前回调")]
        async fn live_before_send_gift(&self, ctx: &Context, event: live::BeforeSendGift) -> Result<Decision<GiftCode>>;

        /// Seats of a meeting room or of a live room have changed.
        ///
        /// Sent in meeting rooms when a user is put on a seat or taken off it, and when a seat is locked; in
        /// live rooms when a seat is muted, unmuted, locked or unlocked. Both products share the command.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/1071/78192)
        #[command("Mic.CallbackAfterSeatInfoChanged")]
        #[title("Webhook After Mic seat List Changes")]
        #[title_zh("麦位列表变更之后回调")]
        async fn mic_after_seat_info_changed(&self, ctx: &Context, event: mic::AfterSeatInfoChanged) -> Result<()>;

        /// An official account is about to be created.
        ///
        /// Sent when an administrator creates one with the RESTful API, which is the only way.
        ///
        /// When it is refused with code 1, the caller sees error 20006; an own code, which is in the range of
        /// one-to-one messages, and its text are shown to the caller unchanged.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/1047/60795)
        #[command("OfficialAccount.CallbackBeforeCreateOfficialAccount")]
        #[title_zh("创建公众号之前回调")]
        async fn official_account_before_create_official_account(
            &self,
            ctx: &Context,
            event: official_account::BeforeCreateOfficialAccount,
        ) -> Result<Decision<OfficialAccountCode>>;

        /// An official account was created.
        ///
        /// Sent when an administrator has created one with the RESTful API. It is the first callback
        /// with the id of the account.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/1047/60796)
        #[command("OfficialAccount.CallbackAfterCreateOfficialAccount")]
        #[title("After a Official Account Is Created (1047/60796)")]
        #[title_zh("创建公众号之后回调")]
        async fn official_account_after_create_official_account(
            &self,
            ctx: &Context,
            event: official_account::AfterCreateOfficialAccount,
        ) -> Result<()>;

        /// An official account's profile was changed.
        ///
        /// Sent when an administrator has changed it with the RESTful API. Whether it has only the changed
        /// fields is undocumented.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/1047/60797)
        #[command("OfficialAccount.CallbackAfterOfficialAccountInfoChanged")]
        #[title_zh("公众号资料变动之后回调")]
        async fn official_account_after_official_account_info_changed(
            &self,
            ctx: &Context,
            event: official_account::AfterOfficialAccountInfoChanged,
        ) -> Result<()>;

        /// An official account was destroyed.
        ///
        /// Sent when an administrator has destroyed it with the RESTful API, after it is gone.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/1047/60798)
        #[command("OfficialAccount.CallbackAfterOfficialAccountDestroyed")]
        #[title("After Official Account Is Destroyed")]
        #[title_zh("销毁公众号之后回调")]
        async fn official_account_after_official_account_destroyed(
            &self,
            ctx: &Context,
            event: official_account::AfterOfficialAccountDestroyed,
        ) -> Result<()>;

        /// Users are about to be subscribed to an official account.
        ///
        /// Sent when a user subscribes in a client, and when an administrator adds subscribers with the
        /// RESTful API.
        ///
        /// All of them can be refused, or some by name while the others are subscribed. There are no own
        /// codes, and the error that the caller sees is undocumented.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/1047/60799)
        #[command("OfficialAccount.CallbackBeforeAddSubscriber")]
        #[title("Before Official Account Is Subscribed")]
        #[title_zh("订阅公众号之前回调")]
        async fn official_account_before_add_subscriber(
            &self,
            ctx: &Context,
            event: official_account::BeforeAddSubscriber,
        ) -> Result<SubscribeDecision>;

        /// Users were subscribed to an official account.
        ///
        /// Sent when a user has subscribed in a client, and when an administrator has added subscribers
        /// with the RESTful API.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/1047/60800)
        #[command("OfficialAccount.CallbackAfterAddSubscriber")]
        #[title("After Official Account Is Subscribed (1047/60800)")]
        #[title_zh("订阅公众号之后回调")]
        async fn official_account_after_add_subscriber(
            &self,
            ctx: &Context,
            event: official_account::AfterAddSubscriber,
        ) -> Result<()>;

        /// An official account has as many subscribers as it may have.
        ///
        /// Sent when the last place was taken, from a client or with the RESTful API.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/1047/60801)
        #[command("OfficialAccount.CallbackAfterOfficialAccountFull")]
        #[title_zh("公众号可订阅的人数已满之后回调")]
        async fn official_account_after_official_account_full(
            &self,
            ctx: &Context,
            event: official_account::AfterOfficialAccountFull,
        ) -> Result<()>;

        /// Users were unsubscribed from an official account.
        ///
        /// Sent when a user has unsubscribed in a client, and when an administrator has removed
        /// subscribers with the RESTful API.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/1047/60802)
        #[command("OfficialAccount.CallbackAfterDeleteSubscriber")]
        #[title("After Official Account Is Unsubscribed")]
        #[title_zh("删除订阅者之后回调")]
        async fn official_account_after_delete_subscriber(
            &self,
            ctx: &Context,
            event: official_account::AfterDeleteSubscriber,
        ) -> Result<()>;

        /// An official account is about to send a message to its subscribers.
        ///
        /// Sent when a user sends it from a client, and when an administrator sends it with the RESTful API.
        /// The service waits two seconds, which cannot be changed for this callback, and then delivers the message,
        /// unless the console has another setting.
        ///
        /// When it is refused with code 1, the caller sees error 10016, although own codes are those of one-to-one
        /// messages; an own code and its text are shown to the caller unchanged. The caller sees a discarded message as
        /// sent. The subscribers get the replaced body or custom data.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/1047/60803)
        #[command("OfficialAccount.CallbackBeforeSendMsg")]
        #[title_zh("发公众号消息之前回调")]
        async fn official_account_before_send_msg(
            &self,
            ctx: &Context,
            event: official_account::BeforeSendMsg,
        ) -> Result<MessageDecision<OfficialAccountCode>>;

        /// An official account has sent a message to its subscribers.
        ///
        /// Sent when it was delivered, for messages of clients and of the RESTful API.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/1047/60804)
        #[command("OfficialAccount.CallbackAfterSendMsg")]
        #[title("Callback After Sending an Official Account Message (1047/60804)")]
        #[title_zh("发公众号消息之后回调")]
        async fn official_account_after_send_msg(
            &self,
            ctx: &Context,
            event: official_account::AfterSendMsg,
        ) -> Result<()>;

        /// Messages of an official account were withdrawn.
        ///
        /// Sent when a user has withdrawn them in a client, and when an administrator has withdrawn them with
        /// the RESTful API.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/1047/60805)
        #[command("OfficialAccount.CallbackAfterMsgWithDraw")]
        #[title_zh("撤回公众号消息之后回调")]
        async fn official_account_after_msg_with_draw(
            &self,
            ctx: &Context,
            event: official_account::AfterMsgWithDraw,
        ) -> Result<()>;

        /// A user's profile was changed.
        ///
        /// Sent when the user, or an administrator with the RESTful API, has changed it. It needs the
        /// subscription to profile changes to be switched on in the console.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/1047/48733)
        #[command("Profile.CallbackPortraitSet")]
        #[title("After a Profile Is Updated")]
        #[title_zh("更新资料之后回调")]
        async fn profile_portrait_set(&self, ctx: &Context, event: profile::PortraitSet) -> Result<()>;

        /// Pushes of ordinary messages were sent, have arrived or were clicked.
        ///
        /// Sent for one-to-one and group messages that are pushed to a device, with up to 100 events at
        /// once; pushes to all users, by tag or to single users are sent with `Push.AllMemberPush`. It needs the
        /// push service, which can have a URL of its own, and it sends neither the client's address nor the platform.
        /// The service sends 1000 of these in a second and the rest later. Failed pushes are among them: look
        /// at the code of each event.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/1047/67552)
        #[command("Push.OfflinePush")]
        #[title("Other Push Callbacks (1047/67552)")]
        #[title_zh("其他推送回调")]
        async fn push_offline_push(&self, ctx: &Context, event: push::OfflinePush) -> Result<()>;

        /// Pushes to all users, by tag or to single users were sent, have arrived or were clicked.
        ///
        /// Sent for the users that a push task goes to, with up to 100 events at once; pushes of ordinary
        /// messages are sent with `Push.OfflinePush`. It needs the push service, which can have a URL of its own, and
        /// it sends neither the client's address nor the platform. The service sends 1000 of these in a second and the
        /// rest later. Failed pushes are among them: look at the code of each event.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/1047/67551)
        #[command("Push.AllMemberPush")]
        #[title("All Users / Tags / UserID Push Callback")]
        #[title_zh("推送回调/全员/标签/单推回调")]
        async fn push_all_member_push(&self, ctx: &Context, event: push::AllMemberPush) -> Result<()>;

        /// A meeting room was created or scheduled.
        ///
        /// Sent when a client or the RESTful API has created it, for a scheduled room when it is scheduled.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/647/60733)
        #[command("Room.CallbackAfterCreateRoom")]
        #[title_zh("创建房间之后回调")]
        async fn room_after_create_room(&self, ctx: &Context, event: room::AfterCreateRoom) -> Result<()>;

        /// A meeting room's properties were changed.
        ///
        /// Sent when a client or the RESTful API has changed them.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/647/60731)
        #[command("Room.CallbackAfterUpdateRoomInfo")]
        #[title_zh("更新房间信息之后回调")]
        async fn room_after_update_room_info(&self, ctx: &Context, event: room::AfterUpdateRoomInfo) -> Result<()>;

        /// A meeting room was closed.
        ///
        /// Sent when a client or the RESTful API has closed it. Whether it is sent for rooms that close by
        /// themselves is undocumented.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/647/60732)
        #[command("Room.CallbackAfterDestroyRoom")]
        #[title_zh("解散房间之后回调")]
        async fn room_after_destroy_room(&self, ctx: &Context, event: room::AfterDestroyRoom) -> Result<()>;

        /// Members have entered a meeting room.
        ///
        /// Sent when a client has entered. No other cause is documented.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/647/60735)
        #[command("Room.CallbackAfterMemberEnter")]
        #[title_zh("用户进房之后回调")]
        async fn room_after_member_enter(&self, ctx: &Context, event: room::AfterMemberEnter) -> Result<()>;

        /// Members have left a meeting room.
        ///
        /// Sent when a client has left, was removed, or was lost because its heartbeat stopped.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/647/60734)
        #[command("Room.CallbackAfterMemberLeave")]
        #[title_zh("用户退房之后回调")]
        async fn room_after_member_leave(&self, ctx: &Context, event: room::AfterMemberLeave) -> Result<()>;

        /// A user sends friend requests.
        ///
        /// Sent when a client sends requests, to one user or several at once. It is not sent for requests made
        /// with the RESTful API.
        ///
        /// Each request is decided separately, with a code and a text for each refusal. What the client sees is
        /// undocumented.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/1047/43468)
        #[command("Sns.CallbackPrevFriendAdd")]
        #[title("Before a Friend Is Added")]
        #[title_zh("添加好友之前回调")]
        async fn sns_prev_friend_add(&self, ctx: &Context, event: sns::PrevFriendAdd) -> Result<FriendDecision>;

        /// A user answers friend requests.
        ///
        /// Sent when a client accepts or rejects one or several, before that takes effect. It is not sent
        /// for answers given with the RESTful API.
        ///
        /// Each answer is decided separately. An answer that is refused, with a code and a text of its own, has no
        /// effect, whether it accepts or rejects the request.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/1047/43467)
        #[command("Sns.CallbackPrevFriendResponse")]
        #[title("Before a Friend Request Is Responded")]
        #[title_zh("添加好友回应之前回调")]
        async fn sns_prev_friend_response(
            &self,
            ctx: &Context,
            event: sns::PrevFriendResponse,
        ) -> Result<FriendDecision>;

        /// Users became friends.
        ///
        /// Sent when a request of a client or of the RESTful API needed no consent, when a request was accepted,
        /// and when an administrator has forced it. It is not sent for imported friends.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/1047/34359)
        #[command("Sns.CallbackFriendAdd")]
        #[title("After a Friend Is Added")]
        #[title_zh("添加好友之后回调")]
        async fn sns_friend_add(&self, ctx: &Context, event: sns::FriendAdd) -> Result<()>;

        /// Users were removed from the friends of others.
        ///
        /// Sent when a client or the RESTful API has removed them.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/1047/34360)
        #[command("Sns.CallbackFriendDelete")]
        #[title("After a Friend Is Deleted")]
        #[title_zh("删除好友之后回调")]
        async fn sns_friend_delete(&self, ctx: &Context, event: sns::FriendDelete) -> Result<()>;

        /// Users were put on the blocklists of others.
        ///
        /// Sent when a client or the RESTful API has put them there.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/1047/34361)
        #[command("Sns.CallbackBlackListAdd")]
        #[title("After a User Is Added to Blocklist")]
        #[title_zh("添加黑名单之后回调")]
        async fn sns_black_list_add(&self, ctx: &Context, event: sns::BlackListAdd) -> Result<()>;

        /// Users were taken off the blocklists of others.
        ///
        /// Sent when a client or the RESTful API has taken them off.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/1047/34362)
        #[command("Sns.CallbackBlackListDelete")]
        #[title("After a User Is Removed from Blocklist")]
        #[title_zh("删除黑名单之后回调")]
        async fn sns_black_list_delete(&self, ctx: &Context, event: sns::BlackListDelete) -> Result<()>;

        /// A user came online or went offline, or changed the custom status.
        ///
        /// Sent when a client has logged in or connected again, has logged out, has lost its connection or
        /// has set a custom status, and when the RESTful API has ended the user's logins. Each device is
        /// reported separately: a user whose device went offline may be online with another. It needs status
        /// notification to be switched on in the console.
        ///
        /// A lost connection is reported when it is noticed, after up to 400 seconds for native clients and
        /// about 60 for web clients, and not at all when the client is back before that. A login that
        /// logs out other devices has their names. With SDKs before 5.6.1200 (native) and 2.14.0 (web) a logout of each
        /// device is sent instead.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/1047/34357)
        #[command("State.StateChange")]
        #[title("Webhook for status change")]
        #[title_zh("状态变更回调")]
        async fn state_state_change(&self, ctx: &Context, event: state::StateChange) -> Result<()>;
    }

    /// Called for every *after* callback whose method the handler does not implement: one place to store or forward
    /// them.
    ///
    /// It also gets the callbacks of later versions of this package, whose methods the handler cannot have yet. The
    /// body is [`Context::body`]: forward that and not an event, because an event has only the fields that this version
    /// knows. A callback that this version does not know is not passed here but to [`unknown`](Self::unknown). The
    /// default acknowledges.
    ///
    /// ```
    /// use tencent_im_callback::{Callback, CallbackHandler, Context, Result, async_trait};
    /// # async fn store(_command: &str, _body: &[u8]) -> Result<()> { Ok(()) }
    ///
    /// struct Archive;
    ///
    /// #[async_trait]
    /// impl CallbackHandler for Archive {
    ///     async fn other_after(&self, ctx: &Context, callback: &'static Callback) -> Result<()> {
    ///         store(callback.command, ctx.body()).await
    ///     }
    /// }
    /// ```
    async fn other_after(&self, ctx: &Context, callback: &'static Callback) -> Result<()> {
        let _ = callback;
        ctx.mark_unhandled();
        Ok(())
    }

    /// Called for a command that this version does not know, and for a request without a command.
    ///
    /// The command is [`Context::command`], the body is [`Context::body`]. The vendor adds several commands a
    /// year and sends some that are not switched on. The default acknowledges, which allows what a *before* callback asks
    /// for: a *before* callback cannot be distinguished from an *after* callback here. [`UnknownAnswer`] can also have the
    /// code, the text and the fields that the vendor's page of the command documents.
    ///
    /// An error is answered as [`on_unknown_failure`](crate::EndpointBuilder::on_unknown_failure) says.
    async fn unknown(&self, ctx: &Context) -> Result<UnknownAnswer> {
        let _ = ctx;
        Ok(UnknownAnswer::acknowledge())
    }

    /// Called for a known command whose body could not be read into its event.
    ///
    /// Fields that may be absent do not lead here: they are dropped and reported by [`Context::dropped_fields`]. Text
    /// that is no Unicode does not either: it is read with U+FFFD in place of what cannot be read. What leads here is a
    /// body that is no JSON, and a field that cannot be read and cannot be absent. `error` says where the fault is; the
    /// body as it was sent is [`Context::body`].
    ///
    /// | returned | answer to a *before* callback | answer to every other |
    /// | --- | --- | --- |
    /// | an error, as by default | that of the failure policy, [`OnFailure`](crate::OnFailure) | HTTP status 400 |
    /// | `Decision::Allow` | OK, so that it happens | OK |
    /// | `Decision::Refuse` | the command's plain refusal | HTTP status 400: it cannot be refused |
    ///
    /// The two callbacks of friend requests are refused account by account. Without their body they cannot be: for
    /// them a refusal is HTTP status 500, so that the policy set in the console decides.
    ///
    /// There are no own codes here, because each command has a range of its own: the type of the code, [`Infallible`],
    /// has no value.
    ///
    /// ```
    /// use std::convert::Infallible;
    ///
    /// use tencent_im_callback::{Callback, CallbackHandler, Context, Decision, DecodeError, Phase, Result, async_trait};
    ///
    /// struct Strict;
    ///
    /// #[async_trait]
    /// impl CallbackHandler for Strict {
    ///     async fn undecodable(&self, _ctx: &Context, error: DecodeError) -> Result<Decision<Infallible>> {
    ///         match Callback::find(error.command()).map(|callback| callback.phase) {
    ///             Some(Phase::Before) => Ok(Decision::Refuse),
    ///             _ => Err(error.into()),
    ///         }
    ///     }
    /// }
    /// ```
    async fn undecodable(&self, ctx: &Context, error: DecodeError) -> Result<Decision<Infallible>> {
        let _ = ctx;
        Err(error.into())
    }
}
