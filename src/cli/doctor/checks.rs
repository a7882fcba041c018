//! Checks of what is configured, without asking anybody.

use crate::app::OpenError;
use crate::check::Finding;
use crate::config::Config;

/// Whether there is a token; X alone can say whether it is a good one.
pub(super) fn token(config: &Config) -> Finding {
    match &config.x.bearer_token {
        Some(_) => Finding::ok("token", format!("there is one for {}", config.x.api_url)),
        None => Finding::wrong(
            "token",
            OpenError::NoToken.to_string(),
            "set X_BEARER_TOKEN, or X_BEARER_TOKEN_FILE to a file with it; `mistnet demo` needs none",
        ),
    }
}

/// Whether the HTTP service may listen where it should.
pub(super) fn http(config: &Config) -> Finding {
    match config.http.check_exposure() {
        Ok(()) => Finding::ok("http", format!("{} may be listened on", config.http.listen)),
        Err(error) => Finding::wrong("http", error.to_string(), error.hint()),
    }
}
