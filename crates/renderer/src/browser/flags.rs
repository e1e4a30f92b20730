use std::{ffi::OsString, path::Path};

/// Address of no listener: what is not in a job's own context reaches nothing. Port 9 (discard)
/// is reserved, so nothing else will turn up there.
const NO_PROXY: &str = "http://127.0.0.1:9";

/// Features to turn off. Chromium heeds only the last `--disable-features`, so there is one list.
const DISABLED_FEATURES: [&str; 14] = [
    // Talk to servers of their own.
    "AutofillServerCommunication",
    "CertificateTransparencyComponentUpdater",
    "DialMediaRouteProvider",
    "InterestFeedContentSuggestions",
    "MediaRouter",
    "NetworkTimeServiceQuerying",
    "OptimizationHints",
    "SegmentationPlatform",
    "Translate",
    // Joins a multicast group on every interface: packets of the browser's own.
    "WebRtcHideLocalIpsWithMdns",
    // Would keep or make pages that no one prints.
    "BackForwardCache",
    "Prerender2",
    // Wait for a user who is not there.
    "HttpsUpgrades",
    "PaintHolding",
];

/// Features to turn on.
const ENABLED_FEATURES: [&str; 2] = [
    // Cookies that a caller gives for one origin reach no other on the same host.
    "EnablePortBoundCookies",
    "EnableSchemeBoundCookies",
];

/// Flags that never vary.
const FIXED: [&str; 44] = [
    "--headless",
    "--remote-debugging-pipe",
    "--no-first-run",
    "--no-default-browser-check",
    "--no-service-autorun",
    // The network: through the job's proxy or not at all.
    "--proxy-bypass-list=<-loopback>",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    "--disable-quic",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--dns-prefetch-disable",
    "--no-pings",
    // No errands of the browser's own.
    "--disable-background-networking",
    "--disable-breakpad",
    "--disable-client-side-phishing-detection",
    "--disable-component-extensions-with-background-pages",
    "--disable-component-update",
    "--disable-crash-reporter",
    "--disable-default-apps",
    "--disable-domain-reliability",
    "--disable-extensions",
    "--disable-field-trial-config",
    "--disable-search-engine-choice-screen",
    "--disable-sync",
    "--metrics-recording-only",
    "--password-store=basic",
    "--use-mock-keychain",
    // Nothing to click on, nobody to ask.
    "--block-new-web-contents",
    "--deny-permission-prompts",
    "--disable-notifications",
    "--disable-print-preview",
    "--disable-prompt-on-repost",
    "--noerrdialogs",
    "--mute-audio",
    // Every page is in front: timers and frames run at full speed.
    "--disable-background-timer-throttling",
    "--disable-backgrounding-occluded-windows",
    "--disable-hang-monitor",
    "--disable-renderer-backgrounding",
    // The same paper everywhere.
    "--font-render-hinting=none",
    "--force-color-profile=srgb",
    "--hide-scrollbars",
    "--lang=en-US",
    "--window-size=1280,800",
    "--disable-gpu",
];

/// What differs between browsers.
#[derive(Debug)]
pub(super) struct Variable<'a> {
    pub profile: &'a Path,
    pub sandbox: bool,
    /// `/dev/shm` is missing or as small as container engines make it.
    pub little_shared_memory: bool,
    /// MiB of JavaScript heap per page.
    pub heap_mib: u32,
}

pub(super) fn arguments(variable: &Variable<'_>) -> Vec<OsString> {
    let mut arguments: Vec<OsString> = FIXED.iter().map(OsString::from).collect();
    arguments.push(format!("--proxy-server={NO_PROXY}").into());
    arguments.push(format!("--disable-features={}", DISABLED_FEATURES.join(",")).into());
    arguments.push(format!("--enable-features={}", ENABLED_FEATURES.join(",")).into());
    arguments.push(format!("--js-flags=--max-old-space-size={}", variable.heap_mib).into());
    let mut profile = OsString::from("--user-data-dir=");
    profile.push(variable.profile);
    arguments.push(profile);
    if !variable.sandbox {
        arguments.push("--no-sandbox".into());
    }
    if variable.little_shared_memory {
        arguments.push("--disable-dev-shm-usage".into());
    }
    arguments
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    fn named(sandbox: bool) -> Vec<String> {
        arguments(&Variable {
            profile: Path::new("/p"),
            sandbox,
            little_shared_memory: false,
            heap_mib: 512,
        })
        .into_iter()
        .map(|argument| argument.into_string().unwrap())
        .collect()
    }

    #[test]
    fn no_flag_is_given_twice_for_the_last_would_win() {
        let arguments = named(true);
        let names: Vec<&str> = arguments
            .iter()
            .map(|argument| {
                argument
                    .split_once('=')
                    .map_or(argument.as_str(), |(name, _)| name)
            })
            .collect();
        let unique: HashSet<&&str> = names.iter().collect();
        assert_eq!(unique.len(), names.len(), "{names:?}");
    }

    #[test]
    fn the_sandbox_is_on_unless_told_otherwise() {
        assert!(!named(true).contains(&"--no-sandbox".to_owned()));
        assert!(named(false).contains(&"--no-sandbox".to_owned()));
    }
}
