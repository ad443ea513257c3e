//! The table: each callback is one row, and the rows together are the trait that an app implements.

pub(crate) mod rows;

use std::convert::Infallible;

use crate::{
    C2cCode, Callback, Command, Context, Decision, DecodeError, Event, FriendDecision, GiftCode, GroupCode, Identity,
    InviteDecision, MessageDecision, OfficialAccountCode, Result, SignalReply, SubscribeDecision, alert,
    answer::Answer, bot, c2c, call, chatbot, content, follow, group, handler::rows::callbacks, live, mic,
    official_account, profile, push, room, sns, state,
};

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
    pub trait CallbackHandler {
        /// An API is called nearly as often as it may be, or more often.
        ///
        /// Sent when an API is called at more than 80 % of the rate that it allows. It cannot be switched
        /// off: every app with a callback URL gets it.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/1047/60256)
        #[command("Alert.RequestOverLimit")]
        async fn alert_request_over_limit(&self, ctx: &Context, event: alert::RequestOverLimit) -> Result<()>;

        /// A user sent a message to a bot.
        ///
        /// Sent when a client or the RESTful API has sent a one-to-one message to a bot's account, whose
        /// id begins with `@RBT#`. A message that
        /// [`c2c_before_send_msg`](Self::c2c_before_send_msg) refused is not sent here, and one that it replaced has its
        /// new content. The same message is also passed to [`c2c_after_send_msg`](Self::c2c_after_send_msg) if that is
        /// switched on: answer in one of the two.
        ///
        /// What the bot says is sent with the RESTful API, not as the answer to this.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/1047/68952)
        #[command("Bot.OnC2CMessage")]
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
        async fn bot_on_group_message(&self, ctx: &Context, event: bot::OnGroupMessage) -> Result<()>;

        /// A one-to-one message is about to be delivered.
        ///
        /// Sent for messages of clients and of the RESTful API. It is not sent for messages that are sent
        /// in batches or imported, for those of users who are muted everywhere, and for those whose API call
        /// asks for no callback with `ForbidBeforeSendMsgCallback`.
        ///
        /// Refused with code 1 the sender sees error 20006; an own code and its text reach the sender as they
        /// are. The sender of a discarded message sees it as sent. Body and custom data can be
        /// replaced, nothing else. A refused message is not passed to
        /// [`c2c_after_send_msg`](Self::c2c_after_send_msg). A replaced message is passed there with its new content.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/1047/34364)
        #[command("C2C.CallbackBeforeSendMsg")]
        async fn c2c_before_send_msg(&self, ctx: &Context, event: c2c::BeforeSendMsg) -> Result<MessageDecision<C2cCode>>;

        /// A one-to-one message was sent.
        ///
        /// Sent for messages of clients and of the RESTful API, and also when delivery failed, for example
        /// on a word that is filtered: [`send_msg_result`](c2c::AfterSendMsg::send_msg_result) is not 0 then.
        /// It is not sent for messages that
        /// [`c2c_before_send_msg`](Self::c2c_before_send_msg) refused, for those sent in batches or imported,
        /// and for those whose API call asks for no callback with `ForbidAfterSendMsgCallback`.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/1047/34365)
        #[command("C2C.CallbackAfterSendMsg")]
        async fn c2c_after_send_msg(&self, ctx: &Context, event: c2c::AfterSendMsg) -> Result<()>;

        /// A one-to-one conversation was marked as read.
        ///
        /// Sent when a client or the RESTful API has marked the whole conversation up to some moment.
        /// Receipts for single messages are passed to
        /// [`c2c_after_msg_read_receipt`](Self::c2c_after_msg_read_receipt).
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/1047/43465)
        #[command("C2C.CallbackAfterMsgReport")]
        async fn c2c_after_msg_report(&self, ctx: &Context, event: c2c::AfterMsgReport) -> Result<()>;

        /// Receipts for one-to-one messages were sent.
        ///
        /// Sent when a client or the RESTful API has sent receipts for messages whose sender asked for them.
        /// A whole conversation that was read is passed to
        /// [`c2c_after_msg_report`](Self::c2c_after_msg_report).
        ///
        /// [Tencent's page](https://cloud.tencent.com/document/product/269/128223)
        #[command("C2C.CallbackAfterMsgReadReceipt")]
        async fn c2c_after_msg_read_receipt(&self, ctx: &Context, event: c2c::AfterMsgReadReceipt) -> Result<()>;

        /// A user marked all conversations as read.
        ///
        /// Sent when a client has done so for all at once, those with groups included.
        ///
        /// [Tencent's page](https://cloud.tencent.com/document/product/269/128225)
        #[command("C2C.CallbackAfterMsgReadAll")]
        async fn c2c_after_msg_read_all(&self, ctx: &Context, event: c2c::AfterMsgReadAll) -> Result<()>;

        /// A one-to-one message was recalled.
        ///
        /// Sent when a client or the RESTful API has recalled it. Which of them it was only
        /// [`Context::platform`] tells.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/1047/43466)
        #[command("C2C.CallbackAfterMsgWithDraw")]
        async fn c2c_after_msg_with_draw(&self, ctx: &Context, event: c2c::AfterMsgWithDraw) -> Result<()>;

        /// A one-to-one message that had been sent was changed.
        ///
        /// Sent when a client or the RESTful API has changed its body, its custom data or both.
        ///
        /// [Tencent's page](https://cloud.tencent.com/document/product/269/128224)
        #[command("C2C.CallbackAfterModifyMsg")]
        async fn c2c_after_modify_msg(&self, ctx: &Context, event: c2c::AfterModifyMsg) -> Result<()>;

        /// The key-value pairs that extend a one-to-one message were changed.
        ///
        /// Sent when a client or the RESTful API has set or deleted pairs of a message that was sent so
        /// that it can be extended. The votes of the client kit's polls are such pairs.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/1047/76006)
        #[command("C2C.CallbackAfterC2CMsgExtension")]
        async fn c2c_after_c2c_msg_extension(&self, ctx: &Context, event: c2c::AfterC2CMsgExtension) -> Result<()>;

        /// A call was placed.
        ///
        /// Sent once for every call of two or of a group, as soon as the service knows it. Calls that a
        /// client places with the older methods `call` and `groupCall` are not passed here. The URL for call
        /// callbacks is set with the RESTful API and may be one of its own.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/647/68941)
        #[command("Call.CallbackAfterStartCall")]
        async fn call_after_start_call(&self, ctx: &Context, event: call::AfterStartCall) -> Result<()>;

        /// Something has happened with members of a call.
        ///
        /// Sent when a user answers, declines, lets it ring, hangs up, joins, is invited, is not invited
        /// any more, or is lost.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/647/69215)
        #[command("Call.CallbackAfterMemberChanged")]
        async fn call_after_member_changed(&self, ctx: &Context, event: call::AfterMemberChanged) -> Result<()>;

        /// A call is over.
        ///
        /// Sent when at most one user is left in it, also when it was never answered.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/647/68940)
        #[command("Call.CallbackAfterEndCall")]
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
        /// The answer's data is handed to the chatbot. When the app fails, the chatbot gets none.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/1047/59057)
        #[command("Chatbot.OnC2CSignalMessage")]
        async fn chatbot_on_c2c_signal_message(&self, ctx: &Context, event: chatbot::OnC2CSignalMessage) -> Result<SignalReply>;

        /// The moderation has judged a message, a profile or something else.
        ///
        /// Sent when the content has been blocked or let through, by default only for what breaks the
        /// rules. It needs moderation, and in its settings that results are returned.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/1047/78240)
        #[command("ContentCallback.ResultNotify")]
        async fn content_result_notify(&self, ctx: &Context, event: content::ResultNotify) -> Result<()>;

        /// A user follows others.
        ///
        /// Sent when a user has followed another in a client, and when an administrator has made a user
        /// follow another with the RESTful API.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/1047/70355)
        #[command("Follow.CallbackAfterFollowAdd")]
        async fn follow_after_follow_add(&self, ctx: &Context, event: follow::AfterFollowAdd) -> Result<()>;

        /// A user does not follow others any more.
        ///
        /// Sent when a user has unfollowed another in a client, and when an administrator has made a user
        /// unfollow another with the RESTful API.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/1047/70356)
        #[command("Follow.CallbackAfterFollowDelete")]
        async fn follow_after_follow_delete(&self, ctx: &Context, event: follow::AfterFollowDelete) -> Result<()>;

        /// The cloud recording of a live room reports a step.
        ///
        /// Sent when the recording of a live room starts and stops, and at each step in between. The word
        /// is the page's; as it has nothing to do with following, `Live.CallbackAfterCloudRecordingChanged`
        /// is passed here as well.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/647/78428)
        #[command("Follow.CallbackAfterCloudRecordingChanged")]
        async fn follow_after_cloud_recording_changed(&self, ctx: &Context, event: follow::AfterCloudRecordingChanged) -> Result<()>;

        /// A group is about to be created.
        ///
        /// Sent when a client or the RESTful API asks for a group, before there is one and before it has an id.
        /// Its switch in the console is that of `Group.CallbackBeforeCreateTopic` too.
        ///
        /// Refused with code 1 the caller sees error 10016; an own code and its text reach the caller as they
        /// are.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/1047/34368)
        #[command("Group.CallbackBeforeCreateGroup")]
        async fn group_before_create_group(&self, ctx: &Context, event: group::BeforeCreateGroup) -> Result<Decision<GroupCode>>;

        /// A group was created.
        ///
        /// Sent when a client or the RESTful API has created one, for a community three seconds later. Its
        /// switch in the console is that of `Group.CallbackAfterCreateTopic` too.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/1047/34369)
        #[command("Group.CallbackAfterCreateGroup")]
        async fn group_after_create_group(&self, ctx: &Context, event: group::AfterCreateGroup) -> Result<()>;

        /// A user is about to apply to join a group.
        ///
        /// Sent when a user asks for it in a client, before the administrators of the group are notified. Those whom
        /// others add are sent with `Group.CallbackBeforeInviteJoinGroup` instead.
        ///
        /// Allowed, the application goes on: to the administrators, where the group wants their approval. Refused
        /// with code 1 the applicant sees error 10016; an own code and its text reach the applicant as they are.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/1047/34370)
        #[command("Group.CallbackBeforeApplyJoinGroup")]
        async fn group_before_apply_join_group(&self, ctx: &Context, event: group::BeforeApplyJoinGroup) -> Result<Decision<GroupCode>>;

        /// Users are about to be added to a group.
        ///
        /// Sent when a member invites them in a client, or the RESTful API adds them; where the app has
        /// friendship checked for it, after that check.
        ///
        /// All of them can be let in, or all but some. Refused with code 1 the inviter sees error 10016; an
        /// own code and its text reach the inviter as they are.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/1047/34371)
        #[command("Group.CallbackBeforeInviteJoinGroup")]
        async fn group_before_invite_join_group(&self, ctx: &Context, event: group::BeforeInviteJoinGroup) -> Result<InviteDecision<GroupCode>>;

        /// Users have joined a group.
        ///
        /// Sent when an application or an invitation has succeeded, and when the RESTful API has added members;
        /// one callback can be about several of them.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/1047/34372)
        #[command("Group.CallbackAfterNewMemberJoin")]
        async fn group_after_new_member_join(&self, ctx: &Context, event: group::AfterNewMemberJoin) -> Result<()>;

        /// Members have left a group.
        ///
        /// Sent when a member quits, or is removed by the owner, an administrator or the RESTful API. Nothing
        /// says that it is sent for the members of a group that is disbanded; those are in
        /// `Group.CallbackAfterGroupDestroyed`.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/1047/34373)
        #[command("Group.CallbackAfterMemberExit")]
        async fn group_after_member_exit(&self, ctx: &Context, event: group::AfterMemberExit) -> Result<()>;

        /// A group is full.
        ///
        /// Sent when a new member has taken the last place, and each time that a user cannot be added because
        /// there is none; so it can be sent many times for one group.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/1047/34376)
        #[command("Group.CallbackAfterGroupFull")]
        async fn group_after_group_full(&self, ctx: &Context, event: group::AfterGroupFull) -> Result<()>;

        /// A group was disbanded.
        ///
        /// Sent when a client or the RESTful API has disbanded it, once it is gone.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/1047/34377)
        #[command("Group.CallbackAfterGroupDestroyed")]
        async fn group_after_group_destroyed(&self, ctx: &Context, event: group::AfterGroupDestroyed) -> Result<()>;

        /// The profile of a group was changed.
        ///
        /// Sent when a client or the RESTful API has changed the name, the introduction, the notice or the
        /// avatar; not for the other fields of the profile. Its switch in the console is that of
        /// `Group.CallbackAfterTopicInfoChanged` too.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/1047/34378)
        #[command("Group.CallbackAfterGroupInfoChanged")]
        async fn group_after_group_info_changed(&self, ctx: &Context, event: group::AfterGroupInfoChanged) -> Result<()>;

        /// The role or the name card of a member of a group was changed.
        ///
        /// Sent when a client or the RESTful API has changed it. No other callback tells who was made an
        /// administrator and who is one no more.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/1047/60393)
        #[command("Group.CallbackAfterMemberFieldChanged")]
        async fn group_after_member_field_changed(&self, ctx: &Context, event: group::AfterMemberFieldChanged) -> Result<()>;

        /// Attributes of a group were changed.
        ///
        /// Sent when a client or the RESTful API has set, modified, deleted or cleared the key-value pairs that
        /// a group can have beside its profile; not for the custom fields of the profile.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/1047/60394)
        #[command("Group.CallbackAfterGroupAttrChanged")]
        async fn group_after_group_attr_changed(&self, ctx: &Context, event: group::AfterGroupAttrChanged) -> Result<()>;

        /// A group was handed over to another owner.
        ///
        /// Sent when a client or the RESTful API has done it.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/1047/60396)
        #[command("Group.CallbackAfterChangeGroupOwner")]
        async fn group_after_change_group_owner(&self, ctx: &Context, event: group::AfterChangeGroupOwner) -> Result<()>;

        /// Members of a live group went online or offline.
        ///
        /// Sent only for groups of the type `AVChatRoom`, and needs a paid edition and the list of online
        /// members of live groups, which the console switches on. A user with several devices in the group goes
        /// online with the first and offline with the last; one who drops out without leaving is offline when
        /// nothing was heard for more than 30 seconds. The query names neither client address nor platform.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/1047/48734)
        #[command("Group.CallbackOnMemberStateChange")]
        async fn group_on_member_state_change(&self, ctx: &Context, event: group::OnMemberStateChange) -> Result<()>;

        /// The number of the app's groups is near the limit of the day.
        ///
        /// Sent when a client or the RESTful API has created a group and the day's growth, the groups created
        /// less those disbanded, is then above 70 % of its limit. Whether it is sent again with every further group
        /// is not documented; nor do the pages agree whether it has a switch of its own in the console or that of
        /// `Group.CallbackAfterGroupInfoChanged`.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/1047/57455)
        #[command("Group.CallbackOnDailyGroupQuotaAlarm")]
        async fn group_on_daily_group_quota_alarm(&self, ctx: &Context, event: group::OnDailyGroupQuotaAlarm) -> Result<()>;

        /// A topic is about to be created in a community.
        ///
        /// Sent when a client or the RESTful API asks for a topic, before there is one; which community
        /// it is for is not told. It has no switch of its own in the console: it is on together with
        /// `Group.CallbackBeforeCreateGroup`, and needs the topic feature.
        ///
        /// Refused with code 1 the caller sees error 10016; an own code and its text reach the caller
        /// as they are.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/1047/49463)
        #[command("Group.CallbackBeforeCreateTopic")]
        async fn group_before_create_topic(&self, ctx: &Context, event: group::BeforeCreateTopic) -> Result<Decision<GroupCode>>;

        /// A topic was created in a community.
        ///
        /// Sent when a client or the RESTful API has created one. It has no switch of its own in the
        /// console: it is on together with `Group.CallbackAfterCreateGroup`, and needs the topic feature.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/1047/49464)
        #[command("Group.CallbackAfterCreateTopic")]
        async fn group_after_create_topic(&self, ctx: &Context, event: group::AfterCreateTopic) -> Result<()>;

        /// Topics of a community were deleted.
        ///
        /// Sent when a client or the RESTful API has deleted one or several; nothing says that it comes
        /// for the topics of a community that is disbanded as a whole. It has no switch of its own in the
        /// console: it is on together with `Group.CallbackAfterGroupDestroyed`, and needs the topic feature.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/1047/49465)
        #[command("Group.CallbackAfterTopicDestroyed")]
        async fn group_after_topic_destroyed(&self, ctx: &Context, event: group::AfterTopicDestroyed) -> Result<()>;

        /// The profile of a topic of a community was changed.
        ///
        /// Sent when a client or the RESTful API has changed the name, the introduction, the notice or the
        /// avatar; not for the other fields of the topic. It has no switch of its own in the console: it is on
        /// together with `Group.CallbackAfterGroupInfoChanged`, and needs the topic feature.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/1047/49466)
        #[command("Group.CallbackAfterTopicInfoChanged")]
        async fn group_after_topic_info_changed(&self, ctx: &Context, event: group::AfterTopicInfoChanged) -> Result<()>;

        /// A message is about to be sent to a group.
        ///
        /// Sent for the messages of clients and of the RESTful API, in topics and in rooms of the live product
        /// too, before a member gets them. Not for imported messages, and not where the RESTful API was called
        /// with `ForbidBeforeSendMsgCallback`.
        ///
        /// Allowed, the message can be sent with another body, other custom data or both. Refused with code 1 the
        /// sender sees error 10016; an own code and its text reach the sender as they are. Discarded, it reaches no
        /// user and the sender sees the message as sent. Where there is no answer in time the message is sent, unless
        /// the console says otherwise: then the sender sees error 80003.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/1047/34374)
        #[command("Group.CallbackBeforeSendMsg")]
        async fn group_before_send_msg(&self, ctx: &Context, event: group::BeforeSendMsg) -> Result<MessageDecision<GroupCode>>;

        /// A message was sent to a group.
        ///
        /// Sent for the messages of clients and of the RESTful API, in topics and in rooms of the live product
        /// too, also for what the app itself sends in answer to one. A message that could not be delivered has
        /// `Group.CallbackSendMsgException` instead. Not for imported messages, and not where the RESTful API was
        /// called with `ForbidAfterSendMsgCallback`.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/1047/34375)
        #[command("Group.CallbackAfterSendMsg")]
        async fn group_after_send_msg(&self, ctx: &Context, event: group::AfterSendMsg) -> Result<()>;

        /// A message to a group could not be sent.
        ///
        /// Sent when the service has failed to deliver a message of a client or of the RESTful API: the group is
        /// unknown, its limits are reached, the sender is muted, the content is filtered. Whether it is sent too
        /// for what `Group.CallbackBeforeSendMsg` has refused is not documented.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/1047/49462)
        #[command("Group.CallbackSendMsgException")]
        async fn group_send_msg_exception(&self, ctx: &Context, event: group::SendMsgException) -> Result<()>;

        /// Messages of a group were recalled.
        ///
        /// Sent when a client or the RESTful API has recalled one or several.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/1047/46979)
        #[command("Group.CallbackAfterRecallMsg")]
        async fn group_after_recall_msg(&self, ctx: &Context, event: group::AfterRecallMsg) -> Result<()>;

        /// The read receipts of group messages have changed.
        ///
        /// Sent when a message that asks for receipts is sent, which no user has read yet, and each time
        /// that members acknowledge such messages. Not for communities.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/1047/60395)
        #[command("Group.CallbackAfterReadReceipt")]
        async fn group_after_read_receipt(&self, ctx: &Context, event: group::AfterReadReceipt) -> Result<()>;

        /// A message of a group was modified.
        ///
        /// Sent when a client or the RESTful API has changed a message that was sent before. Messages in groups
        /// of the type `AVChatRoom` the RESTful API cannot change.
        ///
        /// [Tencent's page](https://cloud.tencent.com/document/product/269/129193)
        #[command("Group.CallbackAfterModifyMsg")]
        async fn group_after_modify_msg(&self, ctx: &Context, event: group::AfterModifyMsg) -> Result<()>;

        /// The key-value pairs that extend a group message were changed.
        ///
        /// Sent when a client or the RESTful API has set, deleted or cleared such pairs, for messages that were
        /// sent with support for them. The votes of polls in the ready-made user interface are such pairs.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/1047/76007)
        #[command("Group.CallbackAfterGroupMsgExtension")]
        async fn group_after_group_msg_extension(&self, ctx: &Context, event: group::AfterGroupMsgExtension) -> Result<()>;

        /// A live room was created.
        ///
        /// Sent when a client or the RESTful API has created one. The URL for live callbacks is set with the
        /// RESTful API or in the console of the live product and may be one of its own, with its own token.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/1071/78183)
        #[command("Live.CallbackAfterCreateRoom")]
        async fn live_after_create_room(&self, ctx: &Context, event: live::AfterCreateRoom) -> Result<()>;

        /// A live room's properties were changed.
        ///
        /// Sent when a client or the RESTful API has changed them. Custom properties are passed to
        /// `Live.CallbackAfterSetMetadata`.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/1071/78185)
        #[command("Live.CallbackAfterUpdateRoomInfo")]
        async fn live_after_update_room_info(&self, ctx: &Context, event: live::AfterUpdateRoomInfo) -> Result<()>;

        /// A live room was closed.
        ///
        /// Sent when a client or the RESTful API has closed it, and when the service has because no user was in
        /// it. No member is reported as offline for it.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/1071/78184)
        #[command("Live.CallbackAfterDestroyRoom")]
        async fn live_after_destroy_room(&self, ctx: &Context, event: live::AfterDestroyRoom) -> Result<()>;

        /// Custom properties of a live room were set.
        ///
        /// Sent when a client or the RESTful API has set one or several.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/1071/78186)
        #[command("Live.CallbackAfterSetMetadata")]
        async fn live_after_set_metadata(&self, ctx: &Context, event: live::AfterSetMetadata) -> Result<()>;

        /// Custom properties of a live room were deleted.
        ///
        /// Sent when a client or the RESTful API has deleted one or several. The page has the word of
        /// `Live.CallbackAfterSetMetadata` in the URL; the one in the body is right.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/647/68223)
        #[command("Live.CallbackAfterDelMetadata")]
        async fn live_after_del_metadata(&self, ctx: &Context, event: live::AfterDelMetadata) -> Result<()>;

        /// The app has 70 percent of the live rooms that it may have, or more.
        ///
        /// Sent when a client or the RESTful API has created a room; whether once or for every further room
        /// is not documented.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/647/70485)
        #[command("Live.CallbackAfterCreateRoomReachingThreshold")]
        async fn live_after_create_room_reaching_threshold(&self, ctx: &Context, event: live::AfterCreateRoomReachingThreshold) -> Result<()>;

        /// Members of a live room came or went.
        ///
        /// Sent when clients enter or leave, lose their heartbeat or get it back; no more once the room is
        /// closed, so that those who were in it then are not told. The page has
        /// `Live.CallbackMemberStateChanged` in the URL, which is passed here as well.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/1071/78189)
        #[command("Live.CallbackAfterMemberStateChanged")]
        async fn live_after_member_state_changed(&self, ctx: &Context, event: live::AfterMemberStateChanged) -> Result<()>;

        /// A live room has another host.
        ///
        /// Sent when a client or the RESTful API has handed it over. The page has neither client address nor
        /// platform.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/647/72553)
        #[command("Live.CallbackAfterChangeOwner")]
        async fn live_after_change_owner(&self, ctx: &Context, event: live::AfterChangeOwner) -> Result<()>;

        /// Users were made administrators of a live room, or are no more.
        ///
        /// Sent when a client or the RESTful API has done so. The page has neither client address nor platform.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/1071/78191)
        #[command("Live.CallbackAfterModifyAdmin")]
        async fn live_after_modify_admin(&self, ctx: &Context, event: live::AfterModifyAdmin) -> Result<()>;

        /// A battle between live rooms was asked for.
        ///
        /// Sent when a client or the RESTful API has asked for it. It begins at once, or when the hosts who
        /// are invited have agreed; that is passed to `Live.CallbackAfterStartBattle`.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/1071/78193)
        #[command("Live.CallbackAfterCreateBattle")]
        async fn live_after_create_battle(&self, ctx: &Context, event: live::AfterCreateBattle) -> Result<()>;

        /// A battle between live rooms has begun.
        ///
        /// Sent at once where no user has to agree; else when all hosts who are invited have answered or run
        /// out of time, and at least one has agreed.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/1071/78194)
        #[command("Live.CallbackAfterStartBattle")]
        async fn live_after_start_battle(&self, ctx: &Context, event: live::AfterStartBattle) -> Result<()>;

        /// A battle between live rooms has ended.
        ///
        /// Sent when its time is up, when all hosts have left it, and when it never began because none of the
        /// invited agreed.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/647/68261)
        #[command("Live.CallbackAfterEndBattle")]
        async fn live_after_end_battle(&self, ctx: &Context, event: live::AfterEndBattle) -> Result<()>;

        /// A gift is about to be sent in a live room.
        ///
        /// Sent when a client sends one, so that the sender's balance can be looked at, and charged. There is
        /// nothing in it by which a request that came twice could be told from two gifts.
        ///
        /// Refused with code 1 it is not sent; an own code and its text reach the client as they are. Unlike
        /// elsewhere the gift is **not** sent when there is no answer in time, unless
        /// `Live.CallbackBeforeCallBackNotBlock` is switched on too.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/1071/78196)
        #[command("Live.CallbackBeforeSendGift")]
        async fn live_before_send_gift(&self, ctx: &Context, event: live::BeforeSendGift) -> Result<Decision<GiftCode>>;

        /// Seats of a meeting room or of a live room have changed.
        ///
        /// Sent in meeting rooms when a user is put on a seat or taken off it, and when a seat is locked; in
        /// live rooms when a seat is muted, unmuted, locked or unlocked. Both products share the command.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/1071/78192)
        #[command("Mic.CallbackAfterSeatInfoChanged")]
        async fn mic_after_seat_info_changed(&self, ctx: &Context, event: mic::AfterSeatInfoChanged) -> Result<()>;

        /// An official account is about to be created.
        ///
        /// Sent when an administrator asks for one with the RESTful API, which is the only way to get one.
        ///
        /// Refused with code 1 the caller sees error 20006; an own code, which is in the range of
        /// one-to-one messages, and its text reach the caller as they are.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/1047/60795)
        #[command("OfficialAccount.CallbackBeforeCreateOfficialAccount")]
        async fn official_account_before_create_official_account(&self, ctx: &Context, event: official_account::BeforeCreateOfficialAccount) -> Result<Decision<OfficialAccountCode>>;

        /// An official account was created.
        ///
        /// Sent when an administrator has created one with the RESTful API. It is the first that names
        /// the account's id.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/1047/60796)
        #[command("OfficialAccount.CallbackAfterCreateOfficialAccount")]
        async fn official_account_after_create_official_account(&self, ctx: &Context, event: official_account::AfterCreateOfficialAccount) -> Result<()>;

        /// An official account's profile was changed.
        ///
        /// Sent when an administrator has changed it with the RESTful API. Whether it names only what is
        /// new is not documented.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/1047/60797)
        #[command("OfficialAccount.CallbackAfterOfficialAccountInfoChanged")]
        async fn official_account_after_official_account_info_changed(&self, ctx: &Context, event: official_account::AfterOfficialAccountInfoChanged) -> Result<()>;

        /// An official account was destroyed.
        ///
        /// Sent when an administrator has destroyed it with the RESTful API, once it is gone.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/1047/60798)
        #[command("OfficialAccount.CallbackAfterOfficialAccountDestroyed")]
        async fn official_account_after_official_account_destroyed(&self, ctx: &Context, event: official_account::AfterOfficialAccountDestroyed) -> Result<()>;

        /// Users are about to be subscribed to an official account.
        ///
        /// Sent when a user subscribes in a client, and when an administrator adds subscribers with the
        /// RESTful API.
        ///
        /// All of them can be refused, or some by name while the others are subscribed. There are no own
        /// codes, and which error the caller sees is not documented.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/1047/60799)
        #[command("OfficialAccount.CallbackBeforeAddSubscriber")]
        async fn official_account_before_add_subscriber(&self, ctx: &Context, event: official_account::BeforeAddSubscriber) -> Result<SubscribeDecision>;

        /// Users were subscribed to an official account.
        ///
        /// Sent when a user has subscribed in a client, and when an administrator has added subscribers
        /// with the RESTful API.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/1047/60800)
        #[command("OfficialAccount.CallbackAfterAddSubscriber")]
        async fn official_account_after_add_subscriber(&self, ctx: &Context, event: official_account::AfterAddSubscriber) -> Result<()>;

        /// An official account has as many subscribers as it may have.
        ///
        /// Sent when the last place was taken, from a client or with the RESTful API.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/1047/60801)
        #[command("OfficialAccount.CallbackAfterOfficialAccountFull")]
        async fn official_account_after_official_account_full(&self, ctx: &Context, event: official_account::AfterOfficialAccountFull) -> Result<()>;

        /// Users were unsubscribed from an official account.
        ///
        /// Sent when a user has unsubscribed in a client, and when an administrator has removed
        /// subscribers with the RESTful API.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/1047/60802)
        #[command("OfficialAccount.CallbackAfterDeleteSubscriber")]
        async fn official_account_after_delete_subscriber(&self, ctx: &Context, event: official_account::AfterDeleteSubscriber) -> Result<()>;

        /// An official account is about to send a message to its subscribers.
        ///
        /// Sent when a user sends it from a client, and when an administrator does with the RESTful API.
        /// The service waits two seconds, which cannot be changed here, and then delivers the message,
        /// unless the console says otherwise.
        ///
        /// Refused with code 1 the caller sees error 10016, although own codes are those of one-to-one
        /// messages; an own code and its text reach the caller as they are. A discarded message looks sent
        /// to the caller. What replaces body or custom data is what the subscribers get.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/1047/60803)
        #[command("OfficialAccount.CallbackBeforeSendMsg")]
        async fn official_account_before_send_msg(&self, ctx: &Context, event: official_account::BeforeSendMsg) -> Result<MessageDecision<OfficialAccountCode>>;

        /// An official account has sent a message to its subscribers.
        ///
        /// Sent once it is delivered, whether a client or the RESTful API sent it.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/1047/60804)
        #[command("OfficialAccount.CallbackAfterSendMsg")]
        async fn official_account_after_send_msg(&self, ctx: &Context, event: official_account::AfterSendMsg) -> Result<()>;

        /// Messages of an official account were withdrawn.
        ///
        /// Sent when a user has withdrawn them in a client, and when an administrator has with the
        /// RESTful API.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/1047/60805)
        #[command("OfficialAccount.CallbackAfterMsgWithDraw")]
        async fn official_account_after_msg_with_draw(&self, ctx: &Context, event: official_account::AfterMsgWithDraw) -> Result<()>;

        /// A user's profile was changed.
        ///
        /// Sent when the user, or an administrator with the RESTful API, has changed it. It needs the
        /// subscription to profile changes to be switched on in the console.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/1047/48733)
        #[command("Profile.CallbackPortraitSet")]
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
        async fn push_all_member_push(&self, ctx: &Context, event: push::AllMemberPush) -> Result<()>;

        /// A meeting room was created or scheduled.
        ///
        /// Sent when a client or the RESTful API has done so; for a scheduled room that is when it is planned.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/647/60733)
        #[command("Room.CallbackAfterCreateRoom")]
        async fn room_after_create_room(&self, ctx: &Context, event: room::AfterCreateRoom) -> Result<()>;

        /// A meeting room's properties were changed.
        ///
        /// Sent when a client or the RESTful API has changed them.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/647/60731)
        #[command("Room.CallbackAfterUpdateRoomInfo")]
        async fn room_after_update_room_info(&self, ctx: &Context, event: room::AfterUpdateRoomInfo) -> Result<()>;

        /// A meeting room was closed.
        ///
        /// Sent when a client or the RESTful API has closed it; nothing says that it is sent for rooms that
        /// close by themselves.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/647/60732)
        #[command("Room.CallbackAfterDestroyRoom")]
        async fn room_after_destroy_room(&self, ctx: &Context, event: room::AfterDestroyRoom) -> Result<()>;

        /// Members have entered a meeting room.
        ///
        /// Sent when a client has entered; no other way in is documented.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/647/60735)
        #[command("Room.CallbackAfterMemberEnter")]
        async fn room_after_member_enter(&self, ctx: &Context, event: room::AfterMemberEnter) -> Result<()>;

        /// Members have left a meeting room.
        ///
        /// Sent when a client has left, was removed, or was lost because its heartbeat stopped.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/647/60734)
        #[command("Room.CallbackAfterMemberLeave")]
        async fn room_after_member_leave(&self, ctx: &Context, event: room::AfterMemberLeave) -> Result<()>;

        /// A user sends friend requests.
        ///
        /// Sent when a client asks, for one user or several at once. It is not sent for requests made
        /// with the RESTful API.
        ///
        /// Each of the users is decided for alone: a refusal has a code and a text of its own, and leaves
        /// the others alone. How the client sees them is not documented.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/1047/43468)
        #[command("Sns.CallbackPrevFriendAdd")]
        async fn sns_prev_friend_add(&self, ctx: &Context, event: sns::PrevFriendAdd) -> Result<FriendDecision>;

        /// A user answers friend requests.
        ///
        /// Sent when a client accepts or rejects one or several, before that takes effect. It is not sent
        /// for answers given with the RESTful API.
        ///
        /// Each of the answers is decided about alone: one that is refused, with a code and a text of its
        /// own, does not take effect, be it a yes or a no.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/1047/43467)
        #[command("Sns.CallbackPrevFriendResponse")]
        async fn sns_prev_friend_response(&self, ctx: &Context, event: sns::PrevFriendResponse) -> Result<FriendDecision>;

        /// Users became friends.
        ///
        /// Sent when a request of a client or of the RESTful API needed no consent, when one was accepted,
        /// and when an administrator has forced it. It is not sent for friends that are imported.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/1047/34359)
        #[command("Sns.CallbackFriendAdd")]
        async fn sns_friend_add(&self, ctx: &Context, event: sns::FriendAdd) -> Result<()>;

        /// Users were removed from the friends of others.
        ///
        /// Sent when a client or the RESTful API has removed them.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/1047/34360)
        #[command("Sns.CallbackFriendDelete")]
        async fn sns_friend_delete(&self, ctx: &Context, event: sns::FriendDelete) -> Result<()>;

        /// Users were put on the blocklists of others.
        ///
        /// Sent when a client or the RESTful API has put them there.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/1047/34361)
        #[command("Sns.CallbackBlackListAdd")]
        async fn sns_black_list_add(&self, ctx: &Context, event: sns::BlackListAdd) -> Result<()>;

        /// Users were taken off the blocklists of others.
        ///
        /// Sent when a client or the RESTful API has taken them off.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/1047/34362)
        #[command("Sns.CallbackBlackListDelete")]
        async fn sns_black_list_delete(&self, ctx: &Context, event: sns::BlackListDelete) -> Result<()>;

        /// A user came online or went offline, or changed the custom status.
        ///
        /// Sent when a client has logged in or connected again, has logged out, has lost its connection or
        /// has set a custom status, and when the RESTful API has ended the user's logins. Each device is
        /// told of by itself: that one goes does not mean that the user has gone. It needs status
        /// notification to be switched on in the console.
        ///
        /// A lost connection is reported when it is noticed, after up to 400 seconds for native clients and
        /// about 60 for web clients, and not at all when the client was back before that. A login that
        /// throws out other devices names them; SDKs before 5.6.1200 (native) and 2.14.0 (web) have a logout
        /// of each come instead.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/1047/34357)
        #[command("State.StateChange")]
        async fn state_state_change(&self, ctx: &Context, event: state::StateChange) -> Result<()>;
    }

    /// Called for every *after* callback whose method the handler does not implement: one place to store or forward them.
    ///
    /// It also gets the callbacks of later versions of this package, whose methods the handler cannot have yet. The body
    /// is [`Context::body`]: forward that and not an event, because an event has only the fields that this version knows.
    /// A callback that this version does not know is not passed here but to [`unknown`](Self::unknown). The default
    /// acknowledges.
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
    /// year and sends some that are not switched on. The default acknowledges. For a
    /// callback that asks for a decision this allows, and so does every `Ok(())` here. An error is answered as for an
    /// *after* callback.
    async fn unknown(&self, ctx: &Context) -> Result<()> {
        let _ = ctx;
        Ok(())
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
