//! What the recording service says, read by the type of its event.

use serde_json::{Value, json};
use tencent_im_callback::{
    UnixMillis, call, follow,
    recording::{Details, EventType, LeaveCode, MediaId, Mp4Status, Status, TrackType, UploadLeaveCode, VodStatus},
};

fn live(event_type: i64, payload: &Value) -> follow::AfterCloudRecordingChanged {
    serde_json::from_value(json!({
        "CallbackCommand": "Follow.CallbackAfterCloudRecordingChanged",
        "EventGroupId": 3, "EventType": event_type, "CallbackTs": 1_751_887_905_660_u64,
        "EventInfo": {
            "RoomId": 8842, "EventTs": "1751887905", "EventMsTs": 1_751_887_905_651_u64, "UserId": "recorder",
            "TaskId": "-kQw", "Payload": payload,
        },
    }))
    .unwrap()
}

fn details(event_type: i64, payload: &Value) -> Option<Details> {
    live(event_type, payload).details()
}

#[test]
fn what_a_payload_says_depends_on_the_event() {
    let status = json!({ "Status": 1 });
    assert!(matches!(details(301, &status), Some(Details::Started(it)) if it.status == Some(Status::Failed)));
    assert!(matches!(details(303, &status), Some(Details::UploadStarted(it)) if it.status == Some(Status::Failed)));
    assert!(
        matches!(details(306, &json!({ "Status": 0 })), Some(Details::Migrated(it)) if it.status == Some(Status::Ok))
    );
    assert!(matches!(details(312, &status), Some(Details::VodStopped(it)) if it.status == Some(Status::Failed)));

    let code = json!({ "LeaveCode": 2 });
    assert!(matches!(details(302, &code), Some(Details::Left(it)) if it.leave_code == Some(LeaveCode::RoomClosed)));
    assert!(
        matches!(details(305, &code), Some(Details::UploadEnded(it)) if it.leave_code == Some(UploadLeaveCode::Recovered))
    );

    let url = json!({ "Url": "https://img.example.net/1.png" });
    assert!(matches!(details(309, &url), Some(Details::PictureFailed(it)) if it.url.is_some()));
}

#[test]
fn a_list_of_files_is_one_name_or_several() {
    assert!(
        matches!(details(304, &json!({ "FileList": "a.m3u8" })), Some(Details::IndexMade(it)) if it.file_list.as_deref() == Some("a.m3u8"))
    );
    let payload = json!({
        "Status": 2,
        "FileList": ["a.mp4", "b.mp4"],
        "FileMessage": [{
            "FileName": "a.mp4", "UserId": "", "TrackType": "audio", "MediaId": "aux",
            "StartTimeStamp": 1, "EndTimeStamp": 2,
        }],
    });
    let Some(Details::Mp4Stopped(stopped)) = details(310, &payload) else { panic!() };
    assert_eq!(stopped.status, Some(Mp4Status::Abnormal));
    assert_eq!(stopped.file_list.unwrap(), ["a.mp4", "b.mp4"]);
    let file = &stopped.file_message.unwrap()[0];
    assert_eq!((&file.track_type, &file.media_id), (&Some(TrackType::Audio), &Some(MediaId::Aux)));
    assert_eq!(file.end_time_stamp, Some(UnixMillis::new(2)));
}

#[test]
fn the_time_of_the_first_slice_comes_in_quotes() {
    let payload = json!({
        "FileName": "a.m3u8", "UserId": "host_77", "TrackType": "video", "BeginTimeStamp": "1751887905651",
    });
    let Some(Details::FirstSlice(slice)) = details(307, &payload) else { panic!() };
    assert_eq!(slice.begin_time_stamp, Some(UnixMillis::new(1_751_887_905_651)));
}

#[test]
fn a_file_that_was_not_uploaded_has_no_address() {
    let sample =
        include_str!("../../testkit/samples/requests/Follow.CallbackAfterCloudRecordingChanged.vod-failed.json");
    let event: follow::AfterCloudRecordingChanged = serde_json::from_str(sample).unwrap();
    let Some(Details::VodCommit(commit)) = event.details() else { panic!() };
    assert_eq!(commit.status, Some(VodStatus::Left));
    assert_eq!(commit.errmsg.as_deref(), Some("upload timed out"));
    let file = commit.tencent_vod.unwrap();
    assert_eq!((file.video_url, file.file_id), (None, None));
    assert_eq!(file.cache_file.as_deref(), Some("live_8842_mix.mp4"));
}

#[test]
fn calls_carry_the_same_one_level_deeper() {
    let sample = include_str!("../../testkit/samples/requests/Call.CallbackAfterRecordChanged.vod-commit.json");
    let event: call::AfterRecordChanged = serde_json::from_str(sample).unwrap();
    assert_eq!(event.callback.as_ref().unwrap().event_type, Some(EventType::VodCommit));
    let Some(Details::VodCommit(commit)) = event.details() else { panic!() };
    assert_eq!(commit.tencent_vod.unwrap().media_id, Some(MediaId::Mix));
}

#[test]
fn an_unknown_payload_is_kept_as_it_was_sent() {
    for (event_type, payload) in
        [(399, json!({ "Z": 1.50, "A": null })), (301, json!("gone")), (301, json!({ "Status": {} }))]
    {
        let event = live(event_type, &payload);
        assert_eq!(event.details(), None);
        assert_eq!(event.event_info.payload.as_ref().unwrap().as_str(), payload.to_string());
        assert_eq!(serde_json::to_value(&event).unwrap()["EventInfo"]["Payload"], payload);
    }
    assert_eq!(live(301, &Value::Null).event_info.payload, None);
}

#[test]
fn two_files_of_one_moment_are_two_events() {
    let file = |name: &str| live(311, &json!({ "Status": 0, "TencentVod": { "CacheFile": name } })).identity().unwrap();
    assert_eq!(file("a.mp4"), file("a.mp4"));
    assert_ne!(file("a.mp4"), file("b.mp4"));
    assert_eq!(file("a.mp4").as_str(), "Follow.CallbackAfterCloudRecordingChanged|-kQw|311|1751887905651|a.mp4");
}
