//! What went wrong at AWS, in the words of the ports: try again, or do not.

use std::error::Error as StdError;

use aws_sdk_dynamodb::{
    config::http::HttpResponse,
    error::{ProvideErrorMetadata, SdkError},
};
use platen_pipeline::{IndexError, QueueError, StoreError};

/// Codes that pass although their HTTP status is a plain 400. The SDK knows the first group as
/// throttling; the second says that another transaction holds the item, that the body did not
/// arrive in time, or that a role's credentials ended while the request was under way.
const PASSING: [&str; 17] = [
    "Throttling",
    "ThrottlingException",
    "ThrottledException",
    "RequestThrottled",
    "RequestThrottledException",
    "RequestLimitExceeded",
    "ProvisionedThroughputExceededException",
    "BandwidthLimitExceeded",
    "KmsThrottled",
    "OverLimit",
    "SlowDown",
    "TransactionConflictException",
    "TransactionInProgressException",
    "RequestTimeout",
    "ExpiredToken",
    "ExpiredTokenException",
    "OperationAborted",
];

/// Sorts a call's error into the two kinds a port knows. The source tells the rest.
pub(crate) trait FromSdk {
    fn from_sdk<E>(error: SdkError<E>) -> Self
    where
        E: StdError + ProvideErrorMetadata + Send + Sync + 'static;
}

macro_rules! from_sdk {
    ($($error:ident)*) => {$(
        impl FromSdk for $error {
            fn from_sdk<E>(error: SdkError<E>) -> Self
            where
                E: StdError + ProvideErrorMetadata + Send + Sync + 'static,
            {
                if is_passing(&error) {
                    Self::Unavailable(error.into())
                } else {
                    Self::Failed(error.into())
                }
            }
        }
    )*};
}

from_sdk!(IndexError QueueError StoreError);

/// Whether the same call may succeed later: throttled, timed out, unreachable, or a fault on
/// their side. What is denied, missing or malformed stays so.
fn is_passing<E: ProvideErrorMetadata>(error: &SdkError<E, HttpResponse>) -> bool {
    match error {
        // An answer that cannot be read was cut off, or came from a balancer in between.
        SdkError::TimeoutError(_) | SdkError::ResponseError(_) => true,
        // `is_user` is the SDK's word for a request that could not be sent whoever is asked.
        SdkError::DispatchFailure(failure) => !failure.is_user(),
        SdkError::ServiceError(service) => {
            let status = service.raw().status().as_u16();
            status == 429
                || status >= 500
                || service
                    .err()
                    .code()
                    .is_some_and(|code| PASSING.contains(&code))
        }
        // The request could not be made: no credentials, a parameter missing.
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_dynamodb::error::{ConnectorError, ErrorMetadata};
    use aws_smithy_types::body::SdkBody;

    use super::*;

    #[derive(Debug)]
    struct Coded(ErrorMetadata);

    impl ProvideErrorMetadata for Coded {
        fn meta(&self) -> &ErrorMetadata {
            &self.0
        }
    }

    fn answered(status: u16, code: &str) -> SdkError<Coded> {
        SdkError::service_error(
            Coded(ErrorMetadata::builder().code(code).build()),
            HttpResponse::new(status.try_into().unwrap(), SdkBody::empty()),
        )
    }

    #[test]
    fn tells_what_passes_from_what_stays() {
        for (status, code, passing) in [
            (400, "ProvisionedThroughputExceededException", true),
            (400, "TransactionConflictException", true),
            (400, "RequestTimeout", true),
            (429, "anything", true),
            (503, "SlowDown", true),
            (500, "InternalServerError", true),
            (400, "ValidationException", false),
            (400, "ResourceNotFoundException", false),
            (400, "AWS.SimpleQueueService.NonExistentQueue", false),
            (403, "AccessDenied", false),
            (403, "SignatureDoesNotMatch", false),
            (404, "NoSuchBucket", false),
        ] {
            assert_eq!(is_passing(&answered(status, code)), passing, "{code}");
        }
    }

    #[test]
    fn a_peer_out_of_reach_may_come_back() {
        let refused = ConnectorError::io("connection refused".into());
        assert!(is_passing(&SdkError::<Coded>::dispatch_failure(refused)));
        assert!(is_passing(&SdkError::<Coded>::timeout_error("slow")));
        let malformed = ConnectorError::user("not a url".into());
        assert!(!is_passing(&SdkError::<Coded>::dispatch_failure(malformed)));
        assert!(!is_passing(&SdkError::<Coded>::construction_failure(
            "no credentials"
        )));
    }
}
