use leptos::prelude::*;

use super::Location;
use crate::logic::Parameters;

/// A screen and the paths it has, such as `/file/:id`.
#[derive(Clone, Copy)]
pub struct Route {
    pub path: &'static str,
    pub view: fn() -> AnyView,
}

/// What the address says to the screen that is shown.
#[derive(Clone, Copy)]
struct Asked {
    params: Memo<Parameters>,
    query: Memo<Parameters>,
}

/// Shows the screen of the first route that the path matches, and `fallback` when there is none. A
/// screen stays while only its parameters change.
pub fn outlet(routes: &'static [Route], fallback: fn() -> AnyView) -> impl IntoView {
    let location = expect_context::<Location>();
    let matching = move || {
        let path = location.pathname();
        routes
            .iter()
            .enumerate()
            .find_map(|(at, route)| Some((at, Parameters::of_path(route.path, &path)?)))
    };
    let current = Memo::new(move |_| matching().map(|(at, _)| at));
    move || {
        let Some(here) = current.get() else {
            return fallback();
        };
        // A screen that is about to go must not act on the address of the next one.
        let kept = move |read: fn(Location, Parameters) -> Parameters| {
            Memo::new(move |last: Option<&Parameters>| match matching() {
                Some((at, params)) if at == here => read(location, params),
                _ => last.cloned().unwrap_or_default(),
            })
        };
        provide_context(Asked {
            params: kept(|_, params| params),
            query: kept(|location, _| Parameters::of_query(&location.search())),
        });
        (routes[here].view)()
    }
}

/// The parameters in the path of the screen that is shown.
pub fn use_params_map() -> Memo<Parameters> {
    expect_context::<Asked>().params
}

/// The query of the screen that is shown.
pub fn use_query_map() -> Memo<Parameters> {
    expect_context::<Asked>().query
}
