//! The table: every callback is one row here, and the rows together are the trait that an app implements.

use crate::{
    Callback, Command, Context, Decision, DecodeError, Event, GiftCode, GroupCode, Identity, MessageDecision,
    OfficialAccountCode, Result, SubscribeDecision,
    answer::Answer,
    call, follow, group, live, mic, official_account, push, room,
    table::{callbacks, start},
};

callbacks! {
    ($)
    /// What an app does with the callbacks that it gets: one method each.
    ///
    /// Implement the methods of the callbacks that are switched on in the vendor's console. A method
    /// left at its default lets things go on as if there were no callback; that a callback came whose
    /// method is not implemented is told in the log.
    ///
    /// The app's own state is the fields of the type that implements this; the request's, which a
    /// middleware may have left, is in [`Context::extensions`]. A method may take until
    /// [`Context::time_left`] is used up; after that [`OnFailure`](crate::OnFailure) answers for it,
    /// and it runs on to its end. It does so too when the client hangs up.
    ///
    /// A method that blocks its thread blocks every callback that the thread serves, and no deadline
    /// can interrupt it: hand such work to `tokio::task::spawn_blocking`.
    ///
    /// The callbacks that this version does not know come to [`unknown`](Self::unknown), and a body
    /// that cannot be read to [`undecodable`](Self::undecodable).
    pub trait CallbackHandler {
        /// A call was placed.
        ///
        /// Comes once for every call of two or of a group, as soon as the service knows it. Calls that a
        /// client places with the methods `call` and `groupCall` of old do not come here. The URL for call
        /// callbacks is set with the RESTful API and may be one of its own.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/647/68941)
        #[command("Call.CallbackAfterStartCall")]
        async fn call_after_start_call(&self, ctx: &Context, event: call::AfterStartCall) -> Result<()>;

        /// Something has happened with members of a call.
        ///
        /// Comes when somebody answers, declines, lets it ring, hangs up, joins, is invited, is not invited
        /// any more, or is lost.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/647/69215)
        #[command("Call.CallbackAfterMemberChanged")]
        async fn call_after_member_changed(&self, ctx: &Context, event: call::AfterMemberChanged) -> Result<()>;

        /// A call is over.
        ///
        /// Comes when one or nobody is left in it, also when it was never answered.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/647/68940)
        #[command("Call.CallbackAfterEndCall")]
        async fn call_after_end_call(&self, ctx: &Context, event: call::AfterEndCall) -> Result<()>;

        /// The cloud recording of a call reports a step.
        ///
        /// Comes when the recording starts, when a file of it is handed to video on demand, and when it
        /// stops; other steps are known from live rooms.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/647/80345)
        #[command("Call.CallbackAfterRecordChanged")]
        async fn call_after_record_changed(&self, ctx: &Context, event: call::AfterRecordChanged) -> Result<()>;

        /// A user follows others.
        ///
        /// Comes when a user has followed somebody in a client, and when an administrator has made a user
        /// follow somebody with the RESTful API.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/1047/70355)
        #[command("Follow.CallbackAfterFollowAdd")]
        async fn follow_after_follow_add(&self, ctx: &Context, event: follow::AfterFollowAdd) -> Result<()>;

        /// A user does not follow others any more.
        ///
        /// Comes when a user has unfollowed somebody in a client, and when an administrator has made a user
        /// unfollow somebody with the RESTful API.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/1047/70356)
        #[command("Follow.CallbackAfterFollowDelete")]
        async fn follow_after_follow_delete(&self, ctx: &Context, event: follow::AfterFollowDelete) -> Result<()>;

        /// The cloud recording of a live room reports a step.
        ///
        /// Comes when the recording of a live room starts and stops, and at each step in between. The word
        /// is the page's; as it has nothing to do with following, `Live.CallbackAfterCloudRecordingChanged`
        /// comes here as well.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/647/78428)
        #[command("Follow.CallbackAfterCloudRecordingChanged")]
        async fn follow_after_cloud_recording_changed(&self, ctx: &Context, event: follow::AfterCloudRecordingChanged) -> Result<()>;

        /// A topic is about to be created in a community.
        ///
        /// Comes when a client or the RESTful API asks for a topic, before there is one; which community
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
        /// Comes when a client or the RESTful API has created one. It has no switch of its own in the
        /// console: it is on together with `Group.CallbackAfterCreateGroup`, and needs the topic feature.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/1047/49464)
        #[command("Group.CallbackAfterCreateTopic")]
        async fn group_after_create_topic(&self, ctx: &Context, event: group::AfterCreateTopic) -> Result<()>;

        /// Topics of a community were deleted.
        ///
        /// Comes when a client or the RESTful API has deleted one or several; nothing says that it comes
        /// for the topics of a community that is disbanded as a whole. It has no switch of its own in the
        /// console: it is on together with `Group.CallbackAfterGroupDestroyed`, and needs the topic feature.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/1047/49465)
        #[command("Group.CallbackAfterTopicDestroyed")]
        async fn group_after_topic_destroyed(&self, ctx: &Context, event: group::AfterTopicDestroyed) -> Result<()>;

        /// A group was disbanded.
        ///
        /// Comes when a client or the RESTful API has disbanded it, once it is gone.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/1047/34377)
        #[command("Group.CallbackAfterGroupDestroyed")]
        async fn group_after_group_destroyed(&self, ctx: &Context, event: group::AfterGroupDestroyed) -> Result<()>;

        /// A live room was created.
        ///
        /// Comes when a client or the RESTful API has created one. The URL for live callbacks is set with the
        /// RESTful API or in the console of the live product and may be one of its own, with its own token.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/1071/78183)
        #[command("Live.CallbackAfterCreateRoom")]
        async fn live_after_create_room(&self, ctx: &Context, event: live::AfterCreateRoom) -> Result<()>;

        /// A live room's properties were changed.
        ///
        /// Comes when a client or the RESTful API has changed them. Custom properties come to
        /// `Live.CallbackAfterSetMetadata`.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/1071/78185)
        #[command("Live.CallbackAfterUpdateRoomInfo")]
        async fn live_after_update_room_info(&self, ctx: &Context, event: live::AfterUpdateRoomInfo) -> Result<()>;

        /// A live room was closed.
        ///
        /// Comes when a client or the RESTful API has closed it, and when the service has because nobody was in
        /// it. No member is reported as offline for it.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/1071/78184)
        #[command("Live.CallbackAfterDestroyRoom")]
        async fn live_after_destroy_room(&self, ctx: &Context, event: live::AfterDestroyRoom) -> Result<()>;

        /// Custom properties of a live room were set.
        ///
        /// Comes when a client or the RESTful API has set one or several.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/1071/78186)
        #[command("Live.CallbackAfterSetMetadata")]
        async fn live_after_set_metadata(&self, ctx: &Context, event: live::AfterSetMetadata) -> Result<()>;

        /// Custom properties of a live room were deleted.
        ///
        /// Comes when a client or the RESTful API has deleted one or several. The page has the word of
        /// `Live.CallbackAfterSetMetadata` in the URL; the one in the body is right.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/647/68223)
        #[command("Live.CallbackAfterDelMetadata")]
        async fn live_after_del_metadata(&self, ctx: &Context, event: live::AfterDelMetadata) -> Result<()>;

        /// The app has 70 percent of the live rooms that it may have, or more.
        ///
        /// Comes when a client or the RESTful API has created a room; whether once or for every further room
        /// is not documented.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/647/70485)
        #[command("Live.CallbackAfterCreateRoomReachingThreshold")]
        async fn live_after_create_room_reaching_threshold(&self, ctx: &Context, event: live::AfterCreateRoomReachingThreshold) -> Result<()>;

        /// Members of a live room came or went.
        ///
        /// Comes when clients enter or leave, lose their heartbeat or get it back; no more once the room is
        /// closed, so that those who were in it then are not told. The page has
        /// `Live.CallbackMemberStateChanged` in the URL, which comes here as well.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/1071/78189)
        #[command("Live.CallbackAfterMemberStateChanged")]
        async fn live_after_member_state_changed(&self, ctx: &Context, event: live::AfterMemberStateChanged) -> Result<()>;

        /// A live room has another host.
        ///
        /// Comes when a client or the RESTful API has handed it over. The page has neither client address nor
        /// platform.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/647/72553)
        #[command("Live.CallbackAfterChangeOwner")]
        async fn live_after_change_owner(&self, ctx: &Context, event: live::AfterChangeOwner) -> Result<()>;

        /// Users were made administrators of a live room, or are no more.
        ///
        /// Comes when a client or the RESTful API has done so. The page has neither client address nor platform.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/1071/78191)
        #[command("Live.CallbackAfterModifyAdmin")]
        async fn live_after_modify_admin(&self, ctx: &Context, event: live::AfterModifyAdmin) -> Result<()>;

        /// A battle between live rooms was asked for.
        ///
        /// Comes when a client or the RESTful API has asked for it. It begins at once, or when the hosts who
        /// are invited have agreed; that comes to `Live.CallbackAfterStartBattle`.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/1071/78193)
        #[command("Live.CallbackAfterCreateBattle")]
        async fn live_after_create_battle(&self, ctx: &Context, event: live::AfterCreateBattle) -> Result<()>;

        /// A battle between live rooms has begun.
        ///
        /// Comes at once where nobody has to agree; else when all hosts who are invited have answered or run
        /// out of time, and at least one has agreed.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/1071/78194)
        #[command("Live.CallbackAfterStartBattle")]
        async fn live_after_start_battle(&self, ctx: &Context, event: live::AfterStartBattle) -> Result<()>;

        /// A battle between live rooms has ended.
        ///
        /// Comes when its time is up, when all hosts have left it, and when it never began because none of the
        /// invited agreed.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/647/68261)
        #[command("Live.CallbackAfterEndBattle")]
        async fn live_after_end_battle(&self, ctx: &Context, event: live::AfterEndBattle) -> Result<()>;

        /// A gift is about to be sent in a live room.
        ///
        /// Comes when a client sends one, so that the sender's balance can be looked at, and charged. There is
        /// nothing in it by which a request that came twice could be told from two gifts.
        ///
        /// Refused with code 1 it is not sent; an own code and its text reach the client as they are. Unlike
        /// elsewhere the gift is **not** sent when no answer comes in time, unless
        /// `Live.CallbackBeforeCallBackNotBlock` is switched on too.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/1071/78196)
        #[command("Live.CallbackBeforeSendGift")]
        async fn live_before_send_gift(&self, ctx: &Context, event: live::BeforeSendGift) -> Result<Decision<GiftCode>>;

        /// Seats of a meeting room or of a live room have changed.
        ///
        /// Comes in meeting rooms when somebody is put on a seat or taken off it, and when a seat is locked; in
        /// live rooms when a seat is muted, unmuted, locked or unlocked. Both products share the command.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/1071/78192)
        #[command("Mic.CallbackAfterSeatInfoChanged")]
        async fn mic_after_seat_info_changed(&self, ctx: &Context, event: mic::AfterSeatInfoChanged) -> Result<()>;

        /// An official account is about to be created.
        ///
        /// Comes when an administrator asks for one with the RESTful API, which is the only way to get one.
        ///
        /// Refused with code 1 the caller sees error 20006; an own code, which is in the range of
        /// one-to-one messages, and its text reach the caller as they are.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/1047/60795)
        #[command("OfficialAccount.CallbackBeforeCreateOfficialAccount")]
        async fn official_account_before_create_official_account(&self, ctx: &Context, event: official_account::BeforeCreateOfficialAccount) -> Result<Decision<OfficialAccountCode>>;

        /// An official account was created.
        ///
        /// Comes when an administrator has created one with the RESTful API. It is the first that names
        /// the account's id.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/1047/60796)
        #[command("OfficialAccount.CallbackAfterCreateOfficialAccount")]
        async fn official_account_after_create_official_account(&self, ctx: &Context, event: official_account::AfterCreateOfficialAccount) -> Result<()>;

        /// An official account's profile was changed.
        ///
        /// Comes when an administrator has changed it with the RESTful API. Whether it names only what is
        /// new is not documented.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/1047/60797)
        #[command("OfficialAccount.CallbackAfterOfficialAccountInfoChanged")]
        async fn official_account_after_official_account_info_changed(&self, ctx: &Context, event: official_account::AfterOfficialAccountInfoChanged) -> Result<()>;

        /// An official account was destroyed.
        ///
        /// Comes when an administrator has destroyed it with the RESTful API, once it is gone.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/1047/60798)
        #[command("OfficialAccount.CallbackAfterOfficialAccountDestroyed")]
        async fn official_account_after_official_account_destroyed(&self, ctx: &Context, event: official_account::AfterOfficialAccountDestroyed) -> Result<()>;

        /// Users are about to be subscribed to an official account.
        ///
        /// Comes when a user subscribes in a client, and when an administrator adds subscribers with the
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
        /// Comes when a user has subscribed in a client, and when an administrator has added subscribers
        /// with the RESTful API.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/1047/60800)
        #[command("OfficialAccount.CallbackAfterAddSubscriber")]
        async fn official_account_after_add_subscriber(&self, ctx: &Context, event: official_account::AfterAddSubscriber) -> Result<()>;

        /// An official account has as many subscribers as it may have.
        ///
        /// Comes when the last place was taken, from a client or with the RESTful API.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/1047/60801)
        #[command("OfficialAccount.CallbackAfterOfficialAccountFull")]
        async fn official_account_after_official_account_full(&self, ctx: &Context, event: official_account::AfterOfficialAccountFull) -> Result<()>;

        /// Users were unsubscribed from an official account.
        ///
        /// Comes when a user has unsubscribed in a client, and when an administrator has removed
        /// subscribers with the RESTful API.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/1047/60802)
        #[command("OfficialAccount.CallbackAfterDeleteSubscriber")]
        async fn official_account_after_delete_subscriber(&self, ctx: &Context, event: official_account::AfterDeleteSubscriber) -> Result<()>;

        /// An official account is about to send a message to its subscribers.
        ///
        /// Comes when a user sends it from a client, and when an administrator does with the RESTful API.
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
        /// Comes once it is delivered, whether a client or the RESTful API sent it.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/1047/60804)
        #[command("OfficialAccount.CallbackAfterSendMsg")]
        async fn official_account_after_send_msg(&self, ctx: &Context, event: official_account::AfterSendMsg) -> Result<()>;

        /// Messages of an official account were withdrawn.
        ///
        /// Comes when a user has withdrawn them in a client, and when an administrator has with the
        /// RESTful API.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/1047/60805)
        #[command("OfficialAccount.CallbackAfterMsgWithDraw")]
        async fn official_account_after_msg_with_draw(&self, ctx: &Context, event: official_account::AfterMsgWithDraw) -> Result<()>;

        /// Pushes of ordinary messages were sent, have arrived or were clicked.
        ///
        /// Comes for one-to-one and group messages that are pushed to a device, with up to 100 events at
        /// once; pushes to all users, by tag or to single users come to `Push.AllMemberPush`. It needs the
        /// push service, which can have a URL of its own, and neither client address nor platform are told.
        /// The service sends 1000 of these in a second and the rest later. Failed pushes are among them: look
        /// at the code of each event.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/1047/67552)
        #[command("Push.OfflinePush")]
        async fn push_offline_push(&self, ctx: &Context, event: push::OfflinePush) -> Result<()>;

        /// Pushes to all users, by tag or to single users were sent, have arrived or were clicked.
        ///
        /// Comes for the users that a push task goes to, with up to 100 events at once; pushes of ordinary
        /// messages come to `Push.OfflinePush`. It needs the push service, which can have a URL of its own, and
        /// neither client address nor platform are told. The service sends 1000 of these in a second and the
        /// rest later. Failed pushes are among them: look at the code of each event.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/1047/67551)
        #[command("Push.AllMemberPush")]
        async fn push_all_member_push(&self, ctx: &Context, event: push::AllMemberPush) -> Result<()>;

        /// A meeting room was created or scheduled.
        ///
        /// Comes when a client or the RESTful API has done so; for a scheduled room that is when it is planned.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/647/60733)
        #[command("Room.CallbackAfterCreateRoom")]
        async fn room_after_create_room(&self, ctx: &Context, event: room::AfterCreateRoom) -> Result<()>;

        /// A meeting room's properties were changed.
        ///
        /// Comes when a client or the RESTful API has changed them.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/647/60731)
        #[command("Room.CallbackAfterUpdateRoomInfo")]
        async fn room_after_update_room_info(&self, ctx: &Context, event: room::AfterUpdateRoomInfo) -> Result<()>;

        /// A meeting room was closed.
        ///
        /// Comes when a client or the RESTful API has closed it; nothing says that it comes for rooms that
        /// close by themselves.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/647/60732)
        #[command("Room.CallbackAfterDestroyRoom")]
        async fn room_after_destroy_room(&self, ctx: &Context, event: room::AfterDestroyRoom) -> Result<()>;

        /// Members have entered a meeting room.
        ///
        /// Comes when a client has entered; no other way in is documented.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/647/60735)
        #[command("Room.CallbackAfterMemberEnter")]
        async fn room_after_member_enter(&self, ctx: &Context, event: room::AfterMemberEnter) -> Result<()>;

        /// Members have left a meeting room.
        ///
        /// Comes when a client has left, was removed, or was lost because its heartbeat stopped.
        ///
        /// [Tencent's page](https://www.tencentcloud.com/document/product/647/60734)
        #[command("Room.CallbackAfterMemberLeave")]
        async fn room_after_member_leave(&self, ctx: &Context, event: room::AfterMemberLeave) -> Result<()>;
    }

    /// A callback came whose command this version does not know, or none at all.
    ///
    /// Its word is [`Context::command`], its body [`Context::body`]. The vendor adds several commands a
    /// year and sends some that nobody switched on. By default it is acknowledged, which for a
    /// callback that decides something lets it happen; so does every `Ok(())` here. An error is
    /// answered as for an *after* callback.
    async fn unknown(&self, ctx: &Context) -> Result<()> {
        let _ = ctx;
        Ok(())
    }

    /// A callback came whose command is known and whose body could not be read into its event.
    ///
    /// Fields that may be absent do not lead here: they are dropped and told by
    /// [`Context::dropped_fields`]. `error` says where the fault is; the body as it came is
    /// [`Context::body`]. By default, and with every error returned, the answer is HTTP status 400,
    /// which the service counts as a failed callback. `Ok(())` answers OK, which for a callback that
    /// decides something lets it happen.
    async fn undecodable(&self, ctx: &Context, error: DecodeError) -> Result<()> {
        let _ = ctx;
        Err(error.into())
    }
}
