use headless_chrome::protocol::cdp::Emulation;
use platen_api_types::{ColorScheme, Media, PdfOptions, Viewport};

use crate::cdp::{CallError, Session};

/// Makes the page see the window, medium, language and so on that the options ask for. What they
/// leave as usual costs nothing: tabs are made that way.
pub(super) async fn emulate(
    session: &Session,
    options: &PdfOptions,
    user_agent: &str,
) -> Result<(), CallError> {
    let usual = PdfOptions::default();
    let no_scripts = (!options.javascript)
        .then(|| session.send(&Emulation::SetScriptExecutionDisabled { value: true }));
    let window =
        (options.viewport != usual.viewport).then(|| session.send(&metrics(options.viewport)));
    let media = (options.media != usual.media || options.color_scheme != usual.color_scheme)
        .then(|| session.send(&media(options)));
    let agent = (options.user_agent.is_some() || options.locale.is_some()).then(|| {
        session.send(&Emulation::SetUserAgentOverride {
            user_agent: options
                .user_agent
                .clone()
                .unwrap_or_else(|| user_agent.to_owned()),
            accept_language: options.locale.clone(),
            platform: None,
            user_agent_metadata: None,
        })
    });
    let locale = options.locale.as_ref().map(|locale| {
        session.send(&Emulation::SetLocaleOverride {
            // ICU's spelling.
            locale: Some(locale.replace('-', "_")),
        })
    });
    let zone = options.timezone.as_ref().map(|zone| {
        session.send(&Emulation::SetTimezoneOverride {
            timezone_id: zone.clone(),
        })
    });

    if let Some(reply) = no_scripts {
        reply.result().await?;
    }
    if let Some(reply) = window {
        reply.result().await?;
    }
    if let Some(reply) = media {
        reply.result().await?;
    }
    if let Some(reply) = agent {
        reply.result().await?;
    }
    if let Some(reply) = locale {
        reply.result().await?;
    }
    if let Some(reply) = zone {
        reply.result().await?;
    }
    Ok(())
}

pub(super) fn metrics(viewport: Viewport) -> Emulation::SetDeviceMetricsOverride {
    Emulation::SetDeviceMetricsOverride {
        width: viewport.width,
        height: viewport.height,
        device_scale_factor: 1.0,
        mobile: false,
        scale: None,
        screen_width: None,
        screen_height: None,
        position_x: None,
        position_y: None,
        dont_set_visible_size: None,
        screen_orientation: None,
        viewport: None,
        display_feature: None,
        device_posture: None,
    }
}

fn media(options: &PdfOptions) -> Emulation::SetEmulatedMedia {
    match options.media {
        // Printing means the medium "print" by itself, at the moment of printing.
        Media::Print => emulated(None, options),
        Media::Screen => emulated(Some("screen"), options),
    }
}

/// The medium that the page is printed for, ahead of time.
pub(super) fn paper(options: &PdfOptions) -> Emulation::SetEmulatedMedia {
    match options.media {
        Media::Print => emulated(Some("print"), options),
        Media::Screen => emulated(Some("screen"), options),
    }
}

fn emulated(medium: Option<&str>, options: &PdfOptions) -> Emulation::SetEmulatedMedia {
    Emulation::SetEmulatedMedia {
        media: medium.map(str::to_owned),
        features: Some(vec![Emulation::MediaFeature {
            name: "prefers-color-scheme".to_owned(),
            value: match options.color_scheme {
                ColorScheme::Light => "light".to_owned(),
                ColorScheme::Dark => "dark".to_owned(),
            },
        }]),
    }
}
