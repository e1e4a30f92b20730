//! Looking names up, without remembering the answers.

use std::net::IpAddr;
use std::time::Duration;

use futures::future::BoxFuture;
use hickory_resolver::config::LookupIpStrategy;
use hickory_resolver::net::NetError;
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::{ResolverBuilder, TokioResolver};

/// Turns a name into addresses. Called exactly once per connection.
pub trait Resolve: Send + Sync + 'static {
    /// All addresses of `name`, IPv4 and IPv6, in the order to try them. A trailing dot marks a
    /// name that must not be completed by a search list.
    fn resolve<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<Vec<IpAddr>, ResolveError>>;
}

/// A name that could not be resolved.
#[derive(Debug, thiserror::Error)]
pub enum ResolveError {
    #[error("the name has no address")]
    NoAddress,
    #[error("the look-up failed")]
    Failed(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// The resolver could not be set up from the machine's configuration.
#[derive(Debug, thiserror::Error)]
#[error("the system's resolver configuration cannot be used")]
pub struct ResolverSetupError(#[source] NetError);

/// Resolves over DNS as the machine is configured (`resolv.conf`, `hosts`), by asynchronous
/// queries and not by a pool of threads in `getaddrinfo`, which a page full of unresolvable names
/// would exhaust for every job.
///
/// Nothing is cached: a look-up is vetted and used for one connection, then forgotten.
#[derive(Clone)]
pub struct SystemResolver(TokioResolver);

impl SystemResolver {
    /// Reads the machine's configuration.
    pub fn from_system() -> Result<Self, ResolverSetupError> {
        TokioResolver::builder_tokio()
            .map_err(ResolverSetupError)
            .and_then(Self::build)
    }

    fn build(
        mut builder: ResolverBuilder<TokioRuntimeProvider>,
    ) -> Result<Self, ResolverSetupError> {
        let options = builder.options_mut();
        options.cache_size = 0;
        options.ip_strategy = LookupIpStrategy::Ipv4AndIpv6;
        // One try and one more, both within the time a connection may take to be made.
        options.timeout = options.timeout.min(Duration::from_secs(3));
        options.attempts = options.attempts.min(1);
        builder.build().map(Self).map_err(ResolverSetupError)
    }
}

impl Resolve for SystemResolver {
    fn resolve<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<Vec<IpAddr>, ResolveError>> {
        Box::pin(async move {
            match self.0.lookup_ip(name).await {
                Ok(found) => Ok(found.iter().collect()),
                Err(error) if error.is_no_records_found() => Err(ResolveError::NoAddress),
                Err(error) => Err(ResolveError::Failed(error.into())),
            }
        })
    }
}

#[cfg(test)]
mod tests;
