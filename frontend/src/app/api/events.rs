use std::rc::Rc;

use platen_api_types::FileEvent;
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use web_sys::{EventSource, MessageEvent};

use super::json;

/// What the stream of server-sent events tells.
pub enum StreamEvent {
    Opened,
    File(Box<FileEvent>),
    /// The connection broke; the browser is already trying again.
    Interrupted,
    /// The server refused; nothing comes any more.
    Closed,
}

type Listener = Closure<dyn FnMut(MessageEvent)>;

/// The open stream. Dropping it closes the connection.
pub struct EventStream {
    source: EventSource,
    listeners: [(&'static str, Listener); 3],
}

impl EventStream {
    pub fn open(tell: impl Fn(StreamEvent) + 'static) -> Result<Self, JsValue> {
        let source = EventSource::new("/api/v1/events")?;
        let tell = Rc::new(tell);

        let opened = listener({
            let tell = Rc::clone(&tell);
            move |_| tell(StreamEvent::Opened)
        });
        let file = listener({
            let tell = Rc::clone(&tell);
            move |event| {
                // An event this version cannot read is left to the next refresh.
                let data = event.data().as_string();
                if let Some(file) = data.and_then(|data| json::from_str(&data).ok()) {
                    tell(StreamEvent::File(file));
                }
            }
        });
        let failed = listener({
            let source = source.clone();
            move |_| {
                tell(if source.ready_state() == EventSource::CLOSED {
                    StreamEvent::Closed
                } else {
                    StreamEvent::Interrupted
                });
            }
        });

        let listeners = [("open", opened), ("file", file), ("error", failed)];
        for (name, listener) in &listeners {
            source.add_event_listener_with_callback(name, listener.as_ref().unchecked_ref())?;
        }
        Ok(Self { source, listeners })
    }

    pub fn is_open(&self) -> bool {
        self.source.ready_state() == EventSource::OPEN
    }
}

impl Drop for EventStream {
    fn drop(&mut self) {
        for (name, listener) in &self.listeners {
            // A listener that is not there needs no removing.
            let _ = self
                .source
                .remove_event_listener_with_callback(name, listener.as_ref().unchecked_ref());
        }
        self.source.close();
    }
}

fn listener(on: impl Fn(MessageEvent) + 'static) -> Listener {
    Closure::new(on)
}
