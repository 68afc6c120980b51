//! What no output of the tests may show.

/// The word in all passwords and secret values that tests make up.
const CANARY: &str = "canary";

/// Secrets of a run: the canary of the tests, and the passwords of the servers.
#[derive(Clone, Debug)]
pub struct Secrets(Vec<String>);

impl Default for Secrets {
    fn default() -> Self {
        Secrets(vec![CANARY.to_owned()])
    }
}

impl Secrets {
    /// Adds the password of a URL.
    pub fn of_url(mut self, url: &str) -> Self {
        let login = url.split_once("://").and_then(|(_, rest)| rest.rsplit_once('@')).map(|(login, _)| login);
        let password = login.and_then(|it| it.split_once(':')).map_or("", |(_, password)| password);
        if !password.is_empty() {
            self.0.push(password.to_owned());
        }
        self
    }

    /// Tells whether a text shows one of them.
    pub fn are_in(&self, text: &str) -> bool {
        self.0.iter().any(|secret| text.contains(secret.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_found_in_any_text() {
        let secrets =
            Secrets::default().of_url("postgresql://sam:a1b2@127.0.0.1:1/x").of_url("sqlite:///x.db");
        assert!(secrets.are_in("cannot connect to postgresql://sam:a1b2@127.0.0.1"));
        assert!(secrets.are_in("password=my-canary-7"));
        assert!(!secrets.are_in("cannot connect as sam to 127.0.0.1, database x"));
    }
}
