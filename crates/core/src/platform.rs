//! The platforms of clients.

use crate::wire::enums::string_enum;

string_enum! {
    /// The platform of the client that caused a callback.
    ///
    /// The vendor's spellings of one platform differ between pages and callbacks. They are one value here. The text as
    /// it was sent is [`Context::platform_text`](crate::Context::platform_text).
    #[doc(alias = "OptPlatform")]
    pub enum Platform {
        /// The RESTful API: an administrator, usually the app's own backend.
        RestApi = "RESTAPI",
        /// The web SDK.
        Web = "Web",
        /// Android.
        Android = "Android",
        /// iPhone; `IOS` in `State.StateChange`.
        Ios = "iOS",
        /// Windows.
        Windows = "Windows",
        /// A Mac; `Mac` on the Chinese page, `macOS` on the English one.
        Mac = "Mac" | "macOS",
        /// iPad.
        Ipad = "iPad",
        /// Linux.
        Linux = "Linux",
        /// A device that the service did not recognise.
        Unknown = "Unknown" | "Unkown",
    }
}
