use std::{io, sync::Arc, time::Duration};

use headless_chrome::protocol::cdp::{
    Browser as protocol, Inspector, Network, Page, Runtime, Target,
};
use platen_egress::{Budget, Egress, JobProxy};
use tokio_util::task::task_tracker::TaskTrackerToken;

use super::browser::{Browser, Waste};
use crate::{
    browser::LaunchError,
    cdp::{CallError, Events, Session, SessionEnd, SessionId, event},
};

/// Runs before the scripts of every document, in their world.
const OBSERVE: &str = include_str!("observe.js");

/// How long a page at rest may take to answer. It takes a millisecond.
const PULSE_PATIENCE: Duration = Duration::from_secs(2);

/// Window that pages are laid out in unless a job asks for another.
pub(super) const WINDOW: (u32, u32) = (1280, 800);

/// Why there is no page to work in.
#[derive(Debug, thiserror::Error)]
pub enum TabError {
    #[error("browser could not be started")]
    Launch(#[from] LaunchError),
    #[error("browser could not make a page")]
    Call(#[from] CallError),
    #[error("proxy of the job could not be opened")]
    Proxy(#[source] io::Error),
    #[error("renderer is shutting down")]
    ShuttingDown,
}

/// A browser context of its own behind a proxy of its own: no cookie, storage, cache or connection
/// is shared with another job. Thrown away when dropped.
#[derive(Debug)]
struct Context {
    browser: Arc<Browser>,
    id: String,
    proxy: Arc<JobProxy>,
    lease: TaskTrackerToken,
}

impl Context {
    async fn create(
        browser: Arc<Browser>,
        egress: &Egress,
        budget: Budget,
    ) -> Result<Self, TabError> {
        let lease = browser.lease();
        let proxy = egress.open_job(budget).await.map_err(TabError::Proxy)?;
        let created = browser
            .root()
            .call(Target::CreateBrowserContext {
                dispose_on_detach: Some(true),
                proxy_server: Some(format!("http://{}", proxy.addr())),
                // Chromium would send loopback and link-local addresses past the proxy.
                proxy_bypass_list: Some("<-loopback>".to_owned()),
                origins_with_universal_network_access: None,
            })
            .await?;
        Ok(Self {
            browser,
            id: created.browser_context_id,
            proxy: Arc::new(proxy),
            lease,
        })
    }
}

impl Drop for Context {
    fn drop(&mut self) {
        self.browser.discard(Waste {
            context_id: std::mem::take(&mut self.id),
            held: (self.proxy.clone(), self.lease.clone()),
            chore: self.browser.chore(),
        });
    }
}

/// The page of a job, in a context that is thrown away with it.
#[derive(Debug)]
pub(crate) struct Tab {
    pub session: Session,
    pub events: Events,
    /// Id of the target, which is also the id of its main frame.
    pub frame_id: String,
    session_id: SessionId,
    end: SessionEnd,
    /// Pages that the browser had lost to their memory before this job.
    evictions: u32,
    context: Context,
    /// Work and chore, there from the start of the job. After the context, which makes a chore of
    /// its own when it is dropped.
    working: Option<(TaskTrackerToken, TaskTrackerToken)>,
}

impl Tab {
    /// Makes a context and a page in it, and subscribes to what happens there. Run it to its end:
    /// dropped half-way it may leave a context behind.
    pub(crate) async fn open(
        browser: Arc<Browser>,
        egress: &Egress,
        budget: Budget,
    ) -> Result<Self, TabError> {
        let root = browser.root();
        let context = Context::create(browser, egress, budget).await?;
        let no_downloads = root.send(&protocol::SetDownloadBehavior {
            behavior: protocol::SetDownloadBehaviorBehaviorOption::Deny,
            browser_context_id: Some(context.id.clone()),
            download_path: None,
            events_enabled: Some(false),
        });
        let frame_id = root
            .call(Target::CreateTarget {
                url: "about:blank".to_owned(),
                left: None,
                top: None,
                width: Some(WINDOW.0),
                height: Some(WINDOW.1),
                window_state: None,
                browser_context_id: Some(context.id.clone()),
                enable_begin_frame_control: None,
                new_window: None,
                background: None,
                for_tab: None,
                hidden: None,
            })
            .await?
            .target_id;
        no_downloads.result().await?;
        let attached = root
            .call(Target::AttachToTarget {
                target_id: frame_id.clone(),
                flatten: Some(true),
            })
            .await?;
        let session_id = SessionId::from(attached.session_id.as_str());
        let (session, events) = root
            .connection()
            .open_session(&session_id, event::OF_A_PAGE);
        let end = root.connection().end_of_session(&session_id, &frame_id);
        let tab = Self {
            session,
            events,
            frame_id,
            session_id,
            end,
            evictions: 0,
            context,
            working: None,
        };
        tab.prepare().await?;
        tab.browser().guard_vitals().await;
        Ok(tab)
    }

    async fn prepare(&self) -> Result<(), CallError> {
        let session = &self.session;
        let page = session.send(&Page::Enable {
            enable_file_chooser_opened_event: None,
        });
        let lifecycle = session.send(&Page::SetLifecycleEventsEnabled { enabled: true });
        let network = session.send(&Network::Enable {
            // Bodies are not asked for, so none is kept.
            max_total_buffer_size: Some(0),
            max_resource_buffer_size: Some(0),
            max_post_data_size: Some(0),
            report_direct_socket_traffic: None,
            enable_durable_messages: None,
        });
        let inspector = session.send(&Inspector::Enable(None));
        let observe = session.send(&Page::AddScriptToEvaluateOnNewDocument {
            source: OBSERVE.to_owned(),
            world_name: None,
            include_command_line_api: None,
            run_immediately: None,
        });
        page.result().await?;
        lifecycle.result().await?;
        network.result().await?;
        inspector.result().await?;
        observe.result().await?;
        Ok(())
    }

    /// Whether nothing is known against giving it to a job.
    pub(super) fn is_fit(&self) -> bool {
        self.browser().is_fit() && !self.end.has_come()
    }

    /// Whether the page answers.
    pub(super) async fn answers(&self) -> bool {
        self.session
            .call_within(PULSE_PATIENCE, Runtime::GetIsolateId(None))
            .await
            .is_ok()
    }

    /// How the page ends.
    pub(super) fn end(&self) -> SessionEnd {
        self.end.clone()
    }

    pub(super) fn id(&self) -> &SessionId {
        &self.session_id
    }

    /// Whether the page's process was killed, and not because of what the page did. `is_silent` when
    /// it is known not to answer.
    pub(crate) async fn was_killed_from_outside(&self, is_silent: bool) -> bool {
        // The consequences for what the page was loading are told first, a moment before the cause.
        if is_silent || !self.answers().await {
            let root = self.browser().root();
            let ping = protocol::GetVersion(None);
            // Only to have read what was said before.
            drop(root.call_within(PULSE_PATIENCE, ping).await);
        }
        self.end.was_from_outside() && self.browser().evictions() == self.evictions
    }

    /// Marks the tab as in use. Returns how many jobs its browser has had with this one.
    pub(crate) fn start_job(&mut self) -> u32 {
        self.evictions = self.browser().evictions();
        self.working = Some((self.browser().work(), self.browser().chore()));
        self.browser().count_job()
    }

    /// Stops reading events: the page is printed, and what it does now is of no interest.
    pub(crate) fn mute(&self) {
        self.session.connection().mute_session(&self.session_id);
    }

    pub(crate) fn browser(&self) -> &Arc<Browser> {
        &self.context.browser
    }

    /// The job's way out.
    pub(crate) fn proxy_handle(&self) -> Arc<JobProxy> {
        self.context.proxy.clone()
    }
}

impl Drop for Tab {
    fn drop(&mut self) {
        self.session.connection().close_session(&self.session_id);
    }
}
