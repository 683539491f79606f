//! What a service reads the time from.

use std::fmt;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

/// A clock: milliseconds since 1970 (UTC). The machine's by default; whoever embeds the service may give it another, as a
/// simulation or a test does.
///
/// It may jump and go back. The service never does: it goes on with the largest instant that it has used.
///
/// ```
/// use portcullis_host::service::{Clock, ServiceOptions};
///
/// let options = ServiceOptions { clock: Clock::new(|| 1_700_000_000_000), ..ServiceOptions::default() };
/// assert_eq!(options.clock.now_ms(), 1_700_000_000_000);
/// assert!(Clock::default().now_ms() > 1_700_000_000_000);
/// ```
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> i64 + Send + Sync>);

impl Clock {
    /// A clock that shows what the function returns.
    #[must_use]
    pub fn new(now_ms: impl Fn() -> i64 + Send + Sync + 'static) -> Self {
        Self(Arc::new(now_ms))
    }

    /// What it shows.
    #[must_use]
    pub fn now_ms(&self) -> i64 {
        (self.0)()
    }
}

impl Default for Clock {
    /// The machine's; one that shows a time before 1970 counts as showing that year's beginning.
    fn default() -> Self {
        Self::new(|| {
            let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
            i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
        })
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Clock")
    }
}
