//! The driver, against a real server.

mod driver {
    mod batches;
    mod cancellation;
    mod connecting;
    mod errors;
    mod support;
    mod tls;
    mod values;
}
