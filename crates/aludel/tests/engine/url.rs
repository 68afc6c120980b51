//! Database URLs as properties: what is written is read, and no text makes a URL that panics or gives its password away.

use aludel::{ErrorKind, Url};
use aludel_suite::long;
use proptest::prelude::*;

/// Any text that a part of a URL may hold.
fn part() -> impl Strategy<Value = String> {
    prop_oneof!["[a-z]{1,8}", "[ -~]{1,12}", "\\PC{1,8}", any::<String>()].prop_map(|it| it.replace('\0', ""))
}

fn url() -> impl Strategy<Value = Url> {
    let login = (proptest::option::of(part()), proptest::option::of(part()));
    let place =
        (proptest::option::of(host()), proptest::option::of(any::<u16>()), proptest::option::of(part()));
    let others = proptest::collection::vec((host(), any::<u16>()), 0..3);
    let options = proptest::collection::vec((part(), part()), 0..3);
    let scheme = prop_oneof![Just("postgresql"), Just("mysql"), Just("mariadb"), Just("sqlite")];
    (scheme, login, place, others, options).prop_map(|(scheme, login, place, others, options)| {
        let ((user, password), (host, port, database)) = (login, place);
        let mut url = Url::new(scheme).with_database(database.unwrap_or_default());
        if scheme != "sqlite" {
            url = url.with_user(user.unwrap_or_default()).with_host(host.unwrap_or_default());
            url = url.with_port(port.unwrap_or_default());
            if let Some(password) = password {
                url = url.with_password(password);
            }
            url = others.into_iter().fold(url, |url, (host, port)| url.with_another_host(host, port));
        }
        options.into_iter().fold(url, |url, (name, value)| url.with_option(name, value))
    })
}

/// A name, an address, the folder of a socket, or any text.
fn host() -> impl Strategy<Value = String> {
    let ipv6 = any::<u128>().prop_map(|it| std::net::Ipv6Addr::from_bits(it).to_string());
    prop_oneof!["[a-z]{1,8}(\\.[a-z]{1,4})?", ipv6, "(/[a-z.]{1,6}){1,3}", "fe80::1%[a-z]{2,4}[0-9]", part()]
}

/// Texts that are nearly URLs.
fn nearly() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("://".to_owned()),
        Just("postgresql".to_owned()),
        Just("sqlite".to_owned()),
        Just("@".to_owned()),
        Just("mysql+x".to_owned()),
        r"[\[\]@:/?&=%#, +.0-9a-z]{0,6}",
        "\\PC{0,4}",
        any::<String>(),
    ];
    proptest::collection::vec(piece, 0..9).prop_map(|pieces| pieces.concat())
}

/// What an error of a URL speaks of.
const PARTS: [&str; 10] = [
    "`://`",
    "`sqlite://`",
    "user",
    "password",
    "host",
    "port",
    "database",
    "query",
    "option",
    "behind the `?`",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: if long() { 5_000 } else { 400 }, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_written_is_read(url in url()) {
        let written = url.reveal();
        let read: Url = written.parse().map_err(|error| TestCaseError::fail(format!("{written}: {error}")))?;
        prop_assert_eq!(read, url);
    }

    #[test]
    fn output_is_one_plain_line(url in url()) {
        for shown in [url.to_string(), format!("{url:?}")] {
            prop_assert!(!shown.contains(char::is_control), "{shown:?}");
        }
    }

    #[test]
    fn a_text_is_a_url_or_an_error_that_names_the_part(text in nearly()) {
        match text.parse::<Url>() {
            Ok(url) => {
                let again: Url = url.reveal().parse().map_err(|error| TestCaseError::fail(format!("{text}: {error}")))?;
                prop_assert_eq!(again, url);
            }
            Err(error) => {
                prop_assert_eq!(error.kind(), ErrorKind::Url);
                prop_assert!(PARTS.iter().any(|part| error.what().contains(part)), "{}: {}", text, error);
                prop_assert!(error.advice().is_some(), "{}: {}", text, error);
            }
        }
    }

    /// Whatever else is in the password, and however it is written: encoded, or as it is.
    #[test]
    fn a_password_is_in_no_output(before in part(), after in part(), encoded: bool, rest in nearly()) {
        let password = format!("{before}canary{after}");
        let url = Url::new("postgresql").with_user("sam").with_password(&password).with_host("host");
        let text = if encoded { url.reveal() } else { format!("postgresql://sam:{password}@host/{rest}") };
        let shown = match text.parse::<Url>() {
            Ok(url) => format!("{url} {url:?}"),
            Err(error) => format!("{error} {error:?}"),
        };
        prop_assert!(!shown.contains("canary"), "{text}: {shown}");
    }
}

#[test]
fn addresses_and_sockets_are_hosts() {
    for (text, host, port) in [
        ("postgresql://[::1]:5433/db", "::1", Some(5433)),
        ("postgresql://[fe80::1%25eth0]/db", "fe80::1%eth0", None),
        ("postgresql://%2Fvar%2Frun%2Fpostgresql/db", "/var/run/postgresql", None),
        ("mysql://127.0.0.1:3307/db", "127.0.0.1", Some(3307)),
    ] {
        let url: Url = text.parse().unwrap();
        assert_eq!((url.host(), url.port()), (Some(host), port), "{text}");
        assert_eq!(url.reveal().parse::<Url>().unwrap(), url);
    }
}

#[test]
fn output_masks_what_may_be_secret_and_escapes_what_a_terminal_would_obey() {
    let url = Url::new("mysql")
        .with_user("sam\u{1b}[2J\n")
        .with_password("canary")
        .with_host("höst")
        .with_database("a/b")
        .with_option("token", "canary");
    assert_eq!(url.to_string(), "mysql://sam%1B%5B2J%0A:***@höst/a/b?token=***");
}
