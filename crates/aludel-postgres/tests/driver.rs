//! The client against a real server, against tokio-postgres, and against servers that mean harm.

mod driver {
    pub mod support;
    pub mod wire;

    mod batches;
    mod errors;
    mod hostile;
    mod hosts;
    mod oracle;
    mod pooler;
    mod startup;
    mod statements;
    mod streams;
    mod tls;
    mod values;
}
