//! Opening a connection, and stopping the statement of one.

use super::*;

/// Opens a connection as the options say, and returns how it was opened.
pub(super) async fn reach(options: &Options) -> Result<(Conn, Opts)> {
    let wire = options.secured.get_or_try_init(|| tls::secured(&options.wire, &options.tls)).await?.clone();
    match Conn::new(wire.clone()).await {
        Ok(conn) => Ok((conn, wire)),
        // Nothing was sent yet, and nobody reads along on this machine.
        Err(mysql_async::Error::Driver(DriverError::NoClientSslFlagFromServer))
            if options.tls.local && options.tls.mode == Mode::Preferred =>
        {
            let conn = Conn::new(options.wire.clone()).await.map_err(errors::from_driver)?;
            Ok((conn, options.wire.clone()))
        }
        // The authority has signed for another name, which is as good: asked for by that name, all is verified again.
        Err(error) if options.tls.mode == Mode::VerifyCa => {
            let Some(name) = tls::other_name(&error) else { return Err(not_reached(error)) };
            let wire = tls::named(wire, name);
            let conn = Conn::new(wire.clone()).await.map_err(not_reached)?;
            Ok((conn, wire))
        }
        Err(error) => Err(not_reached(error)),
    }
}

fn not_reached(error: mysql_async::Error) -> Error {
    tls::explain(&error).unwrap_or_else(|| errors::from_driver(error))
}

/// Ends a statement or a connection by way of another connection. Whether it worked shows there.
pub(super) async fn kill(wire: Opts, timeout: Duration, sql: String) {
    let killing = async {
        let mut conn = Conn::new(wire).await?;
        conn.query_drop(sql).await?;
        conn.disconnect().await
    };
    let _: Result<mysql_async::Result<()>, _> = tokio::time::timeout(timeout, killing).await;
}
